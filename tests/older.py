"""Turns a registry back into what an earlier schema held, to be migrated."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from typing import Any

from hydrant.store.migrations import CHANGES

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
