"""What stands in single cells and small companions: WKT, numbers, dates, geometries, code pages."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely

from hydrant.errors import HydrantError
from hydrant.exchange.destroyed import refuse_destroyed
from hydrant.exchange.drawn import places_in_wkb
from hydrant.exchange.look_alike import look_alikes
from hydrant.exchange.moments import day_reader, moment_reader
from hydrant.exchange.quantities import quantity_of
from hydrant.exchange.sent_time import parse_sent
from hydrant.exchange.wkt_cells import points_in_wkt, stated_in_wkt
from hydrant.geo.numbers import marks_of, number_of
from hydrant.model.geopoint import decode_point, encode_point, wkb_of
from tests.hostile import mutation as m
from tests.hostile import seeds

ZONE = ZoneInfo("Asia/Shanghai")
WKT = (
    b"code,kind,wkt\n"
    b"H1,hydrant,POINT (120.1 30.2)\nH2,hydrant,POINT Z (120.2 30.2 5)\n"
    b'H3,intake.pond,"POLYGON ((120 30, 120.001 30, 120.001 30.001, 120 30))"\n'
    b'H4,intake,"MULTIPOINT ((120 30), (121 31))"\nH5,intake,"LINESTRING (120 30, 120.1 30)"\n'
    b"H6,intake,GEOMETRYCOLLECTION (POINT (120 30))\nH7,hydrant,POINT EMPTY\n"
)  # fmt: skip
EWKT = (b"code,kind,wkt\n"
        b"H1,hydrant,SRID=4490;POINT (120.1 30.2)\nH2,hydrant,srid=4490; POINT(120.2 30.2)\n")  # fmt: skip
NUMBERS = ("1,200\n1.200,5\n1 200\n1'200\n１２００\n-0.32 MPa\nDN150\n约20\n10-20\n6 in\n3.3E+17\n"
           "0,25\n1e308\n50 m³\n#REF!\n12.5±1\n1,234,567.8\n").encode()  # fmt: skip
DATES = (
    "2026-05-11\n2026/5/11 下午3:05\n2026年5月11日\n11.05.2026\n03/04/2026\n25/04/2026\n46153\n"
    "1778508000000\n20260511083000\n2026051108300012\n11 May 2026\n2026-05-11T23:30:00+08:00\n"
    "2026-05-11 01:30:00+00\n0000-00-00\n9999-12-31T23:59:59Z\n"
).encode()
Source = tuple[str, str, tuple[Callable[[], bytes], ...], m.Mutate, Callable[[Any, Path], None]]


def _lines(path: Path) -> list[str]:
    return path.read_bytes().decode("utf-8", "replace").split("\n")[:2000]


def _each(cells: list[str], read: Callable[[str], object]) -> None:
    """Each cell is read or refused; any other error goes through."""
    for cell in cells:
        try:
            read(cell)
        except HydrantError:
            continue


def read_numbers(path: Path) -> None:
    """A column of numbers, as each of its targets would read it."""
    cells = _lines(path)
    for dot in (True, False):
        marks = marks_of(cells, dot=dot)
        _each(cells, lambda cell, marks=marks: number_of(cell, marks))  # type: ignore[misc]
        for unit in ("kPa", "mm", "m3", None):
            _each(cells, lambda cell, u=unit, k=marks: quantity_of(cell, k, u, None))  # type: ignore[misc]


def read_dates(path: Path) -> None:
    """A column of dates, in the forms of a register and of devices; and as codes."""
    cells = _lines(path)
    for forms in ((), ("iso", "%d.%m.%Y"), ("epoch_s", "epoch_ms"), ("excel", "excel_1904")):
        _each(cells, moment_reader(forms, cells, ZONE))
    _each(cells, day_reader(cells))
    _each(cells, lambda cell: parse_sent(cell, ZONE))
    _each(cells, lambda cell: refuse_destroyed(cell, code=True))
    look_alikes(dict(enumerate(cells)))


def read_wkt(path: Path) -> None:
    """A column of WKT."""
    cells = _lines(path)
    points_in_wkt(cells, {})
    stated_in_wkt(cells, path.name)


def read_blob(path: Path) -> None:
    """A geometry of a GeoPackage, or WKB alone."""
    blob = path.read_bytes()
    decode_point(blob)
    with np.errstate(all="ignore"):
        for wkb in (wkb_of(blob), blob):
            if wkb is not None:
                places_in_wkb({0: wkb}, [None], [None])


def blobs() -> tuple[Callable[[], bytes], ...]:
    """Geometries to start from."""
    shapes = shapely.from_wkt(
        ["POINT (120 30)", "POINT Z (120 30 5)", "MULTIPOINT ((120 30), (121 31))",
         "POLYGON ((0 0, 1 0, 1 1, 0 0))", "LINESTRING (0 0, 1 1)", "POINT EMPTY",
         "GEOMETRYCOLLECTION (POINT (1 1), LINESTRING (0 0, 1 1))"]
    )  # fmt: skip
    head = b"GP\x00\x01\x8a\x11\x00\x00"
    made = [*map(shapely.to_wkb, shapes), *(head + shapely.to_wkb(one) for one in shapes)]
    made.append(encode_point(120.1, 30.2))
    return tuple(lambda blob=blob: blob for blob in made)


def companions(data: bytes, chance: random.Random) -> bytes:
    """A zipped Shapefile whose code page, by its .cpg or its language byte, is anything."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith(".cpg"):
                words = (b"GBK", b"936", b"ANSI 1252", b"UTF-8", b"", b"ISO 8859-1", b"utf-16", b"idna",
                         b"OEM 437", b"cp99999", b"rot13", b"unicode_escape")  # fmt: skip
                content = m.by_bytes(chance.choice(words) + b" ", chance)
            elif name.endswith(".dbf"):
                changed = bytearray(content)
                changed[29] = chance.randrange(256)
                for _ in range(chance.randrange(4)):
                    changed[chance.randrange(len(changed))] = chance.randrange(256)
                content = bytes(changed)
            if chance.random() < 0.95:
                new.writestr(name, content)
    return out.getvalue()


def sources(read_as_table: Callable[[Any, Path], None]) -> list[Source]:
    """Parsers of this module, as the rig lists them."""
    return [
        ("wkt_table", ".csv", (lambda: WKT, lambda: EWKT), m.csv_form, read_as_table),
        ("wkt", ".wkt", (lambda: WKT, lambda: EWKT), m.by_words, lambda _, path: read_wkt(path)),
        ("code_page", ".zip", (seeds.shapefile_zip,), companions, read_as_table),
        ("blob", ".bin", blobs(), m.by_bytes, lambda _, path: read_blob(path)),
        ("numbers", ".txt", (lambda: NUMBERS,), m.text_form, lambda _, path: read_numbers(path)),
        ("dates", ".txt", (lambda: DATES,), m.text_form, lambda _, path: read_dates(path)),
    ]
