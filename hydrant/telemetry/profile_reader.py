"""Reads and checks profile files; a mistake is told so that a technician finds it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from hydrant import described, units
from hydrant.described import Mistake, Place
from hydrant.errors import InputRefused
from hydrant.shipped import Shipped
from hydrant.telemetry.decode import ORDERS, TYPES, as_held, width
from hydrant.telemetry.profile import (
    BIT_FUNCTIONS,
    Forbidden,
    Point,
    Profile,
)

_UNREADABLE = "telemetry.profile_unreadable"
_PROFILES = Shipped(("drivers",), "telemetry.profile_missing", _UNREADABLE, _UNREADABLE)
#: Unit of a current loop; what the current means is stated with the sensor.
LOOP_UNITS = units.known_units("mA")
#: Parts of the file whose tables have names or numbers.
_TABLES = ("points", "codes", "forbidden", "golden")


def profile_names() -> list[str]:
    """Names of the shipped profiles."""
    return _PROFILES.names()


def load_profile(name: str) -> Profile:
    """A shipped profile by name, or a technician's own by the path of its TOML file.

    One's own is read again when its file has changed, also while a poll keeps going.

    Raises
    ------
    InputRefused
        There is no such profile, or its file has a mistake: file, table, field, what is allowed.
    """
    if not name.endswith(".toml"):
        return _read_once(name, ())
    try:
        found = Path(name).stat()
    except OSError:
        return read_profile(Path(name))  # which says what is wrong
    return _read_once(name, (found.st_mtime_ns, found.st_size, found.st_ino))


@lru_cache(maxsize=256)
def _read_once(name: str, _stamp: tuple[int, ...]) -> Profile:
    return read_profile(_PROFILES.path(name))


def read_profile(path: Path) -> Profile:
    """The profile of a file, checked; raises `InputRefused` as `load_profile` does."""
    values = _PROFILES.content(path)
    try:
        return _profile(described.read(Profile, values), values)
    except Mistake as wrong:
        raise _refused(wrong, path.name) from None


def _refused(wrong: Mistake, file: str) -> InputRefused:
    """A mistake by table and field, the field that was probably meant where one is not known."""
    table, field = "–", wrong.place
    if len(field) > 2 and field[0] in _TABLES:
        name, number = field[:2]
        table = f"[[{name}]] {number}" if isinstance(number, int) else f"[{name}.{number}]"
        field = field[2:]
    facts = {"file": file, "table": table, "field": described.dotted(field)}
    if wrong.known:
        near = difflib.get_close_matches(str(field[-1]), wrong.known, n=1)
        known = ", ".join(near or wrong.known)
        return InputRefused("telemetry.profile_unknown", **facts, known=known)
    return InputRefused(
        "telemetry.profile_field", **facts, value=wrong.value, allowed=wrong.allowed
    )


def _profile(file: Profile, written: Mapping[str, Any]) -> Profile:
    base = file.base
    forbidden = tuple(_forbidden(area, n, base) for n, area in enumerate(file.forbidden, 1))
    points = {name: _point(name, table, file) for name, table in file.points.items()}
    for name, table in written["points"].items():
        _require_order(points[name], table)
        _require_helpers(points[name], points)
        _require_in_reach(points[name], forbidden, file)
    for number, golden in enumerate(file.golden, 1):
        for name in golden.values:
            if name not in points:
                raise Mistake(("golden", number, "values"), name, ", ".join(points))
    return replace(file, forbidden=forbidden, points=points)


def _within(value: int, low: int, high: int, place: Place) -> None:
    if not low <= value <= high:
        raise Mistake(place, value, f"{low} … {high}")


def _forbidden(area: Forbidden, number: int, base: int) -> Forbidden:
    place = ("forbidden", number)
    _within(area.first, base, 65535 + base, (*place, "first"))
    _within(area.last, area.first, 65535 + base, (*place, "last"))
    return replace(area, first=area.first - base, last=area.last - base)


def _point(name: str, table: Point, file: Profile) -> Point:
    place = ("points", name)
    kinds = ("bit",) if table.function in BIT_FUNCTIONS else tuple(t for t in TYPES if t != "bit")
    if table.type not in kinds:
        raise Mistake((*place, "type"), table.type, ", ".join(kinds))
    _within(table.address, file.base, 65536 - width(table.type) + file.base, (*place, "address"))
    if (table.status_from is None) != (table.status_mask == 0):
        allowed = 'status_from = "…", status_mask = 0x…'
        raise Mistake((*place, "status_mask"), table.status_mask, allowed)
    meanings = None if table.quantity is None else _meanings(table, file, place)
    if table.quantity is None:  # what only helps has no unit
        table = replace(table, unit=None, unit_from=None)
    elif _without_unit(table):  # nor is there one to be stated for yes and no
        table = replace(table, unit=units.QUANTITY_UNIT[str(table.quantity)])
    sentinels = _sentinels(table, place)
    return replace(
        table,
        name=name,
        address=table.address - file.base,
        meanings=meanings,
        sentinels=sentinels,
    )


def _without_unit(table: Point) -> bool:
    """Whether a measuring point states no unit because its quantity has only one."""
    known = units.known_units(units.QUANTITY_UNIT[str(table.quantity)])
    return table.unit is None and table.unit_from is None and known == ("1",)


def _sentinels(table: Point, place: Place) -> tuple[float, ...]:
    """Sentinels as the registers hold them, so that they are known again."""
    held = []
    for number in table.sentinels:
        try:
            held.append(as_held(number, table.type))
        except (OverflowError, ValueError):
            bits = 16 * table.width
            allowed = f"{table.type}: {-(1 << bits - 1)} … {(1 << bits) - 1}"
            raise Mistake((*place, "sentinels"), number, allowed) from None
    return tuple(held)


def _meanings(table: Point, file: Profile, place: Place) -> dict[int, str] | None:
    """Unit of each code that a measuring point's unit comes from; its units are known ones."""
    known = (*units.known_units(units.QUANTITY_UNIT[str(table.quantity)]), *LOOP_UNITS)
    if table.unit is not None and table.unit not in known:
        raise Mistake((*place, "unit"), table.unit, ", ".join(known))
    if table.unit_from is None:
        return None
    if table.unit is not None:
        raise Mistake((*place, "unit"), table.unit, "unit | unit_from")
    if table.codes is None or table.codes not in file.codes:
        raise Mistake((*place, "codes"), table.codes or "–", ", ".join(file.codes) or "[codes.…]")
    codes = file.codes[table.codes]
    for code, meaning in codes.items():
        if meaning not in known:
            raise Mistake(("codes", table.codes, code), meaning, ", ".join(known))
    return {int(code): meaning for code, meaning in codes.items()}


