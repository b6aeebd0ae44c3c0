"""What is allowed in a profile but seldom meant: slips of whoever copied it from a manual."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from hydrant import units
from hydrant.errors import Phrase
from hydrant.telemetry.plan import single
from hydrant.telemetry.profile import Point, Profile

#: First number of each function's registers as manuals count them. Source: Modicon PI-MBUS-300.
_NOTATION = {1: 1, 2: 10001, 3: 40001, 4: 30001}
_REGISTERS = 9999
#: Width of the ranges that sensors at hydrants have, in the internal units. Source: ours.
_USUAL_SPAN = {"pressure": (50.0, 10_000.0), "level": (0.3, 200.0), "flow": (0.5, 1000.0)}


def doubts(profile: Profile) -> Iterator[Phrase]:
    """What to look at again in the manual, a line each."""
    for point in profile.points.values():
        yield from _notation(point, profile.base)
        yield from _span(point)
    for one, other in combinations(profile.points.values(), 2):
        if _overlap(one, other):
            facts = {"point": one.name, "other": other.name, "address": one.address + profile.base}
            yield Phrase("telemetry.doubt_overlap", facts)


def _notation(point: Point, base: int) -> Iterator[Phrase]:
    """An address that counts as manuals do: 40001 is the first holding register."""
    first, stated = _NOTATION[point.function], point.address + base
    if first > 1 and first <= stated < first + _REGISTERS:
        meant = stated - first + base
        facts = {"point": point.name, "address": stated, "meant": meant}
        yield Phrase("telemetry.doubt_notation", facts)


def _span(point: Point) -> Iterator[Phrase]:
    """A range that makes sense in the unit of the point, though it counts in another."""
    usual = _USUAL_SPAN.get(str(point.quantity))
    if usual is None or point.range is None or point.unit is None:
        return
    internal = units.QUANTITY_UNIT[str(point.quantity)]
    if not units.turns_into(internal, point.unit):
        return
    low, high = point.range
    meant = (high - low) * units.factor_to(internal, point.unit)
    if not usual[0] <= high - low <= usual[1] and usual[0] <= meant <= usual[1]:
        facts = {
            "point": point.name,
            "low": f"{low:g}",
            "high": f"{high:g}",
            "unit": internal,
            "other": point.unit,
        }
        yield Phrase("telemetry.doubt_range", facts)


def _decided(point: Point) -> bool:
    """Whether the profile says what a point measures, and in which unit."""
    return point.quantity is not None and (point.unit or point.unit_from) is not None


def _overlap(one: Point, other: Point) -> bool:
    """Whether two measuring points share registers: one of them was mistyped.

    Where the unit is stated with the sensor, one register may be either: a depth or its pressure.
    """
    return (
        _decided(one)
        and _decided(other)
        and (one.quantity, one.type) != (other.quantity, other.type)
        and single(one).touches(other)
    )
