"""Rows that are dropped by the thousand: each is held against its seal before it goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from hydrant.model.values import Numbered
from hydrant.store.chain import blocks
from hydrant.store.chain.hashes import row_hashes
from hydrant.store.chain.ledger import Ledger
from hydrant.store.ground.backend import Connection

#: Blocks that are looked at together.
_AT_ONCE = 256


@dataclass(slots=True)
class Retired:
    """What is to be taken out of the blocks of a table.

    Attributes
    ----------
    emptied
        First and last number of blocks of which every row goes.
    partly
        Numbers of the rows that go out of blocks of which some stay.
    findings
        Rows that were not as sealed: kind, table, number and key.
    """

    table: str
    rows: int = 0
    emptied: list[tuple[int, int]] = field(default_factory=list)
    partly: list[int] = field(default_factory=list)
    findings: list[list[object]] = field(default_factory=list)

    def empty(self, block: int) -> None:
        """Note that every row of a block goes; blocks are told in their order."""
        if self.emptied and self.emptied[-1][1] == block - 1:
            self.emptied[-1] = (self.emptied[-1][0], block)
        else:
            self.emptied.append((block, block))


def look_at(
    connection: Connection, ledger: Ledger, table: str, rows: Iterable[Numbered]
) -> Retired:
    """Hold rows that are about to be dropped against their seals.

    Parameters
    ----------
    rows
        Number and columns of each, in the order of numbers.
    """
    found = Retired(table)
    for part in _portions(rows):
        held = blocks.fetch(connection, table, part, book=ledger.block)
        for block, going in part.items():
            _look(found, held[block], block, going)
    return found


def _portions(rows: Iterable[Numbered]) -> Iterator[dict[int, list[Numbered]]]:
    """Rows by their blocks, some blocks at a time; those of a block are together."""
    part: dict[int, list[Numbered]] = {}
    for block, going in groupby(rows, key=lambda row: row[0] // blocks.ROWS):
        part[block] = list(going)
        if len(part) == _AT_ONCE:
            yield part
            part = {}
    if part:
        yield part


def _look(found: Retired, held: bytearray, block: int, going: list[Numbered]) -> None:
    hashes = row_hashes(found.table, [row[1:] for row in going])
    for (fid, *_), now in zip(going, hashes, strict=True):
        entry = blocks.entry_in(held, fid)
        if entry == blocks.NOTHING:
            found.findings.append(["added", found.table, fid, None])
        elif not entry.startswith(now):
            found.findings.append(["changed", found.table, fid, blocks.unpacked(entry).uid])
        blocks.put(held, fid, blocks.NOTHING)
    found.rows += len(going)
    if held == blocks.EMPTY:
        found.empty(block)
    else:
        found.partly += [fid for fid, *_ in going]
