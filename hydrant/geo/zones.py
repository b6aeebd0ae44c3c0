"""Gauss-Krüger zones of the Chinese systems: which code an easting's own digits belong to.

An easting of eight digits begins with the number of its zone (13 to 23 of 6 degrees, 25 to 45 of
3 degrees) and belongs to a code "zone n"; one of six digits has none and belongs to a code
"CM n". Source: EPSG registry.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

#: What the number of a zone counts for in an easting, m.
ZONE_UNIT = 1_000_000.0
#: First zone, how many, code of the first with the zone in front, and without; by datum.
_FAMILIES = (
    ((13, 11, 4491, 4502), (25, 21, 4513, 4534)),  # CGCS2000
    ((13, 11, 2327, 2338), (25, 21, 2349, 2370)),  # Xi'an 1980
    ((13, 11, 21413, 21453), (25, 21, 2401, 2422)),  # Beijing 1954
)


class Codes(NamedTuple):
    """Codes of one zone: of eastings with its number in front, and of those without."""

    prefixed: int
    plain: int


def _zones(family: tuple[tuple[int, int, int, int], ...]) -> dict[int, Codes]:
    return {
        first + n: Codes(prefixed + n, plain + n)
        for first, count, prefixed, plain in family
        for n in range(count)
    }


#: CGCS2000 zones by number.
ZONES: Mapping[int, Codes] = _zones(_FAMILIES[0])


@cache
def _by_code() -> dict[int, tuple[int, Mapping[int, Codes]]]:
    """Zone, and the zones of the same datum, by code."""
    found: dict[int, tuple[int, Mapping[int, Codes]]] = {}
    for family in _FAMILIES:
        zones = _zones(family)
        found |= {code: (zone, zones) for zone, codes in zones.items() for code in codes}
    return found


def other_form(x: float, epsg: int | None) -> int | None:
    """The code that an easting's digits ask for when they contradict the stated one."""
    if epsg not in _by_code():
        return None
    zone, zones = _by_code()[epsg]
    digits = int(x // ZONE_UNIT)
    if epsg == zones[zone].plain:
        return zones[digits].prefixed if digits in zones else None
    if digits == zone:
        return None
    if digits in zones:
        return zones[digits].prefixed
    return zones[zone].plain if digits == 0 else None


def codes_of_zone(number: int) -> tuple[int, ...]:
    """Codes of eastings with a zone's number in front: CGCS2000, Xi'an 1980, Beijing 1954."""
    return tuple(zones[number].prefixed for f in _FAMILIES if number in (zones := _zones(f)))
