"""What was changed in a crew's file past its program is named as it comes back, and waits."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from hydrant.ids import new_uid
from hydrant.store.opened.registry import open_registry
from tests.conftest import Program
from tests.store.tampering import other_program

AT = ("--kind", "hydrant", "--crs", "cgcs2000", "--lat", "30.2")
PAST = ("without triggers", "as if it were us")


@pytest.fixture
def crew(program: Program, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Program:
    """A crew with three assets of the office, one of them found broken by the program."""
    for number, code in enumerate(("A1", "A2", "A3")):
        program.data("asset", "add", code, *AT, "--lon", f"120.{number}")
    program.data("survey", "pack", tmp_path / "crew.gpkg", "--crew", "east")
    made = Program(tmp_path / "crew.gpkg", capsys)
    made.data("survey", "record", "A1", "--outcome", "fails", "--static-kpa", 90)
    return made


def visit(program: Program) -> tuple[str, str | None]:
    """Outcome and note of the only inspection."""
    with open_registry(program.db) as registry:
        (found,) = registry.connection.execute("SELECT outcome, note FROM inspection").fetchall()
    return found[0], found[1]


def order(program: Program) -> tuple[int, int]:
    found = program.data("integrity")["total"]["working_order"]
    return found["intact"], found["defective"]


def test_work_of_the_program_and_of_gis_programs_is_no_finding(
    program: Program, crew: Program
) -> None:
    with other_program(crew.db, "with triggers") as connection:
        connection.execute("UPDATE asset SET owner = 'seen in QField' WHERE code = 'A2'")
        connection.execute(
            "INSERT INTO inspection (uid, recorded_at, asset_uid, at, outcome) SELECT "
            "'', '', uid, '2024-05-01T00:00:00.000Z', 'works' FROM asset WHERE code = 'A2'"
        )
    merged = program.data("survey", "merge", crew.db)
    assert (merged["unsealed"], merged["chain"]) == ([], [])
    assert program.data("asset", "show", "A2")["asset"]["owner"] == "seen in QField"
    assert order(program) == (0, 1)  # the visit of 2024 is stale by now
    assert program("audit", "verify").code == 0


@pytest.mark.parametrize("way", PAST)
def test_an_outcome_made_good_past_the_program_waits(
    program: Program, crew: Program, way: str
) -> None:
    with other_program(crew.db, way) as connection:
        connection.execute("UPDATE inspection SET outcome = 'works', static_kpa = 300")
        connection.execute("UPDATE asset SET owner = 'x' WHERE code = 'A2'")
    ran = program("survey", "merge", crew.db, "--json")
    assert ran.code == 0
    told = {(row["entity"], row["action"]): row["pending"] for row in ran.data["unsealed"]}
    assert told == {("asset", "changed"): [], ("inspection", "changed"): ["*"]}
    assert {row["asset"] for row in ran.data["unsealed"]} == {"A1", "A2"}
    assert {note["key"] for note in ran.json["messages"]} == {"cli_survey_bundle.not_sealed"}
    assert order(program) == (0, 0)  # not known, never good
    assert program.data("asset", "show", "A2")["asset"]["owner"] == "x"
    (waiting,) = program.data("audit", "outside")["changes"]
    assert (waiting["entity"], waiting["action"], waiting["asset"]) == (
        "inspection",
        "insert",
        "A1",
    )
    assert "ask who was at the hydrant" in waiting["reason"]
    for lang, said in (("en", "outside the crew's program"), ("zh", "绕过巡检队程序")):
        assert said in program("survey", "merge", crew.db, lang=lang).out
    assert len(program.data("audit", "outside")["changes"]) == 1  # merged again, it waits once
    program.data("audit", "outside", "reject", waiting["number"])
    program.data("survey", "merge", crew.db)
    assert program.data("audit", "outside")["changes"] == []  # what was decided stays decided
    assert program("audit", "verify").code == 0


def test_a_visit_of_the_office_rewritten_keeps_what_it_said(
    program: Program, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program.data("asset", "add", "A1", *AT, "--lon", "120.1")
    program.data("survey", "record", "A1", "--outcome", "fails")
    program.data("survey", "pack", tmp_path / "crew.gpkg", "--crew", "east")
    with other_program(tmp_path / "crew.gpkg", "without triggers") as connection:
        connection.execute("UPDATE inspection SET outcome = 'works', note = 'tried'")
    (unsealed,) = program.data("survey", "merge", tmp_path / "crew.gpkg")["unsealed"]
    assert unsealed["pending"] == ["outcome"]
    assert visit(program) == ("fails", "tried")
    (waiting,) = program.data("audit", "outside")["changes"]
    program.data("audit", "outside", "accept", waiting["number"])
    assert order(program)[1] == 0
    program.data("survey", "merge", tmp_path / "crew.gpkg")
    assert visit(program) == ("works", "tried")


def test_what_came_sealed_at_noon_is_not_lost_by_a_forgery_in_the_evening(
    program: Program, crew: Program
) -> None:
    program.data("survey", "merge", crew.db)
    assert order(program) == (0, 1)
    crew.data("survey", "record", "A2", "--outcome", "fails")
    with other_program(crew.db, "without triggers") as connection:
        connection.execute("UPDATE inspection SET outcome = 'works', static_kpa = 300 "
                           "WHERE static_kpa = 90")  # fmt: skip
    (unsealed,) = program.data("survey", "merge", crew.db)["unsealed"]
    assert sorted(unsealed["pending"]) == ["outcome", "static_kpa"]
    assert order(program) == (0, 2)


def test_added_and_removed_rows_are_named(program: Program, crew: Program) -> None:
    with other_program(crew.db, "without triggers") as connection:
        for code in ("A2", "A3"):
            connection.execute(
                "INSERT INTO inspection (uid, recorded_at, asset_uid, at, outcome) SELECT ?, "
                "'2026-01-01T00:00:00.000Z', uid, '2026-01-01T00:00:00.000Z', 'works' "
                "FROM asset WHERE code = ?", (new_uid(), code),
            )  # fmt: skip
        connection.execute("DELETE FROM asset WHERE code = 'A3'")
    merged = program.data("survey", "merge", crew.db)
    actions = {(row["entity"], row["action"]) for row in merged["unsealed"]}
    assert actions == {("inspection", "added"), ("asset", "removed")}
    assert order(program) == (0, 1)
    assert {a["code"] for a in program.data("asset", "list")["assets"]} == {"A1", "A2", "A3"}


@pytest.mark.parametrize(
    "statement",
    ["UPDATE seal SET actor = 'x' WHERE number = 2", "DELETE FROM seal WHERE number = 2",
     "DELETE FROM seal"],
)  # fmt: skip
def test_seals_that_were_changed_prove_nothing(
    program: Program, crew: Program, statement: str
) -> None:
    with other_program(crew.db, "without triggers") as connection:
        connection.execute(statement)
    merged = program.data("survey", "merge", crew.db)
    (unsealed,) = merged["unsealed"]
    assert (unsealed["entity"], unsealed["pending"]) == ("inspection", ["*"])
    assert merged["chain"]
    assert order(program) == (0, 0)


def test_a_file_of_another_chain_is_not_the_crews(
    program: Program, crew: Program, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody packed a file of his own and wrote the crew's key into it."""
    program.data("survey", "pack", tmp_path / "own.gpkg", "--crew", "east")
    with closing(sqlite3.connect(crew.db)) as one:
        (key,) = one.execute("SELECT value FROM setting WHERE key = 'bundle'").fetchone()
    own = Program(tmp_path / "own.gpkg", capsys)
    own.data("survey", "record", "A1", "--outcome", "works")
    with other_program(own.db, "without triggers") as connection:
        connection.execute("UPDATE setting SET value = ? WHERE key = 'bundle'", (key,))
    ran = program("survey", "merge", own.db)
    assert (ran.code, "own.gpkg" in ran.err) == (3, True)
    assert len(ran.err.strip().splitlines()) == 1
    assert program.data("survey", "merge", crew.db)["unsealed"] == []  # whose own still comes in
    assert order(program) == (0, 1)


def test_a_chain_that_would_fill_the_memory_is_refused(
    program: Program, crew: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(crew.db)) as connection:
        connection.execute("ALTER TABLE seal_block ADD COLUMN g AS (hex(zeroblob(3000000)))")
    monkeypatch.setattr("hydrant.store.ground.bounded_sqlite.MOST_BYTES", 5_000_000)
    ran = program("survey", "merge", crew.db)
    assert (ran.code, len(ran.err.strip().splitlines())) == (3, 1)


@pytest.mark.parametrize("table", ["seal", "seal_block", "outside_edit", "assessment"])
def test_a_chain_that_is_a_view_is_refused(program: Program, crew: Program, table: str) -> None:
    with closing(sqlite3.connect(crew.db)) as connection:
        connection.execute(f"ALTER TABLE {table} RENAME TO was")
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM was")
    ran = program("survey", "merge", crew.db)
    assert (ran.code, len(ran.err.strip().splitlines())) == (3, 1)
