"""Writes one table in every form in which registers come, as other programs write it."""

from __future__ import annotations

import csv
import datetime as dt
import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import pyogrio.raw
import shapely
import xlsxwriter

Value = str | int | float | bool | dt.date | dt.datetime | None
Columns = Mapping[str, Sequence[Value]]
Points = Sequence[tuple[float, float]]


def as_text(value: Value) -> str:
    """A value as a program writes it into a text file."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def write_csv(
    path: Path, columns: Columns, points: Points, *, encoding: str = "utf-8", sign: str = ","
) -> None:
    """A CSV file with the columns lon and lat."""
    with path.open("w", encoding=encoding, newline="") as file:
        out = csv.writer(file, delimiter=sign)
        out.writerow([*columns, "lon", "lat"])
        for row, (x, y) in enumerate(points):
            out.writerow([*(as_text(cells[row]) for cells in columns.values()), x, y])


def write_xlsx(path: Path, columns: Columns, points: Points) -> None:
    """A workbook of one sheet whose numbers and days are numbers and days."""
    with xlsxwriter.Workbook(path, {"remove_timezone": False}) as book:
        sheet = book.add_worksheet("台账")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for place, name in enumerate([*columns, "lon", "lat"]):
            sheet.write_string(0, place, name)
        for row, (x, y) in enumerate(points, start=1):
            for place, cells in enumerate(columns.values()):
                value = cells[row - 1]
                if isinstance(value, dt.datetime):
                    sheet.write_datetime(row, place, value, moment)
                elif isinstance(value, dt.date):
                    sheet.write_datetime(row, place, value, day)
                elif isinstance(value, str):
                    sheet.write_string(row, place, value)
                elif value is not None:
                    sheet.write(row, place, value)
            sheet.write_number(row, len(columns), x)
            sheet.write_number(row, len(columns) + 1, y)


def _in_json(value: Value) -> object:
    return value.isoformat() if isinstance(value, dt.date) else value


def write_json(path: Path, columns: Columns, points: Points, *, encoding: str = "utf-8") -> None:
    """An array of objects with the members lon and lat."""
    rows = [
        {name: _in_json(cells[row]) for name, cells in columns.items()} | {"lon": x, "lat": y}
        for row, (x, y) in enumerate(points)
    ]
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding=encoding)


def write_geojson(path: Path, columns: Columns, points: Points, *, encoding: str = "utf-8") -> None:
    """Features with a point each."""
    features = [
        {
            "type": "Feature",
            "properties": {name: _in_json(cells[row]) for name, cells in columns.items()},
            "geometry": {"type": "Point", "coordinates": [x, y]},
        }
        for row, (x, y) in enumerate(points)
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    path.write_text(text, encoding=encoding)


def write_kml(path: Path, columns: Columns, points: Points) -> None:
    """Placemarks with their data, as a map's editor writes them."""
    marks = []
    for row, (x, y) in enumerate(points):
        data = "".join(
            f"<Data name={quoteattr(name)}><value>{escape(as_text(cells[row]))}</value></Data>"
            for name, cells in columns.items()
        )
        marks.append(
            f"<Placemark><ExtendedData>{data}</ExtendedData>"
            f"<Point><coordinates>{x},{y}</coordinates></Point></Placemark>"
        )
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">'
        f"<Document>{''.join(marks)}</Document></kml>",
        encoding="utf-8",
    )


def gdal_writer(driver: str, **fixed: Any) -> Callable[..., None]:
    """What writes a file with GDAL; a column of one type keeps it where the form has that type."""

    def write(path: Path, columns: Columns, points: Points, **options: Any) -> None:
        arrays, zones = [], {}
        for name, cells in columns.items():
            values, zone = _array(cells)
            arrays.append(values)
            if zone is not None:
                zones[name] = zone
        with warnings.catch_warnings():
            # some forms cannot hold what a column says, which is what the tests are about
            warnings.simplefilter("ignore", RuntimeWarning)
            pyogrio.raw.write(
                path, shapely.to_wkb(shapely.points(np.array(points, float))), arrays,
                list(columns), geometry_type="Point", crs="EPSG:4490",
                driver=driver, gdal_tz_offsets=zones or None, **{**fixed, **options},
            )  # fmt: skip

    return write


def _array(cells: Sequence[Value]) -> tuple[Any, Any]:
    """Cells in the type that all of them have, with the zone of moments as GDAL counts it."""
    kinds = {type(value) for value in cells if value is not None}
    if len(kinds) == 1:
        kind = kinds.pop()
        if kind is float or (kind is int and None in cells):
            return np.array([np.nan if value is None else value for value in cells], float), None
        if kind in (int, bool):
            return np.array(cells), None
        if kind is dt.datetime:
            whole = [np.datetime64(str(v).split("+")[0]) for v in cells]
            zone = 132 if "+08:00" in str(cells[0]) else 100 if "+00:00" in str(cells[0]) else 0
            return np.array(whole, "datetime64[ms]"), np.full(len(cells), zone)
        if kind is dt.date:
            return np.array(cells, "datetime64[D]"), None
    return np.array([None if value is None else as_text(value) for value in cells], object), None


WRITERS: dict[str, Callable[..., None]] = {
    "csv": write_csv,
    "xlsx": write_xlsx,
    "gpkg": gdal_writer("GPKG", layer="hydrants"),
    "geojson": write_geojson,
    "shp": gdal_writer("ESRI Shapefile", encoding="UTF-8"),
    "kml": write_kml,
    "gml": gdal_writer("GML"),
    "fgb": gdal_writer("FlatGeobuf"),
    "json": write_json,
}
FORMS = tuple(WRITERS)
