"""Distances on the ellipsoid, boxes around a point, and neighbours in bulk.

The WGS 84 ellipsoid is used throughout; CGCS2000 differs from it by 0.1 mm in the minor axis.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from pyproj import Geod

    Array = np.ndarray[Any, np.dtype[Any]]

_A_M = 6378137.0
_F = 1 / 298.257223563
_B_M = _A_M * (1 - _F)
_ROUNDS = 60
#: Metres in a degree of latitude where it is shortest (equator): boxes become too large
#: rather than too small. Source: meridian radius a(1-e2) of WGS 84.
_M_PER_DEGREE = 110_574.0


@cache
def _geod() -> Geod:
    from pyproj import Geod  # noqa: PLC0415  short commands do without PROJ

    return Geod(ellps="WGS84")


_COMPASS = ("n", "ne", "e", "se", "s", "sw", "w", "nw")
#: Nearer than this nobody can tell a direction.
_HERE_M = 1.0


def compass(metres: float, bearing_deg: float) -> str | None:
    """Word for a direction, one of eight from ``n`` clockwise; None at the place itself."""
    return None if metres < _HERE_M else _COMPASS[round(bearing_deg / 45) % 8]


def distance_bearing(lon1: float, lat1: float, lon2: float, lat2: float) -> tuple[float, float]:
    """Metres and forward bearing (degrees from north, 0-360) between two positions.

    Source: T. Vincenty, Survey Review XXIII no. 176 (1975), inverse formula; where it does
    not converge (nearly opposite points) PROJ's geodesic is used.
    """
    if lon1 == lon2 and lat1 == lat2:
        return 0.0, 0.0
    tan1, tan2 = (1 - _F) * math.tan(math.radians(lat1)), (1 - _F) * math.tan(math.radians(lat2))
    cos1, cos2 = 1 / math.hypot(1, tan1), 1 / math.hypot(1, tan2)
    sin1, sin2 = tan1 * cos1, tan2 * cos2
    difference = lam = math.radians((lon2 - lon1 + 180.0) % 360.0 - 180.0)
    for _ in range(_ROUNDS):
        sin_lam, cos_lam = math.sin(lam), math.cos(lam)
        sin_sigma = math.hypot(cos2 * sin_lam, cos1 * sin2 - sin1 * cos2 * cos_lam)
        if sin_sigma == 0:
            return 0.0, 0.0
        cos_sigma = sin1 * sin2 + cos1 * cos2 * cos_lam
        sigma = math.atan2(sin_sigma, cos_sigma)
        sin_alpha = cos1 * cos2 * sin_lam / sin_sigma
        cos2_alpha = 1 - sin_alpha * sin_alpha
        middle = cos_sigma - 2 * sin1 * sin2 / cos2_alpha if cos2_alpha else 0.0
        c = _F / 16 * cos2_alpha * (4 + _F * (4 - 3 * cos2_alpha))
        inner = middle + c * cos_sigma * (2 * middle * middle - 1)
        previous, lam = lam, difference + (1 - c) * _F * sin_alpha * (sigma + c * sin_sigma * inner)
        if abs(lam - previous) < 1e-12:
            break
    else:
        azimuth, _, metres = _geod().inv(lon1, lat1, lon2, lat2)
        return float(metres), float(azimuth) % 360.0
    u2 = cos2_alpha * (_A_M * _A_M - _B_M * _B_M) / (_B_M * _B_M)
    a = 1 + u2 / 16384 * (4096 + u2 * (-768 + u2 * (320 - 175 * u2)))
    b = u2 / 1024 * (256 + u2 * (-128 + u2 * (74 - 47 * u2)))
    square = 2 * middle * middle
    cubic = b / 6 * middle * (4 * sin_sigma * sin_sigma - 3) * (2 * square - 3)
    delta = b * sin_sigma * (middle + b / 4 * (cos_sigma * (square - 1) - cubic))
    bearing = math.atan2(cos2 * sin_lam, cos1 * sin2 - sin1 * cos2 * cos_lam)
    return _B_M * a * (sigma - delta), math.degrees(bearing) % 360.0


#: Mean radius, for distances that need no millimetres.
_MEAN_M = 6_371_008.8


def metres_apart(lon1: Any, lat1: Any, lon2: Any, lat2: Any) -> Any:
    """Metres between positions in degrees, numbers or arrays, to half a percent (a sphere)."""
    import numpy as np  # noqa: PLC0415  short commands do without numpy

    lon1, lat1, lon2, lat2 = (np.radians(value) for value in (lon1, lat1, lon2, lat2))
    half = (
        np.sin((lat2 - lat1) / 2) ** 2
        + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * _MEAN_M * np.arcsin(np.sqrt(np.minimum(half, 1.0)))


#: A position corrected by up to this much means the same spot; a hydrant does not stray this far
#: from where a crew or a map put it, and a datum mix-up is 300 m and more.
MOVED_M = 50.0


def moved_m(stood: Iterable[tuple[float, float]], there: tuple[float, float]) -> float | None:
    """Metres to a position from the farthest of some others, where that is no longer one spot.

    Parameters
    ----------
    stood, there
        Lon and lat, degrees.
    """
    metres = max((distance_bearing(*here, *there)[0] for here in stood), default=0.0)
    return metres if metres > MOVED_M else None


def boxes_around(
    lon: float, lat: float, radius_m: float
) -> list[tuple[float, float, float, float]]:
    """Boxes (min lon, min lat, max lon, max lat) that hold every point within a radius.

    Two boxes at the antimeridian; the whole circle of longitudes near a pole.
    """
    d_lat = radius_m / _M_PER_DEGREE * 1.0001 + 1e-7
    low, high = max(-90.0, lat - d_lat), min(90.0, lat + d_lat)
    widest = max(abs(low), abs(high))
    if widest >= 89.0:
        return [(-180.0, low, 180.0, high)]
    d_lon = d_lat / math.cos(math.radians(widest))
    if d_lon >= 180.0:
        return [(-180.0, low, 180.0, high)]
    west, east = lon - d_lon, lon + d_lon
    if west < -180.0:
        return [(-180.0, low, east, high), (west + 360.0, low, 180.0, high)]
    if east > 180.0:
        return [(west, low, 180.0, high), (-180.0, low, east - 360.0, high)]
    return [(west, low, east, high)]


def neighbours_within(
    lons: Array, lats: Array, groups: Array, radius_m: float
) -> tuple[Array, Array, Array]:
    """All pairs of points of one group within a radius.

    Parameters
    ----------
    lons, lats
        Degrees, shape (n,).
    groups
        Whole numbers, shape (n,); only points of the same group are paired.
    radius_m
        Largest distance, metres.

    Returns
    -------
    tuple
        Indices i < j of each pair, and their distances in metres.
    """
    import numpy as np  # noqa: PLC0415  short commands do without numpy

    strip_deg = radius_m / _M_PER_DEGREE * 1.0001 + 1e-9
    strips = np.floor((lats + 90.0) / strip_deg).astype(np.int64)
    width = np.int64(180.0 / strip_deg) + 3
    keys = groups.astype(np.int64) * width + strips
    order = np.lexsort((lons, keys))
    sorted_keys, sorted_lons = keys[order], lons[order]
    reach = strip_deg / np.maximum(
        np.cos(np.radians(np.minimum(np.abs(lats) + strip_deg, 89.9))), 1e-3
    )
    starts, ends = [], []
    begins = np.diff(sorted_keys, prepend=sorted_keys[:1] - 1) != 0
    unique, dense = sorted_keys[begins], np.cumsum(begins) - 1
    # one sortable number: the key's rank in steps wider than any longitude span
    combined = dense * 1000.0 + sorted_lons + 180.0
    for step in (0, 1):
        places = _places(unique, sorted_keys + step)
        low = _rank(combined, *places, sorted_lons - reach[order])
        high = _rank(combined, *places, sorted_lons + reach[order])
        if step == 0:
            low = np.maximum(low, np.arange(len(order)) + 1)
        starts.append(low)
        ends.append(np.maximum(high, low))
    left, right = _expand(starts, ends)
    first, second = order[left], order[right]
    _, _, metres = _geod().inv(lons[first], lats[first], lons[second], lats[second])
    near = np.asarray(metres) <= radius_m
    first, second = first[near], second[near]
    return np.minimum(first, second), np.maximum(first, second), np.asarray(metres)[near]


def _places(unique: Array, wanted: Array) -> tuple[Array, Array]:
    """Places of keys among all that there are, and which of them are not there."""
    import numpy as np  # noqa: PLC0415  as above

    place = np.searchsorted(unique, wanted)
    return place, (place >= len(unique)) | (unique[np.minimum(place, len(unique) - 1)] != wanted)


def _rank(combined: Array, place: Array, missing: Array, wanted_lons: Array) -> Array:
    """Positions of (place of the key, lon) pairs in an array sorted by both."""
    import numpy as np  # noqa: PLC0415  as above

    found = np.searchsorted(combined, place * 1000.0 + np.clip(wanted_lons + 180.0, 0.0, 999.0))
    return np.where(missing, 0, found)


def _expand(starts: list[Array], ends: list[Array]) -> tuple[Array, Array]:
    """Pairs (row, candidate) of ranges of candidates per row."""
    import numpy as np  # noqa: PLC0415  as above

    lefts, rights = [], []
    for start, end in zip(starts, ends, strict=True):
        counts = end - start
        left = np.repeat(np.arange(len(start)), counts)
        offset = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        lefts.append(left)
        rights.append(np.repeat(start, counts) + offset)
    return np.concatenate(lefts), np.concatenate(rights)
