"""GDAL, asked for ordinary files only: no form that reaches elsewhere, none under a false name.

GDAL looks at what a file holds, not at its ending: a "KML" file may be a virtual layer that
reads any other file, or asks a server. Forms that a crew never brings are not there at all, and
what a file begins with must be what its name says.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hydrant.errors import InputRefused
from hydrant.exchange.table import LIBRARY_FAULTS
from hydrant.exchange.unpacked import require_no_bomb

#: Forms that are left out: they read other files, ask servers, run programs, load libraries, or
#: belong to nothing we take. Source: the driver list of GDAL 3.12.
LEFT_OUT = (
    *("ADBC", "AIVector", "AmigoCloud", "AVCBin", "AVCE00", "Carto", "CSW", "EDIGEO", "EEDA"),
    *("Elasticsearch", "GDALG", "GeoRSS", "GPSBabel", "GTFS", "GTI", "HTTP", "Idrisi", "JML"),
    *("LVBAG", "MapML", "MBTiles", "MiraMonVector", "MVT", "MySQL", "NGW", "OAPIF", "OGCAPI"),
    *("ODBC", "ODS", "OGR_GMT", "OGR_PDS", "OGR_VRT", "PCIDSK", "PDF", "PDS4", "PGDUMP"),
    *("PLSCENES", "PMTiles", "PostgreSQL", "S57", "Selafin", "SXF", "TIGER", "VDV", "VFK"),
    *("VICAR", "VRT", "WAsP", "WFS", "WMS", "WMTS", "XLS", "XLSX", "XODR"),
)
#: A file of a WFS answer names the server that is to say what its fields are: nobody is asked,
#: whatever the file is called. The second is the name of older GDALs.
_ASK_NOBODY = ("GML_DOWNLOAD_SCHEMA", "GML_DOWNLOAD_WFS_SCHEMA")
#: Root element by ending.
_ROOTS = {".kml": (b"kml",), ".gpx": (b"gpx",), ".osm": (b"osm",), ".gml": ()}
#: First bytes by ending.
_MAGIC = {
    ".shp": b"\x00\x00\x27\x0a",
    ".fgb": b"fgb",
    ".gpkg": b"SQLite format 3\x00",
}
#: What may stand before a root element: declaration, comments, a document type without parts.
_BEFORE = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^<>\[]*>)*", re.DOTALL
)
_NAME = re.compile(rb"<(?:[\w.-]+:)?([\w.-]+)")
_LOOKED_AT = 65_536


def vector_library() -> Any:
    """The module that reads vector files, without the forms that are left out."""
    # told before GDAL is loaded, which is when it looks
    os.environ["GDAL_SKIP"] = ",".join(LEFT_OUT)
    os.environ["OGR_SKIP"] = os.environ["GDAL_SKIP"]
    os.environ.update(dict.fromkeys(_ASK_NOBODY, "NO"))
    # a form that this GDAL was built without would be told on the user's screen, line by line;
    # what goes wrong with a file reaches us as an exception
    os.environ.setdefault("CPL_LOG", os.devnull)
    import pyogrio.raw  # noqa: PLC0415  brings GDAL

    return pyogrio.raw


def open_options(path: Path) -> dict[str, str]:
    """How GDAL is to open a file: nothing is left beside somebody's GML, whatever it is called."""
    if path.is_dir():
        return {}
    with path.open("rb") as file:
        is_gml = b"opengis.net/gml" in file.read(_LOOKED_AT)
    return {"WRITE_GFS": "NO"} if is_gml else {}


#: More layers than a file of water sources has.
_MOST_LAYERS = 100
#: Forms of one layer, whose name means nothing.
_ONE_LAYER = (".shp", ".fgb", ".geojson", ".json")


def layers_beside(path: Path, layer: str | None) -> tuple[str, ...]:
    """Layers that hold anything beside the one that is read, which is the first where none is said.

    Empty where the file cannot be read, which whoever reads it is told.
    """
    if path.suffix.lower() in _ONE_LAYER:
        return ()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # told once by whoever reads the layer
            sizes = list(_layers(path))
    except LIBRARY_FAULTS:
        return ()
    read = layer or next((name for name, _ in sizes), None)
    return tuple(name for name, features in sizes if name != read and features)


def _layers(path: Path) -> Iterator[tuple[str, int]]:
    """Every layer's name and number of features; a library's list of layers takes no options."""
    vector_library()
    import pyogrio  # noqa: PLC0415  brings GDAL
    from pyogrio.errors import DataLayerError  # noqa: PLC0415  as above

    options = open_options(path)
    for number in range(_MOST_LAYERS):
        try:
            info = pyogrio.read_info(path, layer=number, **options)
        except DataLayerError:
            return
        yield str(info["layer_name"]), info["features"]


def require_form(path: Path) -> None:
    """Refuse a file that is not what its name says, or an archive that is a trap.

    Raises
    ------
    InputRefused
        See above; or an XML file declares entities.
    """
    ending = path.suffix.lower()
    if path.is_dir():
        return
    if ending in (".zip", ".kmz"):
        require_no_bomb(path)
        return
    with path.open("rb") as file:
        head = file.read(_LOOKED_AT)
    if ending in _MAGIC and not head.startswith(_MAGIC[ending]):
        raise InputRefused("exchange.not_as_named", file=path, form=ending)
    if ending in _ROOTS:
        root = _root(head)
        wanted = _ROOTS[ending]
        if root is None or (wanted and root not in wanted):
            raise InputRefused("exchange.not_as_named", file=path, form=ending)
    if _reaches(head):
        raise InputRefused("exchange.not_as_named", file=path, form=ending)


def _reaches(head: bytes) -> bool:
    """Whether a file names other files or servers instead of holding anything itself."""
    return (_root(head) or b"").lower().startswith((b"ogr", b"vrt", b"wfs", b"wms", b"gdal"))


def _root(head: bytes) -> bytes | None:
    """Name of the root element; None where there is none, or entities are declared before it."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "replace").encode()
    before = _BEFORE.match(head)
    named = _NAME.match(head, before.end() if before is not None else 0)
    return None if named is None else named[1]
