"""The read-out of a map in the system that was asked for, without its formulas on the page."""

from __future__ import annotations

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from hydrant.geo import datum

#: Corners of the grid each way: between them the read-out is linear.
_CORNERS = 65
#: How far beyond what is shown the grid goes, as a part of it, and degrees at least.
_MARGIN, _LEAST = 0.25, 0.02


class Grid(TypedDict):
    """Positions over a box; see `grid`."""

    box: list[float]
    corners: int
    x: list[float | None]
    y: list[float | None]
    digits: int


def grid(crs: datum.Crs, box: tuple[float, float, float, float]) -> Grid | None:
    """Positions of a system over a box, for a page to read between.

    Parameters
    ----------
    box
        West, south, east and north of what the map shows, EPSG:4490 degrees.

    Returns
    -------
    ``box`` (with a margin), ``corners`` each way, ``x`` and ``y`` in rows from the south-west, and
    ``digits`` behind the point; None for the registry's own system, which needs none.

    Raises
    ------
    InputRefused
        No operation is known for the place.
    """
    if crs.name == "cgcs2000":
        return None
    west, south, east, north = box
    wide = max((east - west) * _MARGIN, _LEAST)
    tall = max((north - south) * _MARGIN, _LEAST)
    west, east, south, north = west - wide, east + wide, south - tall, north + tall
    lats, lons = np.meshgrid(
        np.linspace(south, north, _CORNERS), np.linspace(west, east, _CORNERS), indexing="ij"
    )
    xs, ys = datum.from_registry(lons.ravel(), lats.ravel(), crs)
    xs, ys = np.asarray(xs, float), np.asarray(ys, float)
    in_degrees = crs.degrees or bool((np.abs(xs) <= 180).all() and (np.abs(ys) <= 90).all())
    digits = 6 if in_degrees else 1
    kept = digits + 1
    return {
        "box": [west, south, east, north],
        "corners": _CORNERS,
        "x": _numbers(xs, kept),
        "y": _numbers(ys, kept),
        "digits": digits,
    }


def _numbers(values: NDArray[np.float64], digits: int) -> list[float | None]:
    """Numbers of a grid; None where the system does not reach."""
    return [round(float(value), digits) if np.isfinite(value) else None for value in values]
