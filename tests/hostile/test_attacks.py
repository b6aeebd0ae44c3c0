"""Attacks by files: each ends in one clear line, soon, with little memory and nothing written.

Every test here fails when the guard it is named after is taken out.
"""

from __future__ import annotations

import bz2
import io
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from hydrant.errors import InputRefused
from hydrant.exchange import csv_file
from hydrant.exchange.encoding import decode
from hydrant.exchange.vector import read_shapes
from hydrant.safe_text import storable_name
from hydrant.store.ground.foreign_gpkg import read_features
from hydrant.store.sides.bundle_file import bundle_folder
from tests.conftest import Program, Ran
from tests.hostile import seeds

KIND = ("--crs", "wgs84", "--kind", "hydrant")


def state(folder: Path) -> dict[str, int]:
    return {str(p): p.stat().st_size for p in folder.rglob("*") if p.is_file()}


@contextmanager
def untouched(program: Program) -> Iterator[None]:
    """Nothing is written into the registry or beside it, and it does not take long."""
    before = state(program.db.parent)
    with closing(sqlite3.connect(program.db)) as one:
        rows = one.execute("SELECT count(*) FROM asset").fetchone()
    begun = time.perf_counter()
    yield
    assert time.perf_counter() - begun < 5
    assert state(program.db.parent) == before
    with closing(sqlite3.connect(program.db)) as one:
        assert one.execute("SELECT count(*) FROM asset").fetchone() == rows


def refused(ran: Ran, *said: str, code: int = 3) -> None:
    assert ran.code == code, ran
    assert len(ran.err.strip().splitlines()) == 1, ran.err
    assert "Traceback" not in ran.err
    for words in said:
        assert words in ran.err


def take(program: Program, path: Path, content: bytes, *said: str) -> None:
    path.write_bytes(content)
    with untouched(program):
        refused(program("import", path, *KIND), path.name, *said)


# --- archives -----------------------------------------------------------------------------


