"""Point features of GIS files (Shapefile, KML, GPX, GML, FlatGeobuf, OSM) as a table."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from hydrant.errors import InputRefused
from hydrant.exchange.encoding import CANDIDATES
from hydrant.exchange.exporting import OWN_GPX
from hydrant.exchange.gdal import open_options, require_form, vector_library
from hydrant.exchange.osm_tags import is_water_source
from hydrant.exchange.table import (
    LIBRARY_FAULTS,
    Table,
    headings,
    is_position,
    require_bounded,
)
from hydrant.geo import datum
from hydrant.resources import resource

ENDINGS = (".shp", ".kml", ".gpx", ".gml", ".fgb", ".osm", ".pbf")
#: Layers that hold points, where a form has fixed ones.
_POINT_LAYERS = {".gpx": ("waypoints",), ".osm": ("points", "multipolygons"),
                 ".pbf": ("points", "multipolygons")}  # fmt: skip
#: What GDAL adds to every KML placemark about its drawing.
_DRAWING = {"id", "timestamp", "begin", "end", "altitudeMode", "tessellate", "extrude",
            "visibility", "drawOrder", "icon", "snippet"}  # fmt: skip
_OSM = (".osm", ".pbf")
_KML = (".kml", ".kmz")
_POINT, _AREAS = 0, (3, 6)
_LANGUAGE_DRIVER_BYTE = 29

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
        encoding = _shapefile(path, encoding)
    rows: list[Row] = []
    points: list[tuple[float, float] | None] = []
    described = None
    for name in _layers(path, layer):
        meta, shapes, values = _read(path, name, encoding)
        described = described or meta["crs"]
        for row, point in _rows(path, meta, shapes, values, cell):
            rows.append(row)
            points.append(point)
    names = list(dict.fromkeys(name for row in rows for name in row))
    require_bounded(path, columns=len(names), rows=len(rows))
    xs, ys = _split(points)
    columns = dict(
        zip(headings(names), ([row.get(n, "") for row in rows] for n in names), strict=True)
    )
    xs, ys, crs = _system(xs, ys, described)
    return Table(path.name, columns, range(1, len(rows) + 1), (xs, ys), crs)


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


def _read(path: Path, layer: str | None, encoding: str | None) -> tuple[Any, Any, Any]:
    suffix = path.suffix.lower()
    options = open_options(path)
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
            shapes = shapely.from_wkb(blobs, on_invalid="ignore")
    except LIBRARY_FAULTS as error:
        raise _unreadable(path, error) from None
    require_bounded(path, columns=len(meta["fields"]), rows=len(blobs))
    return meta, shapes, values


def _unreadable(path: Path, error: Exception) -> InputRefused:
    why = (str(error).splitlines() or [type(error).__name__])[0]
    return InputRefused("exchange.vector", file=path, why=why)


def _rows(
    path: Path, meta: Any, shapes: Any, values: Any, cell: Cell
) -> Iterable[tuple[Row, tuple[float, float] | None]]:
    suffix = path.suffix.lower()
    dropped = _DRAWING if suffix in _KML else ()
    columns = {
        str(name): _texts(column, cell)
        for name, column in zip(meta["fields"], values, strict=True)
        if name not in dropped
    }
    positions = positions_of(shapes)
    for index, position in enumerate(positions):
        row = {name: column[index] for name, column in columns.items()}
        if row.get(OWN_GPX):
            row = _own(path, row[OWN_GPX], cell)
        if suffix in _OSM:
            row = _tagged(row)
            if not is_water_source(row):
                continue
        yield row, position


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


def positions_of(shapes: Any) -> list[tuple[float, float] | None]:
    """X and y of points, and of a point within areas; None for anything else."""
    kinds = shapely.get_type_id(shapes)
    usable = np.isin(kinds, (_POINT, *_AREAS)) & ~shapely.is_empty(shapes)
    with np.errstate(invalid="ignore"):  # a ring with NaN has no point within: told row by row
        within = shapely.point_on_surface(shapes)
    inner = np.where(np.isin(kinds, _AREAS) & usable, within, shapes)
    return [
        (float(shapely.get_x(shape)), float(shapely.get_y(shape))) if good else None
        for shape, good in zip(inner, usable, strict=True)
    ]


def _split(
    points: list[tuple[float, float] | None],
) -> tuple[list[float | None], list[float | None]]:
    return [p and p[0] for p in points], [p and p[1] for p in points]


def _system(
    xs: list[float | None], ys: list[float | None], described: str | None
) -> tuple[list[float | None], list[float | None], str | None]:
    """Coordinates with the name of their system; one without a code is turned into degrees."""
    if described is None:
        return xs, ys, None
    code = datum.code_of(described)
    if code is not None:
        return xs, ys, f"EPSG:{code}"
    turn = datum.from_described(described)
    if turn is None:
        return xs, ys, None
    lons, lats = turn(
        np.array([np.nan if x is None else x for x in xs]),
        np.array([np.nan if y is None else y for y in ys]),
    )
    placed = [x is not None for x in xs]
    return (
        [float(v) if p else None for v, p in zip(lons, placed, strict=True)],
        [float(v) if p else None for v, p in zip(lats, placed, strict=True)],
        "cgcs2000",
    )


def _shapefile(path: Path, encoding: str | None) -> str | None:
    """Encoding to read a Shapefile with; None where the file itself says it."""
    beside = {p.suffix.lower(): p for p in path.parent.iterdir() if p.stem == path.stem}
    missing = [suffix for suffix in (".shx", ".dbf") if suffix not in beside]
    if missing and path.is_file():
        raise InputRefused("exchange.companions", file=path, missing=", ".join(missing))
    if encoding is not None or ".cpg" in beside or ".dbf" not in beside:
        return encoding
    content = beside[".dbf"].read_bytes()
    if content[_LANGUAGE_DRIVER_BYTE : _LANGUAGE_DRIVER_BYTE + 1] != b"\x00":
        return None  # the table names its code page
    return _guessed(path, content)


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
        if is_water_source(row):
            rows.append({"@id": f"{element.get('type')}/{element.get('id')}", **row})
            centre = element.get("center", element)
            x, y = (centre.get("lon"), centre.get("lat")) if isinstance(centre, dict) else ("", "")
            points.append((x, y) if is_position(x, y) else None)
    return rows, points
