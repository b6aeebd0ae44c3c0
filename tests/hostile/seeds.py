"""Small valid files of every form, made here: what mutations start from."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import openpyxl
import pyogrio.raw
import shapely

ROWS: list[dict[str, Any]] = [
    {"code": "H1", "kind": "hydrant.pillar", "name": "一号", "address": "人民路 1", "owner": "水务",
     "built": "2019-05-01", "mains_dn_mm": 150, "lon": 120.1, "lat": 30.2, "outcome": "works",
     "at": "2024-05-01T08:00:00+08:00", "static_kpa": 310.5, "note": "ok"},
    {"code": "P2", "kind": "intake.pond", "name": "塘", "address": 'East; "quoted"', "owner": "",
     "built": "", "mains_dn_mm": None, "lon": 120.11, "lat": 30.21, "outcome": "fails",
     "at": "2024-06-01", "static_kpa": None, "note": "line\nbreak"},
    {"code": "H3", "kind": "hydrant", "name": "", "address": "", "owner": "o'Neill, Co",
     "built": "2001-01-01", "mains_dn_mm": 100, "lon": 120.12, "lat": 30.22, "outcome": "",
     "at": "", "static_kpa": None, "note": ""},
]  # fmt: skip


@cache
def csv_file() -> bytes:
    import csv

    out = io.StringIO()
    writer = csv.DictWriter(out, list(ROWS[0]))
    writer.writeheader()
    writer.writerows(ROWS)
    return out.getvalue().encode()


@cache
def xlsx_file() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(list(ROWS[0]))
    for row in ROWS:
        sheet.append(list(row.values()))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@cache
def geojson_file() -> bytes:
    features = [
        {
            "type": "Feature",
            "properties": {**row, "osm_tags": {"ref": row["code"], "list": [1, "a"]}},
            "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
        }
        for row in ROWS
    ]
    ring = [[120.0, 30.0], [120.01, 30.0], [120.01, 30.01], [120.0, 30.0]]
    features[1]["geometry"] = {"type": "Polygon", "coordinates": [ring]}
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


@cache
def overpass_file() -> bytes:
    tags = {"emergency": "fire_hydrant", "fire_hydrant:type": "pillar", "ref": "7",
            "fire_hydrant:diameter": "100", "survey:date": "2024-01-01"}  # fmt: skip
    pond = {"emergency": "fire_water_pond"}
    elements = [
        {"type": "node", "id": 1, "lat": 48.1, "lon": 16.8, "tags": tags},
        {"type": "way", "id": 2, "center": {"lat": 48.2, "lon": 16.9}, "tags": pond},
    ]
    return json.dumps({"version": 0.6, "elements": elements}).encode()


_DATA = "".join(
    f'<Placemark><name>{r["code"]}</name><ExtendedData><Data name="kind"><value>{r["kind"]}'
    f'</value></Data><Data name="owner"><value>a</value></Data></ExtendedData><Point>'
    f"<coordinates>{r['lon']},{r['lat']}</coordinates></Point></Placemark>"
    for r in ROWS
)


@cache
def kml_file() -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">'
        f"<Document><Folder><name>f</name>{_DATA}</Folder></Document></kml>"
    ).encode()


def zipped(*members: tuple[str, bytes]) -> bytes:
    """A ZIP file of members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


@cache
def kmz_file() -> bytes:
    return zipped(("doc.kml", kml_file()))


@cache
def gpx_file() -> bytes:
    points = "".join(
        f'<wpt lat="{r["lat"]}" lon="{r["lon"]}"><ele>1.5</ele><time>2024-01-01T00:00:00Z</time>'
        f"<name>{r['code']}</name><desc>d</desc><type>{r['kind']}</type></wpt>"
        for r in ROWS
    )
    return (
        '<?xml version="1.0"?><gpx version="1.1" creator="x" '
        f'xmlns="http://www.topografix.com/GPX/1/1">{points}</gpx>'
    ).encode()


@cache
def osm_file() -> bytes:
    return (
        b'<?xml version="1.0"?><osm version="0.6">'
        b'<node id="1" lat="48.1" lon="16.8"><tag k="emergency" v="fire_hydrant"/>'
        b'<tag k="fire_hydrant:type" v="pillar"/><tag k="ref" v="7"/></node>'
        b'<node id="4" lat="48.4" lon="16.8"/><node id="5" lat="48.4" lon="16.82"/>'
        b'<node id="6" lat="48.42" lon="16.82"/><way id="9"><nd ref="4"/><nd ref="5"/>'
        b'<nd ref="6"/><nd ref="4"/><tag k="emergency" v="fire_water_pond"/></way></osm>'
    )


@cache
def gml_file() -> bytes:
    return _vector("GML", "a.gml")["a.gml"]


