"""SQLite files of others, read so that nothing in them runs for ever or fills the memory."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from hydrant.errors import InputRefused
from hydrant.model.values import Row

#: Longest cell, bytes; ours hold at most a few thousand characters or a boundary.
MOST_CELL_BYTES = 8_000_000
#: Most of a file that is held at once, bytes, and longest time to read it, s.
MOST_BYTES = 500_000_000
_LONGEST_S = 60.0
_LOOK_EVERY = 100_000


def tame(connection: sqlite3.Connection) -> None:
    """Bound how long statements on a connection run and how large a cell may be."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_CELL_BYTES)
    connection.execute("PRAGMA cell_size_check = ON")
    ends = time.monotonic() + _LONGEST_S
    connection.set_progress_handler(lambda: int(time.monotonic() > ends), _LOOK_EVERY)


def require_tables(connection: sqlite3.Connection, names: Iterable[str], path: Path) -> None:
    """Refuse a file in which a name that should be a table is a view or something virtual.

    A view is a statement of whoever made the file, and need never end.

    Raises
    ------
    InputRefused
        One of them is no ordinary table.
    """
    found = {
        name: kind == "table" and not str(sql).lstrip().upper().startswith("CREATE VIRTUAL")
        for name, kind, sql in connection.execute("SELECT name, type, sql FROM sqlite_master")
    }
    for name in names:
        if not found.get(name, False):
            raise InputRefused("store.no_table", file=path, table=name)


def require_size(connection: sqlite3.Connection, table: str, path: Path) -> None:
    """Refuse a table that would fill the memory, cell by cell, before a reader takes it in pages.

    A column that is computed as it is read takes no room in the file, and any in the memory.

    Raises
    ------
    InputRefused
        It holds more than any table of ours.
    """
    names = [row[1] for row in connection.execute(f"PRAGMA table_xinfo({table})")]
    quoted = ('"' + name.replace('"', '""') + '"' for name in names)
    size = " + ".join(f"coalesce(length({name}), 0)" for name in quoted)
    for (length,) in connection.execute(f"SELECT sum({size}) FROM {table}"):
        if length is not None and length > MOST_BYTES:
            raise InputRefused("store.too_large", file=path, mb=MOST_BYTES // 1_000_000)


def bounded_rows(cursor: sqlite3.Cursor, path: Path) -> Iterator[Row]:
    """Rows of a cursor as long as they fit the memory; else `InputRefused`."""
    size = 0
    for row in cursor:
        size += sum(len(cell) if isinstance(cell, str | bytes) else 16 for cell in row)
        if size > MOST_BYTES:
            raise InputRefused("store.too_large", file=path, mb=MOST_BYTES // 1_000_000)
        yield row
