"""Ways along streets between positions in degrees."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from hydrant.errors import InputRefused
from hydrant.geo.network import StreetWays
from hydrant.geo.planar import Plane

#: Streets further than this from every stop's box are left out, degrees.
_MARGIN_DEG = 0.2


class Ways(StreetWays):
    """Ways along streets that can be given in degrees."""

    def __init__(self, plane: Plane, lines: Any, stops: Any) -> None:
        super().__init__(lines, stops)
        self._plane = plane

    def degrees(self, way: Sequence[int]) -> tuple[tuple[float, float], ...]:
        """Corners of a way, lon and lat."""
        corners = [place for one, other in pairwise(way) for place in self.path(one, other)]
        if len(corners) < 2:
            return ()
        line = self._plane.degrees(shapely.LineString(corners))
        return tuple((float(x), float(y)) for x, y in line.coords)


def ways_along(lines: Any, lons: Sequence[float], lats: Sequence[float]) -> Ways:
    """Ways between positions.

    Parameters
    ----------
    lines
        LineStrings in degrees, shape (n,).

    Raises
    ------
    InputRefused
        No street lies near.
    """
    box = shapely.box(min(lons), min(lats), max(lons), max(lats))
    near = lines[shapely.intersects(shapely.buffer(box, _MARGIN_DEG), lines)]
    if not len(near):
        raise InputRefused("survey.streets_elsewhere")
    plane = Plane.around(np.array(lons), np.array(lats))
    return Ways(plane, plane.shapes(near), plane.points(lons, lats))
