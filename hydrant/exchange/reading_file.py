"""Pushed readings from a file or a pipe: what each row says, or why it cannot be taken."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

from hydrant import times
from hydrant.errors import HydrantError, InputRefused, Phrase
from hydrant.exchange.reading_rows import FIELDS, NAMING, rows_of
from hydrant.exchange.sent_time import parse_sent
from hydrant.geo.numbers import Marks, number_of

#: A device's clock may run this much ahead before its time counts as lying in the future.
_CLOCK_SLACK = dt.timedelta(minutes=10)
#: One comma before three digits: a thousand to some, a decimal to others.
_TWO_MEANINGS = re.compile(r"\s*[+-]?[1-9]\d{0,2},\d{3}\s*")
#: Texts by which a device says that it has no value; not-a-number is none of them, but a mistake.
_NOTHING = ("null", "none")


@dataclass(frozen=True, slots=True)
class SentReading:
    """A reading as it was sent.

    Attributes
    ----------
    name
        Device id, uid of a sensor, or code or uid of an asset, as `by` says.
    by
        Which of the three it is.
    also
        What else of the three it names, as pairs of `by` and `name`.
    value
        None where the device says that it has none.
    said
        Value and unit as they were sent.
    comma
        Whether the number was sent with a decimal comma.
    """

    line: int
    by: str
    name: str
    quantity: str | None
    at: dt.datetime
    value: float | None
    unit: str | None
    also: tuple[tuple[str, str], ...] = ()
    said: str = ""
    comma: bool = False


def sent_readings(text: str, zone: ZoneInfo) -> Iterator[SentReading | tuple[int, Phrase]]:
    """Readings of a text in its order; a line that cannot be taken gives its number and why.

    Parameters
    ----------
    zone
        Zone of times that state none.
    """
    for line, row in rows_of(text):
        if isinstance(row, Phrase):
            yield line, row
            continue
        try:
            yield _reading(line, row, zone)
        except HydrantError as error:
            yield line, Phrase(error.key, error.facts)


def _reading(line: int, row: Mapping[str, Any], zone: ZoneInfo) -> SentReading:
    known = ", ".join(FIELDS)
    unknown = [name for name in row if name not in FIELDS]
    if unknown:
        raise InputRefused("exchange.reading_field", field=unknown[0], known=known)
    # a member of JSON that holds nothing is an empty cell of CSV
    row = {name: None if _is_empty(value) else value for name, value in row.items()}
    named = [(by, str(row[by])) for by in NAMING if row.get(by) is not None]
    if not named or row.get("at") is None or "value" not in row:
        raise InputRefused("exchange.reading_form", known=known)
    at = parse_sent(row["at"], zone)
    if at > times.now() + _CLOCK_SLACK:
        raise InputRefused("exchange.reading_future", date=str(row["at"]))
    return SentReading(
        line=line,
        by=named[0][0],
        name=named[0][1],
        quantity=_text(row.get("quantity")),
        at=at,
        value=_value(row["value"]),
        unit=_text(row.get("unit")),
        also=tuple(named[1:]),
        said=" ".join(str(part) for part in (row["value"], row.get("unit")) if part is not None),
        comma=isinstance(row["value"], str) and "," in row["value"],
    )


def _is_empty(value: Any) -> bool:
    return isinstance(value, str) and not value.strip()


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _value(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, str) and _TWO_MEANINGS.fullmatch(value):
        raise InputRefused("exchange.reading_comma", value=value)
    if isinstance(value, str):
        if value.strip().lower() in _NOTHING:
            return None
        number = number_of(value, Marks())
    else:
        number = value if type(value) in (int, float) else None
    try:
        number = None if number is None else float(number)
    except OverflowError:
        number = None
    if number is None or not isfinite(number):
        raise InputRefused("exchange.not_number", value=value)
    return number
