"""Columns of many new rows: written many rows to a statement, what all have in common once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, islice, repeat
from typing import Generic, TypeVar, overload

from hydrant.model.values import Cell, Column, Columns
from hydrant.store.ground.backend import Connection

#: Rows to a statement; more gain nothing.
_ROWS = 50
#: Values to a statement that every build of SQLite takes.
_VALUES = 999
#: Rows after which progress is told.
_ROWS_AT_ONCE = 20_000

_V = TypeVar("_V")


class Same(Sequence[_V], Generic[_V]):
    """A column that says the same in every row."""

    __slots__ = ("_count", "value")

    def __init__(self, value: _V, count: int) -> None:
        self.value = value
        self._count = count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> _V: ...
    @overload
    def __getitem__(self, index: slice) -> Same[_V]: ...
    def __getitem__(self, index: int | slice) -> _V | Same[_V]:
        if isinstance(index, slice):
            return Same(self.value, len(range(self._count)[index]))
        return self.value

    def __iter__(self) -> Iterator[_V]:
        return repeat(self.value, self._count)

    def count(self, value: object) -> int:
        """How many rows say this: all or none."""
        return self._count if value is self.value or value == self.value else 0


def part_of(columns: Columns, start: int, count: int) -> dict[str, Sequence[Cell]]:
    """Some rows of columns that are sequences or arrays, as sequences."""
    parts = {name: column[start : start + count] for name, column in columns.items()}
    return {n: part.tolist() if hasattr(part, "tolist") else part for n, part in parts.items()}


def constants_once(columns: Columns) -> dict[str, Column]:
    """The same columns, those that say one thing throughout told as that."""
    return {name: _once(column) for name, column in columns.items()}


def _once(column: Column) -> Column:
    if not isinstance(column, list) or not column or column[-1] != column[0]:
        return column
    alike = column.count(column[0]) == len(column) and len(set(map(type, column))) == 1
    return Same(column[0], len(column)) if alike else column


def insert_columns(
    connection: sqlite3.Connection,
    table: str,
    columns: Columns,
    advance: Callable[[int], None] = lambda _rows: None,
) -> None:
    """Insert rows into a file that are given as columns of one length, arrays or sequences.

    It must be within a transaction that is rolled back after an error: some rows are there then.

    Parameters
    ----------
    advance
        Called with the number of rows just written.
    """
    together = _may_go_together(connection, table)
    for part, count in _parts(constants_once(columns)):
        if together:
            _put_together(connection, table, part)
        else:
            _put_singly(connection, table, part)
        advance(count)


def insert_singly(
    connection: Connection, table: str, columns: Columns, advance: Callable[[int], None]
) -> None:
    """The same with a row to a statement; a server takes such inserts by COPY."""
    for part, count in _parts(constants_once(columns)):
        _put_singly(connection, table, part)
        advance(count)


def _parts(columns: Columns) -> Iterator[tuple[dict[str, Sequence[Cell]], int]]:
    """So many rows as are told of at once, and how many they are."""
    whole = len(next(iter(columns.values())))
    for start in range(0, whole, _ROWS_AT_ONCE):
        yield part_of(columns, start, _ROWS_AT_ONCE), min(_ROWS_AT_ONCE, whole - start)


def _may_go_together(connection: sqlite3.Connection, table: str) -> bool:
    """Whether a table has no triggers, which would inherit our OR FAIL."""
    found = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (table,)
    )
    return found.fetchone() is None


def _put_singly(connection: Connection, table: str, columns: Mapping[str, Sequence[Cell]]) -> None:
    marks = ", ".join("?" * len(columns))
    connection.executemany(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})",
        zip(*columns.values(), strict=True),
    )


def _put_together(
    connection: sqlite3.Connection, table: str, columns: Mapping[str, Sequence[Cell]]
) -> None:
    """Common values are bound once to a statement, and each statement has many rows."""
    same = {name: column.value for name, column in columns.items() if isinstance(column, Same)}
    own = {name: column for name, column in columns.items() if name not in same}
    names, common = (*same, *own), tuple(same.values())
    count = len(next(iter(columns.values())))
    rows = max(1, min(_ROWS, (_VALUES - len(same)) // max(1, len(own))))
    values = chain.from_iterable(zip(*own.values(), strict=True))
    width = rows * len(own)
    whole, rest = divmod(count, rows)
    statements = (common + tuple(islice(values, width)) for _ in range(whole))
    connection.executemany(_statement(table, names, len(same), rows), statements)
    if rest:
        connection.execute(_statement(table, names, len(same), rest), common + tuple(values))


def _statement(table: str, names: Sequence[str], common: int, rows: int) -> str:
    """An insert of so many rows, whose first columns share their values.

    One that fails is not undone by itself, which SQLite would have to copy pages for: the
    transaction is.
    """
    shared = [f"?{place}" for place in range(1, common + 1)]
    own = len(names) - common
    places = (
        ", ".join([*shared, *(f"?{common + row * own + place}" for place in range(1, own + 1))])
        for row in range(rows)
    )
    return f"INSERT OR FAIL INTO {table} ({', '.join(names)}) VALUES ({'), ('.join(places)})"
