"""What the command line states of a file with headings of its own goes into its mapping."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.conftest import Program
from tests.exchange.test_stranger import table

PLACES = [(120.15, 30.25), (120.16, 30.25)]
#: Folders of a file, each with what is called so and the folders in it.
Folder = tuple[str, list[str], list["Folder"]]


def geojson(path: Path) -> Path:
    features = [
        {"type": "Feature", "properties": {"ref": f"H{n}", "status": "停用"},
         "geometry": {"type": "Point", "coordinates": place}}
        for n, place in enumerate(PLACES)
    ]  # fmt: skip
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def placemark(name: str, number: int, said: str = "完好") -> str:
    place = f"{120.1 + number / 100},30.25"
    return (f"<Placemark><name>{name}</name><description>{said}</description>"
            f"<Point><coordinates>{place}</coordinates></Point></Placemark>")  # fmt: skip


def kml(path: Path, body: str) -> Path:
    text = (
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">'
        f"<Document><name>town</name>{body}</Document></kml>"
    )
    if path.suffix == ".kmz":
        with ZipFile(path, "w") as archive:
            archive.writestr("doc.kml", text)
    else:
        path.write_text(text, "utf-8")
    return path


def folder(name: str, *inside: str) -> str:
    return f"<Folder><name>{name}</name>{''.join(inside)}</Folder>"


FOLDERS = folder("停用", placemark("H1", 1)) + folder("正常", placemark("H2", 2))


@pytest.mark.parametrize("form", [".geojson", ".kml", ".csv"])
def test_a_stated_kind_does_not_pass_over_the_rest(
    program: Program, tmp_path: Path, form: str
) -> None:
    file = tmp_path / f"r{form}"
    if form == ".geojson":
        geojson(file)
    elif form == ".kml":
        kml(file, FOLDERS)
    else:
        table(
            file,
            ("lon", "lat", "编号", "状态"),
            *[(str(x), str(y), f"H{n}", "停用") for n, (x, y) in enumerate(PLACES)],
        )
    stated = ("--crs", "wgs84", "--kind", "hydrant.pillar", "--region", "330106", "--source", "s1")
    ran = program("import", file, *stated, "--json")
    assert ran.code == 3
    assert ran.data["questions"] == []
    rules = tomllib.loads(Path(ran.data["mapping_file"]).read_text("utf-8"))
    assert rules["fields"]["kind"] == {"constant": "hydrant.pillar"}
    assert rules["fields"]["region_code"] == {"constant": "330106"}
    assert (rules["crs"], rules["source"]) == ("wgs84", "s1")
    assert "code" in rules["fields"]
    assert "outcome" in rules["inspection"]


def test_our_own_headings_take_a_stated_kind(program: Program, tmp_path: Path) -> None:
    file = table(tmp_path / "r.csv", ("code", "lon", "lat"), ("H1", "16.1", "47.1"))
    assert program.data("import", file, "--crs", "wgs84", "--kind", "hydrant")["new"] == 1


@pytest.mark.parametrize("form", [".kml", ".kmz"])
def test_what_a_folder_is_called_is_read_as_a_state(
    program: Program, tmp_path: Path, form: str
) -> None:
    file = kml(tmp_path / f"r{form}", FOLDERS + placemark("H3", 3))
    ran = program("import", file, "--crs", "wgs84", "--kind", "hydrant", "--json")
    assert ran.code == 3
    mapping = ran.data["mapping_file"]
    data = program.data("import", file, "--mapping", mapping)
    assert data["new"] == 3
    out = tmp_path / "out.geojson"
    program.data("export", out)
    found = [one["properties"] for one in json.loads(out.read_text("utf-8"))["features"]]
    told = {one["code"]: one.get("inspection_outcome") for one in found}
    assert told == {"H1": "fails", "H2": "works", "H3": None}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (folder("甲", folder("停用", placemark("H1", 1))) +
         folder("乙", folder("停用", placemark("H2", 2))),
         {"H1": "甲; 停用", "H2": "乙; 停用"}),
        (folder("", placemark("H1", 1)) + folder("已拆除", folder("正常", placemark("H2", 2))),
         {"H1": "", "H2": "已拆除; 正常"}),
        (placemark("H1", 1) + folder("空"), {"H1": None}),
    ],
)  # fmt: skip
def test_folders_within_folders_and_of_one_name(
    tmp_path: Path, body: str, told: dict[str, str | None]
) -> None:
    from hydrant.exchange.readers import read_table  # noqa: PLC0415  brings GDAL

    columns = read_table(kml(tmp_path / "r.kml", body)).columns
    cells = columns.get("folder", [None] * len(columns["Name"]))
    assert dict(zip(columns["Name"], cells, strict=True)) == told


def test_a_good_state_under_a_mapping_is_held_against_the_folder(
    program: Program, tmp_path: Path
) -> None:
    rules = tmp_path / "m.toml"
    rules.write_text(
        'crs = "wgs84"\nkey = ["Name"]\n[fields]\ncode = "Name"\nkind = { constant = "hydrant" }\n'
        '[inspection]\noutcome = { column = "description", values = { "完好" = "works" } }\n',
        "utf-8",
    )  # fmt: skip
    ran = program("import", kml(tmp_path / "r.kml", FOLDERS), "--mapping", rules, "--json")
    assert ran.code == 3
    assert [row["code"] for row in ran.data["rows"]] == ["H1"]


def test_a_known_schema_keeps_what_was_stated() -> None:
    from hydrant.exchange.mapping import load_mapping, mapping_of  # noqa: PLC0415  few need it
    from hydrant.exchange.toml_text import as_read  # noqa: PLC0415  as above

    for name in ("tulsa", "bremen", "syfri", "taipei"):
        said = {"kind": "hydrant.wall", "region_code": "330106"}
        text, changed = as_read(
            name, load_mapping(name), header_row=1, encoding=None, constants=said
        )
        rules = mapping_of(tomllib.loads(text), "m.toml")
        assert changed
        assert {field: rules.fields[field].constant for field in said} == said
