"""GIS files and archives of other programs come in; traps in them are refused."""

from __future__ import annotations

import bz2
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyogrio.raw
import pytest
import shapely

from tests.conftest import Program

POINTS = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"code": f"H{n}", "kind": "hydrant.pillar", "owner": "水务公司"},
            "geometry": {"type": "Point", "coordinates": [120.1 + n / 100, 30.2]},
        }
        for n in range(3)
    ],
}


@pytest.fixture
def points(tmp_path: Path) -> Path:
    path = tmp_path / "points.geojson"
    path.write_text(json.dumps(POINTS), encoding="utf-8")
    return path


def made_by_gdal(ogr2ogr: str, points: Path, form: str, *options: str) -> Path:
    names = {"shp": "ESRI Shapefile", "gml": "GML", "fgb": "FlatGeobuf", "kml": "LIBKML",
             "kmz": "LIBKML", "gpx": "GPX"}  # fmt: skip
    target = points.with_name(f"out.{form}")
    words = [ogr2ogr, "-f", names[form], str(target), str(points), *options]
    subprocess.run(words, check=True, capture_output=True)
    return target


def places(program: Program) -> list[tuple[str | None, str, float]]:
    found = program.data("asset", "list")["assets"]
    return sorted((a["code"], a["owner"], round(a["lon"], 6)) for a in found)


WANTED = [(f"H{n}", "水务公司", round(120.1 + n / 100, 6)) for n in range(3)]


@pytest.mark.peer
@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("shp", ["-lco", "ENCODING=UTF-8"]),
        ("shp", ["-lco", "ENCODING=GB18030"]),
        ("shp", ["-t_srs", "EPSG:4549", "-lco", "ENCODING=UTF-8"]),
        ("gml", []),
        ("fgb", []),
        ("kml", []),
        ("kmz", []),
    ],
)
def test_files_of_gdal_come_in(
    program: Program, points: Path, peer: Callable[[str], str], form: str, options: list[str]
) -> None:
    file = made_by_gdal(peer("ogr2ogr"), points, form, *options)
    before = set(points.parent.iterdir())
    crs = [] if "-t_srs" in options else ["--crs", "cgcs2000"]
    assert program.data("import", file, *crs)["new"] == 3
    assert places(program) == WANTED
    left = {p.name for p in set(points.parent.iterdir()) - before}
    assert not {name for name in left if "out" in name}  # nothing is left beside the file


@pytest.mark.peer
def test_a_zipped_shapefile_of_a_chinese_desktop(
    program: Program, points: Path, peer: Callable[[str], str], tmp_path: Path
) -> None:
    file = made_by_gdal(peer("ogr2ogr"), points, "shp", "-lco", "ENCODING=GB18030")
    file.with_suffix(".cpg").unlink()  # as older programs write it
    content = bytearray(file.with_suffix(".dbf").read_bytes())
    content[29] = 0  # nor does the table name its code page
    file.with_suffix(".dbf").write_bytes(content)
    packed = tmp_path / "导出.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for part in tmp_path.glob("out.*"):
            archive.write(part, f"../../数据/{part.name}")
    refused = program("import", packed, "--crs", "cgcs2000", "--lang", "en")
    assert refused.code == 3
    assert "gb18030: " in refused.err
    assert "水务公司" in refused.err
    assert program.data("import", packed, "--crs", "cgcs2000", "--encoding", "gb18030")["new"] == 3
    assert places(program) == WANTED


def test_a_shapefile_without_its_companions_says_which(program: Program, tmp_path: Path) -> None:
    lone = tmp_path / "lone.shp"
    lone.write_bytes(b"\x00\x00\x27\x0a" + b"\x00" * 96)
    ran = program("import", lone, "--kind", "hydrant", "--lang", "en")
    assert ran.code == 3
    assert ".shx, .dbf" in ran.err


