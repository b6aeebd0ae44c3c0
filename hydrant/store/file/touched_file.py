"""What a transaction on a file writes: temporary triggers tell of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager

from hydrant.model.values import Cell
from hydrant.store.chain.hashes import row_hash
from hydrant.store.chain.ledger import REGISTRY, Ledger
from hydrant.store.ground.raw_columns import columns
from hydrant.store.ground.touched import LEAST, Touched, gathered, query

_MAKE = (
    "CREATE TEMP TABLE touched (n INTEGER PRIMARY KEY, entity TEXT, fid INTEGER, old BLOB, "
    "marked INTEGER DEFAULT 0)",
    "CREATE TEMP TABLE touched_range (entity TEXT, first INTEGER, last INTEGER)",
)


def _give_hash(connection: sqlite3.Connection) -> None:
    """Give a connection the function that the triggers call, unless it has it.

    One that was broken off before it had the triggers, too, has it already; and where a statement
    of it is still under way, SQLite lets no function be given anew.
    """
    try:
        connection.execute("SELECT hydrant_row_hash(NULL) WHERE false")
    except sqlite3.OperationalError:
        connection.create_function("hydrant_row_hash", -1, _old_hash, deterministic=True)


class FileTouched:
    """What the transactions of one connection write.

    See `hydrant.store.ground.backend.TouchedRows`.
    """

    def __init__(self, connection: sqlite3.Connection, ledger: Ledger = REGISTRY) -> None:
        self._connection = connection
        self._tables = ledger.tables

    def begin(self) -> None:
        """Forget what was written down, and see to it that what comes is; in a transaction."""
        connection = self._connection
        if _watches(connection):
            connection.execute("DELETE FROM temp.touched")
            connection.execute("DELETE FROM temp.touched_range")
            return
        _give_hash(connection)
        for statement in _MAKE:
            connection.execute(statement)
        for table in self._tables:
            for statement in _triggers(table).values():
                connection.execute(statement)

    @contextmanager
    def in_bulk(self, table: str, count: int, *, least: int = LEAST) -> Iterator[None]:
        """A block that only inserts rows into a table, at its end, written down as one range."""
        connection = self._connection
        if count < least or not _watches(connection):
            yield
            return
        name = f"touch_{table}_insert"
        newest = f"SELECT coalesce(max(fid), 0) FROM {table}"
        connection.execute(f"DROP TRIGGER temp.{name}")
        (first,) = connection.execute(newest).fetchone()
        yield
        (last,) = connection.execute(newest).fetchone()
        connection.execute(
            "INSERT INTO temp.touched_range VALUES (?, ?, ?)", (table, first + 1, last)
        )
        connection.execute(_triggers(table)[name])

    @contextmanager
    def left_out(self, table: str) -> Iterator[None]:
        """A block that only drops rows of a table, which are not written down."""
        name = f"touch_{table}_delete"
        self._connection.execute(f"DROP TRIGGER temp.{name}")
        yield
        self._connection.execute(_triggers(table)[name])

    def mark(self, table: str, fid: int, old: bytes | None) -> None:
        """Write down a row that another program wrote."""
        self._connection.execute(
            "INSERT INTO temp.touched (entity, fid, old, marked) VALUES (?, ?, ?, ?)",
            (table, fid, old, 1),
        )

    def written(self, known: AbstractSet[tuple[str, int, int]] = frozenset()) -> dict[str, Touched]:
        """What was written since the transaction began, by table."""
        found = gathered(self._connection.execute(*query(known)), lambda _table, old: old)
        for table, first, last in self._connection.execute("SELECT * FROM temp.touched_range"):
            if (table, first, last) not in known:
                found.setdefault(table, Touched()).ranges.append((first, last))
        return dict(sorted(found.items()))


def _watches(connection: sqlite3.Connection) -> bool:
    found = connection.execute("SELECT 1 FROM sqlite_temp_master WHERE name = 'touched_range'")
    return found.fetchone() is not None


def _old_hash(table: str, *row: Cell) -> bytes:
    return row_hash(table, row)


def _triggers(table: str) -> dict[str, str]:
    """Temporary triggers of a table, by name; nobody else ever sees ``writing`` there or gone."""
    former = ", ".join(f'OLD."{name}"' for name in columns(table))
    old = f"VALUES ('{table}', OLD.fid, hydrant_row_hash('{table}', {former}))"
    put = "INSERT INTO touched (entity, fid, old)"
    of_new, of_old = "", ""
    if table == "setting":
        of_new, of_old = "WHEN NEW.key <> 'writing'", "WHEN OLD.key <> 'writing'"
    return {
        f"touch_{table}_insert": f"CREATE TEMP TRIGGER touch_{table}_insert AFTER INSERT "
        f"ON main.{table} {of_new} BEGIN {put} VALUES ('{table}', NEW.fid, NULL); END",
        f"touch_{table}_update": f"CREATE TEMP TRIGGER touch_{table}_update AFTER UPDATE "
        f"ON main.{table} {of_old} BEGIN {put} {old}; {put} SELECT '{table}', NEW.fid, NULL "
        "WHERE NEW.fid <> OLD.fid; END",
        f"touch_{table}_delete": f"CREATE TEMP TRIGGER touch_{table}_delete AFTER DELETE "
        f"ON main.{table} {of_old} BEGIN {put} {old}; END",
    }
