"""Roads, buildings and boundaries from any vector file, or a table with WKT, as degrees."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import shapely

from hydrant.errors import InputRefused, Phrase
from hydrant.exchange.drawn import shapes_in
from hydrant.exchange.encoding import decode, read_bytes
from hydrant.exchange.gdal import layers_beside, open_options, require_form, vector_library
from hydrant.exchange.readers import read_table
from hydrant.exchange.table import LIBRARY_FAULTS
from hydrant.exchange.wkt_cells import stated_in_wkt, without_srid
from hydrant.geo import datum
from hydrant.geo.systems import contradict

#: Columns that hold geometries in a table.
WKT_COLUMNS = ("wkt", "geom", "geometry", "the_geom", "shape")
TABLES = (".csv", ".tsv", ".txt", ".wkt")
_OSM = (".pbf", ".osm", ".bz2")
#: Layer and column of OSM data by what is asked for.
_OSM_LAYERS = {
    "lines": ("lines", "highway"),
    "areas": ("multipolygons", "building"),
    "waters": ("multipolygons", "natural"),
}
#: Geometry types (GEOS numbers) by what is asked for, and what they are called in messages.
_TYPES = {
    "lines": (1, 2, 5),
    "areas": (0, 3, 4, 6),
    "polygons": (3, 6),
    "waters": (1, 2, 3, 5, 6),
}
_SHOWN = 5
#: Forms whose coordinates count as WGS 84 by their definition, whatever somebody put in them.
_PRESCRIBED = (".geojson", ".json", ".kml", ".kmz", ".gpx")


@dataclass(frozen=True, slots=True)
class Shapes:
    """Geometries of one file.

    Attributes
    ----------
    geometries
        In EPSG:4490 degrees, shape (n,).
    fields
        Columns by name, each of shape (n,).
    unusable
        Lines of a table, else rows of a layer counted from 1, that hold no usable geometry;
        they were left out as asked.
    overruled
        System that the file states, where somebody stated another one, which counts.
    """

    geometries: Any
    fields: dict[str, Any] = field(default_factory=dict)
    unusable: tuple[int, ...] = ()
    overruled: str | None = None


@dataclass(frozen=True, slots=True)
class RawShapes:
    """Geometries of one file as it holds them, None where one is no geometry.

    Attributes
    ----------
    fields
        Columns by name, each of shape (n,).
    lines
        Lines of a table, else rows of a layer counted from 1.
    crs
        The coordinate system that the file states; one that its form alone prescribes is none,
        because map services hand out other coordinates in the same forms.
    beside
        Titles and layers that were not read.
    """

    geometries: Any
    fields: dict[str, Any]
    lines: Any
    crs: str | None
    beside: tuple[str, ...] = ()


def raw_shapes(
    path: Path,
    wanted: str,
    *,
    layer: str | None = None,
    encoding: str | None = None,
    mend: bool = False,
) -> RawShapes:
    """Geometries of any type and columns of a file.

    Parameters
    ----------
    wanted, layer
        See `read_shapes`.
    encoding
        Of a table or a Shapefile that does not say.
    mend
        Close rings that are left open, instead of taking them for no geometry.

    Raises
    ------
    InputRefused
        The file cannot be read.
    """
    on_invalid: Literal["ignore", "fix"] = "fix" if mend else "ignore"
    if path.suffix.lower() in TABLES:
        return _from_table(path, encoding, on_invalid)
    geometries, fields, own = _from_layer(path, wanted, layer, encoding, on_invalid)
    if path.suffix.lower() in _PRESCRIBED and not _states_datum(path):
        own = None
    beside = () if _is_osm(path) else layers_beside(path, layer)
    return RawShapes(geometries, fields, np.arange(1, len(geometries) + 1), own, beside)


def _states_datum(path: Path) -> bool:
    """Whether a GeoJSON file has the member ``crs`` of old; the other forms have none."""
    if path.suffix.lower() not in (".geojson", ".json"):
        return False
    try:
        content = json.loads(decode(path, read_bytes(path), None))
    except (ValueError, RecursionError):
        return False
    return isinstance(content, dict) and content.get("crs") is not None


def read_shapes(
    path: Path,
    wanted: str,
    *,
    crs: str | None = None,
    option: str = "--crs",
    layer: str | None = None,
    keep: Callable[[dict[str, Any], int], Any] | None = None,
    skip_bad: bool = False,
) -> Shapes:
    """Shapes of a file.

    Parameters
    ----------
    wanted
        ``lines``, ``areas`` (polygons or points, as buildings come), ``polygons`` or ``waters``
        (lines or polygons).
    crs
        Stated coordinate system; needed where the file has none.
    option
        Option of the command line by which it is stated.
    layer
        Layer to read; None takes the first, or what fits in OSM data.
    keep
        Tells by the columns and the number of rows which ones are wanted, as a mask.
    skip_bad
        Leave out rows without usable geometry instead of refusing the file.

    Raises
    ------
    InputRefused
        The file cannot be read, has no coordinate system, or holds unusable rows.
    """
    raw = raw_shapes(path, wanted, layer=layer)
    geometries, fields, lines, own = raw.geometries, raw.fields, raw.lines, raw.crs
    if keep is not None:
        kept = keep(fields, len(geometries))
        geometries, lines = geometries[kept], lines[kept]
        fields = {name: values[kept] for name, values in fields.items()}
    # an extract of OSM data always has cut-off shapes at its edge, which nobody can mend
    skip_bad = skip_bad or _is_osm(path)
    usable = _usable(path, geometries, wanted, lines, skip_bad=skip_bad)
    degrees = np.full(len(geometries), None, object)
    degrees[usable] = in_degrees(path, geometries[usable], crs, own, option=option)
    usable = _on_earth(path, degrees, usable, lines, skip_bad=skip_bad)
    fields = {name: values[usable] for name, values in fields.items()}
    unusable = tuple(map(int, lines[~usable]))
    return Shapes(degrees[usable], fields, unusable, overruled(crs, own))


def overruled(crs: str | None, own: str | None) -> str | None:
    """Name of the system that a file states, where a stated one contradicts it and counts."""
    if crs is None or own is None:
        return None
    try:
        return datum.stated_by(own).stored if contradict(crs, own) else None
    except InputRefused:  # nobody knows what the file's own words mean, so they decide nothing
        return None


def one_area(polygons: Any) -> Any:
    """All polygons as one area, also drawn ones whose outline crosses itself."""
    return shapely.union_all(shapely.make_valid(polygons))


def _from_table(
    path: Path, encoding: str | None, on_invalid: Literal["ignore", "fix"]
) -> RawShapes:
    table = read_table(path, encoding=encoding)
    column = next((name for name in table.columns if name.lower() in WKT_COLUMNS), None)
    if column is None:
        raise InputRefused("exchange.no_wkt", file=path, known=", ".join(WKT_COLUMNS))
    cells = table.columns[column]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what cannot be read is told row by row
        geometries = shapes_in(shapely.from_wkt, without_srid(cells), on_invalid)
    fields = {
        name: np.array(values, object) for name, values in table.columns.items() if name != column
    }
    stated = stated_in_wkt(cells, path.name)
    beside = (*table.above, *table.beside)
    return RawShapes(geometries, fields, np.array(table.lines), stated, beside)


def _from_layer(
    path: Path,
    wanted: str,
    layer: str | None,
    encoding: str | None,
    on_invalid: Literal["ignore", "fix"],
) -> tuple[Any, dict[str, Any], str | None]:
    if not path.is_file() and not path.is_dir():
        raise InputRefused("exchange.missing", file=path)
    require_form(path)
    column = None
    if _is_osm(path) and layer is None:
        layer, column = _OSM_LAYERS.get(wanted, ("multipolygons", "building"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            meta, _, blobs, values = vector_library().read(
                path, layer=layer, encoding=encoding, **open_options(path)
            )
    except LIBRARY_FAULTS as error:
        why = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputRefused("exchange.vector", file=path, why=why) from None
    fields = dict(zip(map(str, meta["fields"]), values, strict=True))
    with np.errstate(invalid="ignore"):  # what is no number is refused further on
        geometries = shapes_in(shapely.from_wkb, blobs, on_invalid)
    if column is not None:
        kept = np.array([value not in (None, "") for value in fields[column]], bool)
        geometries = geometries[kept]
        fields = {name: found[kept] for name, found in fields.items()}
    return geometries, fields, meta["crs"]


def _is_osm(path: Path) -> bool:
    return any(suffix in _OSM for suffix in path.suffixes)


def _usable(path: Path, geometries: Any, wanted: str, lines: Any, *, skip_bad: bool) -> Any:
    kinds = shapely.get_type_id(geometries)
    usable = np.isin(kinds, _TYPES[wanted]) & ~shapely.is_empty(geometries)
    usable &= ~_having(geometries, lambda places: ~np.isfinite(places).all(axis=1))
    if not usable.any():
        raise InputRefused("exchange.no_shapes", file=path, wanted=_phrase(wanted))
    if not skip_bad:
        bad = lines[~usable]
        if len(bad):
            raise InputRefused(
                "exchange.bad_shapes", file=path, count=len(bad), rows=_rows(bad),
                wanted=_phrase(wanted),
            )  # fmt: skip
    return usable


def _on_earth(path: Path, degrees: Any, usable: Any, lines: Any, *, skip_bad: bool) -> Any:
    """Those of the usable shapes whose corners are longitudes and latitudes."""
    elsewhere = _having(degrees, lambda places: (np.abs(places) > (180, 90)).any(axis=1))
    bad = lines[elsewhere]
    if len(bad) and not (skip_bad and (usable & ~elsewhere).any()):
        raise InputRefused("exchange.shapes_elsewhere", file=path, count=len(bad), rows=_rows(bad))
    return usable & ~elsewhere


def _having(geometries: Any, test: Callable[[Any], Any]) -> Any:
    """Whether any corner of each shape passes a test."""
    places, owner = shapely.get_coordinates(geometries, return_index=True)
    found = np.zeros(len(geometries), bool)
    found[owner[test(places)]] = True
    return found


def _rows(lines: Any) -> str:
    """The first lines as a message names them."""
    return ", ".join(map(str, lines[:_SHOWN])) + (" …" if len(lines) > _SHOWN else "")


def _phrase(wanted: str) -> Phrase:
    return Phrase(f"exchange.shapes_{wanted}")


def in_degrees(
    path: Path, geometries: Any, crs: str | None, own: str | None, *, option: str
) -> Any:
    """Geometries in the registry's degrees, by what is stated or else by what the file says.

    Parameters
    ----------
    option
        Option of the command line by which the coordinate system is stated.

    Raises
    ------
    InputRefused
        Neither says anything, and the coordinates are no degrees or lie inside China.
    """
    if crs is None and own is None:
        # degrees outside China are what they say; anything else must be stated
        _require_outside_china(path, shapely.get_coordinates(geometries), option)
        crs = "wgs84"
    if crs is not None:
        stated = datum.parse_crs(crs)
        if stated.name in ("cgcs2000", "wgs84"):
            return geometries
        return _moved(geometries, lambda x, y: datum.to_registry(x, y, stated))
    assert own is not None  # noqa: S101  one of both is known here
    turn = datum.from_described(own)
    if turn is None:
        raise InputRefused("exchange.no_crs", file=path, option=option)
    return _moved(geometries, turn)


def _require_outside_china(path: Path, places: Any, option: str) -> None:
    """Refuse corners that are no degrees or lie inside China, where a datum must be stated."""
    west, south, east, north = datum.CHINA
    x, y = places[:, 0], places[:, 1]
    if not ((np.abs(x) <= 180) & (np.abs(y) <= 90)).all():  # not-a-number is none either
        raise InputRefused("exchange.no_crs", file=path, option=option)
    inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    for place in np.flatnonzero(inside)[:1]:
        facts = {"x": float(x[place]), "y": float(y[place])}
        raise InputRefused("exchange.no_datum", file=path, option=option, **facts)


def _moved(geometries: Any, turn: Callable[[Any, Any], tuple[Any, Any]]) -> Any:
    return shapely.transform(geometries, lambda c: np.column_stack(turn(c[:, 0], c[:, 1])))