def _require_order(point: Point, written: Mapping[str, Any]) -> None:
    place = ("points", point.name)
    # one register has no word order, so only wider types must state theirs
    if "order" not in written and point.width > 1:
        raise Mistake((*place, "order"), "–", ", ".join(ORDERS))
    if point.span_from is not None and written.get("span_raw", 0) == 0:
        allowed = 'span_from = ["low", "high"], span_raw = 10000'
        raise Mistake((*place, "span_from"), list(point.span_from), allowed)


def _require_helpers(point: Point, points: Mapping[str, Point]) -> None:
    """Every point that this one names is there and holds whole numbers."""
    whole = [name for name, other in points.items() if not other.type.startswith("float")]
    for field in ("unit_from", "decimals_from", "status_from", "span_from"):
        named = getattr(point, field) or ()
        for helper in (named,) if isinstance(named, str) else named:
            if helper not in whole:
                raise Mistake(("points", point.name, field), helper, ", ".join(whole))


def _require_in_reach(point: Point, forbidden: tuple[Forbidden, ...], file: Profile) -> None:
    last = point.address + point.width - 1
    if any(area.touches(point.function, point.address, last) for area in forbidden):
        stated = file.points[point.name].address
        raise Mistake(("points", point.name, "address"), stated, "≠ [[forbidden]]")
    if point.function not in BIT_FUNCTIONS and point.width > file.max_registers:
        allowed = f"≥ {point.width} ({point.name})"
        raise Mistake(("max_registers",), file.max_registers, allowed)
