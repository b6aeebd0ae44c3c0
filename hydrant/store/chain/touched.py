"""Which rows a transaction writes, and what the rows it changes said before.

Triggers write it down in a temporary table: in a file they are temporary, too, so they see the
statements of our own connection and nobody else's; on a server they belong to the tables and do
nothing for a session that has not made the table. Every statement is seen, so no part of the
program can forget to tell of what it wrote.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from hydrant.store.chain.hashes import row_hash, sealed_tables
from hydrant.store.raw_columns import columns

#: Instead of a hash: what the row said before is not known exactly.
UNKNOWN = b""
#: On a server, where the column is text: what follows is a hash, no row.
_HASHED = "#"
#: Fewer rows than this are written down one by one.
LEAST = 2000

_MAKE = (
    "CREATE TEMP TABLE touched (n INTEGER PRIMARY KEY, entity TEXT, fid INTEGER, old BLOB, "
    "marked INTEGER DEFAULT 0)",
    "CREATE TEMP TABLE touched_range (entity TEXT, first INTEGER, last INTEGER)",
)
_MAKE_ON_SERVER = (
    "CREATE TEMP TABLE IF NOT EXISTS touched (n bigint GENERATED ALWAYS AS IDENTITY, "
    "entity text, fid bigint, old text, marked bigint DEFAULT 0)",
)


@dataclass(slots=True)
class Touched:
    """Rows of one table that were written.

    Attributes
    ----------
    before
        Of each row, by number, the hash of what it said before it was first written; None
        where it was inserted.
    inserted
        Numbers of the rows that were inserted at any time.
    marked
        Numbers of the rows that another program wrote.
    ranges
        First and last number of rows that were inserted in bulk.
    """

    before: dict[int, bytes | None] = field(default_factory=dict)
    inserted: set[int] = field(default_factory=set)
    marked: set[int] = field(default_factory=set)
    ranges: list[tuple[int, int]] = field(default_factory=list)


def begin(connection: Any) -> None:
    """Forget what was written down, and see to it that what comes is; within a transaction."""
    if hasattr(connection, "server"):
        for statement in _MAKE_ON_SERVER:
            connection.server(statement)
        connection.server("DELETE FROM pg_temp.touched")
        return
    if _watches(connection):
        connection.execute("DELETE FROM temp.touched")
        connection.execute("DELETE FROM temp.touched_range")
        return
    connection.create_function("hydrant_row_hash", -1, _old_hash, deterministic=True)
    for statement in _MAKE:
        connection.execute(statement)
    for table in sealed_tables():
        for statement in _triggers(table).values():
            connection.execute(statement)


def _watches(connection: sqlite3.Connection) -> bool:
    found = connection.execute("SELECT 1 FROM sqlite_temp_master WHERE name = 'touched_range'")
    return found.fetchone() is not None


def _old_hash(table: str, *row: Any) -> bytes:
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


@contextmanager
def in_bulk(connection: Any, table: str, count: int) -> Iterator[None]:
    """A block that only inserts rows into a table, at its end, written down as one range."""
    if hasattr(connection, "server") or count < LEAST or not _watches(connection):
        yield
        return
    name = f"touch_{table}_insert"
    newest = f"SELECT coalesce(max(fid), 0) FROM {table}"
    connection.execute(f"DROP TRIGGER temp.{name}")
    (first,) = connection.execute(newest).fetchone()
    yield
    (last,) = connection.execute(newest).fetchone()
    connection.execute("INSERT INTO temp.touched_range VALUES (?, ?, ?)", (table, first + 1, last))
    connection.execute(_triggers(table)[name])


def mark(connection: Any, table: str, fid: int, old: bytes | None) -> None:
    """Write down a row that another program wrote.

    Parameters
    ----------
    old
        Hash of what it said before; None where it was inserted, `UNKNOWN` where that cannot be
        said exactly.
    """
    told = old if old is None or not hasattr(connection, "server") else f"{_HASHED}{old.hex()}"
    connection.execute(
        "INSERT INTO temp.touched (entity, fid, old, marked) VALUES (?, ?, ?, 1)",
        (table, fid, told),
    )


def written(
    connection: Any, known: AbstractSet[tuple[str, int, int]] = frozenset()
) -> dict[str, Touched]:
    """What was written since the transaction began, by table.

    Parameters
    ----------
    known
        Tables with the first and last number of rows that were inserted in bulk, and are left out
        unless they were written again.
    """
    found: dict[str, Touched] = {}
    sql, values = "SELECT entity, fid, old, marked FROM temp.touched", []
    if known:
        left_out = " OR ".join("entity = ? AND fid BETWEEN ? AND ?" for _ in known)
        sql += f" WHERE NOT (old IS NULL AND ({left_out}))"
        values = [part for run in known for part in run]
    for table, fid, old, marked in connection.execute(f"{sql} ORDER BY n", values):
        touched = found.setdefault(table, Touched())
        if marked:
            touched.marked.add(fid)
        if old is None:
            touched.inserted.add(fid)
        if fid not in touched.before:
            touched.before[fid] = old if isinstance(old, bytes | None) else _of_json(table, old)
    if not hasattr(connection, "server"):
        for table, first, last in connection.execute("SELECT * FROM temp.touched_range"):
            if (table, first, last) in known:
                continue
            found.setdefault(table, Touched()).ranges.append((first, last))
    return dict(sorted(found.items()))


def _of_json(table: str, text: str) -> bytes:
    """Hash of a former row as PostgreSQL writes it down, unless it is one already."""
    if text.startswith(_HASHED):
        return bytes.fromhex(text.removeprefix(_HASHED))
    from hydrant.store.server.former import former_row  # noqa: PLC0415  a file needs no driver

    return row_hash(table, former_row(table, json.loads(text)))
