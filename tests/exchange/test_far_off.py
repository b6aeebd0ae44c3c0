"""Rows on another continent or in the sea are told, also where nobody states a region."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from hydrant.resources import resource
from hydrant.store.opened.registry import open_registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.regions.region_rows import load_shipped
from tests.conftest import Program

Point = tuple[float, float]
TOWN: list[Point] = [(120.1 + n / 100, 30.2 + n / 200) for n in range(6)]
ABROAD: list[Point] = [(16.1 + n / 100, 47.2) for n in range(6)]


def write(path: Path, points: Sequence[Point], start: str = "A") -> Path:
    lines = [f"{start}{n},hydrant,{x},{y}" for n, (x, y) in enumerate(points)]
    path.write_text("\n".join(["code,kind,lon,lat", *lines]) + "\n", "utf-8")
    return path


def told(program: Program, file: Path, *flags: str) -> dict[str, Any]:
    ran = program("import", file, "--crs", "wgs84", "--json", *flags)
    assert ran.code == 0, ran
    data: dict[str, Any] = ran.json["data"]
    assert data["new"] == data["read"]  # told, never withheld
    data["texts"] = [m["text"] for m in ran.json["messages"] if m["level"] == "warning"]
    return data


WRONG: list[tuple[Point, str]] = [
    ((-120.1, 30.2), "longitude"),
    ((120.1, -30.2), "latitude"),
    ((-120.1, -30.2), "both"),
    ((0.5, 0.5), ""),
    ((117.1, 24.0), ""),
]


@pytest.mark.parametrize(("point", "cause"), WRONG)
def test_far_from_the_assets_on_record(
    program: Program, tmp_path: Path, point: Point, cause: str
) -> None:
    assert "misplaced" not in told(program, write(tmp_path / "a.csv", TOWN))
    near = (120.5, 30.4)
    found = told(program, write(tmp_path / "b.csv", [near, point], "B"))
    assert found["misplaced"] == 1
    (row,) = found["rows"]
    assert (row["line"], row["code"]) == (3, "B1")
    assert cause in row["reason"]


@pytest.mark.parametrize(("point", "cause"), WRONG)
def test_far_from_the_regions_on_record(
    program: Program, tmp_path: Path, point: Point, cause: str
) -> None:
    with (
        open_registry(program.db, write=True) as registry,
        transaction(registry, actor="test", origin="test") as writer,
    ):
        load_shipped(writer, resource("data", "regions", "zhejiang.json"))
    found = told(program, write(tmp_path / "b.csv", [TOWN[0], point]))
    assert found["misplaced"] == 1
    assert cause in found["rows"][0]["reason"]


@pytest.mark.parametrize("wrong", [{1, 4}, {2}])
@pytest.mark.parametrize(
    "turned", [lambda x, y: (x, -y), lambda x, y: (-x, y), lambda x, y: (y, x)]
)
def test_among_rows_of_one_file_the_other_hemisphere(
    program: Program, tmp_path: Path, wrong: set[int], turned: Callable[[float, float], Point]
) -> None:
    mixed = [turned(x, y) if n in wrong else (x, y) for n, (x, y) in enumerate(ABROAD)]
    found = told(program, write(tmp_path / "a.csv", mixed))
    assert {row["line"] - 2 for row in found["rows"]} == wrong


@pytest.mark.parametrize(("rows", "named"), [(2, []), (3, [1]), (4, [1])])
def test_of_three_rows_the_one_that_was_turned_is_named(
    program: Program, tmp_path: Path, rows: int, named: list[int]
) -> None:
    few = [(x, y) if n != 1 else (y, x) for n, (x, y) in enumerate(ABROAD[:rows])]
    found = told(program, write(tmp_path / "a.csv", few))
    assert [row["line"] - 2 for row in found.get("rows", [])] == named


def test_a_whole_file_outside_the_country_of_the_rules(program: Program, tmp_path: Path) -> None:
    turned = [(x, -y) for x, y in TOWN]
    found = told(program, write(tmp_path / "a.csv", turned))
    assert any("zhejiang" in one for one in found["texts"])
    assert "misplaced" not in found


def test_a_registry_that_grows_within_reach_is_told_nothing(
    program: Program, tmp_path: Path
) -> None:
    told(program, write(tmp_path / "a.csv", TOWN))
    wider = [(x + 0.5, y + 0.5) for x, y in TOWN]
    assert "misplaced" not in told(program, write(tmp_path / "b.csv", wider, "B"))


def outlined(program: Program, folder: Path) -> None:
    """A region of which the coast is known: land west of 120.2 E."""
    ring = [[120.0, 30.0], [120.2, 30.0], [120.2, 30.4], [120.0, 30.4], [120.0, 30.0]]
    feature = {
        "type": "Feature",
        "properties": {"code": "330100", "name_zh": "海边市", "level": "county"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    file = folder / "coast.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    program.data("region", "import", file, "--crs", "wgs84")


@pytest.mark.parametrize("at_sea", [1, 2])
@pytest.mark.parametrize("store", ["file", "server"], indirect=True)
def test_a_row_in_the_sea_is_named_where_outlines_say_so(
    program: Program, tmp_path: Path, at_sea: int
) -> None:
    outlined(program, tmp_path)
    sea = [(120.23 + n / 1000, 30.2) for n in range(at_sea)]
    found = told(program, write(tmp_path / "a.csv", [*TOWN[:3], *sea, (120.2005, 30.2)]))
    # a row that lies nearer to the edge than outlines are exact is no doubt
    assert [row["code"] for row in found["rows"]] == [f"A{3 + n}" for n in range(at_sea)]
    assert found["misplaced"] == at_sea
    assert found["placed"] == 3


def test_a_file_that_lies_mostly_beyond_the_outlines_is_not_doubted_row_by_row(
    program: Program, tmp_path: Path
) -> None:
    outlined(program, tmp_path)
    found = told(program, write(tmp_path / "a.csv", [TOWN[0], (120.23, 30.2), (120.24, 30.2)]))
    assert "misplaced" not in found


def test_of_few_rows_one_beyond_the_others_is_named(program: Program, tmp_path: Path) -> None:
    off = [(x, y) if n != 2 else (x + 0.5, y) for n, (x, y) in enumerate(TOWN[:5])]
    found = told(program, write(tmp_path / "a.csv", off))
    assert [row["code"] for row in found["rows"]] == ["A2"]
