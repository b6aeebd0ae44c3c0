"""Ends a transaction with its seal: what it wrote, chained to the seal before."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, cast

from hydrant import times
from hydrant.model.values import Columns, Numbered, Row
from hydrant.store.chain import blocks, heads
from hydrant.store.chain.hashes import HASH_BYTES, as_stored, column_hashes, row_hashes
from hydrant.store.chain.ledger import REGISTRY, Ledger
from hydrant.store.chain.reading import PAGE, selected
from hydrant.store.chain.retiring import Retired
from hydrant.store.ground.backend import Connection, TouchedRows, one_row
from hydrant.store.ground.bulk_columns import part_of
from hydrant.store.ground.raw_columns import columns, key_of
from hydrant.store.ground.touched import LEAST, UNKNOWN, Touched

_LISTED = 400
#: Rows whose texts are held at once.
_HASHED_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Author:
    """Whose seal it is: who wrote, from where, in which installation, and what kind of seal."""

    actor: str
    origin: str
    writer: str
    kind: str
    at: str


@dataclass(slots=True)
class _Sum:
    """What a seal covers, as it is gathered."""

    number: int
    ledger: Ledger
    rows: int = 0
    removed: int = 0
    lines: list[str] = field(default_factory=list)
    findings: list[list[object]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Run:
    """Rows inserted in bulk whose numbers follow each other, hashed as they were written."""

    table: str
    first: int
    uids: Sequence[str]
    hashes: bytes

    @property
    def last(self) -> int:
        """Number of the last row."""
        return self.first + len(self.uids) - 1

    def hashes_of(self, numbers: range) -> list[bytes]:
        """Hashes of some rows by their numbers, which follow each other."""
        start, stop = ((n - self.first) * HASH_BYTES for n in (numbers.start, numbers.stop))
        return [self.hashes[at : at + HASH_BYTES] for at in range(start, stop, HASH_BYTES)]


def run_of(table: str, first: int, columns: Columns) -> Run | None:
    """Rows as they were written in bulk, hashed; None where they had better be read back."""
    uids = cast("Sequence[str]", columns["uid"])
    if len(uids) < LEAST:
        return None
    hashes = bytearray()
    for start in range(0, len(uids), _HASHED_AT_ONCE):
        part = part_of(columns, start, _HASHED_AT_ONCE)
        count = len(part["uid"])
        stored = as_stored(table, part, count)
        if stored is None:
            return None
        hashes += b"".join(column_hashes(table, stored, count))
    return Run(table, first, uids, bytes(hashes))


@dataclass(frozen=True, slots=True)
class Accepted:
    """Rows that are sealed as they stand, whatever was sealed of them: somebody looked at them.

    Attributes
    ----------
    rows
        Their numbers, by table.
    findings
        What was found, for the seal: kind, table, number, key, number of the seal it was found by.
    """

    rows: Mapping[str, Sequence[int]]
    findings: Sequence[Sequence[object]]


class Sealable(Protocol):
    """Where rows are written that are sealed: a registry, or its readings."""

    @property
    def connection(self) -> Connection:
        """In an open transaction."""

    @property
    def touched(self) -> TouchedRows:
        """What the open transaction writes."""


def seal(
    backend: Sealable,
    author: Author,
    *,
    runs: Sequence[Run] = (),
    accepted: Accepted | None = None,
    signed: bool = False,
    ledger: Ledger = REGISTRY,
    retired: Retired | None = None,
) -> None:
    """Seal what the open transaction wrote; nothing where it wrote nothing, unless `signed`.

    A key signs only what it saw: where it did not sign the last seal, it signs nothing that
    follows but what is `signed` by somebody's decision.

    A row that the transaction changed was looked at as it was before: where it did not agree with
    its last seal, the new seal says so for ever.

    Parameters
    ----------
    retired
        Rows that were dropped by the thousand, looked at before.
    """
    connection = backend.connection
    total = _Sum(heads.following(connection, ledger), ledger)
    for run in runs:
        _seal_run(connection, total, run)
    written = backend.touched.written({(run.table, run.first, run.last) for run in runs})
    for table, fids in () if accepted is None else accepted.rows.items():
        known = written.setdefault(table, Touched()).before
        known.update({fid: UNKNOWN for fid in fids if fid not in known})
    for table, what in sorted(written.items()):
        for first, last in what.ranges:
            _seal_range(connection, total, table, first, last)
        _seal_rows(connection, total, table, what)
    if retired is not None:
        _take_out(connection, total, retired)
    total.findings.extend([] if accepted is None else map(list, accepted.findings))
    if total.lines or total.findings or signed:
        _append(connection, total, author, deliberate=signed)


def seal_all(connection: Connection, author: Author) -> None:
    """Seal every row as it stands: the first seal of a registry, or of one that had none."""
    total = _Sum(heads.following(connection, REGISTRY), REGISTRY)
    for table in REGISTRY.tables:
        first, last = one_row(connection.execute(f"SELECT min(fid), max(fid) FROM {table}"))
        if first is not None:
            _seal_range(connection, total, table, first, last)
    _append(connection, total, author)


def _append(
    connection: Connection, total: _Sum, author: Author, *, deliberate: bool = False
) -> None:
    findings = json.dumps(total.findings, ensure_ascii=False) if total.findings else None
    fields = (total.number, author.at, author.actor, author.origin, author.kind, author.writer,
              total.rows, total.removed, "\n".join(total.lines), findings)  # fmt: skip
    heads.append(connection, total.ledger, fields, deliberate=deliberate)


def seal_pages(
    connection: Connection,
    author: Author,
    ledger: Ledger,
    pages: Iterable[tuple[str, list[Numbered]]],
) -> None:
    """Seal rows as they stand: the first seal of a store.

    Parameters
    ----------
    pages
        Tables with rows (number, then columns) in the order of numbers, each block's together.
    """
    total = _Sum(heads.following(connection, ledger), ledger)
    for table, rows in pages:
        numbers = range(rows[0][0], rows[-1][0] + 1)
        held = {number: bytearray(blocks.SIZE) for number in _block_numbers(numbers)}
        _put(total, table, held, rows, set())
        filled = {number: block for number, block in held.items() if block != blocks.EMPTY}
        blocks.store(connection, table, filled, book=ledger.block)
    _append(connection, total, author)


def _range_pages(connection: Connection, table: str, first: int, last: int) -> Iterator[list[Row]]:
    """Rows from one number to another, in pages that end where a block ends."""
    start = first
    while start <= last:
        (start,) = one_row(
            connection.execute(f"SELECT min(fid) FROM {table} WHERE fid >= ?", (start,))
        )
        if start is None or start > last:
            return
        end = min(last, (start // PAGE + 1) * PAGE - 1)
        yield connection.execute(
            f"SELECT {selected(table)} FROM {table} WHERE fid BETWEEN ? AND ? ORDER BY fid",
            (start, end),
        ).fetchall()
        start = end + 1


def _seal_range(connection: Connection, total: _Sum, table: str, first: int, last: int) -> None:
    """Seal rows of which every one is new."""
    for rows in _range_pages(connection, table, first, last):
        numbers = range(rows[0][0], rows[-1][0] + 1)
        held = blocks.fetch(connection, table, _block_numbers(numbers), book=total.ledger.block)
        for fid in _sealed_in(held, numbers):
            _note(total, held, table, fid, "removed")
        _put(total, table, held, rows, set())
        blocks.store(connection, table, held, book=total.ledger.block)


def _seal_run(connection: Connection, total: _Sum, run: Run) -> None:
    for start in range(run.first, run.last + 1, PAGE):
        numbers = range(start, min(start + PAGE, run.last + 1))
        held = blocks.fetch(connection, run.table, _block_numbers(numbers), book=total.ledger.block)
        for fid in _sealed_in(held, numbers):
            _note(total, held, run.table, fid, "removed")
        uids = run.uids[start - run.first : start - run.first + len(numbers)]
        blocks.put_run(held, start, blocks.packed(run.hashes_of(numbers), total.number, uids))
        blocks.store(connection, run.table, held, book=total.ledger.block)
        total.lines.extend(_lines(run.table, held))
    total.rows += len(run.uids)


def _lines(table: str, held: dict[int, bytearray]) -> list[str]:
    return [f"{table} {n} {blocks.digest(held[n])}" for n in sorted(held)]


def _block_numbers(numbers: range) -> range:
    return range(numbers[0] // blocks.ROWS, numbers[-1] // blocks.ROWS + 1)


def _sealed_in(held: dict[int, bytearray], numbers: range) -> list[int]:
    filled = [number for number, block in held.items() if block != blocks.EMPTY]
    return [
        fid
        for number in filled
        for fid in range(number * blocks.ROWS, (number + 1) * blocks.ROWS)
        if fid in numbers and blocks.entry_in(held[number], fid) != blocks.NOTHING
    ]


def _seal_rows(connection: Connection, total: _Sum, table: str, what: Touched) -> None:
    fids = sorted(what.before)
    for start in range(0, len(fids), _LISTED):
        part = fids[start : start + _LISTED]
        numbers = (fid // blocks.ROWS for fid in part)
        held = blocks.fetch(connection, table, numbers, book=total.ledger.block)
        for fid in part:
            found = _disagreement(what, fid, blocks.entry_in(held[fid // blocks.ROWS], fid))
            if found is not None:
                _note(total, held, table, fid, found)
        marks = ", ".join("?" * len(part))
        rows = connection.execute(
            f"SELECT {selected(table)} FROM {table} WHERE fid IN ({marks}) ORDER BY fid", part
        ).fetchall()
        _put(total, table, held, rows, set(part))
        blocks.store(connection, table, held, book=total.ledger.block)


def _disagreement(what: Touched, fid: int, entry: bytes) -> str | None:
    """How a row, as it was before the transaction, differed from its last seal."""
    before = what.before[fid]
    if before == UNKNOWN:
        return None
    if entry == blocks.NOTHING:
        new = before is None or (fid in what.inserted and fid not in what.marked)
        return None if new else "added"
    if before == blocks.unpacked(entry).hash:
        return None
    return "removed" if before is None or fid in what.inserted else "changed"


def _note(total: _Sum, held: dict[int, bytearray], table: str, fid: int, kind: str) -> None:
    uid = blocks.unpacked(blocks.entry_in(held[fid // blocks.ROWS], fid)).uid
    total.findings.append([kind, table, fid, uid])


def _put(
    total: _Sum,
    table: str,
    held: dict[int, bytearray],
    rows: Sequence[Numbered],
    gone: set[int],
) -> None:
    """Set the entries of rows, and clear those of numbers at which no row is."""
    bare = [row[1:] for row in rows]
    key = key_of(table)
    place = None if key is None else columns(table).index(key)
    uids = None if place is None else [str(row[place]) for row in bare]
    if rows:
        entries = blocks.packed(row_hashes(table, bare), total.number, uids)
        for row, entry in zip(rows, entries, strict=True):
            blocks.put(held[row[0] // blocks.ROWS], row[0], entry)
    for fid in gone.difference(row[0] for row in rows):
        if blocks.entry_in(held[fid // blocks.ROWS], fid) != blocks.NOTHING:
            blocks.put(held[fid // blocks.ROWS], fid, blocks.NOTHING)
            total.removed += 1
    total.rows += len(rows)
    total.lines.extend(_lines(table, held))


def _take_out(connection: Connection, total: _Sum, retired: Retired) -> None:
    """Clear the entries of rows that were dropped; of blocks that are empty now nothing is kept."""
    table, book = retired.table, total.ledger.block
    total.removed += retired.rows
    total.findings.extend(retired.findings)
    for first, last in retired.emptied:
        connection.execute(
            f"DELETE FROM {book} WHERE entity = ? AND block BETWEEN ? AND ?", (table, first, last)
        )
        total.lines.append(f"{table} {first}..{last} {blocks.NOBODY}")
    for start in range(0, len(retired.partly), _LISTED):
        part = retired.partly[start : start + _LISTED]
        held = blocks.fetch(connection, table, (fid // blocks.ROWS for fid in part), book=book)
        for fid in part:
            blocks.put(held[fid // blocks.ROWS], fid, blocks.NOTHING)
        blocks.store(connection, table, held, book=book)
        total.lines.extend(_lines(table, held))


def founding(connection: Connection, kind: str, *, actor: str, origin: str) -> None:
    """Seal a whole registry for the first time, in the open transaction.

    Parameters
    ----------
    kind
        ``created``, ``packed`` (a crew's bundle), or ``found``: it had no seals, and what it
        says is taken as it is found.
    """
    (writer,) = one_row(connection.execute("SELECT value FROM setting WHERE key = 'writer'"))
    author = Author(actor, origin, writer, kind, times.to_text(times.now()))
    seal_all(connection, author)
