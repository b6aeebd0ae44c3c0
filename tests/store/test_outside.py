"""What other programs change in the live file is checked, audited, and stands or waits."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from hydrant import times
from hydrant.model.geopoint import decode_point, encode_point
from hydrant.store.outside import outside_edits
from tests.conftest import TWO_TOWNSHIPS, Program
from tests.store.outside import other_program

LON, LAT = 120.001, 30.2


@pytest.fixture
def filled(program: Program, tmp_path: Path) -> Program:
    """Four hydrants, the first seen working, the second failing with a defect."""
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
    program.data("defect", "open", "H2", "leak", "--severity", "blocking")
    return program


def outside(program: Program, *statements: str, **values: Any) -> None:
    with other_program(program.db) as connection:
        for statement in statements:
            connection.execute(statement, values)


def ask(program: Program, sql: str) -> list[Any]:
    with other_program(program.db) as connection:
        return connection.execute(sql).fetchall()


def waiting(program: Program) -> list[dict[str, Any]]:
    changes: list[dict[str, Any]] = program.data("audit", "outside")["changes"]
    return changes


def clean(program: Program) -> None:
    assert program.data("db", "check")["faults"] == []
    assert program.data("audit", "verify")["broken"] == []


def entries(program: Program) -> list[tuple[str, str]]:
    found = program.data("audit", "log", "-n", 50)["changes"]
    return [(e["action"], e["entity"]) for e in found if e["origin"] == "outside edit"]


def figures(program: Program) -> dict[str, Any]:
    total: dict[str, Any] = program.data("integrity")["total"]
    return total


def test_nothing_happens_where_nothing_was_changed(filled: Program) -> None:
    ran = filled("integrity", "--json")
    assert ran.json["messages"] == []
    assert entries(filled) == []


def test_small_move_stands_and_keeps_the_former_place(filled: Program) -> None:
    outside(filled, "UPDATE asset SET geom = :g WHERE code = 'H1'",
            g=encode_point(LON + 0.0002, LAT))  # fmt: skip
    ran = filled("integrity", "--json")
    assert [m["key"] for m in ran.json["messages"]] == ["cli_common.outside_taken"]
    assert waiting(filled) == []
    (asset,) = [a for a in filled.data("asset", "list")["assets"] if a["code"] == "H1"]
    assert (asset["lon"], asset["orig_x"]) == (LON + 0.0002, LON + 0.0002)
    assert asset["orig_crs"] == "cgcs2000"
    ((lon,),) = ask(filled, "SELECT lon FROM asset_version")
    assert lon == LON
    (entry,) = [e for e in filled.data("audit", "log", "H1")["changes"] if e["action"] == "update"]
    assert (entry["actor"], entry["origin"]) == ("external", "outside edit")
    assert json.loads(entry["before"])["geom"] == [LON, LAT]
    assert json.loads(entry["after"])["geom"] == [LON + 0.0002, LAT]
    clean(filled)


def test_far_move_waits_and_counts_as_relocation(filled: Program) -> None:
    outside(filled, "UPDATE asset SET geom = :g WHERE code = 'H1'",
            g=encode_point(LON + 0.005, LAT))  # fmt: skip
    (change,) = waiting(filled)
    assert change["field"] == "position"
    assert ask(filled, "SELECT count(*) FROM asset_version") == [(0,)]
    assert figures(filled)["working_order"]["intact"] == 1
    filled.data("audit", "outside", "accept", change["number"])
    assert figures(filled)["working_order"]["intact"] == 0
    assert decode_point(ask(filled, "SELECT geom FROM asset WHERE code='H1'")[0][0]) == (
        LON + 0.005, LAT)  # fmt: skip
    clean(filled)


def test_a_drift_in_small_steps_waits_where_it_is_no_longer_one_spot(filled: Program) -> None:
    """Each step is 38 m: the second lies 77 m from where the hydrant was seen working."""
    for step, waits in ((1, 0), (2, 1)):
        outside(filled, "UPDATE asset SET geom = :g WHERE code = 'H1'",
                g=encode_point(LON + step * 0.0004, LAT))  # fmt: skip
        assert len(waiting(filled)) == waits
    (change,) = waiting(filled)
    assert "77 m" in change["reason"]
    filled.data("audit", "outside", "accept", change["number"])
    assert figures(filled)["working_order"]["intact"] == 0
    outside(filled, "UPDATE asset SET geom = :g WHERE code = 'H1'",
            g=encode_point(LON + 3 * 0.0004, LAT))  # fmt: skip
    assert waiting(filled) == []  # 38 m from where it was moved to
    clean(filled)


def test_an_asset_is_not_put_into_a_region_that_has_not_begun(
    filled: Program, tmp_path: Path
) -> None:
    later = tmp_path / "later.csv"
    later.write_text(
        "code,name_zh,level,parent_code,valid_from\n330199009,新镇,township,330199,2999-01-01\n",
        "utf-8",
    )
    filled.data("region", "import", later)
    outside(filled, "UPDATE asset SET region_code = '330199009' WHERE code = 'H1'")
    (change,) = waiting(filled)
    assert (change["field"], "2999-01-01" in change["reason"]) == ("region_code", True)
    assert filled("audit", "outside", "accept", change["number"]).code == 3


def test_the_only_event_of_a_planned_asset_is_not_deleted_by_a_click(filled: Program) -> None:
    filled.data("asset", "event", "H3", "planned", "--at", "2026-01-01")
    before = figures(filled)["working_order"]["existing"]
    outside(filled, "DELETE FROM lifecycle")
    (change,) = waiting(filled)
    ran = filled("audit", "outside", "accept", change["number"])
    assert (ran.code, ran.err.count("\n")) == (3, 1)
    assert "2026-01-01" in ran.err
    assert figures(filled)["working_order"]["existing"] == before == 3
    assert len(waiting(filled)) == 1


REFUSED: tuple[tuple[str, str], ...] = (
    ("UPDATE asset SET kind = 'Hydrant!' WHERE code = 'H1'", "kind"),
    ("UPDATE asset SET geom = NULL WHERE code = 'H1'", "position"),
    ("UPDATE asset SET geom = X'00' WHERE code = 'H1'", "position"),
    ("UPDATE asset SET mains_dn_mm = 'wide' WHERE code = 'H1'", "mains_dn_mm"),
    ("UPDATE asset SET region_code = '999' WHERE code = 'H1'", "region_code"),
    ("UPDATE asset SET region_code = NULL WHERE code = 'H1'", "region_code"),
    ("UPDATE asset SET uid = 'me' WHERE code = 'H1'", "uid"),
    ("UPDATE asset SET uid = '' WHERE code = 'H1'", "uid"),
    ("UPDATE asset SET recorded_at = '2020-01-01T00:00:00.000Z' WHERE code = 'H1'", "recorded_at"),
    ("UPDATE inspection SET outcome = 'works'  WHERE outcome = 'fails'", "outcome"),
    ("UPDATE inspection SET at = '2030-01-01T00:00:00Z'", "at"),
    ("UPDATE defect SET severity = 'remark'", "severity"),
    ("UPDATE defect SET state = 'rejected'", "state"),
    ("UPDATE requirement SET count = 1", "count"),
    ("UPDATE region SET name_en = 'X' WHERE code = '330199001'", "name_en"),
    ("UPDATE asset SET service = 'private' WHERE code = 'H2'", "service"),
    (
        "UPDATE defect SET cleared_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), note = note",
        "cleared_at",
    ),
    ("DELETE FROM asset WHERE code = 'H2'", "*"),
    ("DELETE FROM inspection WHERE outcome = 'fails'", "*"),
    ("DELETE FROM defect", "*"),
    ("DELETE FROM requirement", "*"),
    ("DELETE FROM region WHERE code = '330199001'", "*"),
    ("INSERT INTO inspection (asset_uid, outcome) VALUES ('nobody', 'works')", "*"),
    ("INSERT INTO inspection (asset_uid, outcome) SELECT uid, 'fine' FROM asset LIMIT 1", "*"),
    ("INSERT INTO requirement (region_code, kind, count) VALUES ('330199002', 'hydrant', 0)", "*"),
    ("INSERT INTO asset (code, kind) VALUES ('H9', 'hydrant')", "*"),
    ("INSERT INTO lifecycle (asset_uid, event) SELECT uid, 'removed' FROM asset LIMIT 1", "*"),
)


@pytest.mark.parametrize(("statement", "field"), REFUSED)
def test_what_breaks_figures_is_put_back_and_listed(
    filled: Program, statement: str, field: str
) -> None:
    tables = ("asset", "inspection", "defect", "requirement", "region")
    before = [ask(filled, f"SELECT * FROM {table} ORDER BY fid") for table in tables]
    figures_before = figures(filled)
    outside(filled, statement)
    changes = waiting(filled)
    assert {change["field"] for change in changes} == {field}
    assert all(change["reason"] for change in changes)
    assert [ask(filled, f"SELECT * FROM {table} ORDER BY fid") for table in tables] == before
    assert figures(filled) == figures_before
    assert "put_back" in {action for action, _ in entries(filled)}
    clean(filled)
    assert waiting(filled) == changes  # a second look changes nothing
    filled.data("audit", "outside", "reject", "--all")
    assert waiting(filled) == []
    assert [ask(filled, f"SELECT * FROM {table} ORDER BY fid") for table in tables] == before
    assert ask(filled, "SELECT count(*) FROM lifecycle") == [(0,)]
    clean(filled)


def test_deleted_asset_is_a_proposed_removal(filled: Program) -> None:
    outside(filled, "DELETE FROM asset WHERE code = 'H2'")
    (change,) = waiting(filled)
    assert ask(filled, "SELECT event, confirmed FROM lifecycle") == [("removed", 0)]
    assert filled.data("asset", "show", "H2")["open_defects"] == 1
    filled.data("audit", "outside", "accept", change["number"])
    assert ask(filled, "SELECT event, confirmed FROM lifecycle") == [("removed", 1)]
    assert figures(filled)["working_order"]["existing"] == 3
    clean(filled)


def test_a_defect_opened_again_stands_at_once(filled: Program) -> None:
    (defect,) = filled.data("defect", "list")["defects"]
    filled.data("defect", "clear", "H2", defect["code"])
    outside(filled, "UPDATE defect SET cleared_at = NULL")
    assert waiting(filled) == []
    assert len(filled.data("defect", "list")["defects"]) == 1
    clean(filled)


def test_what_was_put_back_counts_once_in_what_was_known_before(filled: Program) -> None:
    before = figures(filled)
    moment = times.to_text(times.now())
    outside(filled, "DELETE FROM asset WHERE code IN ('H1', 'H2')", "DELETE FROM defect")
    assert len(waiting(filled)) > 2
    for known in ([], ["--known-at", moment]):
        assert filled.data("integrity", *known)["total"] == before


def test_what_cannot_be_true_cannot_be_accepted(filled: Program) -> None:
    outside(filled, "UPDATE asset SET kind = 'Hydrant!' WHERE code = 'H1'")
    (change,) = waiting(filled)
    ran = filled("audit", "outside", "accept", change["number"])
    assert ran.code == 3
    assert "Hydrant!" in ran.err
    assert waiting(filled) == [change]


def test_correction_of_a_finding_can_be_accepted(filled: Program) -> None:
    outside(filled, "UPDATE inspection SET outcome = 'fails' WHERE outcome = 'works'")
    (change,) = waiting(filled)
    assert figures(filled)["working_order"]["intact"] == 1
    filled.data("audit", "outside", "accept", change["number"])
    assert figures(filled)["working_order"]["intact"] == 0
    clean(filled)


def test_added_asset_gets_what_it_lacks(filled: Program) -> None:
    outside(filled, "INSERT INTO asset (code, kind, geom) VALUES ('Q', 'hydrant.pillar', :g)",
            g=encode_point(LON + 0.00005, LAT))  # fmt: skip
    (change,) = waiting(filled)
    assert (change["field"], change["wanted"]) == ("region_code", {"region_code": "330199001"})
    ((uid, who, x),) = ask(filled, "SELECT uid, recorded_by, orig_x FROM asset WHERE code = 'Q'")
    assert (len(uid), who, x) == (36, "external", LON + 0.00005)
    assert ask(filled, "SELECT count(*) FROM duplicate_flag WHERE state = 'open'") == [(1,)]
    filled.data("audit", "outside", "accept", change["number"])
    assert ask(filled, "SELECT region_code FROM asset WHERE code = 'Q'") == [("330199001",)]
    clean(filled)


def test_a_drawn_asset_is_placed_and_judged_by_outlines(filled: Program, tmp_path: Path) -> None:
    below = "POLYGON ((120 30, 120.2 30, 120.2 30.2, 120 30))"
    above = "POLYGON ((120 30, 120.2 30.2, 120 30.2, 120 30))"
    file = tmp_path / "o.csv"
    file.write_text(f'code,wkt\n330199001,"{below}"\n330199002,"{above}"\n', "utf-8")
    filled.data("region", "import", file, "--crs", "cgcs2000")
    insert = (
        "INSERT INTO asset (uid, code, kind, geom, region_code, recorded_at) "
        "VALUES ('', :c, 'hydrant', :g, :r, '')"
    )
    place = encode_point(120.15, 30.05)
    outside(filled, insert, c="N1", g=place, r=None)
    filled.data("integrity")
    assert filled.data("asset", "show", "N1")["asset"]["region_code"] == "330199001"
    assert waiting(filled) == []
    outside(filled, insert, c="N2", g=place, r="330199002")
    (change,) = waiting(filled)
    assert (change["asset"], change["field"], change["wanted"]["region_code"]) == (
        "N2", "region_code", "330199001",
    )  # fmt: skip
    assert "lies in 330199001" in filled("audit", "outside").out
    filled.data("audit", "outside", "accept", change["number"])
    assert filled.data("asset", "show", "N2")["asset"]["region_code"] == "330199001"
    clean(filled)


def test_time_without_zone_is_utc(filled: Program) -> None:
    outside(filled, "INSERT INTO inspection (asset_uid, outcome, at) "
            "SELECT uid, 'works', '2026-03-01T08:00:00' FROM asset WHERE code = 'H3'")  # fmt: skip
    assert waiting(filled) == []
    found = ask(filled, "SELECT at FROM inspection ORDER BY fid DESC LIMIT 1")
    assert found == [("2026-03-01T08:00:00.000Z",)]


def test_copied_row_gets_a_key_of_its_own(filled: Program) -> None:
    ((uid, geom),) = ask(filled, "SELECT uid, geom FROM asset WHERE code = 'H1'")
    outside(filled, "UPDATE asset SET uid = 'x' WHERE code = 'H1'",
            "INSERT INTO asset (uid, code, kind, region_code, geom) "
            "VALUES (:uid, 'copy', 'hydrant', '330199001', :g)", uid=uid, g=geom)  # fmt: skip
    assert {change["field"] for change in waiting(filled)} == {"uid"}
    assert ask(filled, "SELECT uid FROM asset WHERE code = 'H1'") == [(uid,)]
    assert ask(filled, "SELECT uid FROM asset WHERE code = 'copy'") != [(uid,)]
    clean(filled)


def test_layer_written_anew_is_seen_row_by_row(filled: Program) -> None:
    """Programs that delete all rows and insert them again change only what they changed."""
    with other_program(filled.db) as connection:
        names = [row[1] for row in connection.execute("PRAGMA table_info(asset)")]
        rows = connection.execute("SELECT * FROM asset").fetchall()
        connection.execute("DELETE FROM asset")
        for row in rows:
            values = dict(zip(names, row, strict=True)) | {"fid": row[0] + 100}
            values["owner"] = "水务" if values["code"] == "H3" else None
            marks = ", ".join("?" * len(names))
            connection.execute(f"INSERT INTO asset VALUES ({marks})", list(values.values()))
    assert waiting(filled) == []
    assert filled.data("asset", "show", "H3")["asset"]["owner"] == "水务"
    assert entries(filled).count(("update", "asset")) == 1
    clean(filled)


def test_incident_does_not_wait(filled: Program) -> None:
    outside(filled, "UPDATE asset SET owner = 'x'")
    ran = filled("near", LON, LAT, "--crs", "cgcs2000", "--json")
    assert [m["key"] for m in ran.json["messages"]] == ["cli_common.outside_wait"]
    assert ask(filled, "SELECT count(*) FROM outside_edit") == [(4,)]


def test_locked_file_is_shown_with_a_warning(filled: Program) -> None:
    outside(filled, "UPDATE asset SET owner = 'x'")
    with other_program(filled.db) as connection:
        connection.execute("BEGIN IMMEDIATE")
        ran = filled("integrity", "--json")
    assert ran.code == 0
    assert [m["key"] for m in ran.json["messages"]] == ["cli_common.outside_stuck"]


def test_failure_on_the_way_leaves_everything_as_it_was(
    filled: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside(filled, "UPDATE asset SET owner = 'x'", "DELETE FROM inspection")
    before = ask(filled, "SELECT * FROM outside_edit")

    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("killed")

    monkeypatch.setattr(outside_edits, "forget", fail)
    assert filled("audit", "outside").code == 0  # shown with a warning
    assert ask(filled, "SELECT * FROM outside_edit") == before
    assert ask(filled, "SELECT count(*) FROM inspection") == [(0,)]
    monkeypatch.undo()
    assert len(waiting(filled)) == 2


@pytest.mark.parametrize("attached", [True, False])
def test_journal_mode_is_put_back(filled: Program, attached: bool) -> None:
    with other_program(filled.db) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("UPDATE asset SET owner = 'x' WHERE code = 'H1'")
        connection.commit()
        if attached:  # reading and writing work in between
            assert filled.data("asset", "show", "H1")["asset"]["owner"] == "x"
            filled.data("asset", "edit", "H2", "--owner", "y")
    filled.data("asset", "edit", "H3", "--owner", "z")
    assert ask(filled, "PRAGMA journal_mode") == [("delete",)]
    assert not filled.db.with_name(filled.db.name + "-wal").exists()
    clean(filled)


@pytest.mark.parametrize(
    ("statements", "key"),
    [
        (["ALTER TABLE asset RENAME COLUMN owner TO besitzer"], "check.columns"),
        (["DROP TRIGGER watch_asset_delete"], "check.watch"),
        (["DROP TRIGGER rtree_asset_geom_insert"], "check.trigger"),
        (
            ["CREATE TABLE new AS SELECT * FROM asset", "DROP TABLE asset",
             "ALTER TABLE new RENAME TO asset"],
            "check.columns",
        ),
    ],
)  # fmt: skip
def test_schema_changed_elsewhere_is_noticed(
    filled: Program, statements: list[str], key: str
) -> None:
    outside(filled, *statements)
    ran = filled("db", "check", "--json")
    assert ran.code == 1
    assert key in {fault["key"] for fault in ran.data["faults"]}
    assert filled("asset", "list").code in (0, 1, 4)  # no traceback


def test_orphans_left_by_a_program_without_references(filled: Program) -> None:
    ((uid,),) = ask(filled, "SELECT uid FROM asset WHERE code = 'H2'")
    outside(
        filled,
        "DELETE FROM asset WHERE code = 'H2'",
        "DELETE FROM defect",
        "UPDATE inspection SET asset_uid = 'x' WHERE outcome = 'fails'",
    )
    listed = {(change["entity"], change["field"]) for change in waiting(filled)}
    assert listed == {("asset", "*"), ("defect", "*"), ("inspection", "asset_uid")}
    assert ask(filled, "SELECT asset_uid FROM inspection WHERE outcome='fails'") == [(uid,)]
    clean(filled)
