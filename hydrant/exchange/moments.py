"""Dates as offices write them: by the mapping's forms, else by what the column shows."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable
from zoneinfo import ZoneInfo

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.exchange.patterns import EPOCH_MS, EPOCH_S, EXCEL, EXCEL_1904, ISO, ORDERS, of_year
from hydrant.plain_text import plain
from hydrant.written_dates import (
    LONGEST,
    in_figures,
    looked_at,
    order_shown,
    shortened,
    turned_day,
    with_year,
    without_day,
)

_ZERO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
#: Seconds of a unit of epoch time.
_EPOCHS = {EPOCH_S: 1.0, EPOCH_MS: 0.001}
#: Day nought of the numbers that spreadsheets keep for days. Source: ECMA-376 part 1, 18.17.4.1.
_SERIALS = {EXCEL: dt.datetime(1899, 12, 30), EXCEL_1904: dt.datetime(1904, 1, 1)}  # noqa: DTZ001
_SERIAL_LIMITS = (61.0, 110_000.0)
#: Digits of a time since 1970: seconds have ten between 2001 and 2286, milliseconds thirteen.
_BY_DIGITS = {10: EPOCH_S, 13: EPOCH_MS}
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,9})?")
_DAY_NUMBER = re.compile(r"[0-9]{5}|[2-9][0-9]{4}\.[0-9]{1,15}")
#: A form of digits alone, in which only their number tells the parts.
_UNPARTED = re.compile(r"(?:%[YymdHMS]){2,}")
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ].*)?")


def moment_reader(
    forms: tuple[str, ...], cells: Iterable[str], zone: ZoneInfo, *, mapped: bool = True
) -> Callable[[str], dt.datetime]:
    """What makes moments, aware UTC, of the cells of a column.

    Parameters
    ----------
    forms
        Of a mapping, tried in turn; without any the forms in which offices write dates, of which
        those with two meanings are decided by the whole column.
    zone
        Zone of times that state none.
    mapped
        Whether a mapping may say which forms are meant; else only the cell itself can.
    """
    told = {cell.strip() for cell in cells}
    order = _day_order(told)
    turned = {} if any(map(_year_first, forms)) else _turned(told, order)
    # a column in which a nought stands at an end kept them all
    cut = any(map(of_year, forms)) and not any(re.search(r"\.[0-9]0\Z", cell) for cell in told)

    def read(text: str) -> dt.datetime:
        if cut and shortened(text):
            raise InputRefused("exchange.day_shortened", value=text, other=f"{text.strip()}0")
        if text in turned:
            proof = next(cell for cell in sorted(told) if order_shown(cell) is not None)
            key = "exchange.date_turned" if mapped else "exchange.date_turned_alone"
            raise InputRefused(key, value=text, other=turned[text], proof=proof)
        found = _by_forms(text, forms) if forms else _by_looks(text, order, mapped=mapped)
        return _in_utc(found, text, zone)

    return read


def _year_first(form: str) -> bool:
    """Whether a form is one of dates whose year stands first: then they are what they say."""
    return form == ISO or form[:2] in ("%Y", "%y")


def _turned(cells: Collection[str], order: str | None) -> dict[str, str]:
    """Days that a spreadsheet may have made of text by the other order, and what they were then.

    It makes dates of those texts alone that are days in its own order: where text of another
    order is left over, and no day behind the twelfth became a date, the others were turned.
    """
    if order is None:
        return {}
    days = {cell: turned_day(cell) for cell in cells}
    told = {cell: other for cell, other in days.items() if other is not None}
    return {} if "" in told.values() else told


def day_reader(cells: Iterable[str]) -> Callable[[str], dt.date]:
    """What makes calendar days of the cells of a column; a time of day is dropped."""
    told = {cell.strip() for cell in cells}
    order = _day_order(told)
    turned = _turned(told, order)

    def read(text: str) -> dt.date:
        if (cell := text.strip()) in turned:
            proof = next(cell for cell in sorted(told) if order_shown(cell) is not None)
            raise InputRefused(
                "exchange.date_turned_alone", value=text, other=turned[cell], proof=proof
            )
        return times.parse_date(_by_looks(text, order, mapped=False).date().isoformat())

    return read


def _in_utc(found: dt.datetime, text: str, zone: ZoneInfo) -> dt.datetime:
    times.refuse_beyond(found.date(), text)
    try:
        if found.tzinfo is None and found.time() == dt.time.min:
            return times.start_of_day(found.date(), zone)
        return times.in_utc(found, zone, text)
    except (ValueError, OverflowError):  # a date that UTC cannot tell
        raise _no_date(text) from None


def _no_date(text: str, forms: tuple[str, ...] = ()) -> InputRefused:
    return InputRefused(
        "exchange.not_date",
        value=text,
        forms=", ".join(forms or ("2026-05-11", "2026-05-11 09:30")),
    )


def _by_forms(text: str, forms: tuple[str, ...]) -> dt.datetime:
    for form in forms:
        try:
            return by_form(text, form)
        except (ValueError, OverflowError):
            continue
    if _ISO_DAY.fullmatch(text[:LONGEST]):
        # a cell that is a date, not text, has no form; it reaches us year first
        try:
            return dt.datetime.fromisoformat(text)
        except ValueError:
            pass
    raise _no_date(text, forms)


def by_form(text: str, form: str) -> dt.datetime:
    """The moment that a text tells in one form; raises `ValueError` where it tells none."""
    if form in _EPOCHS or form in _SERIALS:
        if not _NUMBER.fullmatch(text):
            raise ValueError(text)
        return _since_1970(text, form) if form in _EPOCHS else _of_serial(text, form)
    if form == ISO:
        return dt.datetime.fromisoformat(text)
    stated = of_year(form)
    if stated is not None:
        cell = with_year(plain(text), *stated)
        return looked_at(cell, stated[0], two="exchange.two_dates").moment
    if form in ORDERS:
        return looked_at(plain(text), form, two="exchange.two_dates").moment
    if _UNPARTED.fullmatch(form) and len(text) != sum(map(_digits, form[1::2])):
        raise ValueError(text)  # 2026110 is 20261101 or 20260110 of which a digit is missing
    return dt.datetime.strptime(text, form)  # noqa: DTZ007  the zone is the column's


def _digits(directive: str) -> int:
    return 4 if directive == "Y" else 2


def _since_1970(text: str, form: str) -> dt.datetime:
    return _ZERO + dt.timedelta(seconds=float(text) * _EPOCHS[form])


def _of_serial(text: str, form: str) -> dt.datetime:
    number = float(text)
    if not _SERIAL_LIMITS[0] <= number <= _SERIAL_LIMITS[1]:
        raise ValueError(text)
    seconds = round((number % 1) * 86_400)
    return _SERIALS[form] + dt.timedelta(days=int(number), seconds=seconds)


def _day_order(cells: Iterable[str]) -> str | None:
    """Whether days stand before months in a column, ``dm`` or ``md``; None where nothing shows."""
    shown = {order for cell in cells if (order := order_shown(cell)) is not None}
    return shown.pop() if len(shown) == 1 else None


def _by_looks(text: str, order: str | None, *, mapped: bool) -> dt.datetime:
    cell = plain(text)
    if len(cell) > LONGEST:
        raise _no_date(f"{text[:LONGEST]}…")
    try:
        return _looked_at(cell, order, mapped=mapped)
    except InputRefused as error:
        raise _no_year(text, mapped=mapped) if error.key == "times.no_year" else error from None
    except (ValueError, OverflowError):
        if without_day(cell):
            raise InputRefused("exchange.no_day", value=text) from None
        raise _no_year(text, mapped=mapped) if in_figures(cell) else _no_date(text) from None


def _no_year(text: str, *, mapped: bool) -> InputRefused:
    """Refusal of a day whose year nobody states: the same of every way to write it."""
    key = "exchange.no_year" if mapped else "exchange.no_year_alone"
    return InputRefused(key, value=text)


def _looked_at(cell: str, order: str | None, *, mapped: bool) -> dt.datetime:
    if _DAY_NUMBER.fullmatch(cell):
        raise _day_number(cell, mapped=mapped)
    if cell.isascii() and cell.isdigit() and len(cell) in _BY_DIGITS:
        return _since_1970(cell, _BY_DIGITS[len(cell)])
    two = "exchange.two_dates" if mapped else "exchange.two_dates_alone"
    return looked_at(cell, order, two=two).moment


def _day_number(cell: str, *, mapped: bool) -> InputRefused:
    day = _of_serial(cell, EXCEL).date().isoformat()
    later = _of_serial(cell, EXCEL_1904).date().isoformat()
    key = "exchange.day_number" if mapped else "exchange.day_number_alone"
    return InputRefused(key, value=cell, day=day, later=later)