def bomb(name: str, size: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(name, "w") as member:
            for _ in range(size // 1_000_000):
                member.write(bytes(1_000_000))
    return out.getvalue()


@pytest.mark.parametrize(
    ("file", "member"),
    [("a.kmz", "doc.kml"), ("a.zip", "a.shp"), ("a.xlsx", "xl/worksheets/sheet1.xml")],
)
def test_zip_bombs_are_not_unpacked(
    program: Program, tmp_path: Path, file: str, member: str
) -> None:
    take(program, tmp_path / file, bomb(member, 60_000_000), "60 MB")


def test_texts_of_a_workbook_that_would_fill_the_memory(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hydrant.exchange.workbook_file._MOST_TEXTS_BYTES", 1000)
    content = seeds.zipped(("xl/sharedStrings.xml", os.urandom(2000).hex().encode()))
    take(program, tmp_path / "a.xlsx", content, "more than any register")


def test_a_bomb_of_roads(tmp_path: Path) -> None:
    (tmp_path / "roads.zip").write_bytes(bomb("roads.shp", 60_000_000))
    with pytest.raises(InputRefused) as caught:
        read_shapes(tmp_path / "roads.zip", "lines")
    assert caught.value.key == "exchange.bomb"


def test_bz2_that_grows(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hydrant.exchange.unpacked.MOST_BYTES", 1_000_000)
    take(program, tmp_path / "a.osm.bz2", bz2.compress(bytes(5_000_000)), "MB")


@pytest.mark.parametrize(
    "name",
    ["C:x.csv", "x.csv:hidden", "CON.csv", "aux.csv", "LPT1.csv", "x\u202e.csv", "nul.txt.csv",
     "a?.csv", "y" * 230 + ".csv", "x.csv ", "x\x1b.csv"],
)  # fmt: skip
def test_names_that_mean_something_else(program: Program, tmp_path: Path, name: str) -> None:
    assert not storable_name(name)
    take(program, tmp_path / "a.zip", seeds.zipped((name, seeds.csv_file())), "a.zip")


@pytest.mark.parametrize("name", ["../../x.csv", "/tmp/x.csv", "..\\..\\x.csv", "\\\\h\\s\\x.csv"])
def test_members_stay_in_their_folder(program: Program, tmp_path: Path, name: str) -> None:
    inner = tmp_path / "deep" / "er"
    inner.mkdir(parents=True)
    file = inner / "a.zip"
    file.write_bytes(seeds.zipped((name, seeds.csv_file())))
    assert program("import", file, *KIND, "--dry-run").code == 0
    assert [p.name for p in tmp_path.rglob("x.csv")] == []
    assert not Path("/tmp/x.csv").exists()


def test_two_members_of_one_name(program: Program, tmp_path: Path) -> None:
    content = seeds.zipped(("a/x.csv", seeds.csv_file()), ("b/X.csv", b"other"))
    take(program, tmp_path / "a.zip", content, "two files")


def test_a_damaged_member(program: Program, tmp_path: Path) -> None:
    content = bytearray(seeds.zipped(("doc.kml", seeds.kml_file())))
    content[50:60] = b"\xff" * 10
    take(program, tmp_path / "a.kmz", bytes(content), "unpacked")


# --- XML ----------------------------------------------------------------------------------

LAUGHS = b'<!DOCTYPE x [<!ENTITY a0 "lollollol">' + b"".join(
    f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">'.encode() for n in range(1, 10)
) + b"]>"  # fmt: skip


@pytest.mark.parametrize("ending", ["kml", "gpx", "gml", "osm"])
@pytest.mark.parametrize(
    "head", [LAUGHS, b'<!DOCTYPE x [<!ENTITY a9 SYSTEM "file:///etc/passwd">]>']
)
def test_entities_are_not_expanded(
    program: Program, tmp_path: Path, ending: str, head: bytes
) -> None:
    content: bytes = getattr(seeds, f"{ending}_file")()
    start = content.find(b"?>") + 2
    text = content[:start] + head + content[start:].replace(b"hydrant", b"&a9;", 1)
    take(program, tmp_path / f"a.{ending}", text, "whatever its name says")


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml"])
def test_entities_in_a_workbook(program: Program, tmp_path: Path, part: str) -> None:
    with zipfile.ZipFile(io.BytesIO(seeds.xlsx_file())) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members[part] = LAUGHS + members[part].partition(b"?>")[2].lstrip() or LAUGHS
    take(program, tmp_path / "a.xlsx", seeds.zipped(*members.items()), "a.xlsx")


@pytest.mark.parametrize("ending", ["kml", "gpx", "gml", "osm", "fgb"])
def test_a_virtual_layer_reads_no_other_file(program: Program, tmp_path: Path, ending: str) -> None:
    """GDAL goes by the content: a "KML" file may name any other file, or a server."""
    secret = tmp_path / "secret.csv"
    secret.write_text("code,kind,lon,lat\nS,hydrant,16,48\n")
    virtual = (
        f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{secret}</SrcDataSource>'
        '<GeometryType>wkbPoint</GeometryType><GeometryField encoding="PointFromColumns" x="lon" '
        'y="lat"/></OGRVRTLayer></OGRVRTDataSource>'
    )
    take(program, tmp_path / f"a.{ending}", virtual.encode(), "whatever its name says")


def test_roads_that_are_a_virtual_layer(tmp_path: Path) -> None:
    """Whatever the ending: forms that reach elsewhere are not there at all."""
    secret = tmp_path / "secret.geojson"
    secret.write_text(json.dumps({"type": "LineString", "coordinates": [[16, 48], [16.1, 48]]}))
    virtual = tmp_path / "roads.vrt"
    virtual.write_text(
        f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{secret}</SrcDataSource>'
        "</OGRVRTLayer></OGRVRTDataSource>"
    )
    with pytest.raises(InputRefused) as caught:
        read_shapes(virtual, "lines")
    assert caught.value.key == "exchange.not_as_named"


def test_forms_that_reach_elsewhere_are_not_there() -> None:
    code = (
        "from hydrant.exchange.gdal import LEFT_OUT, vector_library; vector_library(); "
        "import pyogrio; there = set(pyogrio.list_drivers()) & (set(LEFT_OUT) | {'OGR_VRT', "
        "'WFS', 'HTTP', 'OAPIF', 'GDALG', 'ADBC', 'GPSBabel', 'CSW', 'Carto'}); "
        "assert not there, there; assert {'KML', 'GPX', 'OSM'} <= set(pyogrio.list_drivers())"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@contextmanager
def a_server() -> Iterator[tuple[int, list[bytes]]]:
    """A port of this machine, and what anybody asked there."""
    asked: list[bytes] = []

    def answer(listening: socket.socket) -> None:
        with suppress(OSError):  # closed at the end
            while True:
                caller, _ = listening.accept()
                with caller:
                    asked.append(caller.recv(500))
                    caller.sendall(b"HTTP/1.0 404 none\r\n\r\n")

    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        threading.Thread(target=answer, args=(listening,), daemon=True).start()
        yield listening.getsockname()[1], asked


def wfs_answer(port: int) -> bytes:
    """A GML file that names a server for the meaning of its fields, as those of a WFS do."""
    url = (
        f"http://127.0.0.1:{port}/wfs?SERVICE=WFS&amp;VERSION=1.1.0&amp;REQUEST=DescribeFeatureType"
    )
    text = seeds.gml_file().replace(b"ogr:FeatureCollection", b"wfs:FeatureCollection")
    head = b'<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs"'
    text = text.replace(b"a.xsd", f"{url}&amp;TYPENAME=a:a".encode())
    return text.replace(b"<wfs:FeatureCollection", head, 1)


@pytest.mark.parametrize("name", ["a.gml", "a.zip", "roads.gml", "roads.dat", "roads.xml"])
def test_no_schema_is_fetched(program: Program, tmp_path: Path, name: str) -> None:
    with a_server() as (port, asked):
        content = wfs_answer(port)
        zipped = seeds.zipped(("a.gml", content))
        (tmp_path / name).write_bytes(zipped if name.endswith("zip") else content)
        if name.startswith("roads"):
            with pytest.raises(InputRefused):  # points are no roads; it was read to know that
                read_shapes(tmp_path / name, "lines", crs="wgs84")
        else:
            read = program("import", tmp_path / name, *KIND, "--dry-run")
            assert f"{len(seeds.ROWS)} new" in read.out, read
        time.sleep(0.2)
        assert not asked
    assert not list(tmp_path.glob("*.gfs"))


def test_a_virtual_layer_that_gets_past_the_door_is_not_read(tmp_path: Path) -> None:
    """The second line alone: whatever calls GDAL, it has no form that reaches other files."""
    secret, virtual = tmp_path / "secret.csv", tmp_path / "a.vrt"
    secret.write_text("code\nS\n")
    virtual.write_text(
        f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{secret}</SrcDataSource>'
        "</OGRVRTLayer></OGRVRTDataSource>"
    )
    code = (
        "import sys; from hydrant.exchange.gdal import vector_library as gdal; "
        "from pyogrio.errors import DataSourceError\n"
        "try: print(gdal().read(sys.argv[1])[3])\nexcept DataSourceError: sys.exit(7)"
    )
    words = [sys.executable, "-c", code, str(virtual)]
    ran = subprocess.run(words, capture_output=True, check=False)
    assert ran.returncode == 7, ran


# --- tables -------------------------------------------------------------------------------


def test_a_cell_of_ten_megabytes(program: Program, tmp_path: Path) -> None:
    text = b"code,kind,lon,lat\nA,hydrant,16,48\nB," + b"x" * 10_000_000 + b",16,48\n"
    take(program, tmp_path / "a.csv", text, "line 3")


def test_a_cell_that_is_too_long_for_a_field(program: Program, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("code,kind,lon,lat,note\nA,hydrant,16,48," + "x" * 5000 + "\n")
    with untouched(program):
        ran = program("import", tmp_path / "a.csv", *KIND)
    assert (ran.code, "5000" in ran.out) == (3, True)


def test_headings_that_repeat(program: Program, tmp_path: Path) -> None:
    take(program, tmp_path / "a.csv", b",".join([b"code"] * 3000) + b"\nA\n", "columns")


def test_features_each_with_a_property_of_its_own(program: Program, tmp_path: Path) -> None:
    """A file of 3 MB that would be a table of a billion cells."""
    features = [{"type": "Feature", "properties": {f"p{n}": n}} for n in range(40_000)]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    take(program, tmp_path / "a.geojson", text.encode(), "columns")


def test_a_workbook_that_claims_a_billion_cells(program: Program, tmp_path: Path) -> None:
    rows = b"".join(b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>' % (n, n) for n in range(2, 9000))
    with zipfile.ZipFile(io.BytesIO(seeds.xlsx_file())) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = members["xl/worksheets/sheet1.xml"]
    members["xl/worksheets/sheet1.xml"] = sheet.replace(b"</sheetData>", rows + b"</sheetData>")
    take(program, tmp_path / "a.xlsx", seeds.zipped(*members.items()), "rows")


def test_a_row_a_billion_lines_down(program: Program, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(seeds.xlsx_file())) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = members["xl/worksheets/sheet1.xml"]
    far = b'<row r="999999999"><c r="A999999999"><v>1</v></c></row></sheetData>'
    members["xl/worksheets/sheet1.xml"] = sheet.replace(b"</sheetData>", far)
    take(program, tmp_path / "a.xlsx", seeds.zipped(*members.items()), "rows")


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"type":"FeatureCollection","features":[{"properties":' + b'{"a":' * 900 + b"1"
        + b"}" * 902 + b"]}",
        b'{"type":"FeatureCollection","features":[{"properties":[1]}]}',
        b'{"type":"FeatureCollection","features":[{"properties":{"code":"\\ud800"}}]}',
        b'{"type":"FeatureCollection","features":[{"properties":{"n":' + b"9" * 5000 + b"}}]}",
    ],
)  # fmt: skip
def test_json_that_breaks_readers(program: Program, tmp_path: Path, content: bytes) -> None:
    take(program, tmp_path / "a.geojson", content)


def test_positions_that_are_none(program: Program, tmp_path: Path) -> None:
    for centre in ('"x"', "[1]", '{"lat": {}, "lon": 1}', '{"lat": 1e400, "lon": 1}',
                   '{"lat": NaN, "lon": 1}', '{"lat": ' + "9" * 400 + ', "lon": 1}'):  # fmt: skip
        text = (
            '{"elements": [{"type": "way", "id": 1, "center": ' + centre + ', "tags": '
            '{"emergency": "fire_hydrant"}}]}'
        )
        (tmp_path / "a.json").write_text(text)
        with untouched(program):
            assert program("import", tmp_path / "a.json").code == 3


@pytest.mark.parametrize("encoding", ["idna", "utf-7", "x\0y", "zlib", "rot13", "unicode_escape"])
def test_encodings_that_are_none(encoding: str) -> None:
    with pytest.raises(InputRefused):
        decode(Path("a.csv"), b"code\n+2AA- \\ud800 \xff", encoding)


# --- what is no file ----------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="pipes with a name are of POSIX")
@pytest.mark.parametrize("ending", ["csv", "geojson", "xlsx", "kml", "zip", "gpkg", "osm.bz2"])
def test_pipes_and_devices_are_no_files(program: Program, tmp_path: Path, ending: str) -> None:
    pipe, device = tmp_path / f"pipe.{ending}", tmp_path / f"zero.{ending}"
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    for path in (pipe, device, tmp_path):
        with untouched(program):
            refused(program("import", path, *KIND), path.name)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes with a name are of POSIX")
def test_settings_that_are_pipes(program: Program, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "m.toml")
    (tmp_path / "a.csv").write_bytes(seeds.csv_file())
    with untouched(program):
        refused(program("import", tmp_path / "a.csv", "--mapping", tmp_path / "m.toml"), "m.toml")
        refused(program("integrity", "--policy", tmp_path / "m.toml"), "m.toml")
        refused(program("driver", "check", tmp_path / "m.toml"), "m.toml")


def test_files_larger_than_any_register(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hydrant.bounded.MOST_BYTES", 1000)
    monkeypatch.setattr("hydrant.bounded.content.__kwdefaults__", {"most": 1000})
    take(program, tmp_path / "a.csv", seeds.csv_file() * 20, "MB")


# --- settings in TOML ---------------------------------------------------------------------

DEEP = [b"a = " + b"[" * 5000 + b"]" * 5000, b"a = " + b"{a = " * 300 + b"1" + b"}" * 300,
        b"a = " + b"9" * 5000, b"a = " + b"9" * 300, b"a = '\xff'", b"\x00", b"[" * 9000]  # fmt: skip


@pytest.mark.parametrize("content", DEEP)
def test_toml_that_breaks_readers(program: Program, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "m.toml"
    file.write_bytes(content)
    (tmp_path / "a.csv").write_bytes(seeds.csv_file())
    with untouched(program):
        refused(program("import", tmp_path / "a.csv", "--mapping", file), "m.toml")
        refused(program("integrity", "--policy", file), "m.toml")
        refused(program("driver", "check", file), "m.toml")


def test_a_pattern_that_never_ends(program: Program, tmp_path: Path) -> None:
    mapping = tmp_path / "m.toml"
    text = seeds.MAPPING.replace(rb"'(\w+)'", rb"'((?:a|aa)+)$'")
    mapping.write_bytes(text)
    (tmp_path / "a.csv").write_bytes(seeds.csv_file().replace("人民路".encode(), b"a" * 60 + b"!"))
    with untouched(program):
        ran = program("import", tmp_path / "a.csv", "--mapping", mapping)
    refused(ran, "(?:a|aa)+")


# --- databases ----------------------------------------------------------------------------

ENDLESS = (
    "CREATE VIEW {name} AS WITH RECURSIVE c(fid) AS (SELECT 1 UNION ALL SELECT fid + 1 FROM c) "
    "SELECT fid, 'x' AS geom, 'k' AS key, 'v' AS value FROM c"
)


def test_a_layer_that_never_ends(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "a.gpkg"
    file.write_bytes(seeds.gpkg_file())
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(ENDLESS.format(name="endless"))
        connection.execute("INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES "
                           "('endless', 'features', 'e')")  # fmt: skip
        connection.execute("UPDATE gpkg_geometry_columns SET table_name = 'endless'")
        connection.commit()
    with untouched(program):
        refused(program("import", file, *KIND), "endless")


def test_a_layer_with_cells_that_would_fill_the_memory(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "a.gpkg"
    file.write_bytes(seeds.gpkg_file())
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("ALTER TABLE a ADD COLUMN g AS (hex(zeroblob(100000000)))")
    with untouched(program):
        refused(program("import", file, *KIND), "a.gpkg")


@pytest.mark.parametrize(("size", "fits"), [(1_000_000, True), (9_000_000, False)])
def test_a_cell_of_a_database_has_a_bound(tmp_path: Path, size: int, fits: bool) -> None:
    """The database gives no longer cell; how many characters a field takes comes after that."""
    file = tmp_path / "a.gpkg"
    file.write_bytes(seeds.gpkg_file())
    spoil(file, f"UPDATE a SET code = hex(zeroblob({size // 2}))")
    if fits:
        found = read_features(file, None)
        assert len(found.rows[0][found.names.index("code")]) == size
        return
    with pytest.raises(InputRefused) as caught:
        read_features(file, None)
    assert "too big" in str(caught.value.facts["why"])


@pytest.fixture
def bundle(program: Program, tmp_path: Path) -> Path:
    program.data("asset", "add", "H1", "--kind", "hydrant", "--crs", "wgs84", "--lon", 120.1,
                 "--lat", 30.2)  # fmt: skip
    file = tmp_path / "crew.gpkg"
    assert program("survey", "pack", file, "--crew", "一班").code == 0
    return file


def spoil(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            connection.create_function(name, 1, lambda _blob: 0.0)
        connection.execute("PRAGMA foreign_keys = OFF")
        for statement in statements:
            connection.execute(statement)


@pytest.mark.parametrize(
    "key", ["../../x", "/etc/x", "x'; DROP TABLE asset;--", "", "C:\\x", "a" * 36]
)
def test_a_bundle_whose_key_names_another_file(program: Program, bundle: Path, key: str) -> None:
    quoted = key.replace("'", "''")
    spoil(bundle, f"UPDATE setting SET value = '{quoted}' WHERE key = 'bundle'")
    with untouched(program):
        refused(program("survey", "merge", bundle), "crew.gpkg")


def test_a_bundle_cannot_bring_its_own_base(program: Program, bundle: Path, tmp_path: Path) -> None:
    """The base decides what counts as changed; it is looked for in one folder only."""
    (base,) = bundle_folder(program.db).glob("*.base.gpkg")
    shutil.copy(base, tmp_path / "evil.base.gpkg")
    spoil(bundle, f"UPDATE setting SET value = '{tmp_path}/evil' WHERE key = 'bundle'")
    with untouched(program):
        refused(program("survey", "merge", bundle), "crew.gpkg")


@pytest.mark.parametrize("table", ["asset", "region", "change", "setting", "sensor"])
def test_a_bundle_with_a_view_that_never_ends(program: Program, bundle: Path, table: str) -> None:
    spoil(bundle, f"ALTER TABLE {table} RENAME TO was", ENDLESS.format(name=table))
    with untouched(program):
        ran = program("survey", "merge", bundle)
    refused(ran, "crew.gpkg", code=ran.code if ran.code in (3, 4) else 3)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE asset SET uid = x'00ff'",
        "UPDATE asset SET uid = '../../x'",
        "UPDATE change SET at = 'yesterday'",
        "UPDATE setting SET value = 1.5 WHERE key = 'packed_at'",
        "DELETE FROM setting WHERE key = 'crew'",
        "DELETE FROM migration",
    ],
)
def test_bundles_that_are_none_of_ours(program: Program, bundle: Path, statement: str) -> None:
    spoil(bundle, statement)
    if "change" in statement:
        spoil(bundle, "INSERT INTO change (uid, at, actor, origin, action, entity, rows, writer, "
              "previous_hash, hash) VALUES ('u', 'yesterday', 'a', 'o', 'insert', 'asset', 1, 'w', "
              "'p', 'h')")  # fmt: skip
    with untouched(program):
        ran = program("survey", "merge", bundle)
    refused(ran, "crew.gpkg", code=ran.code if ran.code in (3, 4) else 3)


@pytest.mark.parametrize(
    "setting",
    ["code = x'00'", "lift_drought_m = 'deep'", "note = hex(zeroblob(3000))", "kind = 'x'",
     "geom = 'here'", "mains_dn_mm = 9e999"],
)  # fmt: skip
def test_rows_of_a_bundle_that_no_field_can_hold(
    program: Program, bundle: Path, setting: str
) -> None:
    spoil(bundle, f"UPDATE asset SET {setting}")
    before = program.data("asset", "show", "H1")["asset"]
    assert program.data("survey", "merge", bundle)["refused"] == 1
    assert program.data("asset", "show", "H1")["asset"] == before


@pytest.mark.parametrize("photos", ['["../../x"]', "[1]", "{}", "x", '["**/*"]', '["/etc"]'])
def test_photos_that_are_paths(program: Program, bundle: Path, photos: str) -> None:
    spoil(bundle, "INSERT INTO inspection (uid, recorded_at, asset_uid, outcome, photos) SELECT "
          f"'i1', '2024-01-01T00:00:00.000Z', uid, 'works', '{photos}' FROM asset")  # fmt: skip
    ran = program.data("survey", "merge", bundle)
    assert (ran["refused"], ran["photos_missing"]) == (1, 0)


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM migration", "UPDATE migration SET version = 'x' || version",
     "DELETE FROM setting WHERE key = 'policy'", "UPDATE setting SET value = x'00' "
     "WHERE key = 'zone'"],
)  # fmt: skip
def test_a_registry_that_is_none(program: Program, statement: str) -> None:
    spoil(program.db, *(f"DROP TRIGGER {name}" for name in triggers(program.db)), statement)
    ran = program("integrity")
    assert ran.code in (3, 4), ran
    assert len(ran.err.strip().splitlines()) == 1


def triggers(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return [n for (n,) in connection.execute("SELECT name FROM sqlite_master "
                                                 "WHERE type = 'trigger'")]  # fmt: skip


def test_a_heading_of_millions_of_cells(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "f.csv").write_bytes(b"a;" * 2_000_000 + b"\n")
    monkeypatch.setattr(csv_file, "_one_a_line", None)  # it is not even taken apart
    with untouched(program):
        refused(program("import", tmp_path / "f.csv", *KIND), "2000001")


def test_a_list_where_a_rule_should_be(program: Program, tmp_path: Path) -> None:
    policy = tmp_path / "p.toml"
    policy.write_text('name = "p"\nversion = "1"\nextends = "zhejiang"\ntargets = [[]]\n')
    with untouched(program):
        refused(program("policy", "show", policy), "targets[1]")
