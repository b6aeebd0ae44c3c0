"""A system that somebody states against what the file says counts, and is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from hydrant.geo.systems import contradict
from tests.cli.test_coverage import STREET, features
from tests.conftest import Program
from tests.exchange.forms import WRITERS


@pytest.mark.parametrize(
    ("stated", "described", "expected"),
    [
        ("gcj02", "EPSG:4490", True),
        ("wgs84", "EPSG:4490", False),
        ("cgcs2000", "urn:ogc:def:crs:OGC:1.3:CRS84", False),
        ("EPSG:4549", "EPSG:4490", True),
        ("EPSG:4490", "EPSG:4490", False),
    ],
)
def test_what_contradicts(stated: str, described: str, expected: bool) -> None:
    assert contradict(stated, described) is expected


@pytest.mark.parametrize("form", ["gpkg", "shp", "gml", "fgb"])
@pytest.mark.parametrize(("crs", "said"), [("gcj02", True), ("wgs84", False), (None, False)])
def test_a_contradiction_is_said_in_every_form_that_states_a_system(
    program: Program, tmp_path: Path, form: str, crs: str | None, said: bool
) -> None:
    file = tmp_path / f"a.{form}"
    WRITERS[form](file, {"code": ["A1"], "kind": ["hydrant"]}, [(120.1, 30.2)])
    ran = program("import", file, *(["--crs", crs] if crs else []), "--json")
    assert ran.code == 0, ran
    found = [m for m in ran.json["messages"] if m["key"] == "cli_import_.overruled"]
    assert [m["level"] for m in found] == (["warning"] if said else [])


SQUARE = [[[120.0, 29.9], [120.1, 29.9], [120.1, 30.1], [120.0, 30.1], [120.0, 29.9]]]


@pytest.mark.parametrize(("crs", "said"), [("gcj02", True), ("cgcs2000", False)])
def test_every_door_for_lines_and_areas_says_it(
    program: Program, tmp_path: Path, crs: str, said: bool
) -> None:
    street = features(tmp_path / "street.geojson", {"type": "LineString", "coordinates": STREET})
    area = features(
        tmp_path / "area.geojson", {"type": "Polygon", "coordinates": SQUARE},
        code="330199", name="A", level="county",
    )  # fmt: skip
    program.data("asset", "add", "H", "--kind", "hydrant", "--lon", 120.005, "--lat", 30.0,
                 "--crs", "cgcs2000")  # fmt: skip
    page = tmp_path / "page.html"
    for line in (
        ("coverage", "--roads", street, "--roads-crs", crs),
        ("coverage", "--roads", street, "--boundary", area, "--boundary-crs", crs),
        ("report", page, "--boundary", area, "--boundary-crs", crs),
        ("report", tmp_path / "b.html", "--roads", street, "--boundary", area,
         "--boundary-crs", crs),
        ("region", "import", area, "--crs", crs),
        ("survey", "plan", "--streets", street, "--streets-crs", crs),
    ):  # fmt: skip
        ran = program(*line, "--json")
        assert ran.code == 0, ran
        found = [m for m in ran.json["messages"] if m["key"] == "cli_places.overruled"]
        assert [m["level"] for m in found] == (["warning"] if said else []), line
