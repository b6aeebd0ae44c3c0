"""What anybody may see, as a file for pygeoapi, and pygeoapi's configuration."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.exchange.layers import Layer, write_layers
from hydrant.resources import resource
from hydrant.store.sql.public_columns import AMOUNTS, COLUMNS, COUNTS, MOMENTS

LAYER = "water_source"
_PORT = 5432


def write_public(path: Path, rows: Sequence[Mapping[str, Any]], *, zone: ZoneInfo) -> None:
    """Write published assets as a GeoPackage of one layer.

    Parameters
    ----------
    zone
        Local zone of the registry: who reads a date reads the day there.

    Raises
    ------
    InputRefused
        There is none, or the file is there.
    StoreError
        It cannot be written.
    """
    if not rows:
        raise InputRefused("exchange.nothing_out", file=path)
    import numpy as np  # noqa: PLC0415  as shapely
    import shapely  # noqa: PLC0415  brings GEOS

    points = [shapely.Point(row["lon"], row["lat"]) for row in rows]
    columns: dict[str, Any] = {name: [row[name] for row in rows] for name in COLUMNS}
    for name in MOMENTS:
        columns[name] = [times.stored_local_text(moment, zone) for moment in columns[name]]
    columns |= {name: np.array(columns[name], float) for name in AMOUNTS}
    columns |= {name: np.array(columns[name], np.int64) for name in COUNTS}
    write_layers(path, {LAYER: Layer("Point", points, columns)})


def box_of(rows: Sequence[Mapping[str, Any]]) -> tuple[float, float, float, float]:
    """West, south, east and north of published assets; there is at least one."""
    lons, lats = [row["lon"] for row in rows], [row["lat"] for row in rows]
    return min(lons), min(lats), max(lons), max(lats)


def from_file(path: Path) -> dict[str, Any]:
    """Provider that reads the file of `write_public`."""
    return {
        "name": "SQLiteGPKG",
        "data": path.resolve().as_posix(),
        "id_field": "uid",
        "table": LAYER,
    }


def from_server(server: str, login: str) -> dict[str, Any]:
    """Provider that reads the view of a server (URL) with a login; its password is libpq's."""
    parts = urlsplit(server)
    modes = parse_qs(parts.query).get("sslmode")
    return {
        "name": "PostgreSQL",
        **({"options": {"sslmode": modes[-1]}} if modes else {}),
        "data": {
            "host": parts.hostname or "localhost",
            "port": parts.port or _PORT,
            "dbname": unquote(parts.path.lstrip("/")),
            "user": login,
            "search_path": ["hydrant_public", "public"],
        },
        "id_field": "uid",
        "table": LAYER,
        "geom_field": "geom",
    }


def configuration(
    provider: Mapping[str, Any],
    *,
    url: str,
    port: int,
    publisher: str,
    box: tuple[float, float, float, float],
) -> str:
    """Text of the configuration."""
    shipped = resource("data", "operations", "pygeoapi.yml").read_text(encoding="utf-8")
    # JSON is YAML, and quotes whatever stands in a name
    lines = [f"        {name}: {_json(value)}" for name, value in provider.items()]
    return Template(shipped).substitute(
        url=_json(url),
        port=port,
        publisher=_json(publisher),
        bbox=_json(list(box)),
        provider="\n".join(lines),
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
