"""Where a GeoJSON geometry lies: a point itself, or one within an area."""

from __future__ import annotations

import json
from typing import Any

from hydrant.exchange.table import is_position


def point_of(geometry: Any) -> tuple[float | None, float | None]:
    """Give x and y of a point geometry; numbers written as text are not positions."""
    geometry = geometry if isinstance(geometry, dict) else None
    if geometry is not None and geometry.get("type") in ("Polygon", "MultiPolygon"):
        return _within(geometry)
    coordinates = None if geometry is None else geometry.get("coordinates")
    if geometry is None or geometry.get("type") != "Point":
        return None, None
    if not isinstance(coordinates, list) or len(coordinates) < 2:
        return None, None
    x, y = coordinates[:2]
    return (float(x), float(y)) if is_position(x, y) else (None, None)


def _within(geometry: dict[str, Any]) -> tuple[float | None, float | None]:
    """A point within an area; nothing where the area is malformed."""
    import shapely  # noqa: PLC0415  brings GEOS

    from hydrant.exchange.gis import positions_of  # noqa: PLC0415

    try:
        (shape,) = shapely.from_geojson([json.dumps(geometry)], on_invalid="ignore")
    except RecursionError:
        return None, None
    return positions_of([shape])[0] or (None, None)
