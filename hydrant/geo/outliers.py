"""Which of many places lie far from all others."""

from __future__ import annotations

from typing import Any

import numpy as np

from hydrant.geo.distance import metres_apart

#: So many places are needed before one of them can be an exception.
_LEAST = 5
#: Nearer than this no place is far from the others, m: a village up the valley is not.
_LEAST_M = 20_000.0
#: So many may lie together and still be exceptions: one in a hundred, and no more than a few.
_SHARE, _MOST = 0.01, 5
_M_PER_DEGREE = 111_320.0


def lone(lons: Any, lats: Any) -> dict[int, float]:
    """Places that are further from every other than half of how wide those lie.

    Returns
    -------
    dict
        Metres to the nearest of the others, by place.
    """
    lons, lats = np.asarray(lons, float), np.asarray(lats, float)
    if len(lons) < _LEAST:
        return {}
    west, east = np.percentile(lons, (5, 95))
    south, north = np.percentile(lats, (5, 95))
    width_m = float(metres_apart(west, south, east, north))
    limit_m = max(_LEAST_M, width_m / 2)
    few = max(1, min(_MOST, int(len(lons) * _SHARE)))
    candidates = _sparse(lons, lats, limit_m, few)
    if not 0 < len(candidates) <= max(1, len(lons) // 10):
        return {}
    others = np.ones(len(lons), bool)
    others[candidates] = False
    found = {}
    for place in candidates.tolist():
        near_m = float(metres_apart(lons[place], lats[place], lons[others], lats[others]).min())
        if near_m > limit_m:
            found[place] = near_m
    return found


def _sparse(lons: Any, lats: Any, cell_m: float, few: int) -> Any:
    """Places in cells that, with the eight around them, hold no more than a few."""
    middle = np.radians(np.clip(np.median(lats), -85, 85))
    columns = np.floor((lons + 360) * _M_PER_DEGREE * np.cos(middle) / cell_m).astype(np.int64)
    lines = np.floor((lats + 180) * _M_PER_DEGREE / cell_m).astype(np.int64)
    wide = np.int64(1 << 31)
    cells, owner, counts = np.unique(
        lines * wide + columns, return_inverse=True, return_counts=True
    )
    around = np.zeros(len(cells), np.int64)
    for step in [down * wide + right for down in (-1, 0, 1) for right in (-1, 0, 1)]:
        place = np.searchsorted(cells, cells + step)
        place = np.minimum(place, len(cells) - 1)
        around += np.where(cells[place] == cells + step, counts[place], 0)
    return np.flatnonzero((around <= few)[owner])
