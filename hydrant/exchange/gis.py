"""Point features of GIS files (Shapefile, KML, GPX, GML, FlatGeobuf, OSM) as a table."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from hydrant.errors import InputRefused
from hydrant.exchange.code_pages import stated_encoding
from hydrant.exchange.drawn import places_of, shapes_in
from hydrant.exchange.encoding import CANDIDATES
from hydrant.exchange.exporting import OWN_GPX, OWN_SPACE
from hydrant.exchange.gdal import layers_beside, open_options, require_form, vector_library
from hydrant.exchange.kml_data import with_plain_names
from hydrant.exchange.kml_folders import folders
from hydrant.exchange.osm_tags import as_source
from hydrant.exchange.table import (
    FOLDER,
    LIBRARY_FAULTS,
    Table,
    headings,
    is_position,
    require_bounded,
)
from hydrant.exchange.taken_out import deleted_objects, links
from hydrant.exchange.xml_file import in_utf8
from hydrant.geo import datum
from hydrant.resources import resource

ENDINGS = (".shp", ".kml", ".gpx", ".gml", ".fgb", ".osm", ".pbf")
#: Layers that hold points, where a form has fixed ones.
_POINT_LAYERS = {".gpx": ("waypoints",), ".osm": ("points", "multipolygons"),
                 ".pbf": ("points", "multipolygons")}  # fmt: skip
#: What GDAL adds to every KML placemark about its drawing.
_DRAWING = {"id", "timestamp", "begin", "end", "altitudeMode", "tessellate", "extrude",
            "visibility", "drawOrder", "icon", "snippet"}  # fmt: skip
_PLACEMARK = ("Name", "description")
_OSM = (".osm", ".pbf")
#: Forms whose coordinates count as WGS 84 by their definition, whatever somebody put in them.
PRESCRIBED = (".kml", ".kmz", ".gpx")
_HEAD = 4096
_KML = (".kml", ".kmz")

Row = dict[str, str]
Cell = Callable[[Any], str]


def read_gis(path: Path, layer: str | None, encoding: str | None, cell: Cell) -> Table:
    """Features of a GIS file; areas are taken at a point within them.

    Parameters
    ----------
    layer
        Layer to read; None takes every layer of a KML file, the points of GPX and OSM, and
        else the first.
    encoding
        Of a Shapefile's attribute table, where it does not say.
    cell
        Makes text of a value.

    Raises
    ------
    InputRefused
        The file cannot be read, or companions of a Shapefile are missing.
    """
    require_form(path)
    if path.suffix.lower() == ".shp":
        encoding = shapefile_encoding(path, encoding)
    rows: list[Row] = []
    kept: list[Any] = []
    described = None
    with in_utf8(path, encoding) as plain, _named(plain, path) as (readable, names_of):
        gone = deleted_objects(readable)
        layers = [*_layers(readable, layer)]
        within = _folders(readable, layers, path)
        for name in layers:
            meta, shapes, values = _read(readable, name, encoding, path)
            described = described or meta["crs"]
            for row, shape in _rows(path, meta, shapes, values, cell, names_of):
                if name in within:
                    row.setdefault(FOLDER, within[name])
                if row.get("@id") not in gone:
                    rows.append(row)
                    kept.append(shape)
        beside = _beside(readable, layer)
    names = list(dict.fromkeys(name for row in rows for name in row))
    require_bounded(path, columns=len(names), rows=len(rows))
    places = places_of(np.array(kept, object))
    columns = dict(
        zip(headings(names), ([row.get(n, "") for row in rows] for n in names), strict=True)
    )
    prescribed = "wgs84" if path.suffix.lower() in PRESCRIBED else None
    if prescribed is not None:
        described = "EPSG:4490" if is_own(path) else None
    return Table(
        path.name, columns, range(1, len(rows) + 1), (places.xs, places.ys), _system(described),
        prescribed, places.drawn, beside=beside,
    )  # fmt: skip


def _named(readable: Path, path: Path) -> AbstractContextManager[tuple[Path, Mapping[str, str]]]:
    """Somebody else's KML with names of its data that the library keeps, and what they are."""
    if path.suffix.lower() not in _KML or is_own(path):
        return nullcontext((readable, {}))
    return with_plain_names(readable, {*map(str.lower, (*_DRAWING, *_PLACEMARK))})


def _heading(name: str, names_of: Mapping[str, str]) -> str:
    """A heading of the file, told apart from what a placemark has of its own."""
    meant = names_of.get(name, name)
    return f"{meant}_" if name in names_of and meant in (*_PLACEMARK, FOLDER) else meant


def _folders(readable: Path, layers: Sequence[str | None], path: Path) -> Mapping[str | None, str]:
    """What the folders of somebody else's KML are called, by layer."""
    if path.suffix.lower() not in _KML or is_own(path):
        return {}
    return folders(readable, layers)


def _beside(path: Path, layer: str | None) -> tuple[str, ...]:
    """Layers that are not read: of OSM data those that are no points are what is left of it."""
    suffix = path.suffix.lower()
    if suffix in _OSM:
        return ()
    linked = links(path) if suffix == ".kml" else ()
    return linked if suffix in _KML and layer is None else (*layers_beside(path, layer), *linked)


def is_own(path: Path) -> bool:
    """Whether a file is an export of this program, which is in the registry's datum."""
    with path.open("rb") as file:
        return OWN_SPACE.encode() in file.read(_HEAD)


def _layers(path: Path, layer: str | None) -> Iterable[str | None]:
    if layer is not None:
        return [layer]
    suffix = path.suffix.lower()
    if suffix in _POINT_LAYERS:
        return _POINT_LAYERS[suffix]
    if suffix not in _KML:
        return [None]
    vector_library()
    import pyogrio  # noqa: PLC0415  brings GDAL

    try:
        return [str(name) for name, _ in pyogrio.list_layers(path)]
    except LIBRARY_FAULTS as error:
        raise _unreadable(path, error) from None


