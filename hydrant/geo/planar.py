"""A plane around a place, in which distances of some kilometres are true to a few centimetres."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely


class Plane:
    """Transverse Mercator with its origin in the middle of what is looked at.

    Scale is 1 at the origin and off by less than 1e-4 within 90 km east or west of it.

    Parameters
    ----------
    lon, lat
        Origin in EPSG:4490, degrees.
    """

    def __init__(self, lon: float, lat: float) -> None:
        from pyproj import CRS, Transformer  # noqa: PLC0415  slow to load

        plane = CRS.from_proj4(
            f"+proj=tmerc +lat_0={lat!r} +lon_0={lon!r} +k=1 +ellps=GRS80 +units=m"
        )
        self._transformer = Transformer.from_crs(4490, plane, always_xy=True)

    @classmethod
    def around(cls, lons: Any, lats: Any) -> Plane:
        """The plane of some positions: its origin is the middle of their box."""
        low = np.min(lons), np.min(lats)
        high = np.max(lons), np.max(lats)
        return cls(float((low[0] + high[0]) / 2), float((low[1] + high[1]) / 2))

    def points(self, lons: Any, lats: Any) -> Any:
        """Metres east and north, shape (n, 2), of positions in degrees."""
        x, y = self._transformer.transform(np.asarray(lons, float), np.asarray(lats, float))
        return np.column_stack((x, y))

    def shapes(self, shapes: Any) -> Any:
        """Geometries in metres of geometries in degrees."""
        return shapely.transform(shapes, lambda c: self.points(c[:, 0], c[:, 1]))

    def degrees(self, shapes: Any) -> Any:
        """Geometries in degrees of geometries in metres."""

        def back(coordinates: Any) -> Any:
            lon, lat = self._transformer.transform(
                coordinates[:, 0], coordinates[:, 1], direction="INVERSE"
            )
            return np.column_stack((lon, lat))

        return shapely.transform(shapes, back)
