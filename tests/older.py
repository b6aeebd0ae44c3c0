"""Turns a registry back into what an earlier schema held, to be migrated."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from hydrant.store.migrations import CHANGES
from hydrant.store.readings.readings_file import _APPLICATION_ID
from hydrant.store.sql import readings_schema

_ADDED = re.compile(r"ALTER TABLE (\w+) ADD COLUMN (\w+)")
_MADE = re.compile(r"CREATE (INDEX|TRIGGER|TABLE) (\w+)")


def turn_back(connection: Any, version: int) -> None:
    """Undo every schema change later than `version`; what it added is lost."""
    is_file = isinstance(connection, sqlite3.Connection)
    for change in reversed(CHANGES[version:]):
        earlier = _by_name(s for c in CHANGES[: change.version - 1] for s in c.statements())
        made = _by_name(change.statements())
        for kind, name in sorted(made, reverse=True):  # triggers, tables, indexes
            if is_file or kind != "TRIGGER":
                connection.execute(f"DROP {kind} IF EXISTS {name}")
            if is_file:
                connection.execute("DELETE FROM gpkg_contents WHERE table_name = ?", (name,))
        for statement in change.statements():
            if (found := _ADDED.match(statement.strip())) is not None:
                cascade = "" if is_file else " CASCADE"
                connection.execute(f"ALTER TABLE {found[1]} DROP COLUMN {found[2]}{cascade}")
        for key in made:
            if key in earlier and (is_file or key[0] == "INDEX"):
                connection.execute(earlier[key])
        connection.execute("DELETE FROM migration WHERE version = ?", (change.version,))


def _by_name(statements: Iterable[str]) -> dict[tuple[str, str], str]:
    found = {}
    for statement in statements:
        if (match := _MADE.match(statement.strip())) is not None:
            found[match[1], match[2]] = statement
    return found


def turn_readings_back(path: Path, version: int) -> None:
    """Make a readings file one of an earlier version, with all that such a file can hold."""
    aside = path.with_suffix(".older")
    with closing(sqlite3.connect(aside, isolation_level=None)) as old:
        for change in readings_schema.CHANGES[:version]:
            old.executescript(change)
        old.execute("ATTACH ? AS new", (str(path),))
        for (table,) in old.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'"):
            names = {row[1] for row in old.execute(f"PRAGMA new.table_info({table})")}
            own = [row[1] for row in old.execute(f"PRAGMA main.table_info({table})")]
            listed = ", ".join(name for name in own if name in names)
            old.execute(f"INSERT INTO main.{table} ({listed}) SELECT {listed} FROM new.{table}")
        old.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        old.execute(f"PRAGMA user_version = {version}")
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    aside.replace(path)
