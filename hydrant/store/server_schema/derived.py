"""What a registry on a server must have beside facts, and the statements that give it again.

Functions, triggers and indexes are held to the text that makes them, roles' rights to theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from sqlmodel import SQLModel

from hydrant.store.chain.ledger import READINGS
from hydrant.store.migrations import CHANGES
from hydrant.store.server.connection import ServerConnection
from hydrant.store.server_schema import ddl
from hydrant.store.sql import readings_schema


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that is missing or was changed.

    Attributes
    ----------
    statements
        What puts it back.
    """

    key: str
    facts: dict[str, object]
    statements: tuple[str, ...]


def lacks(connection: ServerConnection) -> list[Lack]:
    """Everything that is not as this program makes it."""
    return [
        *_functions(connection),
        *_triggers(connection),
        *_foreign_triggers(connection),
        *_indexes(connection),
    ]


_FUNCTION = re.compile(
    r"CREATE OR REPLACE FUNCTION (\w+)\b.*?\bAS (?:\$\$(.*)\$\$|'(.*)')\s*$", re.DOTALL
)


_PATH = re.compile(r"\bSET search_path = ([\w, ]+?)\s+AS\b")


class Program(NamedTuple):
    """What a function does, whether with its owner's rights, and where it looks for names."""

    body: str
    as_owner: bool
    path: str | None


@cache
def programs(script: str) -> dict[str, tuple[Program, str]]:
    """Each function of a script by its name, and the statement that makes it."""
    text = files(__package__).joinpath(script).read_text("utf-8")
    found = {}
    for statement in text.split(";\n\n"):
        plain = statement.strip().rstrip(";")
        if (match := _FUNCTION.match(plain)) is not None:
            path = _PATH.search(plain)
            program = Program(
                match[2] or match[3], "SECURITY DEFINER" in plain, None if path is None else path[1]
            )
            found[match[1]] = (program, plain)
    return found


def other_programs(connection: ServerConnection, script: str) -> Iterator[tuple[str, str]]:
    """Functions of a script that are gone or do something else, and the statement for each."""
    present = {
        name: Program(body, bool(as_owner), path)
        for name, body, as_owner, path in connection.server(
            "SELECT proname::text, prosrc, prosecdef, (SELECT substr(c, 13) FROM "
            "unnest(proconfig) c WHERE starts_with(c, 'search_path=')) FROM pg_proc "
            "WHERE pronamespace = 'hydrant'::regnamespace"
        )
    }
    for name, (program, statement) in programs(script).items():
        if present.get(name) != program:
            yield name, statement


def _functions(connection: ServerConnection) -> Iterator[Lack]:
    for name, statement in other_programs(connection, "functions.sql"):
        key = "check.watch" if name == "watch" else "check.function"
        yield Lack(key, {"name": f"{name}()"}, (statement,))


#: What a trigger of each name does: its kind (``pg_trigger.tgtype``: 1 for each row, 2 before,
#: 4 insert, 8 delete, 16 update), the function it calls, and what its condition says.
_SHAPES = {
    "stamp": (7, "stamp", "''"),
    "watch": (29, "watch", "IS DISTINCT FROM 'on'"),
    "touch_insert": (4, "touch", "= 'on'"),
    "touch_update": (16, "touch", "= 'on'"),
    "touch_delete": (8, "touch", "= 'on'"),
}
_PRESENT = """
SELECT tgname::text, c.relname::text, tgtype::int, p.proname::text, tgattr::text = '',
  pg_get_triggerdef(t.oid)
FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid JOIN pg_proc p ON p.oid = tgfoid
WHERE NOT tgisinternal AND tgenabled = 'O' AND c.relnamespace = 'hydrant'::regnamespace
"""


def _triggers(connection: ServerConnection) -> Iterator[Lack]:
    present = {(name, table): rest for name, table, *rest in connection.server(_PRESENT)}
    for (name, table), statement in sorted(ddl.triggers().items()):
        there = present.get((name, table))
        if there is None or not _as_wanted(name, *there):
            key = "check.trigger" if there is None else "check.other_trigger"
            yield Lack(
                "check.watch" if name == "watch" else key,
                {"name": f"{name} ({table})"},
                (statement, f"ALTER TABLE {table} ENABLE TRIGGER {name}"),
            )


def _as_wanted(name: str, kind: int, function: str, every_column: bool, text: str) -> bool:
    wanted, calls, condition = _SHAPES[name]
    return (kind, function, every_column) == (wanted, calls, 1) and condition in text


#: Triggers, and rules that rewrite statements, on our tables, with what takes them out.
_PROGRAMS = """
SELECT t.tgname::text, c.relname::text, format('DROP TRIGGER %I ON %I', t.tgname, c.relname)
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgenabled <> 'D'
  AND c.relnamespace = 'hydrant'::regnamespace
  AND (t.tgname, t.tgfoid::regproc::text) NOT IN (
    ('guard', 'guard'), ('guard', 'guard_reading'), ('keep_log', 'keep_log'))
UNION ALL
SELECT r.rulename::text, c.relname::text, format('DROP RULE %I ON %I', r.rulename, c.relname)
FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
WHERE c.relnamespace = 'hydrant'::regnamespace AND r.rulename <> '_RETURN'
ORDER BY 2, 1
"""


def _foreign_triggers(connection: ServerConnection) -> Iterator[Lack]:
    """What others put on our tables: what a function does cannot be told, so each is named."""
    ours = ddl.triggers().keys()
    for name, table, statement in connection.server(_PROGRAMS).fetchall():
        if _is_ours(table) and (name, table) not in ours:
            yield Lack("check.foreign_trigger", {"name": f"{name} ({table})"}, (statement,))


def _is_ours(table: str) -> bool:
    """Whether a table is one of the registry or its readings, or a day of these."""
    own = (*SQLModel.metadata.tables, *READINGS.tables, READINGS.seal, READINGS.block)
    return table in own or table.startswith("reading_p")


_INDEX = re.compile(r"CREATE (?:UNIQUE )?INDEX (?:IF NOT EXISTS )?(\w+) ON")


@cache
def _wanted_indexes() -> dict[str, str]:
    """Statement of each index by its name."""
    texts = [text for change in CHANGES for text in change.statements()]
    texts += [text for change in readings_schema.CHANGES for text in change.split(";")]
    texts += [text for texts_ in readings_schema.ON_SERVER.values() for text in texts_]
    translated = (ddl.translated(text) or "" for text in (*texts, ddl.MAP_INDEX))
    return {match[1]: text for text in translated if (match := _INDEX.match(text)) is not None}


def _indexes(connection: ServerConnection) -> Iterator[Lack]:
    present: dict[str, object] = dict(
        connection.server(
            "SELECT c.relname::text, (i.indisvalid AND i.indisready)::int FROM pg_index i "
            "JOIN pg_class c ON c.oid = i.indexrelid "
            "WHERE c.relnamespace = 'hydrant'::regnamespace ORDER BY 1"
        ).fetchall()
    )
    for name, statement in _wanted_indexes().items():
        if name not in present:
            yield Lack("check.missing_index", {"name": name}, (statement,))
    for name, sound in present.items():
        if not sound:
            yield Lack("check.missing_index", {"name": name}, (f"REINDEX INDEX {name}",))
