"""What is changed in the database outside this program is checked and audited, as in a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hydrant.store.ground.place import Server
from hydrant.store.outside import outside_edits
from tests.conftest import TWO_TOWNSHIPS, Program
from tests.server import Cluster
from tests.store.outside import meanwhile

psycopg = pytest.importorskip("psycopg")


@pytest.fixture
def filled(database: Server, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Program:
    program = Program(database, capsys)
    regions = tmp_path / "r.csv"
    regions.write_text(TWO_TOWNSHIPS, "utf-8")
    program.data("region", "import", regions)
    file = tmp_path / "f.csv"
    rows = [f"H{n},hydrant.pillar,{120 + n / 1000:.3f},30.2,330199001" for n in range(1, 5)]
    file.write_text("code,kind,lon,lat,region\n" + "\n".join(rows) + "\n", "utf-8")
    program.data("import", file, "--crs", "cgcs2000")
    program.data("require", "set", "330199001", "hydrant", 4, "--from", "2026-01-01")
    program.data("survey", "record", "H1", "--outcome", "works", "--static-kpa", 320)
    program.data("survey", "record", "H2", "--outcome", "fails")
    return program


def outside(program: Program, *statements: str) -> None:
    with psycopg.connect(program.db.url) as connection:
        connection.execute("SET search_path TO hydrant, public")
        for statement in statements:
            connection.execute(statement)


def keys(program: Program) -> list[str]:
    return [m["key"] for m in program("integrity", "--json").json["messages"]]


def waiting(program: Program) -> list[dict[str, Any]]:
    return list(program.data("audit", "outside")["changes"])


def entries(program: Program) -> set[tuple[str, str]]:
    found = program.data("audit", "log", "-n", 50)["changes"]
    return {(e["action"], e["entity"]) for e in found if e["origin"] == "outside edit"}


def clean(program: Program) -> None:
    assert keys(program) == []
    assert program.data("db", "check")["faults"] == []
    assert program.data("audit", "verify")["broken"] == []


def test_small_move_and_a_name_stand(filled: Program) -> None:
    outside(
        filled,
        "UPDATE asset SET geom = ST_Translate(geom, 0.0002, 0), owner = 'QGIS' WHERE code = 'H1'",
    )
    assert keys(filled) == ["cli_common.outside_taken"]
    asset = filled.data("asset", "show", "H1")["asset"]
    assert (asset["owner"], round(asset["lon"], 4)) == ("QGIS", 120.0012)
    assert waiting(filled) == []
    assert ("update", "asset") in entries(filled)
    assert [f["fact"] for f in filled.data("asset", "history", "H1")["history"]].count("version")
    clean(filled)


def test_an_edit_since_the_opening_is_taken_in_before_ours(
    filled: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit = "UPDATE asset SET owner = 'theirs', builder = 'them' WHERE code = 'H1'"
    meanwhile(monkeypatch, lambda: outside(filled, edit))
    ran = filled("asset", "edit", "H1", "--owner", "ours", "--json")
    assert [m["key"] for m in ran.json["messages"]] == ["cli_common.outside_taken"]
    assert (ran.data["asset"]["owner"], ran.data["asset"]["builder"]) == ("ours", "them")
    told = [
        (e["origin"], json.loads(e["before"])["owner"])
        for e in filled.data("audit", "log", "H1")["changes"]
        if e["action"] == "update"
    ]
    assert told == [("asset edit", "theirs"), ("outside edit", None)]
    clean(filled)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE inspection SET outcome = 'works' WHERE outcome = 'fails'",
        "UPDATE inspection SET flow_l_s = 40 WHERE outcome = 'works'",
        "DELETE FROM inspection WHERE outcome = 'fails'",
        "UPDATE requirement SET count = 1",
        "UPDATE region SET name_zh = 'x' WHERE code = '330199002'",
        "UPDATE asset SET geom = ST_Translate(geom, 0.01, 0) WHERE code = 'H1'",
    ],
)
def test_what_breaks_figures_is_put_back_and_listed(filled: Program, statement: str) -> None:
    before = filled.data("integrity")["total"]
    outside(filled, statement)
    assert keys(filled) == ["cli_common.outside_taken"]
    assert filled.data("integrity")["total"] == before
    assert waiting(filled)
    assert any(action == "put_back" for action, _ in entries(filled))
    clean(filled)


def test_a_computed_column_that_says_something_else_is_named(filled: Program) -> None:
    outside(
        filled,
        "ALTER TABLE inspection ALTER COLUMN effective_at DROP EXPRESSION",
        "UPDATE inspection SET effective_at = '2020-01-01T00:00:00.000Z' WHERE outcome = 'fails'",
    )
    faults = filled("db", "check", "--json").data["faults"]
    assert [(fault["key"], fault["count"]) for fault in faults] == [("check.computed", 1)]


def test_a_row_without_a_number_is_named(filled: Program) -> None:
    outside(
        filled,
        "ALTER TABLE inspection DROP CONSTRAINT inspection_pkey",
        "ALTER TABLE inspection ALTER COLUMN fid DROP IDENTITY, ALTER COLUMN fid DROP NOT NULL",
        "ALTER TABLE inspection DISABLE TRIGGER ALL",
        "INSERT INTO inspection (fid, uid, recorded_at, recorded_by, asset_uid, outcome, at) "
        "SELECT NULL, 'stray', recorded_at, 'x', uid, 'works', recorded_at FROM asset "
        "WHERE code = 'H2'",
        "ALTER TABLE inspection ENABLE TRIGGER ALL",
    )
    named = filled("audit", "verify", "--json").data["findings"]
    assert [(one["kind"], one["uid"]) for one in named] == [("added", "stray")]


def test_added_asset_gets_what_it_lacks(filled: Program) -> None:
    outside(
        filled,
        "INSERT INTO asset (uid, kind, code, geom, recorded_at, recorded_by, region_code) VALUES "
        "('', 'hydrant.wall', 'NEW', ST_SetSRID(ST_MakePoint(120.05, 30.2), 4490), '', '', "
        "'330199001')",
    )
    assert keys(filled) == ["cli_common.outside_taken"]
    shown = filled.data("asset", "show", "NEW")["asset"]
    assert len(shown["uid"]) == 36
    assert entries(filled) >= {("insert", "asset")}
    clean(filled)


def test_a_change_can_be_accepted(filled: Program) -> None:
    outside(filled, "UPDATE inspection SET outcome = 'works' WHERE outcome = 'fails'")
    (change,) = waiting(filled)
    filled.data("audit", "outside", "accept", change["number"])
    assert filled.data("integrity")["total"]["working_order"]["defective"] == 0
    assert waiting(filled) == []
    clean(filled)


def test_who_may_not_write_the_log_is_told(
    filled: Program, postgres: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    filled.data("db", "roles", "reader", "--as", "auditor")
    outside(filled, "UPDATE asset SET owner = 'QGIS' WHERE code = 'H1'")
    reader = Program(Server(str(filled.db.url).replace("postgres@", "reader@")), capsys)
    try:
        assert keys(reader) == ["cli_common.outside_server"]
        assert keys(filled) == ["cli_common.outside_taken"]
        assert keys(reader) == []
    finally:
        postgres.run("DROP OWNED BY reader; DROP ROLE reader")


def test_who_may_not_take_edits_in_writes_beside_them_not_over_them(
    filled: Program, postgres: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    filled.data("db", "roles", "crew1", "--as", "crew", "--region", "330199001")
    outside(filled, "UPDATE asset SET owner = 'theirs' WHERE code = 'H1'")
    crew = Program(Server(str(filled.db.url).replace("postgres@", "crew1@")), capsys)
    try:
        over = crew("asset", "edit", "H1", "--builder", "ours", lang="zh")
        assert over.code == 4
        assert "asset" in over.err.splitlines()[-1]
        assert "其他程序更改且尚未核对" in over.err.splitlines()[-1]
        beside = crew("survey", "record", "H3", "--outcome", "works", "--json")
        assert beside.code == 0
        assert {m["key"] for m in beside.json["messages"]} == {"cli_common.outside_server"}
        assert keys(filled) == ["cli_common.outside_taken"]
        crew.data("asset", "edit", "H1", "--builder", "ours")
        facts = filled.data("asset", "show", "H1")["asset"]
        assert (facts["owner"], facts["builder"]) == ("theirs", "ours")
        clean(filled)
    finally:
        postgres.run("DROP OWNED BY crew1; DROP ROLE crew1")


def test_what_is_written_meanwhile_is_for_the_next_time(
    filled: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside(filled, "UPDATE asset SET owner = 'one' WHERE code = 'H1'")
    late = psycopg.connect(filled.db.url)
    late.execute("SET search_path TO hydrant, public; SET lock_timeout TO '50ms'")
    really: Callable[..., None] = outside_edits.forget

    def forget(*words: Any) -> None:
        with pytest.raises(psycopg.errors.LockNotAvailable):
            late.execute("UPDATE asset SET owner = 'two' WHERE code = 'H3'")
        late.rollback()
        really(*words)

    monkeypatch.setattr(outside_edits, "forget", forget)
    assert keys(filled) == ["cli_common.outside_taken"]
    late.close()
    clean(filled)
