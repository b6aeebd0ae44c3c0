"""``hydrant coverage`` on small files, good and broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Program
from tests.contracts.test_json import held

#: A street of about 963 m from west to east at 30 degrees north.
STREET = [[120.0, 30.0], [120.01, 30.0]]


STATED = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}


def features(
    path: Path,
    *geometries: dict[str, Any],
    crs: dict[str, Any] | None = STATED,
    **properties: object,
) -> Path:
    """A GeoJSON file of shapes, which states its datum unless `crs` is None."""
    rows = [
        {"type": "Feature", "geometry": geometry, "properties": properties}
        for geometry in geometries
    ]
    content = {"type": "FeatureCollection", "features": rows}
    path.write_text(json.dumps(content if crs is None else content | {"crs": crs}), "utf-8")
    return path


@pytest.fixture
def street(tmp_path: Path) -> Path:
    return features(tmp_path / "street.geojson", {"type": "LineString", "coordinates": STREET})


def hydrants(program: Program, *lons: float, works: bool = True) -> None:
    for number, lon in enumerate(lons):
        program.data("asset", "add", f"H{number}", "--kind", "hydrant", "--lon", lon, "--lat",
                     30.0, "--crs", "cgcs2000")  # fmt: skip
        if works:
            program.data("survey", "record", f"H{number}", "--outcome", "works")


def test_existing_and_working_beside_each_other(program: Program, street: Path) -> None:
    hydrants(program, 120.005)
    hydrants_untested = program.data("coverage", "--roads", street)
    assert hydrants_untested["roads"]["covered_m"] == pytest.approx(300, abs=0.5)
    assert hydrants_untested["roads"]["required"] == 9  # 965 m at 120 m, rounded up
    assert len(hydrants_untested["roads"]["gaps"]) == 2
    program.data("asset", "add", "U", "--kind", "hydrant", "--lon", 120.0, "--lat", 30.0,
                 "--crs", "cgcs2000")  # fmt: skip
    found = program.data("coverage", "--roads", street)
    assert found["roads"]["covered_m"] == pytest.approx(450, abs=0.5)
    assert found["other"]["roads"]["covered_m"] == pytest.approx(300, abs=0.5)
    held("coverage", found)
    swapped = program.data("coverage", "--roads", street, "--count", "working")
    assert swapped["roads"] == found["other"]["roads"]


def test_proposed_sites_go_into_a_geopackage(
    program: Program, street: Path, tmp_path: Path
) -> None:
    import pyogrio  # noqa: PLC0415

    out = tmp_path / "gaps.gpkg"
    found = program.data("coverage", "--roads", street, "--out", out)
    assert found["roads"]["percent"] == 0.0
    assert found["proposed"]["at_least"] <= found["proposed"]["count"] <= 5
    layers = {str(name): kind for name, kind in pyogrio.list_layers(out)}
    assert layers == {"gaps": "LineString", "gap_middles": "Point", "proposed": "Point"}
    ran = program("coverage", "--roads", street, "--out", out)
    assert ran.code == 3
    assert "is there already" in ran.err


def test_a_wide_road_needs_both_sides(program: Program, tmp_path: Path) -> None:
    road = features(
        tmp_path / "wide.geojson", {"type": "LineString", "coordinates": STREET}, width=70
    )
    found = program.data("coverage", "--roads", road, "--width-column", "width")
    assert (found["roads"]["required"], found["roads"]["required_by_side"]) == (9, 18)


def test_boundary_and_buildings(program: Program, street: Path, tmp_path: Path) -> None:
    hydrants(program, 120.0)
    half = [[119.99, 29.99], [120.005, 29.99], [120.005, 30.01], [119.99, 30.01], [119.99, 29.99]]
    boundary = features(tmp_path / "b.geojson", {"type": "Polygon", "coordinates": [half]})
    houses = features(
        tmp_path / "h.geojson",
        {"type": "Point", "coordinates": [120.001, 30.0]},
        {"type": "Point", "coordinates": [120.004, 30.0]},
        {"type": "Point", "coordinates": [120.009, 30.0]},
    )
    found = program.data("coverage", "--roads", street, "--buildings", houses,
                         "--boundary", boundary)  # fmt: skip
    assert found["roads"]["length_m"] == pytest.approx(482, abs=1)
    assert found["buildings"] == {"count": 2, "covered": 1, "percent": 50.0}
    for lang in ("zh", "en"):
        assert "50.00 %" in program("coverage", "--buildings", houses, "--boundary", boundary,
                                    lang=lang).out  # fmt: skip


def test_broken_rows_are_named_and_left_out_only_when_asked(
    program: Program, tmp_path: Path
) -> None:
    table = tmp_path / "roads.csv"
    table.write_text(
        'name,WKT\nA,"LINESTRING (120 30, 120.01 30)"\nB,"LINESTRING (120 30)"\n'
        'C,"POINT (120 30)"\n', "utf-8",
    )  # fmt: skip
    ran = program("coverage", "--roads", table, "--roads-crs", "cgcs2000")
    assert ran.code == 3
    assert "2 rows hold no usable line (rows 3, 4)" in ran.err
    found = program.data("coverage", "--roads", table, "--roads-crs", "cgcs2000", "--skip-bad")
    assert found["left_out"] == {str(table): 2}
    assert found["roads"]["percent"] == 0.0
    # inside China a table does not say which degrees it means
    ran = program("coverage", "--roads", table, "--skip-bad")
    assert (ran.code, "gcj02" in ran.err) == (3, True)


@pytest.mark.parametrize("suffix", ["geojson", "json", "kml"])
@pytest.mark.parametrize("about", ["roads", "buildings", "boundary"])
def test_a_form_that_states_no_datum_is_asked_for_it_inside_china(
    program: Program, tmp_path: Path, about: str, suffix: str
) -> None:
    """A map service's outline is GCJ-02 as a rule, whatever RFC 7946 says of the form."""
    hydrants(program, 120.005)
    ring = [[119.99, 29.99], [120.02, 29.99], [120.02, 30.01], [119.99, 30.01], [119.99, 29.99]]
    shape: dict[str, Any] = {"type": "Polygon", "coordinates": [ring]}
    if about == "roads":
        shape = {"type": "LineString", "coordinates": STREET}
    file = unstated(tmp_path / f"x.{suffix}", shape)
    words: list[object] = [f"--{about}", file]
    if about == "boundary":  # what its neighbours are stated to be says nothing of it
        road = {"type": "LineString", "coordinates": STREET}
        road_file = features(tmp_path / "r.geojson", road)
        words += ["--roads", road_file, "--roads-crs", "cgcs2000"]
    for lang in ("zh", "en"):
        ran = program("coverage", *words, lang=lang)
        assert (ran.code, ran.err.count("\n")) == (3, 1)
        assert f"--{about}-crs" in ran.err
        assert file.name in ran.err
    assert program("coverage", *words, f"--{about}-crs", "wgs84").code == 0