OSM = """<?xml version="1.0"?><osm version="0.6">
<node id="1" lat="48.1" lon="16.8"><tag k="emergency" v="fire_hydrant"/>
 <tag k="fire_hydrant:type" v="underground"/><tag k="fire_hydrant:diameter" v="DN 100"/>
 <tag k="ref" v="7"/></node>
<node id="2" lat="48.2" lon="16.8"><tag k="emergency" v="suction_point"/>
 <tag k="water_source" v="river"/></node>
<node id="3" lat="48.3" lon="16.8"><tag k="highway" v="crossing"/></node>
<node id="4" lat="48.40" lon="16.80"/><node id="5" lat="48.40" lon="16.82"/>
<node id="6" lat="48.42" lon="16.82"/>
<way id="9"><nd ref="4"/><nd ref="5"/><nd ref="6"/><nd ref="4"/>
 <tag k="emergency" v="fire_water_pond"/><tag k="natural" v="water"/></way></osm>"""
KINDS = [(None, "intake.pond"), (None, "intake.river"), ("7", "hydrant.underground")]


def kinds(program: Program) -> list[tuple[str | None, str]]:
    found = program.data("asset", "list")["assets"]
    return sorted(((a["code"], a["kind"]) for a in found), key=lambda pair: pair[1])[::1]


@pytest.mark.parametrize("packed", [False, True])
def test_osm_data_by_its_tags_and_again(program: Program, tmp_path: Path, packed: bool) -> None:
    file = tmp_path / ("town.osm.bz2" if packed else "town.osm")
    file.write_bytes(bz2.compress(OSM.encode()) if packed else OSM.encode())
    assert program.data("import", file)["new"] == 3  # the crossing is none of ours
    assert sorted(kinds(program), key=str) == sorted(KINDS, key=str)
    (hydrant,) = [
        a for a in program.data("asset", "list")["assets"] if a["kind"] == "hydrant.underground"
    ]
    assert hydrant["mains_dn_mm"] == 100
    again = program.data("import", file)
    assert (again["new"], again["unchanged"]) == (0, 3)


def test_an_overpass_answer(program: Program, tmp_path: Path) -> None:
    answer = {
        "elements": [
            {"type": "node", "id": 1, "lat": 48.1, "lon": 16.8,
             "tags": {"emergency": "fire_hydrant", "fire_hydrant:type": "pillar"}},
            {"type": "way", "id": 2, "center": {"lat": 48.2, "lon": 16.8},
             "tags": {"emergency": "water_tank", "water_tank:volume": "120"}},
            {"type": "node", "id": 3, "lat": 48.3, "lon": 16.8},
        ]
    }  # fmt: skip
    file = tmp_path / "interpreter.json"
    file.write_text(json.dumps(answer), encoding="utf-8")
    assert program.data("import", file)["new"] == 2
    (tank,) = [a for a in program.data("asset", "list")["assets"] if a["kind"] == "tank"]
    assert (tank["capacity_m3"], tank["lat"]) == (120, 48.2)


