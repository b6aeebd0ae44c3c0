"""An index that says otherwise than its rows decides no figure unseen."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from hydrant.store.ground.location import readings_path
from hydrant.store.ground.place import Server
from tests.conftest import Program

#: Indexes that evidence is read from, with the column that another content states.
DECISIVE = (
    ("inspection", "ix_inspection_decisive", "outcome", "'works'"),
    ("defect", "ix_defect_asset", "asset_uid", "asset_uid || 'x'"),
)


def exchanged(path: Path, table: str, index: str, column: str, other: str) -> None:
    """Give an index the content that it had if a column of its table said otherwise."""
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        (sql,) = file.execute("SELECT sql FROM sqlite_master WHERE name = ?", (index,)).fetchone()
        names = [r[1] for r in file.execute(f"PRAGMA table_xinfo({table})") if r[1] != "fid"]
        file.execute(f"CREATE TABLE copied (fid INTEGER PRIMARY KEY, {', '.join(names)})")
        said = ", ".join(other if name == column else name for name in names)
        file.execute(f"INSERT INTO copied SELECT fid, {said} FROM {table}")
        file.execute(sql.replace(index, "spare", 1).replace(f"ON {table}", "ON copied", 1))
        roots = dict(
            file.execute("SELECT name, rootpage FROM sqlite_master WHERE name IN (?, 'spare')",
                         (index,))
        )  # fmt: skip
        file.execute("PRAGMA writable_schema = on")
        for name, root in ((index, roots["spare"]), ("spare", roots[index])):
            file.execute("UPDATE sqlite_master SET rootpage = ? WHERE name = ?", (root, name))
        (version,) = file.execute("PRAGMA schema_version").fetchone()
        file.execute(f"PRAGMA schema_version = {version + 1}")
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("PRAGMA writable_schema = on")
        file.execute("DELETE FROM sqlite_master WHERE name IN ('copied', 'spare')")
        (version,) = file.execute("PRAGMA schema_version").fetchone()
        file.execute(f"PRAGMA schema_version = {version + 1}")


@pytest.fixture
def failing(program: Program) -> Program:
    for number in range(3):
        program.data("asset", "add", f"A{number}", "--kind", "hydrant", "--lon", f"120.{number}1",
                     "--lat", "30.1", "--crs", "cgcs2000")  # fmt: skip
        program.data("survey", "record", f"A{number}", "--outcome", "fails", "--defect", "no_water")
    return program


def test_what_is_sound_is_said_to_be_checked(failing: Program) -> None:
    ran = failing("audit", "verify", "--json")
    assert (ran.code, ran.json["data"]["indexes"]) == (0, "checked")


@pytest.mark.parametrize("case", DECISIVE, ids=lambda one: one[1])
def test_an_index_with_other_content_is_named(
    failing: Program, registry_path: Path, case: tuple[str, str, str, str]
) -> None:
    exchanged(registry_path, *case)
    for words in (("audit", "verify"), ("db", "check")):
        for lang, word in (("en", "damaged"), ("zh", "损坏")):
            ran = failing(*words, lang=lang)
            assert ran.code == 1, ran
            assert word in ran.out
            assert case[1] in ran.out
    problems = failing("audit", "verify", "--json").json["data"]["problems"]
    assert {one["key"] for one in problems} == {"check.file"}


def test_an_index_of_the_readings_is_named(failing: Program, registry_path: Path) -> None:
    failing.data("sensor", "add", "A0", "--profile", "pushed", "--url", "push://A0", "--unit", "1")
    rows = registry_path.with_name("rows.csv")
    rows.write_text("device,at,pressure\nA0,2026-01-01T00:00:00Z,0.3\n", "utf-8")
    failing("ingest", rows)
    path = readings_path(registry_path)
    assert isinstance(path, Path)
    with closing(sqlite3.connect(path)) as file:
        (index,) = file.execute(
            "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        ).fetchone()
        (root,) = file.execute("SELECT rootpage FROM sqlite_master WHERE name = ?",
                               (index,)).fetchone()  # fmt: skip
        (size,) = file.execute("PRAGMA page_size").fetchone()
    whole = bytearray(path.read_bytes())
    head = (root - 1) * size
    whole[head : head + 8] = b"\x0a" + bytes(7)  # an empty leaf
    path.write_bytes(whole)
    assert failing("audit", "verify").code in (1, 4)


def test_an_index_of_a_server_is_held_against_its_rows(
    database: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    program = Program(database, capsys)
    program.data("asset", "add", "A", "--kind", "hydrant", "--lon", "120.1", "--lat", "30.1",
                 "--crs", "cgcs2000")  # fmt: skip
    with psycopg.connect(database.url, autocommit=True) as owner:
        owner.execute("DROP EXTENSION IF EXISTS amcheck")
        assert program.data("audit", "verify")["indexes"] == "not_checked"
        assert "amcheck" in program("audit", "verify", lang="zh").out
        owner.execute("CREATE EXTENSION amcheck")
        assert program.data("audit", "verify")["indexes"] == "checked"
        # an index made by a rule that says otherwise since
        rule = (
            "CREATE OR REPLACE FUNCTION hydrant.said(text) RETURNS text IMMUTABLE LANGUAGE sql AS "
        )
        owner.execute(rule + "'SELECT $1'")
        owner.execute("CREATE INDEX ix_said ON hydrant.asset (hydrant.said(code))")
        owner.execute(rule + "'SELECT $1 || $1'")
    for words in (("audit", "verify"), ("db", "check")):
        ran = program(*words)
        assert ran.code == 1, ran
        assert "index ix_said does not say" in ran.out
