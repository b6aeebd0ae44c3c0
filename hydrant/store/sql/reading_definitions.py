"""Definitions in a file of readings, held to those that this program makes.

A trigger of another program changes what is written before it is sealed; a key of its own lets
readings be left out in silence.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from functools import cache, lru_cache

from hydrant.store.sql.readings_schema import CHANGES

_ALL = (
    "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL "
    "AND name NOT GLOB 'sqlite_*'"
)
_QUOTED = re.compile(r"[\"'`\[](\w+)[\"'`\]]")
_UNIQUE = re.compile(r"CREATE UNIQUE", re.IGNORECASE)


@cache
def _made() -> dict[tuple[str, str], str]:
    """What the versions make, by kind and name."""
    with closing(sqlite3.connect(":memory:")) as new:
        for change in CHANGES:
            new.executescript(change)
        return {(kind, name): _plain(sql) for kind, name, _, sql in new.execute(_ALL)}


def _plain(sql: str) -> str:
    return _QUOTED.sub(r"\1", " ".join(sql.split()))


def altered_readings(connection: sqlite3.Connection) -> list[str]:
    """Names of what another program defined on our tables; a plain index of its own is let be.

    What is missing is another matter: `hydrant.store.sql.check_readings` names it.
    """
    return list(_altered(tuple(connection.execute(_ALL))))


@lru_cache(maxsize=8)  # asked before each transaction, and nearly always the same
def _altered(present: tuple[tuple[str, str, str, str], ...]) -> tuple[str, ...]:
    made = _made()
    tables = {name for kind, name in made if kind == "table"}
    found = (
        name
        for kind, name, table, sql in present
        if made.get((kind, name)) != _plain(sql)
        and table in tables
        and (kind != "index" or _UNIQUE.match(sql) or (kind, name) in made)
    )
    return tuple(sorted(found))
