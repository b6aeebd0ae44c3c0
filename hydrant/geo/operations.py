"""From any system that PROJ knows to EPSG:4490: the best operation for each place, no ballpark.

PROJ left to itself shifts nothing where it knows no operation between two datums, and says
nothing: 100 to 800 m. Here a place without an operation gets no position. Of several that hold
at a place (their areas of use are taken as boxes) the most accurate one is used. WGS 84 and
CGCS2000 are taken as identical to 1 m, so that operations to WGS 84, which is where the public
ones lead, will do.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError
from pyproj.transformer import TransformerGroup

from hydrant.errors import InputRefused

#: Difference of realisations between WGS 84 and CGCS2000, m.
REALISATIONS_M = 1.0
_CGCS2000, _WGS84 = 4490, 4326
#: How far beyond its area of use a projection is still a sensible choice, degrees.
_BEYOND = 5.0
#: West, south, east, north in degrees.
_Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class _Step:
    """One operation between datums, where it holds, and how accurate it is (None: not known)."""

    turn: Transformer | None
    name: str
    accuracy_m: float | None
    area: _Box | None


@dataclass(slots=True)
class Placed:
    """Positions in EPSG:4490.

    Attributes
    ----------
    lons, lats
        Degrees, shape (n,); NaN where no operation is known for the place.
    accuracy_m
        Metres, shape (n,); NaN where it is not known.
    rough
        Longitudes and latitudes to some hundred metres also where no operation is known.
    operations
        For how many places each operation was used, and its accuracy in metres, by name.
    """

    lons: Any
    lats: Any
    accuracy_m: Any
    rough: tuple[Any, Any]
    operations: dict[str, tuple[int, float | None]] = field(default_factory=dict)


class Way:
    """The way from one system to the registry's.

    Parameters
    ----------
    described
        ``EPSG:n``, WKT or PROJ text.

    Raises
    ------
    InputRefused
        It is no system of coordinates on a map, or no operation leads from it anywhere.
    """

    def __init__(self, described: str) -> None:
        try:
            self.system = _flat(CRS.from_user_input(described))
            self._project, base = _unprojected(self.system)
            self._steps, missing = _steps(base)
        except ProjError:
            raise InputRefused("geo.crs", crs=_short(described)) from None
        self.described = described
        self._missing = tuple(missing)
        if not self._steps:
            raise self.refusal()

    @property
    def shifts(self) -> bool:
        """Whether it leads from one datum to another, beyond WGS 84 to CGCS2000."""
        return self._steps[0].turn is not None

    @property
    def brief(self) -> str:
        """The system in a line: its name and PROJ text."""
        return f"{self.system.name} ({' '.join(_words(self.system))})"

    def refusal(self, place: tuple[float, float] | None = None) -> InputRefused:
        """Why a place, or any place, of the system cannot be brought to the registry's."""
        facts = {
            "crs": _short(self.described),
            "name": self.system.name,
            "text": _advised(self.system),
            "grids": ", ".join(self._missing) or "–",
        }
        if place is None:
            return InputRefused("geo.no_operation", **facts)
        return InputRefused("geo.no_operation_here", x=place[0], y=place[1], **facts)

    def placed(self, xs: Any, ys: Any) -> Placed:
        """Positions of coordinates, x east and y north, arrays of shape (n,)."""
        x, y = np.asarray(xs, float), np.asarray(ys, float)
        if self._project is not None:
            x, y = self._project.transform(x, y)
        lons, lats, accuracy_m = (np.full(len(x), np.nan) for _ in range(3))
        rough = self._rough(x, y) if self.shifts else (x, y)
        found = Placed(lons, lats, accuracy_m, rough)
        if not self.shifts:
            finite = np.isfinite(x) & np.isfinite(y)
            found.lons[finite], found.lats[finite] = x[finite], y[finite]
            found.accuracy_m[finite] = self._steps[0].accuracy_m
            return found
        for step in self._steps:
            _take(step, x, y, found)
        return found

    def inverse(self, lons: Any, lats: Any) -> tuple[Any, Any]:
        """Coordinates in the system of EPSG:4490 degrees, arrays of shape (n,)."""
        x, y = np.asarray(lons, float).copy(), np.asarray(lats, float).copy()
        if self.shifts:
            left = np.full(len(x), True)
            for step in self._steps:
                here = np.flatnonzero(left & _within(step.area, (x, y)))
                if len(here) and step.turn is not None:
                    x[here], y[here] = step.turn.transform(x[here], y[here], direction="INVERSE")
                    left[here] = False
            x[left] = y[left] = np.nan
        return (
            (x, y) if self._project is None else self._project.transform(x, y, direction="INVERSE")
        )

    def elsewhere(self, lons: Any, lats: Any, *, beyond: float = _BEYOND) -> Any:
        """Which positions lie far outside the area that the system is made for, shape (n,)."""
        area = self.system.area_of_use
        return ~_within(None if area is None else area.bounds, (lons, lats), beyond)

    def _rough(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Where places are, well enough to tell which operations hold there."""
        lons, lats = np.full(len(x), np.nan), np.full(len(x), np.nan)
        for step in self._steps:
            left = np.flatnonzero(~np.isfinite(lons))
            if not len(left) or step.turn is None:
                break
            lons[left], lats[left] = step.turn.transform(x[left], y[left])
        return lons, lats


@cache
def way(described: str) -> Way:
    """The way of a system, made once."""
    return Way(described)


def _take(step: _Step, x: Any, y: Any, found: Placed) -> None:
    """Place what has no position yet and lies where an operation holds."""
    here = np.flatnonzero(np.isnan(found.lons) & _within(step.area, found.rough))
    if not len(here) or step.turn is None:
        return
    lons, lats = step.turn.transform(x[here], y[here])
    good = np.isfinite(lons) & np.isfinite(lats)  # a grid may end within its area of use
    if not good.any():
        return
    here = here[good]
    found.lons[here], found.lats[here] = lons[good], lats[good]
    found.accuracy_m[here] = np.nan if step.accuracy_m is None else step.accuracy_m
    before, _ = found.operations.get(step.name, (0, None))
    found.operations[step.name] = before + len(here), step.accuracy_m


def _flat(system: CRS) -> CRS:
    """The system of the horizontal part."""
    if system.is_compound:
        system = system.sub_crs_list[0]
    if system.is_bound and system.source_crs is not None:
        if not (system.source_crs.is_geographic or system.source_crs.is_projected):
            raise ProjError("no map")
        return system
    if not (system.is_geographic or system.is_projected):
        raise ProjError("no map")
    return system.to_2d()


def _unprojected(system: CRS) -> tuple[Transformer | None, CRS]:
    """What takes coordinates to the system of longitudes and latitudes below, and that system."""
    base = None if system.is_bound or system.is_geographic else system.geodetic_crs
    if base is None:
        return None, system
    return Transformer.from_crs(system, base, always_xy=True, allow_ballpark=False), base


def _steps(base: CRS) -> tuple[list[_Step], set[str]]:
    """Operations between datums, the most accurate first; and grids that would do better."""
    code = None if base.is_bound else base.to_epsg()
    plain = {_CGCS2000: 0.0, _WGS84: REALISATIONS_M}
    if code in plain:
        return [_Step(None, "", plain[code], None)], set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of grids that are missing, which we name ourselves
        group = TransformerGroup(code or base, _WGS84, always_xy=True, allow_ballpark=False)
    steps = [
        _Step(turn, _name(turn), _accuracy(turn), None if base.is_bound else _box(turn))
        for turn in group.transformers
    ]
    missing = {
        grid.short_name
        for operation in group.unavailable_operations
        for grid in operation.grids
        if not grid.available
    }
    return sorted(steps, key=lambda step: (step.accuracy_m is None, step.accuracy_m or 0)), missing


def _name(turn: Transformer) -> str:
    """Name of an operation without the turning of axes around it."""
    parts = [part for part in turn.description.split(" + ") if "axis order change" not in part]
    return " + ".join(parts) or turn.description


def _accuracy(turn: Transformer) -> float | None:
    return None if turn.accuracy < 0 else turn.accuracy + REALISATIONS_M


def _box(turn: Transformer) -> _Box | None:
    return None if turn.area_of_use is None else turn.area_of_use.bounds


def _within(area: _Box | None, places: tuple[Any, Any], beyond: float = 0.0) -> Any:
    """Which places lie in an area's box, grown by some degrees; areas may cross 180 degrees."""
    lons, lats = places
    if area is None:
        return np.full(len(lons), True)
    west, south, east, north = area
    width = (east - west) % 360 or 360.0 * (east != west)
    with np.errstate(invalid="ignore"):
        there = (np.asarray(lons) - (west - beyond)) % 360 <= width + 2 * beyond
        if width + 2 * beyond >= 360:
            there = np.isfinite(lons)
        return there & (lats >= south - beyond) & (lats <= north + beyond)


def _advised(system: CRS) -> str:
    """PROJ text of a system with the place where its shift belongs."""
    return " ".join([*_words(system), "+towgs84=DX,DY,DZ,RX,RY,RZ,S"])


def _words(system: CRS) -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what PROJ text cannot say
        words = system.to_proj4().split()
    return [word for word in words if word not in ("+type=crs", "+no_defs")]


def _short(described: str) -> str:
    """A description as a message shows it."""
    return described if len(described) <= 100 else f"{described[:60]} …"
