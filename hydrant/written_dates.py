"""Dates as people write them, in files and on the command line: told once.

``2026-11-29``, ``2026/11/29``, ``20261129``, ``2026年11月29日``, ``29 Nov 2026``, with or without a
time. What can mean two days is refused with both, unless a column or a mapping decides. At the
keyboard ``today``, ``yesterday``, 今天, 昨天 and the like are days of the registry's zone, too.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.plain_text import plain

#: More of a text is no date.
LONGEST = 80

_TIME = (
    r"(?:(?:T|\s|(?<=[日号]))\s*(?P<half1>上午|下午|中午|晚上|早上|凌晨|[AaPp]\.?[Mm]\.?)?\s*"
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
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = re.compile(
    r"(?:(?P<day>[0-9]{1,2})\.?[\s-]+(?P<name>[A-Za-z]{3,9})\.?|(?P<name2>[A-Za-z]{3,9})\.?\s+(?P<day2>[0-9]{1,2}),?)"
    r"[\s,-]+(?P<year>[0-9]{4})" + _TIME
)
#: A day of a month, of whatever year.
_YEARLESS = re.compile(
    r"(?P<month>[0-9]{1,2})\s*(?:月|[-/])\s*(?P<day>[0-9]{1,2})\s*[日号]?|"
    rf"[0-9]{{1,2}}\.?\s+(?:{'|'.join(_MONTHS)})[a-z]*\.?|(?:{'|'.join(_MONTHS)})[a-z]*\.?\s+[0-9]{{1,2}}",
    re.IGNORECASE,
)
#: The same in figures alone, with a dot as well, which elsewhere are numbers; and of those such as
#: are what a program keeps of a day with a nought at its end.
_BARE = re.compile(r"([0-9]{1,2})\s*[-/.]\s*([0-9]{1,2})\s*[日号]?")
_SHORTENED = re.compile(r"[0-9]{1,2}\.[123]")
#: A month of a year, without its day.
_DAYLESS = re.compile(r"(?:19|20)[0-9]{2}\s*[-/.年]\s*(?:0?[1-9]|1[0-2])\s*月?")
#: Hours of the clock of twelve that a part of the day has, as those of twenty-four. Twelve
#: in the morning (上午) or at night (晚上) is noon to some and midnight to others: no hour at all.
_PARTS: dict[str, dict[int, int]] = {
    "a": {hour: hour % 12 for hour in range(1, 13)},
    "p": {hour: hour % 12 + 12 for hour in range(1, 13)},
    "凌晨": {hour: hour % 12 for hour in (12, *range(7))},
    "早上": {hour: hour for hour in range(4, 12)},
    "上午": {hour: hour for hour in range(5, 12)},
    "中午": {11: 11, 12: 12, 1: 13, 2: 14},
    "下午": {12: 12} | {hour: hour + 12 for hour in range(1, 8)},
    "晚上": {hour: hour + 12 for hour in range(5, 12)},
}
#: Hours of the clock of twenty-four that may follow a part of the day.
_OF_24 = {"p": range(13, 24), "中午": (13, 14), "下午": range(13, 20), "晚上": range(17, 24)}
#: Forms that are digits alone.
_DIGITS = {8: "%Y%m%d", 14: "%Y%m%d%H%M%S"}
#: Days by words, counted from today.
_DAYS = {
    **dict.fromkeys(("前天",), -2),
    **dict.fromkeys(("昨天", "昨日", "yesterday"), -1),
    **dict.fromkeys(("今天", "今日", "today"), 0),
    **dict.fromkeys(("明天", "明日", "tomorrow"), 1),
    **dict.fromkeys(("后天",), 2),
}
_BY_WORD = re.compile(rf"(?P<word>{'|'.join(_DAYS)})[\s,]*(?P<time>.*)", re.IGNORECASE)
_NOW = ("now", "现在", "此刻")


class Written(NamedTuple):
    """What a text says: a moment, naive where it states no offset, and whether it has a time."""

    moment: dt.datetime
    timed: bool


def day_typed(text: str, zone: ZoneInfo) -> dt.date:
    """The day that somebody typed; raises `InputRefused` for what is none, two, or has a time."""
    found = _typed(text, zone, "times.day")
    if found.timed:
        raise InputRefused("times.only_day", value=text, day=found.moment.date().isoformat())
    times.refuse_beyond(found.moment.date(), text)
    return found.moment.date()


def moment_typed(text: str, zone: ZoneInfo) -> dt.datetime:
    """The moment that somebody typed, aware UTC; a bare day is its start in the zone.

    Raises
    ------
    InputRefused
        It is none, can mean two days, or the clocks showed it twice or not at all.
    """
    return _moment(_typed(text, zone, "times.moment"), text, zone)


def span_typed(text: str, zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    """What a typed day or time spans, the end outside: the local day, or the minute."""
    found = _typed(text, zone, "times.moment")
    start = _moment(found, text, zone)
    if found.timed:
        return start, start + dt.timedelta(minutes=1)
    return start, times.end_of_day(found.moment.date(), zone)


def _moment(found: Written, text: str, zone: ZoneInfo) -> dt.datetime:
    times.refuse_beyond(found.moment.date(), text)
    try:
        if not found.timed:
            return times.start_of_day(found.moment.date(), zone)
        return times.in_utc(found.moment, zone, text)
    except (ValueError, OverflowError):  # a moment that UTC cannot tell
        raise InputRefused("times.moment", value=text) from None


def _typed(text: str, zone: ZoneInfo, refusal: str) -> Written:
    cell = plain(text)
    here = times.now().astimezone(zone)
    if cell.casefold() in _NOW:
        return Written(here, timed=refusal == "times.moment")
    by_word = _BY_WORD.fullmatch(cell) if len(cell) <= LONGEST else None
    if by_word is not None:
        day = here.date() + dt.timedelta(days=_DAYS[by_word["word"].casefold()])
        cell = f"{day.isoformat()} {by_word['time']}".strip()
    try:
        return looked_at(cell, None, two="times.two_dates", dots=False)
    except (ValueError, OverflowError):
        raise InputRefused(refusal, value=text) from None


def looked_at(cell: str, order: str | None, *, two: str, dots: bool = True) -> Written:
    """What a date says that was written as people do.

    Parameters
    ----------
    cell
        Plain text (see `plain`).
    order
        ``dm`` or ``md`` where it is known whether days stand before months.
    two
        Key of the refusal of what can mean two days, with both in `first` and `other`.
    dots
        Whether dots decide that a day stands first, as they do in registers.

    Raises
    ------
    ValueError, OverflowError
        It is no date.
    InputRefused
        It can mean two days.
    """
    if len(cell) > LONGEST:
        raise ValueError(cell)
    if cell.isascii() and cell.isdigit():
        form = _DIGITS.get(len(cell))
        if form is None:
            raise ValueError(cell)
        return Written(dt.datetime.strptime(cell, form), len(cell) > 8)  # noqa: DTZ007  as above
    match = _YEAR_FIRST.fullmatch(cell)
    if match is not None:
        return _made(match, int(match["month"]), int(match["day"]))
    match = _YEAR_LAST.fullmatch(cell)
    if match is not None:
        return _made(match, *_month_and_day(cell, match, order, two, dots=dots))
    match = _NAMED.fullmatch(cell)
    if match is not None:
        name = (match["name"] or match["name2"])[:3].lower()
        return _made(match, _MONTHS.index(name) + 1, int(match["day"] or match["day2"]))
    if yearless(cell):
        raise InputRefused("times.no_year", value=cell)
    return _iso(cell)


def yearless(cell: str) -> bool:
    """Whether a cell names a day of a month without its year, which nobody guesses."""
    return len(cell) <= LONGEST and _YEARLESS.fullmatch(plain(cell)) is not None


def with_year(cell: str, order: str, year: int) -> str:
    """A day without a year as one of a year; any other text as it is.

    Parameters
    ----------
    cell
        Plain text (see `plain`).
    order
        ``dm`` or ``md``: which stands first where no word or sign tells, also before a dot.
    """
    bare = _BARE.fullmatch(cell) if len(cell) <= LONGEST else None
    if bare is not None:
        month, day = (bare[1], bare[2]) if order == "md" else (bare[2], bare[1])
        return f"{year}-{month}-{day}"
    if not yearless(cell):
        return cell
    return f"{cell} {year}" if cell.isascii() else f"{year}年{cell}"


def shortened(cell: str) -> bool:
    """Whether a day without a year may have lost a nought: 5.1 is what a program keeps of 5.10."""
    return _SHORTENED.fullmatch(plain(cell)) is not None


def without_day(cell: str) -> bool:
    """Whether a cell names a month of a year and no day."""
    return len(cell) <= LONGEST and _DAYLESS.fullmatch(plain(cell)) is not None


def in_figures(cell: str) -> bool:
    """Whether a cell may be a day without its year, or a number: 5.11."""
    return len(cell) <= LONGEST and _BARE.fullmatch(plain(cell)) is not None


def _iso(cell: str) -> Written:
    """The rest of ISO 8601, such as weeks."""
    moment = dt.datetime.fromisoformat(cell)
    try:
        dt.date.fromisoformat(cell)
    except ValueError:
        return Written(moment, timed=True)
    return Written(moment, timed=False)


def order_shown(cell: str) -> str | None:
    """Whether a cell shows that days stand before months, ``dm``, or behind, ``md``; else None."""
    match = _YEAR_LAST.fullmatch(plain(cell)) if len(cell) <= LONGEST else None
    if match is None or match["sign"] == ".":
        return None
    if int(match["first"]) > 12:
        return "dm"
    return "md" if int(match["other"]) > 12 else None


def turned_day(cell: str) -> str | None:
    """Of a date whose year stands first the day that it is with day and month changed over.

    Empty where it is none, for its day is no month; None of what is no such date, and of one that
    is the same either way.
    """
    match = _YEAR_FIRST.fullmatch(plain(cell)) if len(cell) <= LONGEST else None
    if match is None or match["month"].zfill(2) == match["day"].zfill(2):
        return None
    if int(match["day"]) > 12:
        return ""
    return f"{match['year']}-{int(match['day']):02}-{int(match['month']):02}"


def _month_and_day(
    cell: str, match: re.Match[str], order: str | None, two: str, *, dots: bool
) -> tuple[int, int]:
    first, other = int(match["first"]), int(match["other"])
    if (dots and match["sign"] == ".") or first == other or first > 12:
        return other, first
    if other > 12:
        return first, other
    if order is None:
        year = match["year"]
        raise InputRefused(
            two,
            value=cell,
            first=f"{year}-{other:02}-{first:02}",
            other=f"{year}-{first:02}-{other:02}",
        )
    return (other, first) if order == "dm" else (first, other)


def _made(match: re.Match[str], month: int, day: int) -> Written:
    part = int((match["part"] or "0").ljust(6, "0")[:6])
    made = dt.datetime(  # noqa: DTZ001  the zone follows
        int(match["year"]),
        month,
        day,
        _hour(match),
        int(match["minute"] or 0),
        int(match["second"] or 0),
        part,
    )
    timed = match["hour"] is not None or match["zone"] is not None
    zoned = made if match["zone"] is None else made.replace(tzinfo=_zone(match["zone"]))
    return Written(zoned, timed)


def _hour(match: re.Match[str]) -> int:
    hour, part = int(match["hour"] or 0), (match["half1"] or match["half2"] or "").lower()
    if not part:
        return hour
    part = part[0] if part.isascii() else part
    if hour in _OF_24.get(part, ()):
        return hour
    if hour not in _PARTS[part]:
        raise ValueError(part)
    return _PARTS[part][hour]


def _zone(text: str) -> dt.tzinfo:
    if text in ("Z", "UTC", "GMT"):
        return dt.UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return dt.timezone(-offset if text[0] == "-" else offset)
