"""What stands for a place in a file that draws: points, and areas or lines in their stead.

A collection of one part is that part, as a multipoint of one point. What has an extent stands
at a point of its own, and whoever takes it knows how far the rest of it reaches.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from hydrant.exchange.table import Drawn, is_position

#: A decimal that means one number in every land.
_PLAIN = re.compile(r"-?[0-9]{1,8}(?:\.[0-9]{1,20})?")
_POINT, _LINES, _AREAS, _POINTS = 0, (1, 2, 5), (3, 6), 4


@dataclass(frozen=True, slots=True)
class Places:
    """Places of the rows of a file; ``drawn`` holds those that are no plain point, by row."""

    xs: list[float | None]
    ys: list[float | None]
    drawn: dict[int, Drawn]


def places_of(shapes: Any) -> Places:
    """Places of geometries, an array of shape (n,); None where there is no geometry."""
    shapes = np.array(shapes, object)
    for row in np.flatnonzero(shapely.get_type_id(shapes) >= _POINTS).tolist():
        shapes[row] = _only_part(shapes[row])
    kinds = shapely.get_type_id(shapes)
    plain = (kinds == _POINT) & ~shapely.is_empty(shapes)
    xs = _numbers(shapely.get_x(np.where(plain, shapes, None)), plain)
    ys = _numbers(shapely.get_y(np.where(plain, shapes, None)), plain)
    drawn = {}
    for row in np.flatnonzero((kinds != -1) & ~plain).tolist():
        drawn[row], place = _drawn(shapes[row], int(kinds[row]))
        if place is not None:
            xs[row], ys[row] = place
    return Places(xs, ys, drawn)


def _numbers(values: Any, there: Any) -> list[float | None]:
    return [value if good else None for value, good in zip(values.tolist(), there, strict=True)]


def _only_part(shape: Any) -> Any:
    """The only part of a collection, else the whole."""
    while shape is not None and hasattr(shape, "geoms") and len(shape.geoms) == 1:
        shape = shape.geoms[0]
    return shape


def _drawn(shape: Any, kind: int) -> tuple[Drawn, tuple[float, float] | None]:
    corners = shapely.get_coordinates(shape)
    if not len(corners) or not np.isfinite(corners).all():
        return Drawn("nothing", ()), None
    if kind in _AREAS:
        with np.errstate(invalid="ignore"):
            inner = shapely.point_on_surface(shape)
        return _reaching("area", corners, inner)
    if kind in _LINES:
        middle = shapely.line_interpolate_point(_longest(shape), 0.5, normalized=True)
        return _reaching("line", corners, middle)
    word = "points" if kind == _POINTS else "mixture"
    return Drawn(word, ()), None


def _longest(shape: Any) -> Any:
    return max(shapely.get_parts(shape), key=shapely.length)


def _reaching(word: str, corners: Any, place: Any) -> tuple[Drawn, tuple[float, float] | None]:
    """What is drawn with the corners of its box, which are as far as any of its own."""
    if shapely.is_empty(place):
        return Drawn("nothing", ()), None
    west, south = corners.min(axis=0).tolist()
    east, north = corners.max(axis=0).tolist()
    box = ((west, south), (west, north), (east, south), (east, north))
    return Drawn(word, box), (float(shapely.get_x(place)), float(shapely.get_y(place)))


def places_in_geojson(geometries: Sequence[Any]) -> Places:
    """Places of GeoJSON geometries; of points also those whose plain decimals stand as text."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    others = []
    for row, geometry in enumerate(geometries):
        x, y = _point(geometry)
        xs.append(x)
        ys.append(y)
        if isinstance(geometry, dict) and geometry.get("type") != "Point":
            others.append(row)
    drawn = {}
    if others:
        found = places_of(_shapes([geometries[row] for row in others]))
        for n, row in enumerate(others):
            xs[row], ys[row] = found.xs[n], found.ys[n]
        drawn = {others[n]: one for n, one in found.drawn.items()}
    return Places(xs, ys, drawn)


def _point(geometry: Any) -> tuple[float | None, float | None]:
    if not isinstance(geometry, dict) or geometry.get("type") != "Point":
        return None, None
    coordinates = geometry.get("coordinates")
    if not isinstance(coordinates, list) or len(coordinates) < 2:
        return None, None
    x, y = map(_number, coordinates[:2])
    return (float(x), float(y)) if is_position(x, y) else (None, None)


def _number(value: Any) -> Any:
    """A number that is written as text; anything else is itself."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) is not None:
        return float(value)
    return value


def _shapes(geometries: Sequence[Any]) -> Any:
    """Geometries of GeoJSON; None where one is malformed."""
    made = []
    for geometry in geometries:
        try:
            made.append(json.dumps(geometry))
        except RecursionError:
            made.append("null")
    return shapely.from_geojson(np.array(made, object), on_invalid="ignore")


def places_in_wkt(cells: Sequence[str]) -> Places:
    """Places of WKT texts; None where a cell holds none."""
    return places_of(shapes_in(shapely.from_wkt, cells))


def shapes_in(read: Callable[..., Any], values: Any, on_invalid: str = "ignore") -> Any:
    """Geometries as an array of shape (n,); None where one is malformed or has arcs.

    Parameters
    ----------
    read
        ``shapely.from_wkb`` or ``shapely.from_wkt``; both end at the first arc.
    values
        What they are read from.
    """
    values = np.array(values, object)
    with np.errstate(invalid="ignore", over="ignore"):  # 1e999 is refused as no place
        try:
            return read(values, on_invalid=on_invalid)
        except NotImplementedError:
            return np.array([_shape_in(read, value, on_invalid) for value in values], object)


def _shape_in(read: Callable[..., Any], value: Any, on_invalid: str) -> Any:
    try:
        return read(value, on_invalid=on_invalid)
    except NotImplementedError:  # arcs, which the library has no shape for
        return None


def places_in_wkb(
    blobs: Mapping[int, bytes], xs: list[float | None], ys: list[float | None]
) -> dict[int, Drawn]:
    """Fill in the places of rows whose geometry is WKB, and give what is drawn there, by row."""
    rows = list(blobs)
    found = places_of(shapes_in(shapely.from_wkb, [blobs[row] for row in rows]))
    for n, row in enumerate(rows):
        xs[row], ys[row] = found.xs[n], found.ys[n]
    return {rows[n]: one for n, one in found.drawn.items()}
