"""Time stamps as devices write them: ISO 8601, digits in a row, seconds since 1970."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from zoneinfo import ZoneInfo

from hydrant import times
from hydrant.errors import InputRefused

_DIGITS = re.compile(r"(\d+)(\.\d+)?")
#: Digits before the point of a time since 1970 and how many of it make a second. Between 2001
#: and 2286 seconds have ten digits, so one length has one meaning.
_SINCE_1970 = {10: 1, 13: 1_000, 16: 1_000_000, 19: 1_000_000_000}
#: Digits of a local date and time in a row.
_IN_A_ROW = {14: "%Y%m%d%H%M%S", 16: "%Y%m%d%H%M%S%f", 17: "%Y%m%d%H%M%S%f"}
#: A day in digits without a time of day: a moment of it would be a guess.
_DAY = re.compile(r"\d{8}")
#: First digits of the years in which readings are sent; microseconds since 1970 begin so from 2033.
_YEARS = "20"


def parse_sent(value: Any, local: ZoneInfo) -> dt.datetime:
    """Moment of a time stamp, aware UTC; local time where it states no zone.

    Parameters
    ----------
    value
        Text or a number: ISO 8601, ``20260601083000`` (local, with or without hundredths or
        thousandths of the second), or seconds, milliseconds, microseconds or nanoseconds since
        1970 by their number of digits.

    Raises
    ------
    InputRefused
        It is none of these, eight digits, a local time that the clocks showed twice or never, or
        digits that can mean two moments.
    """
    text = repr(value) if type(value) is float and value < 1e16 else str(value).strip()
    digits = _DIGITS.fullmatch(text)
    if isinstance(value, bool) or (digits is None and not isinstance(value, str)):
        raise InputRefused("exchange.reading_time", value=text)
    if _DAY.fullmatch(text):
        raise InputRefused("exchange.reading_day", value=text)
    return _of_iso(text, local) if digits is None else _of_digits(text, digits, local)


def _of_digits(text: str, digits: re.Match[str], local: ZoneInfo) -> dt.datetime:
    length = len(digits[1])
    in_a_row = length in _IN_A_ROW and text.startswith(_YEARS)
    if length in _SINCE_1970 and not in_a_row:
        return dt.datetime.fromtimestamp(float(text) / _SINCE_1970[length], dt.UTC)
    if length in _SINCE_1970 and float(text) / _SINCE_1970[length] <= times.now().timestamp():
        raise InputRefused("exchange.reading_time", value=text)  # it is both by then
    if length not in _IN_A_ROW or (digits[2] or ".0").strip(".0"):
        raise InputRefused("exchange.reading_time", value=text)
    try:
        moment = dt.datetime.strptime(digits[1], _IN_A_ROW[length])  # noqa: DTZ007  local, see below
    except ValueError:
        raise InputRefused("exchange.reading_time", value=text) from None
    return times.parse_moment(_once(moment, local, text).isoformat(), local)


def _of_iso(text: str, local: ZoneInfo) -> dt.datetime:
    moment = times.parse_moment(text, local)
    stated = dt.datetime.fromisoformat(text)
    if stated.tzinfo is None:
        _once(stated, local, text)
    return moment


def _once(moment: dt.datetime, local: ZoneInfo, text: str) -> dt.datetime:
    """A local time as it is, if the clocks showed it exactly once."""
    offsets = {moment.replace(tzinfo=local, fold=fold).utcoffset() for fold in (0, 1)}
    if len(offsets) > 1:
        raise InputRefused("exchange.reading_clocks", value=text)
    return moment
