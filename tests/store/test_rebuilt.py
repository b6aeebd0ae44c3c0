"""A table that another program rebuilt cannot make figures better unseen."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.conftest import Program
from tests.store.outside import other_program

pytestmark = pytest.mark.file_only


@pytest.fixture
def filled(program: Program) -> Program:
    """Two hydrants that worked once and fail since."""
    for number, code in enumerate(("H1", "H2")):
        program.data("asset", "add", code, "--kind", "hydrant.pillar", "--lon", 120 + number,
                     "--lat", 30, "--crs", "cgcs2000")  # fmt: skip
        for day, outcome in (("2026-10-01", "works"), ("2026-10-20", "fails")):
            program.data("survey", "record", code, "--outcome", outcome, "--at", day,
                         "--static-kpa", 300)  # fmt: skip
    return program


@contextmanager
def unseen(program: Program) -> Iterator[sqlite3.Connection]:
    """Another program whose changes the triggers do not write down."""
    with other_program(program.db) as connection:
        connection.execute("INSERT INTO setting (key, value) VALUES ('writing', 'x')")
        yield connection
        connection.execute("DELETE FROM setting WHERE key = 'writing'")


def rebuilt(connection: sqlite3.Connection, change: Callable[[str], str], table: str) -> None:
    """Make a table anew with another definition and the same rows, triggers and indexes."""
    texts = connection.execute(
        "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type DESC",
        (table,),
    ).fetchall()
    names = ", ".join(r[1] for r in connection.execute(f"PRAGMA table_info({table})"))
    connection.execute("PRAGMA legacy_alter_table = ON")
    connection.execute(f"ALTER TABLE {table} RENAME TO former")
    made = next(text for (text,) in texts if text.startswith("CREATE TABLE"))
    connection.execute(change(made))
    connection.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM former")
    connection.execute("DROP TABLE former")
    for (text,) in texts:
        if not text.startswith("CREATE TABLE"):
            connection.execute(text)


def unnumbered(sql: str) -> str:
    return sql.replace("PRIMARY KEY (fid),", "").replace("fid INTEGER NOT NULL", "fid INTEGER")


def elsewhere(sql: str) -> str:
    return f"{sql.replace('fid INTEGER NOT NULL', 'fid INTEGER')} WITHOUT ROWID"


def found(program: Program) -> tuple[set[str], list[tuple[str, str, Any]]]:
    faults = {fault["key"] for fault in program("db", "check", "--json").data["faults"]}
    named = program("audit", "verify", "--json").data["findings"]
    return faults, [(one["kind"], one["table"], one["uid"]) for one in named]


def intact(program: Program) -> int:
    order: dict[str, int] = program.data("integrity")["total"]["working_order"]
    return order["intact"]


def test_a_computed_column_that_says_something_else_is_named(filled: Program) -> None:
    assert intact(filled) == 0

    def newest(sql: str) -> str:
        start = sql.index("AS (", sql.index("effective_at TEXT")) + 4
        made = "CASE outcome WHEN 'works' THEN '2026-11-01' ELSE '2020' END"
        return f"{sql[:start]}{made}{sql[sql.index(') VIRTUAL') :]}"

    with unseen(filled) as connection:
        rebuilt(connection, newest, "inspection")
    assert found(filled)[0] == {"check.computed", "check.altered"}


@pytest.mark.parametrize(("change", "number"), [(unnumbered, None), (unnumbered, 16383.5),
                                               (elsewhere, "x")])  # fmt: skip
def test_a_row_without_a_number_is_named(
    filled: Program, change: Callable[[str], str], number: object
) -> None:
    with unseen(filled) as connection:
        rebuilt(connection, change, "inspection")
        connection.execute(
            "INSERT INTO inspection (fid, uid, recorded_at, recorded_by, asset_uid, outcome, at) "
            "SELECT ?, 'stray', recorded_at, 'x', uid, 'works', '2026-11-01T00:00:00.000Z' "
            "FROM asset WHERE code = 'H1'",
            (number,),
        )
    faults, named = found(filled)
    assert "check.numbers" in faults
    assert ("added", "inspection", "stray") in named


def test_a_row_that_stands_there_twice_is_named(filled: Program) -> None:
    with unseen(filled) as connection:
        rebuilt(connection, lambda sql: unnumbered(sql).replace("UNIQUE (uid)", "UNIQUE (uid, rnd)")
                .replace("fid INTEGER", "rnd, fid INTEGER", 1)
                .replace(" PRIMARY KEY AUTOINCREMENT", ""), "asset")  # fmt: skip
        names = [r[1] for r in connection.execute("PRAGMA table_info(asset)") if r[1] != "rnd"]
        connection.execute(
            f"INSERT INTO asset (rnd, {', '.join(names)}) SELECT 1, {', '.join(names)} FROM asset"
        )
        twice = [uid for (uid,) in connection.execute("SELECT DISTINCT uid FROM asset")]
    faults, named = found(filled)
    assert faults == {"check.columns", "check.numbers", "check.altered"}
    assert {("added", "asset", uid) for uid in twice} <= set(named)