def test_outside_china_a_form_is_what_it_says(program: Program, tmp_path: Path) -> None:
    program.data("asset", "add", "N", "--kind", "hydrant", "--lon", 10.0, "--lat", 50.0,
                 "--crs", "wgs84")  # fmt: skip
    street = {"type": "LineString", "coordinates": [[10.0, 50.0], [10.01, 50.0]]}
    road = features(tmp_path / "r.geojson", street, crs=None)
    assert program.data("coverage", "--roads", road)["roads"]["length_m"] > 700


@pytest.mark.parametrize("form", ["html", "xlsx"])
def test_a_report_asks_for_the_datum_of_its_boundary(
    program: Program, tmp_path: Path, form: str
) -> None:
    hydrants(program, 120.005)
    ring = [[119.99, 29.99], [120.02, 29.99], [120.02, 30.01], [119.99, 29.99]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    outline = features(tmp_path / "b.geojson", shape, crs=None)
    out = tmp_path / f"r.{form}"
    ran = program("report", out, "--boundary", outline)
    if form == "xlsx":  # has no map
        assert ran.code == 0
        return
    assert (ran.code, out.exists()) == (3, False)
    assert "--boundary-crs" in ran.err
    assert program("report", out, "--boundary", outline, "--boundary-crs", "gcj02").code == 0


def unstated(path: Path, shape: dict[str, Any]) -> Path:
    """A file of one shape in a form that prescribes WGS 84 and states nothing."""
    if path.suffix != ".kml":
        return features(path, shape, crs=None)
    places = shape["coordinates"][0] if shape["type"] == "Polygon" else shape["coordinates"]
    drawn = f"<coordinates>{' '.join(f'{x},{y}' for x, y in places)}</coordinates>"
    if shape["type"] == "Polygon":
        drawn = f"<outerBoundaryIs><LinearRing>{drawn}</LinearRing></outerBoundaryIs>"
    kml = "http://www.opengis.net/kml/2.2"
    tag = shape["type"]
    path.write_text(
        f'<kml xmlns="{kml}"><Document><Placemark><{tag}>{drawn}</{tag}></Placemark>'
        "</Document></kml>", "utf-8",
    )  # fmt: skip
    return path


@pytest.mark.file_only
def test_the_registry_is_never_opened_as_another_file(program: Program, street: Path) -> None:
    for words in (["--roads", program.db], ["--roads", street, "--boundary", program.db]):
        ran = program("coverage", *words)
        assert ran.code == 3
        assert "is the registry itself" in ran.err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([], 2),
        (["--roads", "nowhere.shp"], 3),
        (["--buildings", "nowhere.shp", "--propose"], 2),
        (["--roads", "nowhere.shp", "--roads-where", "width"], 2),
    ],
)
def test_wrong_words(program: Program, words: list[str], code: int) -> None:
    ran = program("coverage", *words)
    assert ran.code == code
    assert ran.err.count("\n") == 1


