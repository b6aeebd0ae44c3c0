"""From stated coordinates to positions in the registry (EPSG:4490), and the refusals.

x is easting or longitude, y northing or latitude, always in that order. CGCS2000 and WGS 84
geographic coordinates are taken as identical; the difference of realisations is carried as
an accuracy of 1 m. Every other system goes through the best operation that PROJ knows for the
place, and nowhere without one (see `hydrant.geo.operations`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hydrant.errors import InputRefused
from hydrant.geo.systems import Crs, code_of, of_code, parse_crs, stated_by, way_of, wkt_of
from hydrant.geo.zones import ZONE_UNIT, ZONES, other_form

if TYPE_CHECKING:
    from hydrant.geo.operations import Placed

#: Found here by those who place things; they live in rooms of their own.
__all__ = ["ZONES", "ZONE_UNIT", "Crs", "code_of", "other_form", "parse_crs", "stated_by", "wkt_of"]

#: Rough box of China within which an unstated datum is ambiguous by half a kilometre.
CHINA = (73.5, 18.0, 135.1, 53.6)

#: Zones of 3 degrees that a reason names; a message stands for each.
_ZONES_TRIED = (39, 40, 41)


@dataclass(frozen=True, slots=True)
class Position:
    """A position in EPSG:4490, degrees, with the accuracy of its conversion in metres."""

    lon: float
    lat: float
    accuracy_m: float | None


def placed(xs: Any, ys: Any, crs: Crs) -> Placed:
    """Positions of stated coordinates, arrays; NaN where no operation is known for the place."""
    import numpy as np  # noqa: PLC0415  a single place must not load numpy

    from hydrant.geo.operations import Placed  # noqa: PLC0415  as above

    if not crs.degrees:
        return way_of(crs.name).placed(xs, ys)
    lons, lats = to_registry(np.asarray(xs, float), np.asarray(ys, float), crs)
    return Placed(lons, lats, np.full(len(lons), crs.accuracy_m), (lons, lats))


def to_registry(xs: Any, ys: Any, crs: Crs) -> tuple[Any, Any]:
    """Lon and lat (EPSG:4490, degrees) of stated coordinates; floats or arrays.

    Raises
    ------
    InputRefused
        No operation is known for one of the places.
    """
    if crs.name in ("cgcs2000", "wgs84"):
        return xs, ys
    if crs.degrees:
        from hydrant.geo import china  # noqa: PLC0415  numpy only where it is needed

        if crs.name == "gcj02":
            return china.gcj02_to_wgs84(xs, ys)
        return china.gcj02_to_wgs84(*china.bd09_to_gcj02(xs, ys))
    found = _all_placed(xs, ys, crs.name)
    return _like(xs, found.lons), _like(xs, found.lats)


def _all_placed(xs: Any, ys: Any, described: str) -> Placed:
    """Positions by the operations of a system; raises where a finite place has none."""
    import numpy as np  # noqa: PLC0415  as above

    x, y = np.atleast_1d(np.asarray(xs, float)), np.atleast_1d(np.asarray(ys, float))
    way = way_of(described)
    found = way.placed(x, y)
    lost = np.isnan(found.lons) & np.isfinite(x) & np.isfinite(y)
    for place in np.flatnonzero(lost & way.shifts)[:1]:
        raise way.refusal((float(x[place]), float(y[place])))
    return found


def _like(given: Any, found: Any) -> Any:
    """Numbers as they were given: one, or an array."""
    return float(found[0]) if isinstance(given, int | float) else found


def from_registry(lons: Any, lats: Any, crs: Crs) -> tuple[Any, Any]:
    """Coordinates in another system of EPSG:4490 degrees; floats or arrays."""
    if crs.name in ("cgcs2000", "wgs84"):
        return lons, lats
    if crs.degrees:
        from hydrant.geo import china  # noqa: PLC0415  as above

        if crs.name == "gcj02":
            return china.wgs84_to_gcj02(lons, lats)
        return china.gcj02_to_bd09(*china.wgs84_to_gcj02(lons, lats))
    import numpy as np  # noqa: PLC0415  as above

    x, y = way_of(crs.name).inverse(np.atleast_1d(lons), np.atleast_1d(lats))
    return _like(lons, x), _like(lons, y)


def from_described(described: str) -> Callable[[Any, Any], tuple[Any, Any]] | None:
    """What turns coordinates of a system that a file describes (code or WKT) into degrees.

    Returns
    -------
    A function of x and y, arrays, that gives lon and lat (EPSG:4490) and raises `InputRefused`
    where no operation is known for a place; or None when the description is not understood.

    Raises
    ------
    InputRefused
        No operation leads from the system to the registry's.
    """
    try:
        crs = stated_by(described)
    except InputRefused as error:
        if error.key == "geo.crs":
            return None
        raise
    return lambda xs, ys: to_registry(xs, ys, crs)


def to_registry_point(x: float, y: float, crs: Crs) -> Position:
    """Position of one pair of stated coordinates.

    Raises
    ------
    InputRefused
        The coordinates are no numbers, 0,0, out of range, of another zone than stated, in the
        other order, or no operation is known for the place.
    """
    refuse_impossible(x, y, crs)
    if crs.degrees:
        lon, lat = to_registry(x, y, crs)
        return Position(float(lon), float(lat), crs.accuracy_m)
    import numpy as np  # noqa: PLC0415  as above

    found = placed(np.array([x]), np.array([y]), crs)
    for key in misfits(np.array([x]), np.array([y]), crs, found).values():
        raise InputRefused(key, x=x, y=y, crs=crs.name)
    lon, lat = to_registry(x, y, crs)
    accuracy_m = float(found.accuracy_m[0])
    return Position(float(lon), float(lat), None if np.isnan(accuracy_m) else accuracy_m)


def refuse_impossible(x: float, y: float, crs: Crs) -> None:
    """Refuse a pair that its own system excludes; raises `InputRefused`."""
    if x == 0 and y == 0:
        raise InputRefused("geo.zero", x=x, y=y)
    if crs.degrees:
        problem = impossible_degrees(x, y)
        if problem is not None:
            raise InputRefused(problem, x=x, y=y, crs=crs.name)
    better = other_form(x, crs.epsg)
    if better is not None:
        raise InputRefused("geo.zone_form", x=x, crs=crs.name, better=f"EPSG:{better}")


def misfits(xs: Any, ys: Any, crs: Crs, found: Placed) -> dict[int, str]:
    """Message keys of places far outside the area that their system is made for, by place.

    Where the two numbers the other way round lie within it, north was written first.
    """
    import numpy as np  # noqa: PLC0415  as above

    if crs.degrees:
        return {}
    if not way_of(crs.name).system.is_projected:
        return _misfits(xs, ys, crs, found)
    # nobody keeps a register of what lies within 180 m of a projection's origin
    degrees = np.flatnonzero((np.abs(xs) <= 180.0) & (np.abs(ys) <= 90.0)).tolist()
    return _misfits(xs, ys, crs, found) | dict.fromkeys(degrees, "geo.degrees_as_metres")


def _misfits(xs: Any, ys: Any, crs: Crs, found: Placed) -> dict[int, str]:
    import numpy as np  # noqa: PLC0415  as above

    way = way_of(crs.name)
    nowhere = np.isnan(found.lons)
    outside = np.flatnonzero(
        way.elsewhere(
            np.where(nowhere, found.rough[0], found.lons),
            np.where(nowhere, found.rough[1], found.lats),
        )
    )
    if not len(outside):
        return {}
    x, y = np.asarray(xs)[outside], np.asarray(ys)[outside]
    turned = way.placed(y, x)
    swapped = ~way.elsewhere(*turned.rough, beyond=1.0)
    swapped |= np.array([other_form(float(value), crs.epsg) is not None for value in y], bool)
    return {
        place: "geo.axes" if turn else "geo.elsewhere"
        for place, turn in zip(outside.tolist(), swapped, strict=True)
    }


def refusal_here(x: float, y: float, crs: Crs) -> InputRefused:
    """Why a place of a system has no position."""
    return way_of(crs.name).refusal((x, y))


def impossible_degrees(lon: float, lat: float) -> str | None:
    """Message key of what is wrong with a pair of degrees; None when it may be."""
    if not (abs(lon) <= 180.0 and abs(lat) <= 90.0):  # also catches NaN and infinity
        swapped = abs(lon) <= 90.0 and abs(lat) <= 180.0
        return "geo.swapped_range" if swapped else "geo.not_degrees"
    return "geo.zero" if lon == 0.0 and lat == 0.0 else None


def in_china(lon: float, lat: float) -> bool:
    """Whether degrees lie in China's box."""
    return CHINA[0] <= lon <= CHINA[2] and CHINA[1] <= lat <= CHINA[3]


