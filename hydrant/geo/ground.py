"""What water must reach: roads and buildings, in degrees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Ground:
    """What is to be covered, in EPSG:4490 degrees.

    Attributes
    ----------
    roads
        Lines, shape (n,), or None.
    widths_m
        Width of each road, NaN where it is not known, shape (n,); None with no roads.
    buildings
        Polygons or points, shape (m,), or None.
    """

    roads: Any = None
    widths_m: Any = None
    buildings: Any = None