def _read(path: Path, layer: str | None, encoding: str | None, named: Path) -> tuple[Any, Any, Any]:
    """A layer's description, shapes and values; `named` is the file as people know it."""
    suffix = path.suffix.lower()
    options = open_options(path)
    encoding = encoding if suffix == ".shp" else None
    if suffix in _OSM:
        options = {"TAGS_FORMAT": "JSON", "CONFIG_FILE": str(resource("data", "osm_reading.ini"))}
    if suffix == ".osm":
        # what an editor drew and never uploaded has negative ids, which the fast index refuses
        options["USE_CUSTOM_INDEXING"] = "NO"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            meta, _, blobs, values = vector_library().read(
                path, layer=layer, encoding=encoding, datetime_as_string=True, **options
            )
            if blobs is None:  # a layer without geometry
                blobs = np.full(len(values[0]) if len(values) else 0, None, object)
            shapes = shapes_in(shapely.from_wkb, blobs)
    except LIBRARY_FAULTS as error:
        raise _unreadable(named, error, path) from None
    require_bounded(named, columns=len(meta["fields"]), rows=len(blobs))
    return meta, shapes, values


def _unreadable(path: Path, error: Exception, copy: Path | None = None) -> InputRefused:
    why = (str(error).splitlines() or [type(error).__name__])[0]
    why = why.replace(str(copy or path), path.name)
    return InputRefused("exchange.vector", file=path, why=why)


def _rows(
    path: Path, meta: Any, shapes: Any, values: Any, cell: Cell, names_of: Mapping[str, str]
) -> Iterable[tuple[Row, Any]]:
    suffix = path.suffix.lower()
    dropped = _DRAWING if suffix in _KML else ()
    columns = {
        _heading(str(name), names_of): _texts(column, cell)
        for name, column in zip(meta["fields"], values, strict=True)
        if name not in dropped
    }
    for index, shape in enumerate(shapes):
        row = {name: column[index] for name, column in columns.items()}
        if row.get(OWN_GPX):
            row = _own(path, row[OWN_GPX], cell)
        if suffix in _OSM:
            found = as_source(_tagged(row))
            if found is None:
                continue
            row = found
        yield row, shape


def _own(path: Path, text: str, cell: Cell) -> Row:
    """A waypoint of our own export: all that was known of the asset."""
    try:
        found = json.loads(text)
        return {str(name): cell(value) for name, value in found.items()}
    except (ValueError, AttributeError, RecursionError) as error:
        raise _unreadable(path, error) from None


def _tagged(row: Row) -> Row:
    """An OSM feature as its tags, with its key as Overpass writes it."""
    tags = json.loads(row.pop("other_tags", "") or "{}")
    way = row.pop("osm_way_id", "")
    number = row.pop("osm_id", "")
    key = f"way/{way}" if way else f"node/{number}"
    plain = {name: value for name, value in row.items() if value}
    return {"@id": key, **plain, **{str(name): str(value) for name, value in tags.items()}}


def _texts(column: Any, cell: Cell) -> list[str]:
    """Cells as text: a day stays a day, a time keeps its offset or its lack of one."""
    return ["" if _missing(value) else cell(value) for value in column.tolist()]


def _missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value))


def _system(described: str | None) -> str | None:
    """The system that a file describes: its code, else its own words."""
    code = None if described is None else datum.code_of(described)
    return described if code is None else f"EPSG:{code}"


def shapefile_encoding(path: Path, encoding: str | None) -> str | None:
    """Encoding to read a Shapefile with; None where the file itself says it.

    Raises
    ------
    InputRefused
        Companions are missing, or the encoding would have to be guessed.
    """
    beside = {p.suffix.lower(): p for p in path.parent.iterdir() if p.stem == path.stem}
    missing = [suffix for suffix in (".shx", ".dbf") if suffix not in beside]
    if missing and path.is_file():
        raise InputRefused("exchange.companions", file=path, missing=", ".join(missing))
    if encoding is not None or ".dbf" not in beside:
        return encoding
    stated = stated_encoding(beside[".dbf"], beside.get(".cpg"))
    return stated or _guessed(path, beside[".dbf"].read_bytes())


def _guessed(path: Path, content: bytes) -> str:
    """UTF-8 where the text is; anything else must be stated, because several would fit."""
    header = int.from_bytes(content[8:10], "little")
    body = content[header:]
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        part = body[max(0, error.start - 4) : error.start + 24]
        shown = " | ".join(f"{name}: {part.decode(name, 'replace').strip()}" for name in CANDIDATES)
        raise InputRefused(
            "exchange.encoding", file=path, byte=header + error.start, candidates=shown
        ) from None
    return "utf-8"


def overpass_rows(content: Mapping[str, Any]) -> tuple[list[Row], list[Any]]:
    """Water sources of an Overpass answer: tags, and x and y (ways at their centre)."""
    rows, points = [], []
    for element in content["elements"]:
        if not isinstance(element, dict) or not isinstance(element.get("tags"), dict):
            continue
        row = {str(name): str(value) for name, value in element["tags"].items()}
        if element.get("visible") is False:
            continue  # an answer on the past names what was deleted since, too
        found = as_source(row)
        if found is not None:
            rows.append({"@id": f"{element.get('type')}/{element.get('id')}", **found})
            centre = element.get("center", element)
            x, y = (centre.get("lon"), centre.get("lat")) if isinstance(centre, dict) else ("", "")
            points.append((x, y) if is_position(x, y) else None)
    return rows, points
