"""A file that states its coordinate system is read in it, whatever an earlier delivery stated."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pyproj import Transformer

from tests.conftest import Program

PLACES = [(120.101 + n / 1000, 30.25) for n in range(4)]

KIND = "地上式消火栓"


def delivery(folder: Path, name: str, epsg: int, *, day: str) -> Path:
    turn = Transformer.from_crs(4490, epsg, always_xy=True)
    features = [
        {
            "type": "Feature",
            "properties": {
                "编号": f"XF-{n}",
                "类型": "地上式消火栓",
                "状态": "完好",
                "检查日期": day,
            },
            "geometry": {"type": "Point", "coordinates": turn.transform(*place)},
        }
        for n, place in enumerate(PLACES)
    ]
    system = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{epsg}"}}
    file = folder / name
    told = {"type": "FeatureCollection", "crs": system, "features": features}
    file.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    return file


@pytest.mark.parametrize("systems", [(4549, 4528), (4490, 4549)])
def test_the_proposed_mapping_leaves_the_system_to_the_file(
    program: Program, tmp_path: Path, systems: tuple[int, int]
) -> None:
    first = delivery(tmp_path, "a.geojson", systems[0], day="2026-06-01")
    assert program("import", first).code == 3  # proposed
    rules = tmp_path / "a.toml"
    assert "crs =" not in rules.read_text("utf-8")
    assert program.data("import", first, "--mapping", rules)["new"] == len(PLACES)
    second = delivery(tmp_path, "b.geojson", systems[1], day="2026-07-01")
    told = program.data("import", second, "--mapping", rules)
    assert (told["updated"], told.get("moved", 0)) == (len(PLACES), 0)