def test_osm_data_without_any_water_says_so(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "dry.osm"
    file.write_text('<osm version="0.6"><node id="3" lat="48.3" lon="16.8"/></osm>')
    ran = program("import", file, "--lang", "en")
    assert ran.code == 3
    assert "nothing that an engine draws water from" in ran.err


def bomb(path: Path, content: bytes, name: str = "doc.kml") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return path


def test_an_archive_made_to_fill_the_disk_is_not_unpacked(program: Program, tmp_path: Path) -> None:
    file = bomb(tmp_path / "bomb.kmz", b" " * 60_000_000)
    ran = program("import", file, "--kind", "hydrant", "--lang", "en")
    assert ran.code == 3
    assert "60 MB" in ran.err


@pytest.mark.parametrize("content", [b"PK\x03\x04rubbish", b"BZh9rubbish", b"no archive"])
@pytest.mark.parametrize("ending", ["zip", "kmz", "osm.bz2", "shp", "kml", "gpx", "pbf", "fgb"])
def test_rubbish_is_one_line(program: Program, tmp_path: Path, ending: str, content: bytes) -> None:
    file = tmp_path / f"x.{ending}"
    file.write_bytes(content)
    ran = program("import", file, "--kind", "hydrant", "--lang", "en")
    assert ran.code == 3
    assert ran.err.count("\n") == 1
    assert str(file) in ran.err


SYFRI = {
    "uuid": "u1", "sybh": "X-1", "symc": "某路消火栓", "sylxmc": "消火栓", "xhs_szxsmc": "地上式",
    "xhs_gwxsmc": "环状管网", "xhs_gwzj": "DN200", "kyztmc": "可用", "bdLon": "120.20",
    "bdLat": "30.26", "deleteFlag": "N", "gxdzmc": "特勤一站", "trsy_trsylxmc": "",
}  # fmt: skip


def test_field_names_of_the_chinese_fire_service(program: Program, tmp_path: Path) -> None:
    pond = SYFRI | {"uuid": "u2", "sybh": "X-2", "sylxmc": "天然水源", "trsy_trsylxmc": "水库",
                    "xhs_szxsmc": "", "kyztmc": "停用", "bdLon": "120.30"}  # fmt: skip
    gone = SYFRI | {"uuid": "u3", "deleteFlag": "Y"}
    file = tmp_path / "xfsy.csv"
    lines = [",".join(SYFRI), *(",".join(row.values()) for row in (SYFRI, pond, gone))]
    file.write_text("\n".join(lines), encoding="utf-8")
    assert program.data("import", file, "--suggest")["known"] == "syfri"
    data = program.data("import", file, "--mapping", "syfri")
    assert (data["new"], data["ignored"]) == (2, 1)
    by_code: dict[str, Any] = {a["code"]: a for a in program.data("asset", "list")["assets"]}
    one = by_code["X-1"]
    assert (one["kind"], one["mains_type"], one["mains_dn_mm"]) == ("hydrant.pillar", "ring", 200)
    assert one["supervisor"] == "特勤一站"
    assert one["lon"] == pytest.approx(120.1887, abs=1e-3)  # Baidu's place is 1 km off
    assert by_code["X-2"]["kind"] == "intake.reservoir"


def test_a_proposed_mapping_imports_below_a_merged_title(program: Program, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["某县市政消火栓台账（2025）"])
    sheet.merge_cells("A1:G1")
    sheet.append(["序号", "消火栓编号", "类型", "经度", "纬度", "状态", "检查日期"])
    sheet.append([1, "A-1", "地上式消火栓", 120.11, 30.21, "完好", "2025-03-01"])
    sheet.append([2, "A-2", "地下式消火栓", 120.12, 30.22, "损坏", "2025-03-02"])
    file = tmp_path / "台账.xlsx"
    book.save(file)
    data = program.data("import", file, "--suggest")
    assert "header_row = 2" in data["mapping"]
    assert "crs" in data["mapping"]  # which of four is for a person to say
    rules = tmp_path / "own.toml"
    rules.write_text(data["mapping"], encoding="utf-8")
    taken = program.data("import", file, "--mapping", rules, "--crs", "gcj02")
    assert (taken["new"], taken["refused"]) == (2, 0)
    total = program.data("integrity", "--as-of", "2025-04-01")["total"]["working_order"]
    assert (total["intact"], total["defective"]) == (1, 1)


def test_refused_rows_of_any_form_come_back_corrected(program: Program, tmp_path: Path) -> None:
    bad = json.loads(json.dumps(POINTS))
    bad["features"][1]["properties"]["kind"] = "hydrnat"
    file = tmp_path / "county.geojson"
    file.write_text(json.dumps(bad), encoding="utf-8")
    data = program.data("import", file, "--skip-bad", "--crs", "cgcs2000")
    assert (data["new"], data["refused"]) == (2, 1)
    side = Path(data["refused_file"])
    side.write_text(
        side.read_text(encoding="utf-8-sig").replace("hydrnat", "hydrant.wall"), encoding="utf-8"
    )
    assert program.data("import", side, "--crs", "cgcs2000")["new"] == 1
    again = json.loads(json.dumps(POINTS))
    again["features"][1]["properties"]["kind"] = "hydrant.wall"
    file.write_text(json.dumps(again), encoding="utf-8")
    assert program.data("import", file, "--crs", "cgcs2000")["unchanged"] >= 2
    assert len(program.data("asset", "list")["assets"]) == 3


def test_the_library_says_nothing_of_its_own(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "a.gpx"
    file.write_text(
        '<gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1" creator="t">'
        '<wpt lat="30.2" lon="120.1"><name>007</name></wpt></gpx>'
    )
    said = subprocess.run(
        [sys.executable, "-m", "hydrant", "import", str(file), "--suggest", "--db",
         str(program.db)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (said.returncode, said.stderr) == (0, "")


def test_a_drawing_that_was_never_uploaded_comes_in_whole(program: Program, tmp_path: Path) -> None:
    corners = ((30.2, 120.1), (30.2, 120.102), (30.202, 120.102), (30.202, 120.1))
    nodes = "".join(
        f'<node id="{-2 - n}" lat="{lat}" lon="{lon}"/>' for n, (lat, lon) in enumerate(corners)
    )
    ring = "".join(f'<nd ref="{-2 - n % 4}"/>' for n in range(5))
    (tmp_path / "a.osm").write_text(
        '<osm version="0.6"><node id="-1" lat="30.1" lon="120.1">'
        '<tag k="emergency" v="fire_hydrant"/><tag k="ref" v="007"/>'
        f'<tag k="note" v="behind the wall"/></node>{nodes}<way id="-9">{ring}'
        '<tag k="emergency" v="fire_water_pond"/></way></osm>'
    )
    program.data("import", tmp_path / "a.osm")
    found = program.data("asset", "list")["assets"]
    assert sorted(asset["kind"] for asset in found) == ["hydrant", "intake.pond"]
    assert program.data("asset", "show", "007")["asset"]["note"] == "behind the wall"


@pytest.mark.parametrize(("lon", "lat"), [("NaN", "30.2"), ("120.1", "nan"), ("inf", "30.2")])
def test_a_position_that_is_no_number_is_refused(
    program: Program, tmp_path: Path, lon: str, lat: str
) -> None:
    file = tmp_path / "a.gpx"
    file.write_text(
        '<gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1" creator="t">'
        f'<wpt lat="{lat}" lon="{lon}"><name>1</name></wpt>'
        '<wpt lat="30.2" lon="120.1"><name>2</name></wpt></gpx>'
    )
    order = ("import", file, "--crs", "wgs84", "--kind", "hydrant", "--skip-bad")
    outcome = program.data(*order)
    assert (outcome["new"], outcome["refused"]) == (1, 1)
    assert len(program.data("asset", "list")["assets"]) == 1


def test_a_day_stays_a_day_and_a_time_keeps_its_offset(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "dated.fgb"
    pyogrio.raw.write(
        file,
        shapely.to_wkb(shapely.points([120.1, 120.2], [30.1, 30.2])),
        [
            np.array(["A", "B"], object),
            np.array(["hydrant", "hydrant"], object),
            np.array(["2023-12-31", "2024-01-01"], "datetime64[D]"),
            np.array(["works", "works"], object),
            np.array(["2024-01-01T00:30:00", "2024-01-01T23:59:59"], "datetime64[ms]"),
        ],
        ["code", "kind", "built", "outcome", "at"],
        driver="FlatGeobuf", geometry_type="Point", crs="EPSG:4490",
        gdal_tz_offsets={"at": np.full(2, 100 + 9 * 4, np.int32)},  # an hour ahead of the zone
    )  # fmt: skip
    program.data("import", file)
    told = {
        (code, fact["fact"]): fact["at"]
        for code in ("A", "B")
        for fact in program.data("asset", "history", code)["history"]
    }
    assert (told["A", "event"], told["B", "event"]) == ("2023-12-31", "2024-01-01")
    assert told["A", "inspection"] == "2023-12-31T23:30:00+08:00"
    assert told["B", "inspection"] == "2024-01-01T22:59:59+08:00"
