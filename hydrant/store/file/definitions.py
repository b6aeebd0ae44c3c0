"""Definitions of our tables in a registry's file, held to those that this program makes.

Another definition changes what is stored without a trigger: a default, a conflict clause, a key
that cascades. What was written would then be sealed as it was stored, not as it was said.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3

from hydrant.errors import StoreError
from hydrant.store.ground.place import Place

#: SHA-256 over the definitions that the migrations make, as `digest` takes it; a test renews it.
MADE = "5d2777b62417cd45a98ce0f0541206ab36d8507c5cc340f33677932c0560c041"
_TABLES = (
    "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL "
    "AND name NOT GLOB 'sqlite_*' AND name NOT GLOB 'rtree_*' AND name NOT GLOB 'gpkg_*' "
    "AND name <> 'layer_styles' ORDER BY name"
)
_QUOTED = re.compile(r'"(\w+)"')
#: A column that another program may add: it says nothing of the others, and may be empty.
_PLAIN_COLUMN = r", (?!CHECK|UNIQUE|FOREIGN|PRIMARY|CONSTRAINT)\w+ \w+(?:\(\d+(?:, ?\d+)?\))?"
_ADDED = re.compile(rf"(?:{_PLAIN_COLUMN})+")


def definitions(connection: sqlite3.Connection) -> dict[str, str]:
    """Definition of each table with facts or books, without quotation marks that mean nothing."""
    return {
        name: _QUOTED.sub(r"\1", " ".join(sql.split())) for name, sql in connection.execute(_TABLES)
    }


def digest(found: dict[str, str]) -> str:
    """Digest over definitions, of whatever order."""
    text = "\n".join(f"{name}\t{sql}" for name, sql in sorted(found.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def altered(connection: sqlite3.Connection) -> list[str]:
    """Names of our tables that are defined otherwise than this program does it.

    A table that is gone is none of them. Plain columns that another program added are let be.
    """
    present = definitions(connection)
    if digest(present) == MADE:
        return []
    from hydrant.store.file.check_derived import pristine  # noqa: PLC0415  only where one differs

    with pristine() as new:
        made = definitions(new)
    return [name for name, sql in made.items() if name in present and not _same(present[name], sql)]


def refuse_altered(connection: sqlite3.Connection, file: Place) -> None:
    """Refuse to write into tables that are defined otherwise; raises `StoreError`."""
    if found := altered(connection):
        raise StoreError("store.altered", file=file, name=", ".join(found))


def _same(present: str, made: str) -> bool:
    if present == made:
        return True
    more = len(present) - len(made)
    return more > 0 and any(
        present.startswith(made[:place])
        and present.endswith(made[place:])
        and _ADDED.fullmatch(present[place : place + more]) is not None
        for place in range(len(made))
    )
