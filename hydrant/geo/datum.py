"""From stated coordinates to positions in the registry (EPSG:4490), and the refusals.

x is easting or longitude, y northing or latitude, always in that order. CGCS2000 and WGS 84
geographic coordinates are taken as identical; the difference of realisations is carried as
an accuracy of 1 m.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from hydrant.errors import InputRefused

if TYPE_CHECKING:
    from pyproj import Transformer

#: Rough box of China within which an unstated datum is ambiguous by half a kilometre.
CHINA = (73.5, 18.0, 135.1, 53.6)

_ACCURACY_M = {"cgcs2000": 0.0, "wgs84": 1.0, "gcj02": 1.0, "bd09": 1.0}
_EPSG = re.compile(r"(?:epsg:)(\d{4,6})", re.IGNORECASE)
#: CGCS2000 3-degree zones of Zhejiang: zone -> (code with prefix, code without).
#: Source: EPSG registry, 4527-4529 and 4548-4550.
ZONES = {39: (4527, 4548), 40: (4528, 4549), 41: (4529, 4550)}
_FALSE_EASTING = 500_000.0
_ZONE_UNIT = 1_000_000.0


@dataclass(frozen=True, slots=True)
class Crs:
    """A stated coordinate system.

    Attributes
    ----------
    name
        ``cgcs2000``, ``wgs84``, ``gcj02``, ``bd09`` or ``EPSG:n``.
    epsg
        EPSG code where there is one.
    """

    name: str
    epsg: int | None

    @property
    def accuracy_m(self) -> float | None:
        """Uncertainty that the conversion adds, metres; None where it is not known."""
        return _ACCURACY_M.get(self.name)


@dataclass(frozen=True, slots=True)
class Position:
    """A position in EPSG:4490, degrees, with the accuracy of its conversion in metres."""

    lon: float
    lat: float
    accuracy_m: float | None


_NAMED = {
    "cgcs2000": Crs("cgcs2000", 4490),
    "wgs84": Crs("wgs84", 4326),
    "gcj02": Crs("gcj02", None),
    "bd09": Crs("bd09", None),
}


def parse_crs(text: str) -> Crs:
    """The coordinate system of a name or ``EPSG:n``; raises `InputRefused`."""
    word = text.strip().lower().replace("-", "").replace(" ", "")
    if word in _NAMED:
        return _NAMED[word]
    match = _EPSG.fullmatch(word)
    if match is None:
        raise InputRefused("geo.crs", crs=text)
    code = int(match.group(1))
    if code in (4490, 4326):
        return _NAMED["cgcs2000" if code == 4490 else "wgs84"]
    _transformer(code)
    return Crs(f"EPSG:{code}", code)


@cache
def _transformer(epsg: int) -> Transformer:
    from pyproj import Transformer  # noqa: PLC0415  `near` with plain degrees needs no PROJ
    from pyproj.exceptions import CRSError  # noqa: PLC0415

    try:
        return Transformer.from_crs(epsg, 4490, always_xy=True)
    except CRSError:
        raise InputRefused("geo.crs", crs=f"EPSG:{epsg}") from None


def to_registry(xs: Any, ys: Any, crs: Crs) -> tuple[Any, Any]:
    """Lon and lat (EPSG:4490, degrees) of stated coordinates; floats or arrays."""
    if crs.name in ("cgcs2000", "wgs84"):
        return xs, ys
    from hydrant.geo import china  # noqa: PLC0415  numpy only where it is needed

    if crs.name == "gcj02":
        return china.gcj02_to_wgs84(xs, ys)
    if crs.name == "bd09":
        return china.gcj02_to_wgs84(*china.bd09_to_gcj02(xs, ys))
    assert crs.epsg is not None  # noqa: S101  parse_crs gives every other system a code
    lon, lat = _transformer(crs.epsg).transform(xs, ys)
    return lon, lat


def from_registry(lons: Any, lats: Any, crs: Crs) -> tuple[Any, Any]:
    """Coordinates in another system of EPSG:4490 degrees; floats or arrays."""
    if crs.name in ("cgcs2000", "wgs84"):
        return lons, lats
    from hydrant.geo import china  # noqa: PLC0415  as above

    if crs.name == "gcj02":
        return china.wgs84_to_gcj02(lons, lats)
    if crs.name == "bd09":
        return china.gcj02_to_bd09(*china.wgs84_to_gcj02(lons, lats))
    assert crs.epsg is not None  # noqa: S101  as above
    x, y = _transformer(crs.epsg).transform(lons, lats, direction="INVERSE")
    return x, y


def from_described(described: str) -> Callable[[Any, Any], tuple[Any, Any]] | None:
    """What turns coordinates of a system that a file describes (code or WKT) into degrees.

    Returns
    -------
    A function of x and y that gives lon and lat (EPSG:4490), or None when the description is
    not understood.
    """
    from pyproj import CRS, Transformer  # noqa: PLC0415  as above
    from pyproj.exceptions import ProjError  # noqa: PLC0415

    try:
        system = CRS.from_user_input(described)
        if system.equals(CRS.from_epsg(4326), ignore_axis_order=True):
            return lambda xs, ys: (xs, ys)
        return Transformer.from_crs(system, 4490, always_xy=True).transform
    except ProjError:  # a system that is read may still lead nowhere
        return None


def code_of(described: str) -> int | None:
    """EPSG code of a system that a file describes (code or WKT); None where it has none."""
    from pyproj import CRS  # noqa: PLC0415  as above
    from pyproj.exceptions import ProjError  # noqa: PLC0415

    try:
        return CRS.from_user_input(described).to_epsg()
    except ProjError:
        return None


def wkt_of(epsg: int) -> str:
    """Description of a system (WKT 2:2019) for programs that keep their own list of codes."""
    from pyproj import CRS  # noqa: PLC0415  as above

    return CRS.from_epsg(epsg).to_wkt("WKT2_2019")


def to_registry_point(x: float, y: float, crs: Crs) -> Position:
    """Position of one pair of stated coordinates.

    Raises
    ------
    InputRefused
        The coordinates are no numbers, 0,0, out of range, or of another zone than stated.
    """
    refuse_impossible(x, y, crs)
    lon, lat = to_registry(x, y, crs)
    problem = impossible_degrees(float(lon), float(lat))
    if problem is not None:
        raise InputRefused(problem, x=x, y=y, crs=crs.name)
    return Position(float(lon), float(lat), crs.accuracy_m)


def refuse_impossible(x: float, y: float, crs: Crs) -> None:
    """Refuse a pair that its own system excludes; raises `InputRefused`."""
    if x == 0 and y == 0:
        raise InputRefused("geo.zero", x=x, y=y)
    if crs.epsg in (4490, 4326, None):
        problem = impossible_degrees(x, y)
        if problem is not None:
            raise InputRefused(problem, x=x, y=y, crs=crs.name)
    better = other_zone_form(x, crs)
    if better is not None:
        raise InputRefused("geo.zone_form", x=x, crs=crs.name, better=f"EPSG:{better}")


def impossible_degrees(lon: float, lat: float) -> str | None:
    """Message key of what is wrong with a pair of degrees; None when it may be."""
    if not (abs(lon) <= 180.0 and abs(lat) <= 90.0):  # also catches NaN and infinity
        swapped = abs(lon) <= 90.0 and abs(lat) <= 180.0
        return "geo.swapped_range" if swapped else "geo.not_degrees"
    return "geo.zero" if lon == 0.0 and lat == 0.0 else None


def other_zone_form(x: float, crs: Crs) -> int | None:
    """The EPSG code that the easting's form asks for when the stated one contradicts it.

    An 8-digit easting begins with the zone number and belongs to the codes 4527-4529; a
    6-digit one has none and belongs to 4548-4550.
    """
    for zone, (prefixed, plain) in ZONES.items():
        if crs.epsg not in (prefixed, plain):
            continue
        stated_zone = int(x // _ZONE_UNIT)
        if crs.epsg == plain and stated_zone in ZONES:
            return ZONES[stated_zone][0]
        if crs.epsg == prefixed and stated_zone != zone:
            return ZONES[stated_zone][0] if stated_zone in ZONES else plain
    return None


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
    if crs.epsg in (4490, 4326, None):
        if inside(y, x, box):
            return "swapped"
        if inside(-x, y, box) or inside(x, -y, box) or inside(-x, -y, box):
            return "sign"
        return "far"
    return _zone_that_fits(x, y, box) or "far"


def _zone_that_fits(x: float, y: float, box: tuple[float, ...]) -> str | None:
    for order in ((x, y), (y, x)):
        easting = order[0] % _ZONE_UNIT
        for _prefixed, plain in ZONES.values():
            lon, lat = _transformer(plain).transform(easting, order[1])
            if inside(lon, lat, box):
                return f"zone_{plain}" if order == (x, y) else "swapped"
    return None
