"""Reads rows and their seals side by side, page by page, whatever others left there."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hydrant.model.values import Row
from hydrant.store.chain import blocks
from hydrant.store.chain.hashes import sealed_tables
from hydrant.store.ground.backend import Backend, Connection, one_row
from hydrant.store.ground.raw_columns import columns

#: Rows that are read and hashed at once.
PAGE = blocks.ROWS * 256
_SEALS = 200
_SEAL = ("number, at, actor, origin, kind, writer, rows, removed, blocks, findings, "
         "previous_hash, hash, signature, signer")  # fmt: skip
_NO_BLOCK = bytes(blocks.SIZE)


def selected(table: str) -> str:
    """Columns of a table with its number, for SELECT."""
    return ", ".join(f'"{name}"' for name in ("fid", *columns(table)))


def total_rows(connection: Connection) -> int:
    """How many rows there are to look at."""
    return sum(
        one_row(connection.execute(f"SELECT count(*) FROM {table}"))[0] for table in sealed_tables()
    )


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of some numbers, in order, and the blocks that speak of these numbers."""

    table: str
    fids: range
    rows: list[Row]
    blocks: dict[int, bytes]

    def entry(self, fid: int) -> bytes:
        """What is sealed of a row, as it is stored."""
        return blocks.entry_in(self.blocks.get(fid // blocks.ROWS, _NO_BLOCK), fid)

    def uid(self, row: Row) -> str | None:
        """The key of a row; None where its table has none."""
        names = columns(self.table)
        name = "key" if self.table == "setting" else "uid"
        return row[1 + names.index(name)] if name in names else None

    def has_rows(self, block: int) -> bool:
        """Whether a row belongs to a block, or is sealed in it."""
        sealed = self.blocks.get(block, _NO_BLOCK) != _NO_BLOCK
        return sealed or any(row[0] // blocks.ROWS == block for row in self.rows)

    def entries_without_rows(self) -> Iterator[tuple[int, bytes]]:
        """Numbers of which a row is sealed and none is there."""
        present = {row[0] for row in self.rows}
        for number, entries in self.blocks.items():
            for fid in range(number * blocks.ROWS, (number + 1) * blocks.ROWS):
                entry = blocks.entry_in(entries, fid)
                if entry != blocks.NOTHING and fid not in present:
                    yield fid, entry


class Reader:
    """Reads a registry as it was at one moment."""

    def __init__(self, backend: Backend) -> None:
        self.connection = backend.connection
        self.at_one_moment = backend.at_one_moment
        self._numbered = backend.numbered
        self._fetch = backend.as_left

    def seals(self) -> Iterator[Row]:
        """All seals in their order."""
        after = -1
        while page := self._fetch(
            f"SELECT {_SEAL} FROM seal WHERE number > ? ORDER BY number LIMIT {_SEALS}", (after,)
        ):
            yield from (row for row in page if isinstance(row[0], int))
            if isinstance(page[-1][0], str | bytes):  # which sort after all numbers
                return
            after = page[-1][0]

    def odd_seals(self) -> int:
        """How many seals have something else for a number, and stand in no order."""
        (count,) = one_row(
            self.connection.execute(
                "SELECT count(*) FROM seal WHERE number <> CAST(number AS INTEGER)"
            )
        )
        return int(count)

    def pages(self, table: str, sealed: Iterable[int]) -> Iterator[Page]:
        """All rows of a table and all blocks of which there is one, or one was told."""
        known = sorted({n * blocks.ROWS // PAGE for n in sealed})
        page = self._next_page(table, known, None)
        while page is not None:
            fids = range(page * PAGE, (page + 1) * PAGE)
            yield Page(table, fids, self._rows(table, fids), self._blocks(table, fids))
            page = self._next_page(table, known, page)

    def strays(self, table: str) -> Iterator[str | None]:
        """Keys of rows without a number of their own, which stand on no page.

        They are possible only where another program rebuilt the table.
        """
        if self._numbered(table):
            return
        known, seen = columns(table), set()
        place = known.index("uid") if "uid" in known else None
        for fid, *row in self._fetch(f"SELECT {selected(table)} FROM {table}", ()):
            if not isinstance(fid, int) or fid in seen:
                yield None if place is None else row[place]
            seen.add(fid)

    def _rows(self, table: str, fids: range) -> list[Row]:
        found = self._fetch(
            f"SELECT {selected(table)} FROM {table} WHERE fid BETWEEN ? AND ? ORDER BY fid",
            (fids[0], fids[-1]),
        )
        return [row for row in found if isinstance(row[0], int)]

    def _blocks(self, table: str, fids: range) -> dict[int, bytes]:
        found = self._fetch(
            "SELECT block, entries FROM seal_block WHERE entity = ? AND block BETWEEN ? AND ?",
            (table, fids[0] // blocks.ROWS, fids[-1] // blocks.ROWS),
        )
        return {
            block: entries
            for block, entries in found
            if isinstance(entries, bytes) and len(entries) == blocks.SIZE
        }

    def _next_page(self, table: str, known: list[int], page: int | None) -> int | None:
        """The next page with anything in it: another program may choose distant numbers."""
        end = None if page is None else (page + 1) * PAGE
        later = 0 if page is None else bisect_right(known, page)
        after = [
            self._least(f"SELECT min(fid) FROM {table}", "fid", end, ()),
            self._block_start(table, end),
            *(number * PAGE for number in known[later : later + 1]),
        ]
        return min((fid // PAGE for fid in after if isinstance(fid, int)), default=None)

    def _block_start(self, table: str, end: int | None) -> int | None:
        sql = "SELECT min(block) FROM seal_block WHERE entity = ?"
        first = None if end is None else end // blocks.ROWS
        found = self._least(sql, "block", first, (table,))
        return found * blocks.ROWS if isinstance(found, int) else None

    def _least(self, sql: str, column: str, first: int | None, values: Row) -> object:
        if first is not None:
            sql += f" {'AND' if values else 'WHERE'} {column} >= ?"
            values = (*values, first)
        return one_row(self.connection.execute(sql, values))[0]
