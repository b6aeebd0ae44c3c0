"""Pushed readings from a file or a pipe: JSON lines, or CSV with a heading."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

from hydrant import times
from hydrant.errors import HydrantError, InputRefused, Phrase
from hydrant.geo.text_forms import parse_number

_FIELDS = ("device", "sensor", "asset", "quantity", "at", "value", "unit")
_NAMING = ("device", "sensor", "asset")
#: Characters of a line of CSV; a longer one is no reading, and millions of cells take memory.
_LONGEST_LINE = 100_000
#: A device's clock may run this much ahead before its time counts as lying in the future.
_CLOCK_SLACK = dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class SentReading:
    """A reading as it was sent.

    Attributes
    ----------
    name
        Device id, uid of a sensor, or code or uid of an asset, as `by` says.
    by
        Which of the three it is.
    """

    line: int
    by: str
    name: str
    quantity: str | None
    at: dt.datetime
    value: float | None
    unit: str | None


def sent_readings(text: str, zone: ZoneInfo) -> Iterator[SentReading | tuple[int, Phrase]]:
    """Readings of a text in its order; a line that cannot be taken gives its number and why.

    Parameters
    ----------
    zone
        Zone of times that state none.
    """
    for line, row in _rows(text):
        try:
            yield _reading(line, row, zone)
        except HydrantError as error:
            yield line, Phrase(error.key, error.facts)


def _rows(text: str) -> Iterator[tuple[int, Mapping[str, Any] | None]]:
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        for line, part in enumerate(text.lstrip("\ufeff").split("\n"), 1):
            if part.strip():
                yield line, _object(part)
        return
    yield from _lines_of(csv.reader(_bounded(io.StringIO(text.lstrip("\ufeff"), newline=""))))


def _bounded(lines: Iterable[str]) -> Iterator[str]:
    """Lines as they are, but one of millions of cells as a single cell that will be refused."""
    too_long = "x" * (csv.field_size_limit() + 1)
    return (line if len(line) <= _LONGEST_LINE else too_long + "\n" for line in lines)


def _lines_of(reader: Any) -> Iterator[tuple[int, Mapping[str, Any] | None]]:
    """Rows of a CSV text; a heading may have any number of columns, but ours are few."""
    columns: dict[str, int] | None = None
    while True:
        try:
            cells = next(reader, None)
        except csv.Error:  # a cell longer than any reading
            yield reader.line_num, None
            continue
        if cells is None:
            return
        if columns is None:
            columns = _columns(cells)
        elif cells:
            yield (
                reader.line_num,
                {
                    name: cells[place] or None if place < len(cells) else None
                    for name, place in columns.items()
                },
            )


def _columns(heading: list[str]) -> dict[str, int]:
    """Places of the known columns, and of one that is not known, which is enough to say so."""
    known = {name: heading.index(name) for name in _FIELDS if name in heading}
    others = (name for name in heading if name and name not in _FIELDS)
    return known | {name: heading.index(name) for name in islice(others, 1)}


def _object(text: str) -> Mapping[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _reading(line: int, row: Mapping[str, Any] | None, zone: ZoneInfo) -> SentReading:
    if row is None:
        raise InputRefused("exchange.reading_form", known=", ".join(_FIELDS))
    unknown = [name for name in row if name not in _FIELDS]
    if unknown:
        raise InputRefused("exchange.reading_field", field=unknown[0], known=", ".join(_FIELDS))
    by = next((name for name in _NAMING if row.get(name) is not None), None)
    if by is None or row.get("at") is None:
        raise InputRefused("exchange.reading_form", known=", ".join(_FIELDS))
    at = times.parse_moment(str(row["at"]), zone)
    if at > times.now() + _CLOCK_SLACK:
        raise InputRefused("exchange.why_future", date=str(row["at"]))
    return SentReading(
        line=line,
        by=by,
        name=str(row[by]),
        quantity=_text(row.get("quantity")),
        at=at,
        value=_value(row.get("value")),
        unit=_text(row.get("unit")),
    )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _value(value: Any) -> float | None:
    if value is None:
        return None
    number = value if type(value) in (int, float) else parse_number(str(value))
    try:
        number = None if number is None else float(number)
    except OverflowError:
        number = None
    if number is None or not isfinite(number):
        raise InputRefused("exchange.not_number", value=value)
    return number
