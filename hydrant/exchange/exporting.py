"""Assets out, in the form that a file's ending names; what goes out can be imported again."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent
from zoneinfo import ZoneInfo

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.exchange.layers import Layer, write_layers
from hydrant.exchange.osm_tags import tags_of
from hydrant.model.geopoint import REGISTRY_SRS
from hydrant.safe_text import marked
from hydrant.store.views.export_rows import AMOUNTS, FLAGS, MOMENTS
from hydrant.workbooks import workbook

Row = dict[str, Any]
#: Extension of a GPX waypoint that holds the whole row, as GDAL names it.
OWN_GPX = "hydrant_asset"
#: Name space of our own KML and GPX, whose positions are in the registry's datum.
OWN_SPACE = "urn:hydrant:asset"
#: Column that names the datum in tables, and what stands there.
DATUM_COLUMN, DATUM = "crs", "CGCS2000"
#: Moments of which usually the day is known only, and how long the text of a day is.
DAYS = ("built",)
_DAY = len("2022-05-01")


class _Form(NamedTuple):
    """A form of file: what writes it, and what it cannot hold.

    Attributes
    ----------
    placed_only
        Whether it cannot hold an asset without a position.
    visits
        Whether it holds the commissioning and the last visit, so that they come back.
    """

    write: Callable[[Path, Sequence[Row]], None]
    placed_only: bool = False
    visits: bool = True


def forms() -> tuple[str, ...]:
    """Endings of files that can be written."""
    return tuple(_WRITERS)


def placed_only(path: Path) -> bool:
    """Whether a file of that ending holds only assets that have a position."""
    return _WRITERS[path.suffix.lower()].placed_only


def holds_visits(path: Path) -> bool:
    """Whether a file of that ending holds the commissioning and the last visit."""
    return _WRITERS[path.suffix.lower()].visits


def write_assets(path: Path, rows: Sequence[Row], *, zone: ZoneInfo) -> None:
    """Write assets.

    Parameters
    ----------
    zone
        Local zone of the registry: days that go out are days there.

    Raises
    ------
    InputRefused
        The ending is not known, or there is nothing to write.
    OSError
        It cannot be written.
    """
    form = _WRITERS.get(path.suffix.lower())
    if form is None:
        raise InputRefused("document.form", file=path, known=", ".join(_WRITERS))
    if not rows:
        raise InputRefused("exchange.nothing_out", file=path)
    form.write(path, [_plain(row, zone) for row in rows])


def _plain(row: Row, zone: ZoneInfo) -> Row:
    """A row with words for truth values and local days, as files read them back."""
    plain = {
        name: ("true" if value else "false") if name in FLAGS and value is not None else value
        for name, value in row.items()
    }
    return plain | {name: times.stored_local_text(row[name], zone) for name in MOMENTS}


def _with_datum(row: Row) -> Row:
    """A row that names its datum beside its numbers, in forms that have no place for it."""
    datum = None if row["lon"] is None else DATUM
    made: Row = {}
    for name, value in row.items():
        made[name] = value
        if name == "lat":
            made[DATUM_COLUMN] = datum
    return made


def _csv(path: Path, rows: Sequence[Row]) -> None:
    rows = [_with_datum(row) for row in rows]
    # the mark tells spreadsheets that this is UTF-8
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(rows[0])
        writer.writerows([[marked(value) for value in row.values()] for row in rows])


def _xlsx(path: Path, rows: Sequence[Row]) -> None:
    rows = [_with_datum(row) for row in rows]
    with workbook(path, rows_at_once=False) as book:
        sheet = book.add_worksheet("assets")
        sheet.freeze_panes(1, 1)
        for column, name in enumerate(rows[0]):
            sheet.write_string(0, column, name)
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row.values()):
                if isinstance(value, str):
                    sheet.write_string(number, column, value)
                elif value is not None:
                    sheet.write_number(number, column, value)


def _geojson(path: Path, rows: Sequence[Row]) -> None:
    features = [
        {
            "type": "Feature",
            "id": row["uid"],
            "geometry": None
            if row["lon"] is None
            else {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
            "properties": _rest(row),
        }
        for row in rows
    ]
    # today's GeoJSON is WGS 84 by definition, and readers take our member for what it says
    crs = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{REGISTRY_SRS}"}}
    collection = {"type": "FeatureCollection", "crs": crs, "features": features}
    path.write_text(json.dumps(collection, ensure_ascii=False) + "\n", encoding="utf-8")


def _rest(row: Row) -> Row:
    """What is known of an asset apart from its position."""
    return {
        name: value
        for name, value in row.items()
        if value is not None and name not in ("lon", "lat")
    }


def _placed(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["lon"] is not None]


def _gpkg(path: Path, rows: Sequence[Row]) -> None:
    import shapely  # noqa: PLC0415  brings GEOS

    placed = _placed(rows)
    names = [name for name in rows[0] if name not in ("lon", "lat")]
    columns = {name: _typed(name, [row[name] for row in placed]) for name in names}
    points = [shapely.Point(row["lon"], row["lat"]) for row in placed]
    write_layers(path, {"assets": Layer("Point", points, columns)})


def _typed(name: str, values: list[Any]) -> Any:
    """A column as a GIS is to find it: numbers as numbers, the day of commissioning as a day.

    One that was commissioned at a known time of day leaves the column text: what goes out comes
    back as it was.
    """
    import numpy as np  # noqa: PLC0415  as shapely

    if name in AMOUNTS:
        return np.array(values, float)
    days = all(value is None or len(value) == _DAY for value in values) if name in DAYS else False
    return np.array(values, "datetime64[D]") if days else values


def _kml(path: Path, rows: Sequence[Row]) -> None:
    root = Element("kml", xmlns="http://www.opengis.net/kml/2.2")
    root.set("xmlns:hydrant", OWN_SPACE)
    folder = SubElement(root, "Document")
    for row in _placed(rows):
        mark = SubElement(folder, "Placemark")
        SubElement(mark, "name").text = _clean(row["code"] or row["uid"])
        data = SubElement(mark, "ExtendedData")
        for name, value in _rest(row).items():
            # a placemark has a name of its own, and readers fold the two into one
            key = "asset_name" if name == "name" else name
            SubElement(SubElement(data, "Data", name=key), "value").text = _clean(value)
        point = SubElement(mark, "Point")
        SubElement(point, "coordinates").text = f"{row['lon']!r},{row['lat']!r}"
    _write_xml(path, root)


def _gpx(path: Path, rows: Sequence[Row]) -> None:
    """Waypoints for any device; what GPX has no element for lies in one extension.

    One element of JSON, because readers guess the type of each extension and turn 007 into 7.
    """
    root = Element(
        "gpx", xmlns="http://www.topografix.com/GPX/1/1", version="1.1", creator="hydrant"
    )
    root.set(f"xmlns:{OWN_GPX.partition('_')[0]}", OWN_SPACE)
    for row in _placed(rows):
        point = SubElement(root, "wpt", lat=repr(row["lat"]), lon=repr(row["lon"]))
        SubElement(point, "name").text = _clean(row["code"] or row["uid"])
        SubElement(point, "desc").text = _clean(row["address"] or row["kind"])
        SubElement(point, "type").text = row["kind"]
        own = SubElement(SubElement(point, "extensions"), OWN_GPX.replace("_", ":"))
        own.text = json.dumps(_rest(row))  # ASCII: nothing that XML cannot hold
    _write_xml(path, root)


def _osm(path: Path, rows: Sequence[Row]) -> None:
    """OSM XML with negative ids, marked as never to be uploaded."""
    root = Element("osm", version="0.6", generator="hydrant", upload="never")
    for number, row in enumerate(_placed(rows), 1):
        node = SubElement(
            root, "node", id=str(-number), lat=f"{row['lat']:.7f}", lon=f"{row['lon']:.7f}"
        )
        for key, value in tags_of(row).items():
            SubElement(node, "tag", k=key, v=_clean(value))
    _write_xml(path, root)


def _clean(value: object) -> str:
    """Text without what XML 1.0 cannot hold."""
    return "".join(c for c in str(value) if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff"))


def _write_xml(path: Path, root: Element) -> None:
    indent(root, " ")
    ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


_WRITERS: dict[str, _Form] = {
    ".csv": _Form(_csv),
    ".xlsx": _Form(_xlsx),
    ".geojson": _Form(_geojson),
    ".gpkg": _Form(_gpkg, placed_only=True),
    ".kml": _Form(_kml, placed_only=True),
    ".gpx": _Form(_gpx, placed_only=True),
    ".osm": _Form(_osm, placed_only=True, visits=False),
}
