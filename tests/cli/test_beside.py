"""What stands beside a new place, and how far its county is, is told when it is recorded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Program
from tests.exchange.test_stated_headings import as_csv, as_json, as_xlsx
from tests.exchange.test_stranger import table

HERE, FAR = "120.13,30.26", "119.0,29.6"
AT = ("--crs", "cgcs2000", "--region", "330106")


def added(program: Program, code: str, place: str, *more: str, kind: str = "hydrant.pillar",
          lang: str = "en") -> list[tuple[str, str, str]]:  # fmt: skip
    ran = program("asset", "add", code, "--kind", kind, "--place", place, *AT, *more, "--json",
                  lang=lang)  # fmt: skip
    assert ran.code == 0, ran
    return [(m["level"], m["key"], m["text"]) for m in ran.json["messages"]]


@pytest.fixture
def town(program: Program, tmp_path: Path) -> Program:
    program.data("region", "import", _regions(tmp_path))
    assert not added(program, "A1", HERE)
    return program


def _regions(folder: Path) -> Path:
    head = ("code", "level", "name_zh", "name_en", "parent")
    rows = (
        ("330100", "city", "杭州市", "Hangzhou", ""),
        ("330106", "county", "西湖区", "Xihu", "330100"),
    )
    return table(folder / "regions.csv", head, *rows)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", ["hydrant.pillar", "hydrant"])
@pytest.mark.parametrize("place", [HERE, "120.13001,30.26"])
def test_a_neighbour_of_the_same_kind_is_named(
    town: Program, place: str, kind: str, lang: str
) -> None:
    told = added(town, "A2", place, kind=kind, lang=lang)
    assert [(level, key) for level, key, _ in told] == [("warning", "cli_asset.beside")]
    assert "A1" in told[0][2]
    assert "duplicates" in told[0][2]


def test_others_further_off_or_of_another_kind_are_not_named(town: Program) -> None:
    assert not added(town, "A2", "120.1302,30.26")
    assert not added(town, "A3", HERE, kind="tank.pool")


def test_a_place_far_from_its_county_is_named_with_the_distance(town: Program) -> None:
    ((level, key, text),) = added(town, "A2", FAR)
    assert (level, key) == ("warning", "cli_places.doubt")
    assert "131 km" in text
    assert "330106" in text


def test_moving_there_is_told_as_well(town: Program) -> None:
    added(town, "A2", "120.14,30.27")
    ran = town("asset", "edit", "A2", "--place", FAR, "--crs", "cgcs2000", "--json")
    assert [m["key"] for m in ran.json["messages"]] == ["cli_places.doubt"]
    ran = town("asset", "edit", "A2", "--place", HERE, "--crs", "cgcs2000", "--json")
    assert [m["key"] for m in ran.json["messages"]] == ["cli_asset.beside"]


@pytest.mark.parametrize("write", [as_csv, as_xlsx, as_json])
def test_a_single_row_of_a_file_far_from_its_county_is_named(
    town: Program, tmp_path: Path, write: object
) -> None:
    head = ("code", "kind", "lon", "lat", "region")
    file = write(tmp_path, head, [("B1", "hydrant", *FAR.split(","), "330106")])  # type: ignore[operator]
    ran = town("import", file, "--crs", "cgcs2000", "--json")
    assert ran.code == 0
    assert ("warning", "cli_import_.misplaced") in [
        (m["level"], m["key"]) for m in ran.json["messages"]
    ]
    assert "131 km" in json.dumps(ran.data["rows"])


def test_two_rows_that_lie_apart_are_both_named(program: Program, tmp_path: Path) -> None:
    program.data("region", "import", _regions(tmp_path))
    head = ("code", "kind", "lon", "lat", "region")
    rows = [
        ("B1", "hydrant", *HERE.split(","), "330106"),
        ("B2", "hydrant", *FAR.split(","), "330106"),
    ]
    data = program.data("import", as_csv(tmp_path, head, rows), "--crs", "cgcs2000", "--dry-run")
    assert data["misplaced"] == 2


def test_how_far_outside_its_outline_a_place_lies_is_told(program: Program, tmp_path: Path) -> None:
    ring = [[120.1, 30.2], [120.5, 30.2], [120.1, 30.6], [120.1, 30.2]]
    feature = {
        "type": "Feature",
        "properties": {"code": "330106", "name_zh": "西湖区", "level": "county"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    outline = tmp_path / "outline.geojson"
    outline.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    program.data("region", "import", outline, "--crs", "cgcs2000")
    head = ("code", "kind", "lon", "lat", "region")
    file = as_csv(tmp_path, head, [("B1", "hydrant", "120.45", "30.55", "330106")])
    (row,) = program.data("import", file, "--crs", "cgcs2000", "--dry-run")["rows"]
    assert "lies 2" in row["reason"]
    assert "km outside 330106" in row["reason"]
    ((level, key, text),) = added(program, "B2", "120.45,30.55")
    assert (level, key) == ("warning", "cli_places.doubt")
    assert "km outside" in text
