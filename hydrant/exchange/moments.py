"""Dates as offices write them: by the mapping's forms, else by what the column shows."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from zoneinfo import ZoneInfo

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.exchange.patterns import EPOCH_MS, EPOCH_S, EXCEL, EXCEL_1904, ISO
from hydrant.geo.numbers import plain

_ZERO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
#: Seconds of a unit of epoch time.
_EPOCHS = {EPOCH_S: 1.0, EPOCH_MS: 0.001}
#: Day nought of the numbers that spreadsheets keep for days. Source: ECMA-376 part 1, 18.17.4.1.
_SERIALS = {EXCEL: dt.datetime(1899, 12, 30), EXCEL_1904: dt.datetime(1904, 1, 1)}  # noqa: DTZ001
_SERIAL_LIMITS = (61.0, 110_000.0)
#: Digits of a time since 1970: seconds have ten between 2001 and 2286, milliseconds thirteen.
_BY_DIGITS = {10: EPOCH_S, 13: EPOCH_MS}
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,9})?")
_DAY_NUMBER = re.compile(r"[2-9][0-9]{4}(?:\.[0-9]{1,15})?")

_TIME = (
    r"(?:(?:T|\s)\s*(?P<half1>上午|下午|中午|晚上|早上|凌晨|[AaPp]\.?[Mm]\.?)?\s*"
    r"(?P<hour>[0-9]{1,2})(?:[:时点](?P<minute>[0-9]{1,2})?分?"
    r"(?::?(?P<second>[0-9]{1,2})(?:[.,](?P<part>[0-9]{1,9}))?秒?)?)"
    r"\s*(?P<half2>[AaPp]\.?[Mm]\.?)?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_YEAR_FIRST = re.compile(
    r"(?P<year>[0-9]{4})\s*([-/.年])\s*(?P<month>[0-9]{1,2})\s*(?:\2|月)\s*(?P<day>[0-9]{1,2})\s*[日号]?"
    r"(?:\s*\(?(?:星期|周)[一二三四五六日天]\)?)?" + _TIME
)
_YEAR_LAST = re.compile(
    r"(?P<first>[0-9]{1,2})\s*(?P<sign>[-/.])\s*(?P<other>[0-9]{1,2})\s*(?P=sign)\s*(?P<year>[0-9]{4})"
    + _TIME
)
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ].*)?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = re.compile(
    r"(?:(?P<day>[0-9]{1,2})\.?[\s-]+(?P<name>[A-Za-z]{3,9})\.?|(?P<name2>[A-Za-z]{3,9})\.?\s+(?P<day2>[0-9]{1,2}),?)"
    r"[\s,-]+(?P<year>[0-9]{4})" + _TIME
)
_LONGEST = 80
_AFTER_NOON, _BEFORE_NOON = ("下午", "晚上", "p"), ("上午", "早上", "凌晨", "a")


def moment_reader(
    forms: tuple[str, ...], cells: Iterable[str], zone: ZoneInfo
) -> Callable[[str], dt.datetime]:
    """What makes moments, aware UTC, of the cells of a column.

    Parameters
    ----------
    forms
        Of a mapping, tried in turn; without any the forms in which offices write dates, of which
        those with two meanings are decided by the whole column.
    zone
        Zone of times that state none.
    """
    if forms:
        return lambda text: _in_utc(_by_forms(text, forms), text, zone)
    order = _day_order(cells)
    return lambda text: _in_utc(_by_looks(text, order), text, zone)


def day_reader(cells: Iterable[str]) -> Callable[[str], dt.date]:
    """What makes calendar days of the cells of a column; a time of day is dropped."""
    order = _day_order(cells)
    return lambda text: times.parse_date(_by_looks(text, order).date().isoformat())


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
            return _by_form(text, form)
        except (ValueError, OverflowError):
            continue
    if _ISO_DAY.fullmatch(text[:_LONGEST]):
        # a cell that is a date, not text, has no form; it reaches us year first
        try:
            return dt.datetime.fromisoformat(text)
        except ValueError:
            pass
    raise _no_date(text, forms)


def _by_form(text: str, form: str) -> dt.datetime:
    if form in _EPOCHS or form in _SERIALS:
        if not _NUMBER.fullmatch(text):
            raise ValueError(text)
        return _since_1970(text, form) if form in _EPOCHS else _of_serial(text, form)
    if form == ISO:
        return dt.datetime.fromisoformat(text)
    return dt.datetime.strptime(text, form)  # noqa: DTZ007  the zone is the column's


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
    shown = set()
    for cell in cells:
        match = _YEAR_LAST.fullmatch(plain(cell)) if len(cell) <= _LONGEST else None
        if match is None or match["sign"] == ".":
            continue
        if int(match["first"]) > 12:
            shown.add("dm")
        elif int(match["other"]) > 12:
            shown.add("md")
    return shown.pop() if len(shown) == 1 else None


def _by_looks(text: str, order: str | None) -> dt.datetime:
    cell = plain(text)
    if len(cell) > _LONGEST:
        raise _no_date(f"{text[:_LONGEST]}…")
    try:
        return _looked_at(cell, order)
    except (ValueError, OverflowError):
        raise _no_date(text) from None


def _looked_at(cell: str, order: str | None) -> dt.datetime:
    if cell.isascii() and cell.isdigit():
        return _of_digits(cell)
    if _DAY_NUMBER.fullmatch(cell):
        raise _day_number(cell)
    match = _YEAR_FIRST.fullmatch(cell)
    if match is not None:
        return _made(match, int(match["month"]), int(match["day"]))
    match = _YEAR_LAST.fullmatch(cell)
    if match is not None:
        return _made(match, *_month_and_day(cell, match, order))
    match = _NAMED.fullmatch(cell)
    if match is not None:
        name = (match["name"] or match["name2"])[:3].lower()
        return _made(match, _MONTHS.index(name) + 1, int(match["day"] or match["day2"]))
    return dt.datetime.fromisoformat(cell)


def _of_digits(cell: str) -> dt.datetime:
    if len(cell) == 8:
        return dt.datetime.strptime(cell, "%Y%m%d")  # noqa: DTZ007  the zone is the column's
    if len(cell) == 14:
        return dt.datetime.strptime(cell, "%Y%m%d%H%M%S")  # noqa: DTZ007
    if len(cell) == 5:
        raise _day_number(cell)
    if len(cell) not in _BY_DIGITS:
        raise ValueError(cell)
    return _since_1970(cell, _BY_DIGITS[len(cell)])


def _day_number(cell: str) -> InputRefused:
    day = _of_serial(cell, EXCEL).date().isoformat()
    later = _of_serial(cell, EXCEL_1904).date().isoformat()
    return InputRefused("exchange.day_number", value=cell, day=day, later=later)


def _month_and_day(cell: str, match: re.Match[str], order: str | None) -> tuple[int, int]:
    first, other = int(match["first"]), int(match["other"])
    if match["sign"] == "." or first == other or first > 12:
        return other, first  # with dots a day always stands first
    if other > 12:
        return first, other
    if order is None:
        year = match["year"]
        raise InputRefused(
            "exchange.two_dates",
            value=cell,
            first=f"{year}-{other:02}-{first:02}",
            other=f"{year}-{first:02}-{other:02}",
        )
    return (other, first) if order == "dm" else (first, other)


def _made(match: re.Match[str], month: int, day: int) -> dt.datetime:
    hour = int(match["hour"] or 0)
    half = (match["half1"] or match["half2"] or "").lower()
    if half.startswith(_AFTER_NOON) and hour < 12:
        hour += 12
    elif half.startswith("p") or half.startswith(_BEFORE_NOON):
        if hour > 12 and not half.startswith("p"):
            raise ValueError(half)
        hour = 0 if half.startswith(_BEFORE_NOON) and hour == 12 else hour
    part = int((match["part"] or "0").ljust(6, "0")[:6])
    made = dt.datetime(  # noqa: DTZ001  the zone follows
        int(match["year"]),
        month,
        day,
        hour,
        int(match["minute"] or 0),
        int(match["second"] or 0),
        part,
    )
    return made if match["zone"] is None else made.replace(tzinfo=_zone(match["zone"]))


def _zone(text: str) -> dt.tzinfo:
    if text in ("Z", "UTC", "GMT"):
        return dt.UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return dt.timezone(-offset if text[0] == "-" else offset)
