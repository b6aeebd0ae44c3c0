"""A second import changes nothing, a changed file only what changed; nothing is half written."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hydrant.store.ground.backend import one_row
from hydrant.store.ground.place import Place
from hydrant.store.opened.registry import open_registry
from tests.conftest import Program, renew

Row = dict[str, str]
HEADS = ("code", "kind", "lon", "lat", "address", "owner")


def rows_of(count: int) -> list[Row]:
    return [
        {
            "code": f"H{n}",
            "kind": "hydrant.pillar",
            "lon": f"{120 + n / 500:.4f}",
            "lat": "30.2",
            "address": f"路{n}号",
            "owner": "水务公司",
        }
        for n in range(count)
    ]


def text_of(rows: list[Row], heads: tuple[str, ...] = HEADS) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, heads, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def save(path: Path, rows: list[Row], heads: tuple[str, ...] = HEADS) -> Path:
    path.write_text(text_of(rows, heads), encoding="utf-8")
    return path


def take(program: Program, file: Path, *flags: object) -> dict[str, Any]:
    return program.data("import", file, "--crs", "wgs84", *flags)


def counts(data: dict[str, Any]) -> tuple[int, ...]:
    return tuple(data[name] for name in ("new", "updated", "unchanged", "refused", "ignored"))


def facts(db: Place) -> list[tuple[Any, ...]]:
    """Every fact except when it was recorded."""
    with open_registry(db) as registry:
        ask = registry.connection.execute
        found = ask(
            "SELECT uid, code, kind, geom, address, owner, source FROM asset ORDER BY uid"
        ).fetchall()
        return found + ask("SELECT asset_uid, at, outcome FROM inspection ORDER BY fid").fetchall()


def changes(db: Place) -> int:
    with open_registry(db) as registry:
        (found,) = one_row(registry.connection.execute("SELECT count(*) FROM change"))
    return int(found)


def test_second_import_changes_nothing(program: Program, tmp_path: Path) -> None:
    file = save(tmp_path / "a.csv", rows_of(20))
    assert counts(take(program, file)) == (20, 0, 0, 0, 0)
    before = facts(program.db)
    assert counts(take(program, file)) == (0, 0, 20, 0, 0)
    assert facts(program.db) == before


def test_changed_file_updates_what_changed(program: Program, tmp_path: Path) -> None:
    rows = rows_of(5)
    file = save(tmp_path / "a.csv", rows)
    take(program, file)
    rows[2]["owner"] = "街道办"
    rows[3]["lon"] = "120.1234"
    data = take(program, save(file, rows))
    assert counts(data) == (0, 2, 3, 0, 0)
    told = {row["code"]: row["fields"] for row in data["rows"]}
    assert told == {"H2": ["owner"], "H3": ["position"]}
    history = program.data("asset", "history", "H3")
    # what lies 2 km away was moved: what was seen at the old place ends
    assert [fact["fact"] for fact in history["history"]] == ["added", "version", "event"]


def test_fields_absent_from_the_file_are_kept(program: Program, tmp_path: Path) -> None:
    rows = rows_of(3)
    take(program, save(tmp_path / "a.csv", rows))
    program.data("asset", "edit", "H1", "--maintainer", "抢修队")
    rows[1]["address"] = "新路1号"
    take(program, save(tmp_path / "a.csv", rows, HEADS[:-1]))
    shown = program.data("asset", "show", "H1")["asset"]
    assert (shown["address"], shown["owner"], shown["maintainer"]) == (
        "新路1号",
        "水务公司",
        "抢修队",
    )


def test_correction_by_hand_survives_a_file_that_did_not_change(
    program: Program, tmp_path: Path
) -> None:
    rows = rows_of(2)
    file = save(tmp_path / "a.csv", rows)
    take(program, file)
    program.data("asset", "edit", "H0", "--owner", "改正")
    rows[1]["owner"] = "x"
    take(program, save(file, rows))
    assert program.data("asset", "show", "H0")["asset"]["owner"] == "改正"


def test_other_source_matches_by_code_in_its_region(program: Program, tmp_path: Path) -> None:
    take(program, save(tmp_path / "a.csv", rows_of(2)))
    data = take(program, save(tmp_path / "b.csv", rows_of(3)))
    assert counts(data) == (1, 0, 2, 0, 0)
    assert program.data("integrity")["total"]["working_order"]["existing"] == 3


def test_twins_of_a_code_are_never_merged(program: Program, tmp_path: Path) -> None:
    rows = rows_of(2)
    rows[1]["code"] = "H0"
    data = take(program, save(tmp_path / "a.csv", rows))
    assert counts(data) == (2, 0, 0, 0, 0)
    assert counts(take(program, save(tmp_path / "a.csv", rows))) == (0, 0, 2, 0, 0)
    ran = program("asset", "show", "H0")
    assert ran.code == 3
    assert ran.err.count("-") >= 8  # both uids are listed


def test_near_neighbours_are_written_and_flagged(program: Program, tmp_path: Path) -> None:
    rows = rows_of(2)
    rows[1]["lon"] = "120.00005"  # 4.8 m on
    data = take(program, save(tmp_path / "a.csv", rows))
    assert (data["new"], data["duplicates"]) == (2, 2)
    others = [row | {"code": f"X{n}"} for n, row in enumerate(rows)]
    others[1]["kind"] = "intake.pond"
    data = take(program, save(tmp_path / "b.csv", others), "--dry-run")
    assert data["duplicates"] == 1  # another kind at the same place is no duplicate
    assert len(program.data("duplicates", "list")["duplicates"]) == 1


def test_dry_run_writes_nothing(program: Program, tmp_path: Path) -> None:
    before = facts(program.db), changes(program.db)
    data = take(program, save(tmp_path / "a.csv", rows_of(4)), "--dry-run")
    assert (data["new"], data["written"]) == (4, False)
    assert (facts(program.db), changes(program.db)) == before


cells = st.fixed_dictionaries(
    {
        "code": st.sampled_from(["", "A", "B", "C", "D"]),
        "kind": st.sampled_from(["hydrant.pillar", "intake.river", "nonsense"]),
        "lon": st.sampled_from(["120.1", "120.2", "120.20001", "0", "x", "-120.3"]),
        "lat": st.sampled_from(["30.1", "30.2", "0", "91"]),
        "address": st.sampled_from(["", "一", "二"]),
        "owner": st.sampled_from(["", "甲"]),
    }
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(cells, min_size=1, max_size=8))
def test_any_file_is_accounted_for_and_idempotent(
    program: Program, tmp_path: Path, rows: list[Row]
) -> None:
    renew(program.db)
    file = save(tmp_path / "any.csv", rows)
    first = take(program, file, "--skip-bad")
    assert first["read"] == len(rows) == sum(counts(first))
    stored, written = facts(program.db), changes(program.db)
    assert len(stored) == first["new"]
    again = take(program, file, "--skip-bad")
    assert counts(again) == (0, 0, first["new"], first["refused"], first["ignored"])
    assert facts(program.db) == stored
    assert changes(program.db) <= written + 1


CHINESE = [{**row, "address": "浙江省杭州市", "owner": "水务公司"} for row in rows_of(3)]


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("utf-8", "浙江省杭州市"),
        ("utf-8-sig", "浙江省杭州市"),
        ("gb18030", "浙江省杭州市"),
        ("big5", "臺北市三重區"),
        ("euc-kr", "경상남도 양산시"),
        ("cp932", "福井市消火栓"),
    ],
)
def test_encodings(program: Program, tmp_path: Path, encoding: str, words: str) -> None:
    rows = [{**row, "address": words, "owner": ""} for row in rows_of(3)]
    file = tmp_path / "f.csv"
    file.write_bytes(text_of(rows).encode(encoding))
    flags = () if encoding.startswith("utf") else ("--encoding", encoding)
    take(program, file, *flags)
    assert program.data("asset", "show", "H1")["asset"]["address"] == words


def test_unknown_encoding_is_asked_for_with_a_preview(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "f.csv"
    file.write_bytes(text_of(CHINESE).encode("gb18030"))
    ran = program("import", file, "--crs", "wgs84")
    assert ran.code == 3
    assert "--encoding" in ran.err
    assert "gb18030" in ran.err
    ran = program("import", file, "--crs", "wgs84", "--encoding", "utf-8")
    assert ran.code == 3


def geojson(rows: list[Row]) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [float(r["lon"]), float(r["lat"])]},
                "properties": {k: v for k, v in r.items() if k not in ("lon", "lat")},
            }
            for r in rows
        ],
    }


@pytest.mark.file_only
def test_every_form_of_file_gives_the_same_facts(program: Program, tmp_path: Path) -> None:
    rows = rows_of(6)
    take(program, save(tmp_path / "form.csv", rows))
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(HEADS)
    for row in rows:
        book.active.append([row[name] for name in HEADS])
    book.save(tmp_path / "form.xlsx")
    assert counts(take(program, tmp_path / "form.xlsx")) == (0, 0, 6, 0, 0)
    (tmp_path / "form.geojson").write_text(json.dumps(geojson(rows)), "utf-8")
    assert counts(take(program, tmp_path / "form.geojson", "--source", "other")) == (0, 0, 6, 0, 0)
    # a registry's own file is a GeoPackage like any other
    copy = tmp_path / "copy.gpkg"
    program.data("db", "backup", copy)
    data = take(program, copy, "--layer", "asset")
    assert (data["read"], data["unchanged"]) == (6, 6)


def test_date_in_the_future_is_refused(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "f.csv"
    file.write_text("code,kind,lon,lat,outcome,at\nA,hydrant,120,30,works,2603-07-01\n", "utf-8")
    ran = program("import", file, "--crs", "wgs84")
    assert ran.code == 3
    assert "2603-07-01" in ran.out


def test_a_refused_twin_is_not_taken_for_the_first_bearer_of_its_code(
    program: Program, tmp_path: Path
) -> None:
    rows = rows_of(3)
    rows[1] |= {"code": "H0", "lat": "95", "address": "=1+1"}
    file = save(tmp_path / "a.csv", rows)
    data = take(program, file, "--skip-bad")
    assert counts(data) == (2, 0, 0, 1, 0)
    side = Path(data["refused_file"])
    text = side.read_text("utf-8-sig")
    assert "'=1+1" in text  # a spreadsheet must not reckon with it
    side.write_text(text.replace(",95,", ",30.25,"), "utf-8-sig")
    assert counts(take(program, side)) == (1, 0, 0, 0, 0)
    found = program.data("asset", "list")["assets"]
    assert sorted(asset["lat"] for asset in found) == pytest.approx([30.2, 30.2, 30.25])
    # the register itself, mended the same way, then says nothing new
    rows[1]["lat"] = "30.25"
    assert counts(take(program, save(file, rows))) == (0, 0, 3, 0, 0)
    assert counts(take(program, side)) == (0, 0, 1, 0, 0)
