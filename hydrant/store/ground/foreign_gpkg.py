"""Reads point features of somebody else's GeoPackage."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hydrant.errors import InputRefused
from hydrant.model.geopoint import decode_point
from hydrant.store.ground.bounded_sqlite import bounded_rows, require_tables, tame

_Features = tuple[list[str], list[tuple[Any, ...]], list[tuple[float, float] | None], str | None]


def read_features(path: Path, layer: str | None) -> _Features:
    """Names of the columns, rows, points and coordinate system of a layer.

    Raises
    ------
    InputRefused
        The file is no GeoPackage or has no such layer.
    """
    uri = f"file:{quote(path.resolve().as_posix())}?mode=ro"
    connection = sqlite3.connect(uri, uri=True)
    try:
        tame(connection)
        layers = {
            str(table): (str(column), srs)
            for table, column, srs in connection.execute(
                "SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns"
            )
        }
        chosen = layer or next(iter(layers), None)
        if chosen is None or chosen not in layers:
            raise InputRefused(
                "exchange.no_layer", file=path, layer=layer or "–", known=", ".join(layers)
            )
        column, srs = layers[chosen]
        require_tables(connection, [chosen], path)
        return _features(connection, path, chosen, column, srs)
    except (sqlite3.Error, ValueError, OverflowError) as error:  # ValueError: text that is none
        raise InputRefused("exchange.not_gpkg", file=path, why=error) from None
    finally:
        connection.close()


def _features(
    connection: sqlite3.Connection, path: Path, table: str, column: str, srs: object
) -> _Features:
    # the name comes from the file: as an identifier it may hold anything but is quoted
    quoted = '"' + table.replace('"', '""') + '"'
    cursor = connection.execute(f"SELECT * FROM {quoted}")
    names = [item[0] for item in cursor.description]
    place = names.index(column)
    rows = list(bounded_rows(cursor, path))
    points = [decode_point(row[place]) for row in rows]
    kept = [index for index in range(len(names)) if index != place]
    code = srs if isinstance(srs, int) and srs > 0 else None
    crs = {4326: "wgs84", 4490: "cgcs2000", None: None}.get(code, f"EPSG:{code}")
    return (
        [names[index] for index in kept],
        [tuple(row[index] for index in kept) for row in rows],
        points,
        crs,
    )
