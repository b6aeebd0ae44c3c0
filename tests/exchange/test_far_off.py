"""Rows on another continent or in the sea are told, also where nobody states a region."""

from __future__ import annotations

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
