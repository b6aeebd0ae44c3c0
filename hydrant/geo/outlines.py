"""Outlines of areas: which of them hold a position, and how far outside of one it lies."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, radians
from typing import Any

import numpy as np
import shapely

#: Metres of a degree of latitude, and of longitude at the equator; true to half a percent.
_LAT_M, _LON_M = 110_900.0, 111_320.0


class Outlines:
    """Areas that are asked for many positions, all in EPSG:4490 degrees.

    Parameters
    ----------
    blobs
        Polygons or multi-polygons as WKB.
    """

    def __init__(self, blobs: Sequence[bytes]) -> None:
        self._shapes = shapely.from_wkb(np.array(blobs, object))
        shapely.prepare(self._shapes)
        self._tree = shapely.STRtree(self._shapes)
        self._planes: dict[int, tuple[Any, float]] = {}

    def holding(self, lons: Any, lats: Any) -> list[list[int]]:
        """Numbers of the areas that hold each position, their edges included."""
        points: Any = shapely.points(np.asarray(lons, float), np.asarray(lats, float))
        found: list[list[int]] = [[] for _ in range(len(points))]
        pairs = self._tree.query(points, predicate="intersects")
        for place, number in zip(*(part.tolist() for part in pairs), strict=True):
            found[place].append(number)
        return found

    def metres_outside(self, number: int, lons: Any, lats: Any) -> Any:
        """How far outside of an area positions lie, shape (n,); 0 within it."""
        lons, lats = np.asarray(lons, float), np.asarray(lats, float)
        metres = np.zeros(len(lons))
        outside = ~shapely.intersects_xy(self._shapes[number], lons, lats)
        if outside.any():
            shape, east = self._in_metres(number)
            points = shapely.points(lons[outside] * east, lats[outside] * _LAT_M)
            metres[outside] = shapely.distance(shape, points)
        return metres

    def _in_metres(self, number: int) -> tuple[Any, float]:
        """An area stretched to metres at its middle, and the metres of a degree of longitude."""
        if number not in self._planes:
            _, south, _, north = shapely.bounds(self._shapes[number])
            east = _LON_M * cos(radians((south + north) / 2))
            scale = np.array((east, _LAT_M))
            stretched = shapely.transform(self._shapes[number], lambda places: places * scale)
            self._planes[number] = stretched, east
        return self._planes[number]


def mended(shape: Any) -> Any:
    """A drawn area without crossing rings, as polygons only; None where nothing is enclosed."""
    if shapely.is_valid(shape):
        return shapely.force_2d(shape)
    # parts that overlap are one area, and a hole is what lies within a shell
    valid = shapely.make_valid(shapely.force_2d(shape), method="structure", keep_collapsed=False)
    return None if shapely.area(valid) == 0 else valid


def united(shapes: Sequence[Any]) -> Any:
    """Several areas as one."""
    return shapes[0] if len(shapes) == 1 else shapely.union_all(np.array(shapes, object))


def stored(shape: Any) -> tuple[bytes, tuple[float, float, float, float]]:
    """An area as WKB, and its box (min lon, min lat, max lon, max lat).

    The same area is the same WKB, whichever corner or direction its file begins with.
    """
    shape = shapely.normalize(shape)
    west, south, east, north = shapely.bounds(shape).tolist()
    return shapely.to_wkb(shape), (west, south, east, north)
