"""Where rows of files lie: read right, or refused by name, in every form alike."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely

from tests.conftest import Program

FORMS = {"gpkg": "GPKG", "geojson": "GeoJSON", "shp": "ESRI Shapefile", "kml": "KML",
         "gml": "GML", "fgb": "FlatGeobuf"}  # fmt: skip
EAST, NORTH = 407_201.2, 3_277_200.5
PLACE = (119.04197, 29.609413)


def objects(*values: object) -> Any:
    array = np.empty(len(values), object)
    array[:] = values
    return array


def layer(
    folder: Path, form: str, *shapes: Any, crs: str | None = "EPSG:4326", **columns: Any
) -> Path:
    """A layer as GDAL writes it; a placemark with a name would be proposed a mapping for."""
    path = folder / f"layer.{form}"
    codes = objects(*(f"{form}-{n}" for n in range(len(shapes))))
    names = columns if form == "kml" else {"code": codes, **columns}
    pyogrio.raw.write(
        path, shapely.to_wkb(objects(*shapes)), list(names.values()), list(names),
        geometry_type=shapes[0].geom_type, crs=crs, driver=FORMS[form],
    )  # fmt: skip
    return path


def geojson(folder: Path, *places: tuple[float, float], **members: Any) -> Path:
    path = folder / "a.geojson"
    features = [
        {"type": "Feature", "properties": {"code": f"G{n}", "kind": "hydrant"},
         "geometry": {"type": "Point", "coordinates": list(place)}}
        for n, place in enumerate(places)
    ]  # fmt: skip
    path.write_text(json.dumps({"type": "FeatureCollection", **members, "features": features}))
    return path


def refused(program: Program, *arguments: object) -> str:
    """What a refusal says; nothing may have been written."""
    ran = program("import", *arguments, "--json")
    assert ran.code == 3, ran
    assert program.data("asset", "list")["assets"] == []
    return ran.out


def only(program: Program) -> dict[str, Any]:
    (asset,) = program.data("asset", "list")["assets"]
    return dict(asset)


@pytest.mark.parametrize("form", FORMS)
def test_a_pond_stands_within_its_area_and_the_extent_is_its_accuracy(
    program: Program, tmp_path: Path, form: str
) -> None:
    pond = shapely.box(16.1, 47.1, 16.1005, 47.1004)
    file = layer(tmp_path, form, pond)
    program.data("import", file, "--kind", "intake.pond", "--crs", "wgs84")
    asset = only(program)
    assert pond.contains(shapely.Point(asset["lon"], asset["lat"]))
    assert 25 < asset["accuracy_m"] < 60


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("shape", "option"),
    [
        (shapely.box(16, 47, 17, 48), ("--areas", "within")),
        (shapely.LineString([(16, 47), (16.2, 47)]), ("--lines", "middle")),
    ],
    ids=["area", "line"],
)
def test_what_has_an_extent_is_no_place_unless_somebody_says_so(
    program: Program, tmp_path: Path, form: str, shape: Any, option: tuple[str, str]
) -> None:
    file = layer(tmp_path, form, shape)
    plain = (file, "--kind", "hydrant", "--crs", "wgs84")
    assert option[0] in refused(program, *plain)
    program.data("import", *plain, *option)
    asset = only(program)
    assert shape.distance(shapely.Point(asset["lon"], asset["lat"])) < 1e-9
    assert asset["accuracy_m"] > 7_000


@pytest.mark.parametrize("form", FORMS)
def test_a_collection_of_one_is_that_one(program: Program, tmp_path: Path, form: str) -> None:
    file = layer(tmp_path, form, shapely.MultiPoint([(16.2, 47.2)]))
    program.data("import", file, "--kind", "hydrant", "--crs", "wgs84")
    assert (only(program)["lon"], only(program)["lat"]) == pytest.approx((16.2, 47.2), abs=1e-7)


@pytest.mark.parametrize("form", FORMS)
def test_several_points_are_no_place(program: Program, tmp_path: Path, form: str) -> None:
    file = layer(tmp_path, form, shapely.MultiPoint([(16.2, 47.2), (16.3, 47.2)]))
    assert "several points" in refused(program, file, "--kind", "hydrant", "--crs", "wgs84")


def test_rules_stand_in_a_mapping_too(program: Program, tmp_path: Path) -> None:
    file = layer(tmp_path, "gpkg", shapely.LineString([(16, 47), (16.2, 47)]))
    rules = tmp_path / "m.toml"
    rules.write_text('lines = "middle"\n[fields]\ncode = "code"\nkind = { constant = "hydrant" }\n')
    program.data("import", file, "--mapping", rules)
    assert only(program)["lon"] == pytest.approx(16.1)


@pytest.mark.parametrize(
    ("cells", "said"),
    [("POLYGON ((16 47, 17 47, 17 48, 16 47))", "--areas"), ("POINT (16.1", "no position")],
)
def test_wkt_cells_follow_the_same_rule(
    program: Program, tmp_path: Path, cells: str, said: str
) -> None:
    file = tmp_path / "a.csv"
    file.write_text(f'code,kind,wkt\nA,hydrant,"{cells}"\n')
    assert said in refused(program, file, "--crs", "wgs84")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", f'code,kind,wkt\nA,hydrant,"SRID=4549;POINT ({EAST} {NORTH})"\n'),
        ("a.wkt", f"SRID=4549;POINT\n ({EAST}\n {NORTH})\n"),
        ("a.csv", f'code,kind,wkt\nA,hydrant,"SRID=4549;MULTIPOINT (({EAST} {NORTH}))"\n'),
    ],
)
def test_ewkt_states_its_system(program: Program, tmp_path: Path, name: str, content: str) -> None:
    file = tmp_path / name
    file.write_text(content)
    program.data("import", file, "--kind", "hydrant")
    assert (only(program)["lon"], only(program)["lat"]) == pytest.approx(PLACE, abs=1e-5)
    assert only(program)["orig_crs"] == "EPSG:4549"


def test_ewkt_of_several_systems_is_refused(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "a.wkt"
    file.write_text("SRID=4549;POINT (400000 3277200)\nSRID=4548;POINT (400000 3277200)\n")
    assert "4548, 4549" in refused(program, file, "--kind", "hydrant")


def test_a_file_of_wkt_names_the_line_that_is_none(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "a.wkt"
    file.write_text("POINT (16 47)\n\nnonsense (1\n")
    assert "line 3" in refused(program, file, "--kind", "hydrant", "--crs", "wgs84")


@pytest.mark.parametrize("form", ["geojson", "kml", "kmz", "gpx"])
def test_what_a_form_prescribes_is_no_statement_inside_china(
    program: Program, tmp_path: Path, form: str
) -> None:
    lon, lat = 120.15, 30.25
    file = tmp_path / f"a.{form}"
    kml = (
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><Point>'
        f"<coordinates>{lon},{lat}</coordinates></Point></Placemark></kml>"
    )
    if form == "geojson":
        geojson(tmp_path, (lon, lat))
    elif form == "kml":
        file.write_text(kml)
    elif form == "kmz":
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("doc.kml", kml)
    else:
        file.write_text(
            '<gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1" creator="t">'
            f'<wpt lat="{lat}" lon="{lon}"><name>A</name></wpt></gpx>'
        )
    said = refused(program, file, "--kind", "hydrant")
    assert all(word in said for word in ("wgs84", "gcj02", "bd09", "cgcs2000"))
    program.data("import", file, "--kind", "hydrant", "--crs", "gcj02")
    assert 300 < abs(only(program)["lon"] - lon) * 96_000 < 700


def test_a_file_that_came_in_before_comes_in_again(program: Program, tmp_path: Path) -> None:
    """Its next delivery is read as the first one was; that of another register is asked about."""
    file = geojson(tmp_path, (120.15, 30.25))
    program.data("import", file, "--crs", "wgs84")
    assert program.data("import", file)["unchanged"] == 1
    other = tmp_path / "other.geojson"
    other.write_bytes(file.read_bytes())
    assert program("import", other).code == 3


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "wgs84"),
        ("urn:ogc:def:crs:EPSG::4490", "cgcs2000"),
        ("EPSG:4326", "wgs84"),
    ],
)
def test_the_member_of_old_states_a_datum(
    program: Program, tmp_path: Path, name: str, known: str
) -> None:
    crs = {"type": "name", "properties": {"name": name}}
    program.data("import", geojson(tmp_path, (120.15, 30.25), crs=crs))
    assert only(program)["orig_crs"] == known


def test_a_member_that_is_not_understood_is_refused(program: Program, tmp_path: Path) -> None:
    crs = {"type": "link", "properties": {"href": "http://example.com/crs"}}
    assert "crs" in refused(program, geojson(tmp_path, (16.1, 47.1), crs=crs))


@pytest.mark.parametrize("form", ["geojson", "kml", "gpx"])
def test_our_own_files_say_their_datum(program: Program, tmp_path: Path, form: str) -> None:
    program.data(
        "asset", "add", "A", "--kind", "hydrant", "--lon", "120.15", "--lat", "30.25", "--crs",
        "cgcs2000",
    )  # fmt: skip
    file = tmp_path / f"out.{form}"
    program.data("export", file)
    assert program.data("import", file)["read"] == 1


@pytest.mark.parametrize(
    ("organization", "definition", "place"),
    [
        ("EPSG", None, PLACE),
        ("epsg", "undefined", PLACE),
        ("NONE", None, PLACE),
        ("NONE", "undefined", None),
    ],
)
def test_the_number_of_a_geopackage_leads_to_its_definition(
    program: Program, tmp_path: Path, organization: str, definition: str | None,
    place: tuple[float, float] | None,
) -> None:  # fmt: skip
    """The row is numbered as another system of EPSG, as other programs number theirs."""
    file = layer(tmp_path, "gpkg", shapely.Point(EAST, NORTH), crs="EPSG:4549")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA foreign_keys = off")
        connection.execute(
            "UPDATE gpkg_spatial_ref_sys SET srs_id = 4548, organization = ?,"
            " definition = coalesce(?, definition) WHERE srs_id = 4549",
            (organization, definition),
        )
        for table in ("gpkg_contents", "gpkg_geometry_columns"):
            connection.execute(f"UPDATE {table} SET srs_id = 4548")
        connection.commit()
    if place is None:
        refused(program, file, "--kind", "hydrant")
        return
    program.data("import", file, "--kind", "hydrant")
    assert (only(program)["lon"], only(program)["lat"]) == pytest.approx(place, abs=1e-5)


@pytest.mark.parametrize("headings", ["北坐标,东坐标", "Hochwert,Rechtswert", "lat,lon"])
def test_headings_that_name_the_other_axis_are_asked_about(
    program: Program, tmp_path: Path, headings: str
) -> None:
    file, rules = tmp_path / "a.csv", tmp_path / "m.toml"
    file.write_text(f"code,{headings}\nA,47.1,16.1\n", encoding="utf-8")
    first, second = headings.split(",")
    rules.write_text(
        f'[position]\nx = "{first}"\ny = "{second}"\n'
        '[fields]\ncode = "code"\nkind = { constant = "hydrant" }\n', encoding="utf-8",
    )  # fmt: skip
    given = (file, "--mapping", rules, "--crs", "wgs84")
    assert "--axes" in refused(program, *given)
    program.data("import", *given, "--axes", "ne")
    assert (only(program)["lon"], only(program)["lat"]) == (16.1, 47.1)


@pytest.mark.parametrize("form", ["csv", "geojson"])
def test_north_before_east_is_told_and_its_advice_works(
    program: Program, tmp_path: Path, form: str
) -> None:
    file = geojson(tmp_path, (NORTH, EAST))
    if form == "csv":
        file = tmp_path / "a.csv"
        file.write_text(f"code,kind,x,y\nA,hydrant,{NORTH},{EAST}\n")
    assert "--axes ne" in refused(program, file, "--crs", "EPSG:4549")
    program.data("import", file, "--crs", "EPSG:4549", "--axes", "ne")
    assert (only(program)["lon"], only(program)["lat"]) == pytest.approx(PLACE, abs=1e-5)


@pytest.mark.parametrize(
    ("cpg", "byte", "stated", "read"),
    [
        (None, 0x57, "gbk", False),
        (None, 0x00, "gbk", False),
        (None, 0x4D, "gbk", True),
        ("GBK", 0x57, "gbk", True),
        ("936", 0x00, "gbk", True),
        ("ANSI", 0x57, "gbk", False),
        ("ANSI 936", 0x57, "gbk", True),
        ("UTF-8", 0x57, "utf-8", True),
        (None, 0x57, "utf-8", True),
        (None, 0x4F, "big5", True),
        ("big5", 0x4D, "big5", True),
    ],
)
def test_a_shapefile_is_read_in_the_encoding_that_it_states_or_asks(
    program: Program, tmp_path: Path, cpg: str | None, byte: int, stated: str, read: bool
) -> None:
    owner = "示例公司"
    file = tmp_path / "a.shp"
    pyogrio.raw.write(
        file, shapely.to_wkb(objects(shapely.Point(16.1, 47.1))),
        [objects("A"), objects(owner)], ["code", "owner"],
        geometry_type="Point", crs="EPSG:4326", driver="ESRI Shapefile", encoding=stated,
    )  # fmt: skip
    file.with_suffix(".cpg").unlink(missing_ok=True)
    if cpg is not None:
        file.with_suffix(".cpg").write_text(cpg)
    content = bytearray(file.with_suffix(".dbf").read_bytes())
    content[29] = byte
    file.with_suffix(".dbf").write_bytes(content)
    if not read:
        assert "--encoding" in refused(program, file, "--kind", "hydrant")
    program.data("import", file, "--kind", "hydrant", *([] if read else ["--encoding", stated]))
    assert only(program)["owner"] == owner


def register(folder: Path, *rows: str, heads: str = "code,kind,lon,lat") -> Path:
    file = folder / "town.csv"
    town = [f"N{n:02},hydrant,{16.1 + n % 6 * 0.005:.4f},{47.1 + n // 6 * 0.004:.4f}"
            for n in range(30)]  # fmt: skip
    file.write_text("\n".join([heads, *town, *rows]) + "\n")
    return file


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ([], []),
        (["OUT,hydrant,17.11,47.106"], ["OUT"]),
        (["OUT,hydrant,-16.11,47.106"], ["OUT"]),
        (["OUT,hydrant,16.3,47.1"], []),  # a village 13 km off
    ],
)
def test_a_row_far_from_all_others_is_named(
    program: Program, tmp_path: Path, rows: list[str], named: list[str]
) -> None:
    data = program.data("import", register(tmp_path, *rows), "--crs", "wgs84")
    assert data["new"] == 30 + len(rows)
    doubtful = [row["code"] for row in data["rows"] if "every other" in (row["reason"] or "")]
    assert doubtful == named
    assert data.get("misplaced", 0) == len(named)


def test_two_pairs_of_one_row_that_disagree_are_named(program: Program, tmp_path: Path) -> None:
    features = [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [16.1, 47.1 + n / 100]},
         "properties": {"code": f"A{n}", "kind": "hydrant", "Longitude": 16.1,
                        "Latitude": 47.1 + n / 100 + (0.5 if n == 2 else 0.0001)}}
        for n in range(4)
    ]  # fmt: skip
    file = tmp_path / "a.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    data = program.data("import", file)
    assert [row["code"] for row in data["rows"] if "second pair" in row["reason"]] == ["A2"]


def test_accuracy_belongs_to_the_row_and_is_told(program: Program, tmp_path: Path) -> None:
    """Two places of one datum, each by the operation of its own country."""
    file = tmp_path / "a.csv"
    file.write_text("code,kind,lon,lat\nA,hydrant,-79.4,43.7\nB,hydrant,-97.7,30.3\n")
    ran = program("import", file, "--crs", "EPSG:4267", "--json")
    assert ran.code == 0
    found = {a["code"]: a["accuracy_m"] for a in program.data("asset", "list")["assets"]}
    assert len(set(found.values())) == 2
    assert all(metres > 1 for metres in found.values())
    assert len([m for m in json.loads(ran.out)["messages"] if "NAD27" in m["text"]]) == 2


def test_places_that_no_operation_reaches_are_refused_row_by_row(
    program: Program, tmp_path: Path
) -> None:
    file = tmp_path / "a.csv"
    file.write_text("code,kind,lon,lat\nA,hydrant,109,37\nB,hydrant,116.4,39.9\n")
    ran = program("import", file, "--crs", "EPSG:4214", "--json")
    assert ran.code == 3
    assert [row["code"] for row in ran.data["rows"] if row["action"] == "refused"] == ["B"]
    assert "towgs84" in ran.out


def test_a_datum_with_its_parameters_in_the_mapping(program: Program, tmp_path: Path) -> None:
    """TWD67 by the parameters that Taiwan's own offices publish: 828 m east, 207 m south."""
    file, rules = tmp_path / "a.csv", tmp_path / "m.toml"
    file.write_text("code,x,y\nA,247342,2652336\n")
    shift = (
        "+proj=tmerc +lat_0=0 +lon_0=121 +k=0.9999 +x_0=250000 +ellps=aust_SA "
        "+towgs84=-752,-358,-179,-0.0000011698,0.0000018398,0.0000009822,0.00002329"
    )
    rules.write_text(
        f'crs = "{shift}"\n[position]\nx = "x"\ny = "y"\n'
        '[fields]\ncode = "code"\nkind = { constant = "hydrant" }\n'
    )
    refused(program, file, "--kind", "hydrant", "--crs", "EPSG:3828")
    program.data("import", file, "--mapping", rules)
    assert only(program)["lon"] == pytest.approx(120.982025, abs=1e-4)
    assert only(program)["lat"] == pytest.approx(23.973875, abs=1e-4)
    assert only(program)["orig_crs"] == shift
