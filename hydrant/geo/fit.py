"""Which coordinate system brings coordinates to where the same things are known to lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from hydrant.errors import InputRefused
from hydrant.geo import datum
from hydrant.geo.distance import metres_apart

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

#: So many pairs are needed; fewer fit by chance.
LEAST_PAIRS = 3
#: A system fits when half of the pairs lie within this, and four of five within twice it, m.
_FITS_M = 30.0
#: At a first look a system is kept that comes this near, degrees: no datum is farther off.
_NEAR_DEG = 0.02
#: So many pairs are looked at first, and so many at all.
_FIRST, _MOST = 3, 200


@dataclass(frozen=True, slots=True)
class Fit:
    """A system under which coordinates lie where they are known to.

    Attributes
    ----------
    crs
        As ``--crs`` takes it.
    axes
        Order of the two coordinates: en or ne.
    metres
        Median distance of the pairs.
    """

    crs: str
    axes: str
    metres: float


def fitting(xs: Array, ys: Array, lons: Array, lats: Array) -> list[Fit]:
    """Systems that fit, the best first; none where there are too few pairs.

    Parameters
    ----------
    xs, ys
        Coordinates of a system that nobody states, shape (n,).
    lons, lats
        Where the same things are known to lie, degrees, shape (n,).
    """
    if len(xs) < LEAST_PAIRS:
        return []
    chosen = np.unique(np.linspace(0, len(xs) - 1, min(len(xs), _MOST)).astype(int))
    xs, ys, lons, lats = (np.asarray(axis, float)[chosen] for axis in (xs, ys, lons, lats))
    found: list[Fit] = []
    names: tuple[str, ...]
    for axes, x, y in (("en", xs, ys), ("ne", ys, xs)):
        if (np.abs(x) <= 180).all() and (np.abs(y) <= 180).all():
            near = (np.abs(x - lons) <= _NEAR_DEG) & (np.abs(y - lats) <= _NEAR_DEG)
            names = ("wgs84", "cgcs2000", "gcj02", "bd09") if near.mean() > 0.5 else ()
        else:
            names = tuple(_projected(x[:_FIRST], y[:_FIRST], lons[:_FIRST], lats[:_FIRST]))
        metres = {name: _metres(name, x, y, lons, lats) for name in names}
        found += [Fit(name, axes, m) for name, m in metres.items() if m is not None]
    return sorted(found, key=lambda one: one.metres)


def _metres(name: str, x: Array, y: Array, lons: Array, lats: Array) -> float | None:
    """Median distance under a system that fits; None of one that does not."""
    try:
        made = datum.placed(x, y, datum.parse_crs(name))
    except InputRefused:
        return None
    apart = metres_apart(made.lons, made.lats, lons, lats)
    if not np.isfinite(apart).all() or np.percentile(apart, 80) > 2 * _FITS_M:
        return None
    middle = float(np.median(apart))
    return middle if middle <= _FITS_M else None


def _projected(x: Array, y: Array, lons: Array, lats: Array) -> Iterator[str]:
    """Projected systems of the place that come near, before any shift between datums."""
    from pyproj import CRS, Transformer  # noqa: PLC0415  rarely needed
    from pyproj.aoi import AreaOfInterest  # noqa: PLC0415
    from pyproj.database import query_crs_info  # noqa: PLC0415
    from pyproj.enums import PJType  # noqa: PLC0415
    from pyproj.exceptions import ProjError  # noqa: PLC0415

    box = AreaOfInterest(*map(float, (lons.min(), lats.min(), lons.max(), lats.max())))
    for info in query_crs_info("EPSG", PJType.PROJECTED_CRS, area_of_interest=box, contains=True):
        system = CRS.from_epsg(info.code)
        if system.geodetic_crs is None:
            continue
        try:
            turn = Transformer.from_crs(system, system.geodetic_crs, always_xy=True)
            east, north = turn.transform(x, y)
        except ProjError:
            continue
        near = (np.abs(east - lons) <= _NEAR_DEG) & (np.abs(north - lats) <= _NEAR_DEG)
        if near.sum() * 2 > len(near):
            yield f"EPSG:{info.code}"
