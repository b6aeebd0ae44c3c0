"""Registers of a device to one measured value with its quality; pure, nothing is clamped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isinf, isnan

from hydrant import units
from hydrant.telemetry.decode import ORDERS, at_its_limit, decode
from hydrant.telemetry.profile import Point, Profile
from hydrant.telemetry.quality import Measured, Reason

Answers = Mapping[str, Sequence[int]]

#: Window in which a 4-20 mA signal is a measurement. Source: NAMUR NE 43.
LOOP_LOW_MA, LOOP_HIGH_MA = 3.6, 21.0

#: Less than any instrument resolves, in any unit, without being nothing: what a float gives whose
#: words are read in the wrong order. Source: ours.
_NOTHING = 1e-12
#: Below this a float is looked at in the other orders, too, whether it makes sense in one. No
#: transmitter of water resolves a millionth of its unit.
_HARDLY = 1e-6
#: What values have that make sense in the unit of a device.
_SENSIBLE = (0.01, 10_000.0)

#: More decimals than any register of 16 bits can use; a device that says so is misread.
MOST_DECIMALS = 9

#: What no sensor of a water main can truly report, by quantity in internal units; used where
#: the profile gives no narrower range. Source: ours, wide on purpose.
PLAUSIBLE: dict[str, tuple[float, float]] = {
    "pressure": (-100.0, 4000.0),
    "flow": (-1000.0, 1000.0),
    "level": (-500.0, 9000.0),
    "temperature": (-60.0, 150.0),
    "battery": (0.0, 60.0),
    "tilt": (-180.0, 180.0),
    "water_presence": (0.0, 1.0),
}


@dataclass(frozen=True, slots=True)
class Setup:
    """What the site adds to a profile.

    Attributes
    ----------
    unit
        Unit the device was set to, where its registers do not tell.
    loop
        Values at 4 and 20 mA and their unit, for a transmitter behind an analogue board.
    """

    unit: str | None = None
    loop: tuple[float, float, str] | None = None


def measure(profile: Profile, name: str, answers: Answers, setup: Setup) -> Measured:
    """Value of a point in its internal unit.

    Parameters
    ----------
    name
        A measuring point of the profile.
    answers
        Registers by point name, of this point and its helpers.
    """
    point = profile.points[name]
    raw = _number(point, answers)
    if _misread(point, raw, answers[name]):
        return Measured.missing(Reason.WORD_ORDER)
    fault = _fault(profile, point, raw, answers)
    if fault is not None:
        return Measured.missing(fault)
    unit = _unit(profile, point, answers, setup)
    if unit is None:
        return Measured.missing(Reason.UNKNOWN_UNIT_CODE)
    value = raw * point.scale + point.offset
    if point.decimals_from is not None:
        decimals = int(_number(profile.points[point.decimals_from], answers))
        if not 0 <= decimals <= MOST_DECIMALS:
            return Measured.missing(Reason.BAD_DECIMALS)
        value = value / 10**decimals
    if point.span_from is not None:
        low, high = (_number(profile.points[name], answers) for name in point.span_from)
        if low == high:
            return Measured.missing(Reason.BAD_SPAN)
        value = low + value * (high - low) / point.span_raw
    return _in_range(point, value, unit, setup)


def _number(point: Point, answers: Answers) -> int | float:
    return decode(answers[point.name], point.type, point.order)


def _misread(point: Point, raw: float, registers: Sequence[int]) -> bool:
    """Whether a float is as small as only words in the wrong order make it."""
    if not point.type.startswith("float") or not 0 < abs(raw) < _HARDLY:
        return False
    low, high = _SENSIBLE
    return abs(raw) < _NOTHING or any(
        low <= decode(registers, point.type, order) <= high
        for order in ORDERS
        if order != point.order
    )


def _fault(profile: Profile, point: Point, raw: float, answers: Answers) -> Reason | None:
    """What the device itself says is wrong with the value."""
    if isnan(raw):
        return Reason.NOT_A_NUMBER
    if isinf(raw):
        return Reason.INFINITE
    if raw in point.sentinels:
        return Reason.SENTINEL
    if at_its_limit(raw, point.type):
        return Reason.OPEN_CIRCUIT
    if point.status_from is not None:
        status = int(_number(profile.points[point.status_from], answers))
        if status & point.status_mask:
            return Reason.STATUS_BITS
    return None


def _unit(profile: Profile, point: Point, answers: Answers, setup: Setup) -> str | None:
    if point.unit_from is None:
        return point.unit or setup.unit
    code = int(_number(profile.points[point.unit_from], answers))
    return (point.meanings or {}).get(code)


def _in_range(point: Point, value: float, unit: str, setup: Setup) -> Measured:
    assert point.quantity is not None  # noqa: S101  helpers are never measured
    return in_internal(point.quantity, value, unit, setup, span=point.range)


def in_internal(
    quantity: str,
    value: float,
    unit: str,
    setup: Setup,
    *,
    span: tuple[float, float] | None = None,
) -> Measured:
    """A value in a unit brought to the internal unit of its quantity; a current by its loop.

    Parameters
    ----------
    value
        In `unit`, which may be one of current.
    span
        Least and greatest value that can be, in the internal unit; None for what no sensor of a
        water main can exceed.
    """
    if 0 < abs(value) < _NOTHING:
        return Measured.missing(Reason.WORD_ORDER)
    if units.turns_into("mA", unit):
        current_ma = value * units.factor_to("mA", unit)
        if setup.loop is None:
            return Measured.missing(Reason.SETUP)
        if not LOOP_LOW_MA <= current_ma <= LOOP_HIGH_MA:
            return Measured.missing(Reason.LOOP_CURRENT)
        at_4, at_20, unit = setup.loop
        value = at_4 + (current_ma - 4.0) / 16.0 * (at_20 - at_4)
    internal_unit = units.QUANTITY_UNIT[quantity]
    if not units.turns_into(internal_unit, unit):
        return Measured.missing(Reason.UNKNOWN_UNIT_CODE)
    internal = value * units.factor_to(internal_unit, unit)
    low, high = span or PLAUSIBLE[quantity]
    if not low <= internal <= high:
        return Measured.missing(Reason.OUT_OF_RANGE)
    return Measured.good(internal)
