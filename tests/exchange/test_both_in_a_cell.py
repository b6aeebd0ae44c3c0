"""Positions with odd cells, both coordinates in one column, and kinds by our own words."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from hydrant.messages import label
from hydrant.vocabulary import KINDS, Language
from tests.conftest import Program
from tests.exchange.test_stranger import Answer, answer, table

__all__ = ["answer"]

INSIDE = ["120.151,30.251", "120.161，30.252", "120.171 30.253"]
OUTSIDE = ["16.11, 47.12", "16.12, 47.13", "16.13, 47.14"]


def town(path: Path, heading: str, cells: list[str]) -> Path:
    rows = [(f"H{n}", "地上式消火栓", cell) for n, cell in enumerate(cells)]
    return table(path, ("编号", "类型", heading), *rows)


def turned(cells: list[str]) -> list[str]:
    pairs = [cell.replace(",", " ").replace("，", " ").split() for cell in cells]
    return [f"{y}, {x}" for x, y in pairs]


@pytest.mark.parametrize(
    ("heading", "cells", "key"),
    [
        ("高德坐标", INSIDE, "lonlat"),
        ("高德坐标", turned(INSIDE), "latlon"),
        ("lon lat", OUTSIDE, "lonlat"),
        ("latlon", OUTSIDE, "latlon"),
        ("纬度经度", OUTSIDE, "latlon"),
    ],
)
def test_range_or_heading_tell_which_number_comes_first(
    program: Program, tmp_path: Path, heading: str, cells: list[str], key: str
) -> None:
    ran = program("import", town(tmp_path / "r.csv", heading, cells), "--json")
    assert "order" not in [one["topic"] for one in ran.data["questions"]]
    assert tomllib.loads(ran.data["mapping"])["position"] == {key: heading}


@pytest.mark.parametrize(("order", "east"), [("lonlat", 16.11), ("latlon", 47.12)])
def test_else_it_is_asked(
    program: Program, tmp_path: Path, answer: Answer, order: str, east: float
) -> None:
    file = town(tmp_path / "r.csv", "position", OUTSIDE)
    ran = program("import", file, "--crs", "wgs84", "--json")
    assert [one["topic"] for one in ran.data["questions"]] == ["order"]
    suggested = program.data("import", file, "--crs", "wgs84", "--suggest")
    for one in (ran.data, suggested):
        assert tomllib.loads(one["mapping"])["position"] == {}
    assert answer(file, order, "y", flags=("--crs", "wgs84")).code == 0
    assert program.data("asset", "list")["assets"][0]["lon"] == pytest.approx(east)


@pytest.mark.parametrize("heading", ["高德坐标", "经度"])
def test_cells_that_are_no_coordinates_are_named(
    program: Program, tmp_path: Path, heading: str
) -> None:
    if heading == "经度":
        cells = [("120.15", "30.25"), ("120.16", "30°15'1\""), ("120.17", "30.1503.6"), ("x", "30")]
        rows = [(f"H{n}", "地上式消火栓", *pair) for n, pair in enumerate(cells)]
        file = table(tmp_path / "r.csv", ("编号", "类型", "经度", "纬度"), *rows)
        named = ["4: 30.1503.6", "5: x"]
    else:
        file = town(tmp_path / "r.csv", heading, [*INSIDE, "120.15", "no place"])
        named = ["5: 120.15, 6: no place"]
    ran = program("import", file, "--crs", "gcj02", "--json")
    assert ran.data["counts"]["refused"] == 2
    assert all(any(one in said for said in ran.data["remarks"]) for one in named)


def test_columns_headed_as_coordinates_that_hold_none_are_named(
    program: Program, tmp_path: Path
) -> None:
    rows = [("H0", "120.15", "a"), ("H1", "120.16", "b")]
    ran = program("import", table(tmp_path / "r.csv", ("编号", "经度", "纬度"), *rows), "--json")
    assert ran.code == 3
    assert any("纬度" in said and "2: a" in said for said in ran.data["remarks"])


@pytest.mark.parametrize("lang", [*Language])
def test_kinds_are_understood_by_what_we_call_them(
    program: Program, tmp_path: Path, lang: Language
) -> None:
    named = {kind: label("kind", kind, lang) for kind in KINDS}
    once = [kind for kind in KINDS if [*named.values()].count(named[kind]) == 1]
    features = [
        {"type": "Feature", "properties": {"code": kind, "kind": named[kind]},
         "geometry": {"type": "Point", "coordinates": [16 + n / 10, 47.1]}}
        for n, kind in enumerate(once)
    ]  # fmt: skip
    file = tmp_path / "r.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    program.data("import", file, "--crs", "wgs84")
    assets = program.data("asset", "list")["assets"]
    assert {one["code"]: one["kind"] for one in assets} == {kind: kind for kind in once}
    assert len(once) > 10
