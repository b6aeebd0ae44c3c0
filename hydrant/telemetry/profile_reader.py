"""Reads and checks profile files; a mistake is told so that a technician finds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from hydrant import guarded, units
from hydrant.errors import InputRefused
from hydrant.resources import resource
from hydrant.telemetry.decode import ORDERS, TYPES, width
from hydrant.telemetry.fields import Table, is_number
from hydrant.telemetry.profile import (
    BIT_FUNCTIONS,
    CONFIDENCES,
    MOST_REGISTERS,
    Forbidden,
    Golden,
    Point,
    Profile,
)
from hydrant.vocabulary import Quantity

TOP_FIELDS = (
    *("name", "version", "title", "maker", "models", "confidence", "sources", "notes", "serial"),
    *("base", "max_registers", "max_gap", "min_pause_ms", "forbidden", "codes", "points", "golden"),
)
POINT_FIELDS = (
    *("quantity", "function", "address", "type", "order", "unit", "scale", "offset", "unit_from"),
    *("codes", "decimals_from", "span_from", "span_raw", "status_from", "status_mask"),
    *("sentinels", "range", "simulated"),
)
FORBIDDEN_FIELDS = ("first", "last", "function", "why")
GOLDEN_FIELDS = ("exchanges", "values", "origin", "parameters")
EXCHANGE_FIELDS = ("request", "answer")

#: Unit of a current loop; what the current means is stated with the sensor.
LOOP_UNITS = units.known_units("mA")


def profile_names() -> list[str]:
    """Names of the shipped profiles."""
    return sorted(path.stem for path in resource("drivers").glob("*.toml"))


@cache
def load_profile(name: str) -> Profile:
    """A shipped profile by name, or a technician's own by the path of its TOML file.

    Raises
    ------
    InputRefused
        There is no such profile, or its file has a mistake: file, table, field, what is allowed.
    """
    path = Path(name)
    if path.suffix != ".toml":
        if name not in profile_names():
            raise InputRefused(
                "telemetry.profile_missing", name=name, known=", ".join(profile_names())
            )
        path = resource("drivers", f"{name}.toml")
    return read_profile(path)


def read_profile(path: Path) -> Profile:
    """The profile of a file, checked; raises `InputRefused` as `load_profile` does."""
    try:
        values = guarded.toml(path)
    except OSError as error:
        raise InputRefused("telemetry.profile_unreadable", file=path, why=error.strerror) from None
    except ValueError as error:
        raise InputRefused("telemetry.profile_unreadable", file=path, why=error) from None
    return _profile(Table(path.name, "–", values))


def _profile(top: Table) -> Profile:
    top.only(TOP_FIELDS)
    base = top.whole("base", 0, 1)
    forbidden = tuple(_forbidden(table, base) for table in top.tables("forbidden"))
    most = top.whole("max_registers", 1, MOST_REGISTERS, MOST_REGISTERS)
    points = _points(top, base)
    _refuse_out_of_reach(top, points, forbidden, most)
    return Profile(
        name=top.text("name"),
        version=top.text("version"),
        title=top.both_languages("title"),
        maker=top.text("maker"),
        models=top.texts("models"),
        confidence=top.choice("confidence", CONFIDENCES),
        sources=top.texts("sources"),
        notes=top.both_languages("notes", optional=True),
        serial=top.optional_text("serial"),
        max_registers=most,
        max_gap=top.whole("max_gap", 0, MOST_REGISTERS, 0),
        min_pause_s=top.whole("min_pause_ms", 0, 10_000, 0) / 1000,
        forbidden=forbidden,
        points=points,
        golden=tuple(_golden(table, points) for table in top.tables("golden")),
    )


def _forbidden(table: Table, base: int) -> Forbidden:
    table.only(FORBIDDEN_FIELDS)
    first = table.whole("first", base, 65535 + base) - base
    last = table.whole("last", first + base, 65535 + base) - base
    function = table.whole("function", 1, 4) if "function" in table.values else None
    table.text("why")
    return Forbidden(first, last, function)


#: Digits of the largest whole number that registers hold, of 64 bits.
_MOST_DIGITS = 20


def _codes(top: Table) -> dict[str, dict[int, str]]:
    found: dict[str, dict[int, str]] = {}
    for name, table in top.named_tables("codes").items():
        for key, value in table.values.items():
            plain = key.isascii() and key.isdigit() and len(key) <= _MOST_DIGITS
            if not plain or not isinstance(value, str):
                raise table.refuse(key, '"7" = "bar"')
        found[name] = {int(key): value for key, value in table.values.items()}
    return found


def _points(top: Table, base: int) -> dict[str, Point]:
    codes = _codes(top)
    tables = top.named_tables("points")
    if not tables:
        raise top.refuse("points", "[points.…]")
    points = {name: _point(name, table, base, codes) for name, table in tables.items()}
    for name, point in points.items():
        for helper in point.helpers:
            if helper not in points or points[helper].type.startswith("float"):
                field = _field_naming(tables[name].values, helper)
                helpers = (n for n, p in points.items() if not p.type.startswith("float"))
                raise tables[name].refuse(field, ", ".join(helpers))
    return points


def _field_naming(values: Mapping[str, Any], helper: str) -> str:
    """The field of a point's table that names a helper, alone or in a list."""
    named = {
        field: found if isinstance(found, list) else [found] for field, found in values.items()
    }
    return next(field for field in POINT_FIELDS if helper in named.get(field, ()))


