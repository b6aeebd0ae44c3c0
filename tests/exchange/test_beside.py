"""What lies beside what is read: told at every door, and never in the way."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import openpyxl
import pyogrio.raw
import pytest
import shapely

from hydrant.exchange.gdal import vector_library
from tests.conftest import TWO_TOWNSHIPS, Program

HYDRANTS: list[list[object]] = [["code", "kind", "lon", "lat"], ["A1", "hydrant", 16.1, 47.1]]
DOORS: dict[str, list[list[object]]] = {
    "import": HYDRANTS,
    "survey import": [["code", "outcome", "at"], ["A", "works", "2026-05-01"]],
    "require import": [["region", "kind", "count", "from"], ["330199", "well", 3, "2026-01-01"]],
    "region import": [["code", "name", "level"], ["330127", "县", "county"]],
}


@pytest.fixture
def office(program: Program, tmp_path: Path) -> Program:
    program.data("asset", "add", "A", "--kind", "hydrant", "--lon", 16.3, "--lat", 47.1,
                 "--crs", "wgs84")  # fmt: skip
    regions = tmp_path / "regions.csv"
    regions.write_text(TWO_TOWNSHIPS, encoding="utf-8")
    program.data("region", "import", regions)
    return program


@pytest.mark.parametrize("door", DOORS)
def test_other_sheets_are_told_at_every_door(office: Program, tmp_path: Path, door: str) -> None:
    book = openpyxl.Workbook()
    for row in DOORS[door]:
        book.active.append(row)
    book.create_sheet("去年").append(["code"])
    file = tmp_path / "book.xlsx"
    book.save(file)
    crs = ["--crs", "wgs84"] if door == "import" else []
    ran = office(*door.split(), file, *crs, "--json")
    assert ran.code == 0, ran
    assert ran.data["unread"] == ["去年"]
    assert any("去年" in message["text"] for message in ran.json["messages"])


def test_other_layers_are_told(office: Program, tmp_path: Path) -> None:
    vector_library()
    file = tmp_path / "layers.gpkg"
    shape = shapely.to_wkb(np.array([shapely.Point(16.1, 47.1)]))
    values = [np.array(["A1"], object), np.array(["hydrant"], object)]
    for layer in ("now", "before"):
        pyogrio.raw.write(file, shape, values, ["code", "kind"], geometry_type="Point",
                          crs="EPSG:4326", driver="GPKG", layer=layer,
                          append=file.exists())  # fmt: skip
    assert office.data("import", file, "--layer", "now")["unread"] == ["fid", "before"]


GPX = (
    '<gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1" creator="t">'
    '<wpt lat="47.1" lon="16.1"><name>A1</name></wpt>'
    '<trk><trkseg><trkpt lat="47.1" lon="16.1"/><trkpt lat="47.2" lon="16.1"/></trkseg></trk></gpx>'
)


def test_tracks_beside_waypoints_are_told(office: Program, tmp_path: Path) -> None:
    file = tmp_path / "a.gpx"
    file.write_text(GPX, encoding="utf-8")
    data = office.data("import", file, "--kind", "hydrant", "--crs", "wgs84")
    assert {"tracks", "track_points"} <= set(data["unread"])


def saved(path: Path, *rows: tuple[str, ...], encoding: str = "utf-8") -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)


def test_what_lies_beside_a_forms_export_is_not_in_the_way(office: Program, tmp_path: Path) -> None:
    heads = ("KEY", "code", "outcome", "all_ok", "at")
    saved(tmp_path / "visit.csv", heads, ("uuid:1", "A", "works", "no", "2026-05-01T09:00:00"))
    repeat = (
        ("PARENT_KEY", "KEY", "defect_code", "defect_severity"),
        ("uuid:1", "uuid:1/defects[1]", "leak", "anomaly"),
    )
    saved(tmp_path / "visit-defects.csv", *repeat)
    saved(tmp_path / "visit-defects (1).csv", *repeat)  # downloaded twice
    saved(tmp_path / "visit-photos.csv", ("光圈", "photo"), ("甲", "a.jpg"), encoding="gbk")
    (tmp_path / "visit-notes.csv").write_text('a,b\n1,"never closed\n', encoding="utf-8")
    ran = office("survey", "import", tmp_path / "visit.csv", "--json")
    assert ran.code == 0, ran
    assert sorted(ran.data["unread"]) == ["visit-notes.csv", "visit-photos.csv"]
    assert len(office.data("defect", "list", "--all")["defects"]) == 1
