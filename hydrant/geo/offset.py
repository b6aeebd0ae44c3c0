"""Finds the datum mix-up: many rows that lie the same few hundred metres off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hydrant.geo import china

_LEAST_PAIRS = 5
#: Over Zhejiang the shift is 455-622 m (measured), BD-09 adds up to 0.9 km in all.
_BAND_M = (300.0, 1300.0)
#: BD-09 itself wavers by some 40 m over a few kilometres.
_SPREAD_M = 60.0
_EXPLAINED_M = 30.0
_M_PER_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True)
class Offset:
    """A constant displacement of stated against known positions.

    Attributes
    ----------
    metres
        Median length.
    pairs
        How many rows were compared.
    likely
        Datum that the stated coordinates probably have: gcj02, bd09 or wgs84; None when no
        known shift explains it.
    """

    metres: float
    pairs: int
    likely: str | None


def constant_offset(lons: Any, lats: Any, known_lons: Any, known_lats: Any) -> Offset | None:
    """The constant offset of matched rows against known assets; None when there is none.

    Parameters
    ----------
    lons, lats, known_lons, known_lats
        Degrees, shape (n,), row i of one belongs to row i of the other.
    """
    lons, lats = np.asarray(lons, float), np.asarray(lats, float)
    known_lons, known_lats = np.asarray(known_lons, float), np.asarray(known_lats, float)
    if len(lons) < _LEAST_PAIRS:
        return None
    scale = np.cos(np.radians(known_lats)) * _M_PER_DEGREE
    east, north = (lons - known_lons) * scale, (lats - known_lats) * _M_PER_DEGREE
    middle = np.median(east), np.median(north)
    length = float(np.hypot(*middle))
    # four of five rows must agree: half of them would let two opposite groups pass
    spread = float(np.percentile(np.hypot(east - middle[0], north - middle[1]), 80))
    if not (_BAND_M[0] <= length <= _BAND_M[1]) or spread > _SPREAD_M:
        return None
    return Offset(length, len(lons), _explain(lons, lats, known_lons, known_lats))


def _explain(lons: Any, lats: Any, known_lons: Any, known_lats: Any) -> str | None:
    candidates = {
        "gcj02": china.gcj02_to_wgs84(lons, lats),
        "bd09": china.gcj02_to_wgs84(*china.bd09_to_gcj02(lons, lats)),
        "wgs84": china.wgs84_to_gcj02(lons, lats),
    }
    best = {
        name: float(np.median(np.hypot(x - known_lons, y - known_lats)) * _M_PER_DEGREE)
        for name, (x, y) in candidates.items()
    }
    name = min(best, key=lambda key: best[key])
    return name if best[name] < _EXPLAINED_M else None
