"""What a crew types for measurements: numbers with or without units, several on one line."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hydrant import units
from hydrant.errors import InputRefused
from hydrant.geo.numbers import Marks, number_of, plain
from hydrant.model.inputs import unread_gauge

#: Internal unit of each measurement of a visit.
UNITS = {"static_kpa": "kPa", "residual_kpa": "kPa", "flow_l_s": "L/s", "level_m": "m",
         "lift_m": "m"}  # fmt: skip
#: A number, and the unit behind it up to the next blank; 。 is the dot of a Chinese keyboard.
_PART = re.compile(
    r"([-+]?(?:\d[\d.,。]*|[.,。]\d+)(?:[eE][-+]?\d{1,3})?)(?:[ ]*([^\d\s.,;+-][^\s,;、]*))?"
)
_BETWEEN = re.compile(r"[\s,;、]+|$")


class DoubtfulPressure(InputRefused):
    """A bare number that is no pressure in kPa, but may be one in the unit of the gauge.

    Attributes
    ----------
    value
        The number as understood.
    units
        Units in which it may have been read, each with the kPa it then means.
    """

    def __init__(self, field: str, value: float) -> None:
        refused = unread_gauge(field, value)
        super().__init__(refused.key, **refused.facts)
        self.value, self.units = value, units.gauge_units(value)


@dataclass(frozen=True, slots=True)
class Amount:
    """One number as typed, and its unit as typed; empty where none stands there."""

    number: str
    unit: str

    def text(self) -> str:
        """The two as one answer."""
        return f"{self.number} {self.unit}".strip()


def amounts_in(typed: str) -> list[Amount] | None:
    """The amounts of a line in their order; None where it holds anything else."""
    line, found, at = plain(typed), [], 0
    while at < len(line):
        match = _PART.match(line, at)
        end = None if match is None else _BETWEEN.match(line, match.end())
        if match is None or end is None:
            return None
        found.append(Amount(match[1], match[2] or ""))
        at = end.end()
    return found or None


def value_of(amount: Amount, name: str) -> float:
    """An amount in the internal unit of a measurement.

    Raises
    ------
    DoubtfulPressure
        A number without a unit is none that a gauge shows in kPa.
    InputRefused
        It is no number, can mean two, or its unit does not fit.
    """
    internal = UNITS[name]
    number = number_of(amount.number.replace("。", "."), Marks())
    if number is None:
        raise InputRefused("survey.answer_number", value=amount.text(), unit=internal)
    if amount.unit:
        return number * units.factor_to(internal, units.unit_named(amount.unit, internal))
    if internal == "kPa" and units.on_no_gauge(number):
        raise DoubtfulPressure(name, number)
    return number


def quantity(text: str, name: str) -> float | None:
    """A measurement as typed, with or without unit (``0.32 MPa``), in the internal unit.

    Raises
    ------
    InputRefused
        See `value_of`.
    """
    if not text.strip():
        return None
    found = amounts_in(text)
    if found is None or len(found) != 1:
        raise InputRefused("survey.answer_number", value=text, unit=UNITS[name])
    return value_of(found[0], name)


def placed(found: list[Amount], names: tuple[str, ...], gauge: str | None) -> dict[str, str]:
    """Amounts of a line given to measurements: by their unit, else in the order of asking.

    Parameters
    ----------
    names
        Measurements that are still to be answered, in the order of asking.
    gauge
        Unit of the crew's gauge, for numbers that are no kPa; None where it is not known.

    Raises
    ------
    InputRefused
        There are more amounts than measurements, or a unit that fits none of those left.
    """
    free, given = list(names), {}
    for amount in found:
        fits = [name for name in free if not amount.unit or _fits(amount.unit, UNITS[name])]
        if not fits:
            raise InputRefused("survey.answer_number", value=amount.text(), unit=_all(names))
        name = fits[0]
        free.remove(name)
        given[name] = with_gauge(amount, name, gauge).text()
    return given


def fits_one(amount: Amount, names: tuple[str, ...]) -> bool:
    """Whether the unit of an amount is one of a measurement; without a unit it always may be."""
    return not amount.unit or any(_fits(amount.unit, UNITS[name]) for name in names)


def with_gauge(amount: Amount, name: str, gauge: str | None) -> Amount:
    """An amount with the unit of the crew's gauge, where it is a pressure that needs one."""
    if gauge is None or amount.unit or UNITS[name] != "kPa":
        return amount
    number = number_of(amount.number.replace("。", "."), Marks())
    doubtful = number is not None and units.on_no_gauge(number)
    return Amount(amount.number, gauge) if doubtful else amount


def _fits(unit: str, internal: str) -> bool:
    return units.turns_into(internal, units.unit_named(unit, internal))


def _all(names: tuple[str, ...]) -> str:
    return ", ".join(dict.fromkeys(UNITS[name] for name in names))