def require_datum(lon: float, lat: float) -> None:
    """Refuse degrees inside China whose datum nobody stated; raises `InputRefused`."""
    problem = impossible_degrees(lon, lat)
    if problem is not None:
        raise InputRefused(problem, x=lon, y=lat, crs="?")
    if in_china(lon, lat):
        raise InputRefused("geo.no_datum", x=lon, y=lat)


def inside(lon: float, lat: float, box: tuple[float, ...]) -> bool:
    """Whether a position lies in a box (min lon, min lat, max lon, max lat)."""
    return box[0] <= lon <= box[2] and box[1] <= lat <= box[3]


def outside_extent(
    pair: tuple[float, float], position: Position, crs: Crs, box: tuple[float, ...]
) -> str | None:
    """Likely reason why a position is outside a known extent; None when it is inside.

    The reason is the name of a message ``geo.reason_…``, to be worded where it is shown.
    """
    if inside(position.lon, position.lat, box):
        return None
    x, y = pair
    if crs.degrees:
        if inside(y, x, box):
            return "swapped"
        if inside(-x, y, box) or inside(x, -y, box) or inside(-x, -y, box):
            return "sign"
        return "far"
    return _zone_that_fits(x, y, box) or "far"


def _zone_that_fits(x: float, y: float, box: tuple[float, ...]) -> str | None:
    for order in ((x, y), (y, x)):
        easting = order[0] % ZONE_UNIT
        for zone in _ZONES_TRIED:
            lon, lat = to_registry(easting, order[1], of_code(ZONES[zone].plain))
            if inside(lon, lat, box):
                return f"zone_{ZONES[zone].plain}" if order == (x, y) else "swapped"
    return None