@cache
def fgb_file() -> bytes:
    return _vector("FlatGeobuf", "a.fgb")["a.fgb"]


@cache
def shapefile_zip() -> bytes:
    return zipped(*_vector("ESRI Shapefile", "a.shp").items())


@cache
def gpkg_file() -> bytes:
    return _vector("GPKG", "a.gpkg")["a.gpkg"]


def _vector(driver: str, name: str) -> dict[str, bytes]:
    points = shapely.to_wkb(shapely.points([[r["lon"], r["lat"]] for r in ROWS]))
    names = ["code", "kind", "owner"]
    with TemporaryDirectory() as folder:
        pyogrio.raw.write(
            Path(folder) / name, points, [np.array([r[n] for r in ROWS], object) for n in names],
            names, driver=driver, geometry_type="Point", crs="EPSG:4326", layer="a",
        )  # fmt: skip
        return {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}


# OSM PBF by hand: https://wiki.openstreetmap.org/wiki/PBF_Format
def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def _field(number: int, value: bytes | int) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _zigzag(number: int) -> int:
    return number << 1 if number >= 0 else (-number << 1) - 1


def _blob(kind: bytes, content: bytes, *, plain: bool) -> bytes:
    body = (
        _field(1, content) if plain else _field(2, len(content)) + _field(3, zlib.compress(content))
    )
    head = _field(1, kind) + _field(3, len(body))
    return struct.pack(">I", len(head)) + head + body


@cache
def pbf_file(*, plain: bool = True) -> bytes:
    """One hydrant as a dense node; uncompressed, so that mutations reach the content."""
    words = [b"", b"emergency", b"fire_hydrant", b"fire_hydrant:type", b"pillar", b"ref", b"7"]
    table = b"".join(_field(1, word) for word in words)
    dense = (
        _field(1, _varint(_zigzag(1)))
        + _field(8, _varint(_zigzag(481000000)))
        + _field(9, _varint(_zigzag(168000000)))
        + _field(10, bytes([1, 2, 3, 4, 5, 6, 0]))
    )
    block = _field(1, table) + _field(2, _field(2, dense))
    header = _field(4, b"OsmSchema-V0.6") + _field(4, b"DenseNodes")
    return _blob(b"OSMHeader", header, plain=plain) + _blob(b"OSMData", block, plain=plain)


MAPPING = b"""source = "s"
encoding = "utf-8"
header_row = 1
crs = "wgs84"
key = ["code"]
zone = "Asia/Shanghai"
placeholder_codes = ["0-0"]
[position]
x = "lon"
y = "lat"
[ignore]
owner = ["nobody"]
[fields]
code = "code"
kind = { column = "kind", values = { "hydrant" = "hydrant" }, other = "intake.pond" }
name = { columns = ["name", "owner"], join = " / " }
address = { column = "address", regex = '(\\w+)' }
built = { column = "built", date = ["%Y-%m-%d"], empty = ["-"] }
mains_dn_mm = { column = "mains_dn_mm", unit = "mm" }
[inspection]
outcome = { column = "outcome", patterns = [["work", "works"], ["fail", "fails"]], other = "" }
at = { alternatives = ["at", "when"], optional = true }
[[regions]]
code = "330199"
level = "county"
name_zh = "county"
"""

REGIONS = ("code,name_zh,name_en,level,parent_code\n330199,县,County,county,\n"
           "330199001,甲镇,A,township,330199\n").encode()  # fmt: skip
REQUIREMENTS = b"region,kind,count,from,origin,document\n330199,hydrant,3,2020-01-01,plan,doc 1\n"
OBSERVATIONS = (
    b"code,at,outcome,inspector,static_kpa,flow_l_s,defects,note\n"
    b"H1,2024-05-01T10:00,works,Li,310,15,,fine\nH1,2024-06-01,fails,Li,,,no_water,dry\n"
)
SENT = (
    b'{"device": "d1", "quantity": "pressure", "at": "2024-05-01T10:00:00Z", "value": 0.3, '
    b'"unit": "MPa"}\n{"asset": "H1", "at": "2024-05-01T10:15:00Z", "value": 300}\n'
)
SENT_CSV = b"device,quantity,at,value,unit\nd1,pressure,2024-05-01T10:00:00Z,0.3,MPa\n"
CONFIG = b'db = "a.gpkg"\nlang = "zh"\nby = "Li"\n'
URLS = (
    *("tcp://10.0.0.5:502?timeout=2", "rtu+tcp://[fe80::1]:8899?pause=0.1&connect=3"),
    *("serial:///dev/ttyUSB0?baudrate=9600&parity=N", "serial:///COM3", "dialin://0861234:56"),
    *("tls://gw.example:802", "udp://h", "push://dev-1", "ascii+tcp://h:1"),
)  # fmt: skip
