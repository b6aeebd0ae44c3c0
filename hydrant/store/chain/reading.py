"""Reads rows and their seals side by side, page by page, whatever others left there."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hydrant.model.values import Row
from hydrant.store.chain import blocks
from hydrant.store.chain.ledger import READINGS, REGISTRY, Ledger
from hydrant.store.ground.backend import Connection, Reads, one_row
from hydrant.store.ground.raw_columns import columns, key_of

#: Rows that are read and hashed at once.
_BLOCK_BITS = 8
PAGE = blocks.ROWS << _BLOCK_BITS
#: A row's number without so many bits is that of its page.
PAGE_BITS = PAGE.bit_length() - 1
_SEALS = 200
_SEAL = ("number, at, actor, origin, kind, writer, rows, removed, blocks, findings, "
         "previous_hash, hash, signature, signer")  # fmt: skip
_NO_BLOCK = bytes(blocks.SIZE)
_POSSIBLE = f"block BETWEEN {blocks.POSSIBLE[0]} AND {blocks.POSSIBLE[-1]}"


def selected(table: str) -> str:
    """Columns of a table with its number, for SELECT."""
    return ", ".join(f'"{name}"' for name in ("fid", *columns(table)))


def total_rows(connection: Connection, ledger: Ledger = REGISTRY) -> int:
    """How many rows there are to look at."""
    return sum(
        one_row(connection.execute(f"SELECT count(*) FROM {table}"))[0] for table in ledger.tables
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
        name = "key" if self.table == "setting" else key_of(self.table)
        return None if name is None else row[1 + columns(self.table).index(name)]

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
    """Reads a registry, or its readings, as it was at one moment."""

    def __init__(self, backend: Reads, ledger: Ledger = REGISTRY) -> None:
        self.ledger = ledger
        self.connection = backend.connection
        self.at_one_moment = backend.at_one_moment
        self._numbered = backend.numbered
        self._fetch = backend.as_left

    def seals(self) -> Iterator[Row]:
        """All seals in their order."""
        after = -1
        while page := self._fetch(
            f"SELECT {_SEAL} FROM {self.ledger.seal} WHERE number > ? ORDER BY number "
            f"LIMIT {_SEALS}",
            (after,),
        ):
            yield from (row for row in page if isinstance(row[0], int))
            if isinstance(page[-1][0], str | bytes):  # which sort after all numbers
                return
            after = page[-1][0]

    def odd_seals(self) -> int:
        """How many seals have something else for a number, and stand in no order."""
        (count,) = one_row(
            self.connection.execute(
                f"SELECT count(*) FROM {self.ledger.seal} WHERE number <> CAST(number AS BIGINT)"
            )
        )
        return int(count)

    def pages(self, table: str, sealed: Iterable[int]) -> Iterator[Page]:
        """All rows of a table and all blocks of which there is one, or one was told."""
        told = {n * blocks.ROWS // PAGE for n in sealed}
        if self.ledger is READINGS:
            yield from (self._page(table, page) for page in self._all_pages(table, told))
            return
        known = sorted(told)
        page = self._next_page(table, known, None)
        while page is not None:
            yield self._page(table, page)
            page = self._next_page(table, known, page)

    def _page(self, table: str, page: int) -> Page:
        fids = range(page * PAGE, (page + 1) * PAGE)
        return Page(table, fids, self._rows(table, fids), self._blocks(table, fids))

    def _all_pages(self, table: str, stated: set[int]) -> list[int]:
        """Pages with anything in them, asked for at once: a server finds no next reading."""
        execute = self.connection.execute
        rows = execute(f"SELECT DISTINCT fid >> {PAGE_BITS} FROM {table}").fetchall()
        sealed = execute(
            f"SELECT DISTINCT block >> {_BLOCK_BITS} FROM {self.ledger.block} "
            f"WHERE entity = ? AND {_POSSIBLE}",
            (table,),
        ).fetchall()
        return sorted(stated | {page for (page,) in (*rows, *sealed) if isinstance(page, int)})

    def strays(self, table: str) -> Iterator[str | None]:
        """Keys of rows without a number of their own, which stand on no page.

        They are possible only where another program rebuilt the table.
        """
        if self._numbered(table):
            return
        key, seen = key_of(table), set()
        place = None if key is None else columns(table).index(key)
        for fid, *row in self._fetch(f"SELECT {selected(table)} FROM {table}", ()):
            if not isinstance(fid, int) or fid in seen:
                yield None if place is None else row[place]
            seen.add(fid)

    def impossible_blocks(self, table: str) -> int:
        """How many blocks there are of rows that there cannot be."""
        (count,) = one_row(
            self.connection.execute(
                f"SELECT count(*) FROM {self.ledger.block} WHERE entity = ? AND NOT ({_POSSIBLE})",
                (table,),
            )
        )
        return int(count)

    def _rows(self, table: str, fids: range) -> list[Row]:
        found = self._fetch(
            f"SELECT {selected(table)} FROM {table} WHERE fid BETWEEN ? AND ? ORDER BY fid",
            (fids[0], fids[-1]),
        )
        return [row for row in found if isinstance(row[0], int)]

    def _blocks(self, table: str, fids: range) -> dict[int, bytes]:
        found = self._fetch(
            f"SELECT block, entries FROM {self.ledger.block} "
            "WHERE entity = ? AND block BETWEEN ? AND ?",
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
        if end is not None and end > blocks.LAST:
            return None
        after = [
            self._least(f"SELECT min(fid) FROM {table}", "fid", end, ()),
            self._block_start(table, end),
            *(number * PAGE for number in known[later : later + 1]),
        ]
        return min((fid // PAGE for fid in after if isinstance(fid, int)), default=None)

    def _block_start(self, table: str, end: int | None) -> int | None:
        sql = f"SELECT min(block) FROM {self.ledger.block} WHERE {_POSSIBLE} AND entity = ?"
        first = None if end is None else end // blocks.ROWS
        found = self._least(sql, "block", first, (table,))
        return found * blocks.ROWS if isinstance(found, int) else None

    def _least(self, sql: str, column: str, first: int | None, values: Row) -> object:
        if first is not None:
            sql += f" {'AND' if values else 'WHERE'} {column} >= ?"
            values = (*values, first)
        return one_row(self.connection.execute(sql, values))[0]
