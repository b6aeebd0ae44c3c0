"""Reads point features of somebody else's GeoPackage."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from hydrant.errors import InputRefused
from hydrant.model.geopoint import decode_point, wkb_of
from hydrant.model.values import Row
from hydrant.store.ground.bounded_sqlite import bounded_rows, require_tables, tame


@dataclass(frozen=True, slots=True)
class Features:
    """What a layer holds.

    Attributes
    ----------
    names, rows
        Columns without the geometry.
    points
        X and y of each row whose geometry is a point.
    shapes
        WKB of the rows whose geometry is anything else.
    system
        What its table of reference systems says of it.
    others
        Other layers of the file that hold anything.
    """

    names: list[str]
    rows: list[Row]
    points: list[tuple[float, float] | None]
    shapes: dict[int, bytes]
    system: ReferenceSystem | None
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReferenceSystem:
    """A row of a GeoPackage's own table of reference systems; its number there means nothing."""

    organization: str
    code: object
    definition: str


def read_features(path: Path, layer: str | None) -> Features:
    """Features of a layer.

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
        others = [name for name in layers if name != chosen and _is_filled(connection, name)]
        return replace(
            _features(connection, path, chosen, column, srs), others=tuple(sorted(others))
        )
    except (sqlite3.Error, ValueError, OverflowError) as error:  # ValueError: text that is none
        raise InputRefused("exchange.not_gpkg", file=path, why=error) from None
    finally:
        connection.close()


def _quoted(table: str) -> str:
    """A name that comes from the file, as an identifier: it may hold anything."""
    return '"' + table.replace('"', '""') + '"'


def _is_filled(connection: sqlite3.Connection, table: str) -> bool:
    try:
        found = connection.execute(f"SELECT 1 FROM {_quoted(table)} LIMIT 1").fetchone()
    except sqlite3.Error:  # a name without a table behind it
        return False
    return found is not None


def _features(
    connection: sqlite3.Connection, path: Path, table: str, column: str, srs: object
) -> Features:
    cursor = connection.execute(f"SELECT * FROM {_quoted(table)}")
    names = [item[0] for item in cursor.description]
    place = names.index(column)
    rows = list(bounded_rows(cursor, path))
    points = [decode_point(row[place]) for row in rows]
    kept = [index for index in range(len(names)) if index != place]
    shapes = {
        index: wkb
        for index, point in enumerate(points)
        if point is None and (wkb := wkb_of(rows[index][place])) is not None
    }
    return Features(
        [names[index] for index in kept],
        [tuple(row[index] for index in kept) for row in rows],
        points,
        shapes,
        _system(connection, srs),
    )


def _system(connection: sqlite3.Connection, srs: object) -> ReferenceSystem | None:
    """The system that a number leads to; None for "undefined" (0 and -1), and for no row.

    Source: OGC 12-128r19, clause 1.1.2: the code stands in organization_coordsys_id.
    """
    if not isinstance(srs, int) or srs <= 0:
        return None
    row = connection.execute(
        "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys"
        " WHERE srs_id = ?",
        (srs,),
    ).fetchone()
    return None if row is None else ReferenceSystem(str(row[0]), row[1], str(row[2] or ""))