# classes of roads


def parallel(path: Path, **classes: str | None) -> Path:
    """Streets of about 963 m side by side, each of a class of the column that is named."""
    rows = []
    for number, (name, value) in enumerate(classes.items()):
        line = [[lon, lat + number / 1000] for lon, lat in STREET]
        properties = {"highway": value, "name": name}
        shape = {"type": "LineString", "coordinates": line}
        rows.append({"type": "Feature", "geometry": shape, "properties": properties})
    content = {"type": "FeatureCollection", "features": rows, "crs": STATED}
    path.write_text(json.dumps(content), "utf-8")
    return path


def streets_of(program: Program, file: Path, *where: str) -> tuple[float, dict[str, int]]:
    asked = [word for one in where for word in ("--roads-where", one)]
    found = program.data("coverage", "--roads", file, *asked)
    return round(found["roads"]["length_m"] / 965, 2), found["classes_left_out"]


def test_only_what_engines_drive_on_counts_and_the_rest_is_named(
    program: Program, tmp_path: Path
) -> None:
    hydrants(program, 120.005)
    file = parallel(
        tmp_path / "r.geojson", a="residential", b="footway", c="steps", d="primary_link",
        e="footway", f=None, g="a_class_to_come",
    )  # fmt: skip
    length, out = streets_of(program, file)
    assert length == pytest.approx(2, abs=0.01)
    assert {name: out[name] for name in ("footway", "steps", "a_class_to_come")} == {
        "footway": 2, "steps": 1, "a_class_to_come": 1,
    }  # fmt: skip
    assert sum(out.values()) == 5
    for lang in ("en", "zh"):
        told = program("coverage", "--roads", file, lang=lang).err
        assert "footway" in told
        assert "steps" in told


def test_values_of_a_column_add_up_and_columns_narrow(program: Program, tmp_path: Path) -> None:
    hydrants(program, 120.005)
    file = parallel(tmp_path / "r.geojson", a="primary", b="footway", c="steps", d="residential")
    two = ("highway=footway", "highway=steps")
    assert streets_of(program, file, *two)[0] == pytest.approx(2, abs=0.01)
    length, out = streets_of(program, file, "highway=footway")
    assert (length, out) == (1.0, {})
    assert streets_of(program, file, *two, "name=b")[0] == pytest.approx(1, abs=0.01)
    length, out = streets_of(program, file, "name=a", "name=b")
    assert (length, out) == (1.0, {"footway": 1})


def test_a_column_of_another_meaning_is_counted_whole(program: Program, tmp_path: Path) -> None:
    hydrants(program, 120.005)
    line = {"type": "LineString", "coordinates": STREET}
    file = features(tmp_path / "r.geojson", line, MTFCC="S1740")
    assert streets_of(program, file) == (1.0, {})