def _point(name: str, table: Table, base: int, codes: Mapping[str, Mapping[int, str]]) -> Point:
    table.only(POINT_FIELDS)
    function = table.whole("function", 1, 4)
    kinds = ("bit",) if function in BIT_FUNCTIONS else tuple(t for t in TYPES if t != "bit")
    kind = table.choice("type", kinds)
    low, high = table.range("range")
    point = Point(
        name=name,
        function=function,
        address=table.whole("address", base, 65536 - width(kind) + base) - base,
        type=kind,
        # one register has no word order, so only wider types must state theirs
        order=table.choice("order", ORDERS, "ABCD" if width(kind) == 1 else None),
        scale=table.number("scale", 1.0),
        offset=table.number("offset", 0.0),
        decimals_from=table.optional_text("decimals_from"),
        span_from=_span(table),
        span_raw=table.number("span_raw", 1.0),
        status_from=table.optional_text("status_from"),
        status_mask=table.whole("status_mask", 0, 0xFFFF_FFFF, 0),
        sentinels=table.numbers("sentinels"),
        low=low,
        high=high,
        simulated=table.whole("simulated", -32768, 65535) if "simulated" in table.values else None,
    )
    if (point.status_from is None) != (point.status_mask == 0):
        raise table.refuse("status_mask", 'status_from = "…", status_mask = 0x…')
    return point if "quantity" not in table.values else _measuring(point, table, codes)


def _span(table: Table) -> tuple[str, str] | None:
    names = table.texts("span_from") if "span_from" in table.values else ()
    if not names:
        return None
    if len(names) != 2 or table.number("span_raw", 0.0) == 0.0:
        raise table.refuse("span_from", 'span_from = ["low", "high"], span_raw = 10000')
    return names[0], names[1]


def _measuring(point: Point, table: Table, codes: Mapping[str, Mapping[int, str]]) -> Point:
    """Add what makes a point a measurement: quantity and unit."""
    quantity = Quantity(table.choice("quantity", tuple(Quantity)))
    known = (*units.known_units(units.QUANTITY_UNIT[quantity]), *LOOP_UNITS)
    unit = table.choice("unit", known) if "unit" in table.values else None
    unit_from = table.optional_text("unit_from")
    if unit_from is None:
        return replace(point, quantity=quantity, unit=unit)
    if unit is not None:
        raise table.refuse("unit", "unit | unit_from")
    meanings = codes[table.choice("codes", tuple(codes))]
    for meaning in meanings.values():
        if meaning not in known:
            raise InputRefused(
                "telemetry.profile_field",
                file=table.file,
                table=f"[codes.{table.text('codes')}]",
                field=quantity,
                value=meaning,
                allowed=", ".join(known),
            )
    return replace(point, quantity=quantity, unit_from=unit_from, codes=meanings)


def _refuse_out_of_reach(
    top: Table, points: Mapping[str, Point], forbidden: tuple[Forbidden, ...], most: int
) -> None:
    tables = top.named_tables("points")
    for name, point in points.items():
        last = point.address + point.width - 1
        if any(area.touches(point.function, point.address, last) for area in forbidden):
            raise tables[name].refuse("address", "≠ [[forbidden]]")
        if point.function not in BIT_FUNCTIONS and point.width > most:
            raise top.refuse("max_registers", f"≥ {point.width} ({name})")


def _golden(table: Table, points: Mapping[str, Point]) -> Golden:
    table.only(GOLDEN_FIELDS)
    values: Any = table.values.get("values")
    if not isinstance(values, dict) or not values or not set(values) <= set(points):
        raise table.refuse("values", ", ".join(points))
    parameters = table.values.get("parameters", {})
    if not isinstance(parameters, dict):
        raise table.refuse("parameters", '{ unit = "kPa" }')
    exchanges = table.tables("exchanges")
    if not exchanges:
        raise table.refuse("exchanges", '[{ request = "…", answer = "…" }]')
    return Golden(
        exchanges=tuple(_exchange(exchange) for exchange in exchanges),
        values={name: _expected(table, value) for name, value in values.items()},
        origin=table.text("origin"),
        parameters=parameters,
    )


def _expected(table: Table, value: object) -> float | None:
    """What a golden frame says of a point; "none" where the device has no value."""
    if value == "none":
        return None
    if not is_number(value):
        raise table.refuse("values", '{ p1 = 395.0, t1 = "none" }')
    return float(value)


def _exchange(table: Table) -> tuple[bytes, bytes]:
    table.only(EXCHANGE_FIELDS)
    return (
        table.parsed("request", bytes.fromhex, '"01 03 00 00 00 02 C4 0B"'),
        table.parsed("answer", bytes.fromhex, '"01 03 04 …"'),
    )
