"""Tables that another program defined otherwise: nothing is written, and they are named."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from hydrant.store.file import check_derived, definitions
from tests.conftest import Program
from tests.store.outside import other_program

pytestmark = pytest.mark.file_only

CLEARED = "cleared_at DATETIME"


def cascading(sql: str) -> str:
    own = "FOREIGN KEY(asset_uid) REFERENCES asset (uid)"
    return sql.replace(
        own, f"{own}, FOREIGN KEY(outcome, uid) REFERENCES z(v, uid) ON UPDATE CASCADE"
    )


def dropping(sql: str) -> str:
    return sql.replace("UNIQUE (uid)", "UNIQUE (uid) ON CONFLICT IGNORE")


def cleared(sql: str) -> str:
    return sql.replace(CLEARED, f"{CLEARED} DEFAULT '2026-01-01' NOT NULL ON CONFLICT REPLACE", 1)


def checked(sql: str) -> str:
    return sql.replace(
        "severity TEXT NOT NULL", "severity TEXT NOT NULL CHECK (severity <> 'blocking')"
    )


def collated(sql: str) -> str:
    return sql.replace("kind TEXT", "kind TEXT COLLATE NOCASE", 1)


#: What somebody may do to a table, and to which.
CHANGES: dict[str, tuple[str, Callable[[str], str]]] = {
    "a key that cascades": ("inspection", cascading),
    "rows left out": ("inspection", dropping),
    "born cleared": ("defect", cleared),
    "no grave ones": ("defect", checked),
    "kinds alike in other case": ("asset", collated),
    "seals left out": ("seal", lambda sql: sql.replace("number)", "number) ON CONFLICT IGNORE")),
}


@pytest.fixture
def filled(program: Program) -> Program:
    """One hydrant that works."""
    program.data("asset", "add", "H1", "--kind", "hydrant.pillar", "--lon", 120, "--lat", 30,
                 "--crs", "cgcs2000")  # fmt: skip
    program.data("survey", "record", "H1", "--outcome", "works", "--static-kpa", 300)
    return program


def alter(program: Program, table: str, change: Callable[[str], str]) -> None:
    """Another definition, put where SQLite keeps it, as any program can."""
    with closing(sqlite3.connect(program.db, isolation_level=None)) as raw:
        found = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?"
        (sql,) = raw.execute(found, (table,)).fetchone()
        assert change(sql) != sql
        raw.execute("PRAGMA writable_schema = ON")
        put = "UPDATE sqlite_master SET sql = ? WHERE type = 'table' AND name = ?"
        raw.execute(put, (change(sql), table))
        (version,) = raw.execute("PRAGMA schema_version").fetchone()
        raw.execute(f"PRAGMA schema_version = {version + 1}")


def test_the_definitions_that_are_compared_are_those_that_the_migrations_make() -> None:
    with check_derived.pristine() as new:
        assert definitions.digest(definitions.definitions(new)) == definitions.MADE


@pytest.mark.parametrize("what", CHANGES)
def test_nothing_is_written_and_the_table_is_named(filled: Program, what: str) -> None:
    table, change = CHANGES[what]
    alter(filled, table, change)
    for lang in ("zh", "en"):
        ran = filled("defect", "open", "H1", "leak", "--severity", "blocking", lang=lang)
        assert (ran.code, table in ran.err) == (4, True)
    faults = filled("db", "check", "--json").data["faults"]
    assert ("check.altered", table) in {(fault["key"], fault.get("table")) for fault in faults}
    verified = filled("audit", "verify", "--json")
    assert verified.code == 1
    assert {"key": "check.altered", "table": table} in verified.data["problems"]
    assert filled.data("defect", "list")["defects"] == []


@pytest.mark.parametrize("what", CHANGES)
def test_a_repaired_copy_has_the_table_as_it_should_be(filled: Program, what: str) -> None:
    table, change = CHANGES[what]
    alter(filled, table, change)
    filled.data("db", "restore", filled.data("db", "check", "--repair")["repaired"])
    assert filled.data("db", "check")["faults"] == []
    filled.data("defect", "open", "H1", "leak", "--severity", "blocking")
    assert filled.data("explain", "H1")["condition"] == "defective"
    assert filled.data("audit", "verify")["findings"] == []


def test_columns_of_other_programs_and_names_given_back_are_let_be(filled: Program) -> None:
    with other_program(filled.db) as connection:
        connection.execute("ALTER TABLE asset ADD COLUMN remark TEXT")
        connection.execute("ALTER TABLE asset ADD COLUMN width DECIMAL(8, 2)")
        connection.execute("ALTER TABLE defect RENAME TO elsewhere")
        connection.execute("ALTER TABLE elsewhere RENAME TO defect")
    filled.data("defect", "open", "H1", "leak", "--severity", "blocking")
    assert "check.altered" not in {f["key"] for f in filled("db", "check", "--json").data["faults"]}


@pytest.mark.parametrize(
    "column",
    ["k TEXT DEFAULT 'k'", "k TEXT REFERENCES z(v)", "k TEXT COLLATE NOCASE", "k AS (fid)"],
)
def test_a_column_that_says_more_is_named(filled: Program, column: str) -> None:
    with other_program(filled.db) as connection:
        connection.execute(f"ALTER TABLE defect ADD COLUMN {column}")
    assert filled("defect", "open", "H1", "leak").code == 4
