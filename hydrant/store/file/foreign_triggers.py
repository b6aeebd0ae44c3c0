"""Triggers that others left in a registry's file and that would change what is written into it.

A trigger runs within our own transaction, so what it writes would be sealed as ours: a defect
could be made a remark as it is recorded, and nobody would be told.
"""

from __future__ import annotations

import re
import sqlite3
from functools import cache

from sqlmodel import SQLModel

from hydrant.errors import StoreError
from hydrant.store.ground.place import Place
from hydrant.store.sql import schema

#: What may stand between words, as SQLite reads them.
_SPACE = r"(?:\s|\ufeff|/\*.*?\*/|--[^\n]*\n)*"
_OR = rf"(?:{_SPACE}\bor\b{_SPACE}\w+)?"
_NAME = r"""(?:"(?P<a>[^"]+)"|'(?P<b>[^']+)'|`(?P<c>[^`]+)`|\[(?P<d>[^\]]+)\]|(?P<e>[\w$]+))"""
_WRITES = re.compile(
    rf"\b(?:(?:insert{_OR}|replace){_SPACE}into|update{_OR}|delete{_SPACE}from){_SPACE}{_NAME}",
    re.IGNORECASE | re.DOTALL,
)
_LEAVES_OUT = re.compile(rf"\braise{_SPACE}\({_SPACE}ignore\b", re.IGNORECASE | re.DOTALL)
_BODY = re.compile(r"\bbegin\b", re.IGNORECASE)


def foreign_triggers(connection: sqlite3.Connection) -> list[str]:
    """Names of the triggers in a file that are not ours and write into our tables."""
    found = connection.execute(
        "SELECT name, lower(tbl_name), sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
    )
    return [name for name, table, sql in found if sql not in _own() and _changes_rows(table, sql)]


def refuse_foreign_triggers(connection: sqlite3.Connection, file: Place) -> None:
    """Refuse to write where another program's trigger would change what is written.

    Raises
    ------
    StoreError
        There is one.
    """
    found = foreign_triggers(connection)
    if found:
        raise StoreError("store.foreign_trigger", file=file, name=", ".join(found))


def drop_foreign_triggers(connection: sqlite3.Connection) -> None:
    """Take such triggers out of a copy."""
    for name in foreign_triggers(connection):
        quoted = name.replace('"', '""')
        connection.execute(f'DROP TRIGGER "{quoted}"')


@cache
def _own() -> frozenset[str]:
    return frozenset(text for text in schema.registry_ddl() if text.startswith("CREATE TRIGGER"))


@cache
def _tables() -> frozenset[str]:
    return frozenset(SQLModel.metadata.tables)


def _changes_rows(table: str, sql: object) -> bool:
    """Whether a trigger that is not ours writes into our tables, or leaves a row of them out."""
    text = str(sql)
    if _plain(text) in {_plain(own) for own in _own()}:
        return False
    begun = _BODY.search(text)
    body = text if begun is None else text[begun.end() :]
    targets = {
        next(part for part in match.groups() if part is not None).lower()
        for match in _WRITES.finditer(body)
    }
    if table in _tables() and _LEAVES_OUT.search(body):
        return True
    return bool(targets & _tables())


def _plain(sql: str) -> str:
    """A statement without what a table that was renamed and named back leaves in it."""
    return " ".join(sql.replace('"', "").split())
