"""Dates and times: aware UTC inside, ISO 8601 outside, local days for people.

Stored text is ``YYYY-MM-DDTHH:MM:SS.mmmZ``: the fixed width sorts as time does and is the
form that GeoPackage readers accept (GeoPackage 1.4, table 1, DATETIME).
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hydrant.errors import InputRefused, StoreError

DEFAULT_ZONE = "Asia/Shanghai"
#: Stored text of the moment until which holds what nothing ends.
ALWAYS = "9999-12-31T23:59:59.999Z"
#: First and last day that anybody may state: an earlier one is a slip of the keyboard (1066 for
#: 2066), and nothing is on record of it; days on either side still exist in every zone.
FIRST, LAST = dt.date(1800, 1, 1), dt.date(9998, 12, 31)


def zone(name: str = DEFAULT_ZONE) -> ZoneInfo:
    """Time zone of a registry; raises `InputRefused` for an unknown name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        raise InputRefused("times.zone", zone=name) from None


def now() -> dt.datetime:
    """The present moment, aware UTC."""
    return dt.datetime.now(dt.UTC)


def to_text(moment: dt.datetime) -> str:
    """Stored form of an aware moment; a naive one is taken as UTC (QGIS drops the Z)."""
    if moment.tzinfo is not None:
        moment = moment.astimezone(dt.UTC).replace(tzinfo=None)
    return moment.isoformat(timespec="milliseconds") + "Z"


def stored(moment: dt.datetime) -> dt.datetime:
    """A moment as it comes back from the store: to the millisecond, aware UTC."""
    return from_text(to_text(moment))


def from_text(text: str) -> dt.datetime:
    """Moment of a stored text, aware UTC; text without zone is UTC; raises `StoreError`."""
    try:
        moment = dt.datetime.fromisoformat(text)
        return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
    except (ValueError, TypeError, OverflowError):  # only another program writes such a thing
        raise StoreError("store.bad_value", value=text) from None


def parse_date(text: str) -> dt.date:
    """Calendar date of ISO 8601 text; raises `InputRefused`."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise InputRefused("times.date", value=text) from None
    refuse_beyond(day, text)
    return day


def refuse_beyond(day: dt.date, text: str) -> None:
    """Raise `InputRefused` for a day that nobody can mean; `text` is how it was stated."""
    if not FIRST <= day <= LAST:
        raise InputRefused("times.years", value=text, first=FIRST.year, last=LAST.year)


def parse_moment(text: str, local: ZoneInfo) -> dt.datetime:
    """Moment of ISO 8601 text, aware UTC; without zone it is local time, a bare date its start.

    Raises
    ------
    InputRefused
        It is none, or a local time that the clocks showed twice or not at all.
    """
    try:
        bare = dt.date.fromisoformat(text)
    except ValueError:
        bare = None
    try:
        if bare is not None:
            moment = start_of_day(bare, local)
        else:
            moment = in_utc(dt.datetime.fromisoformat(text), local, text)
        day = moment.astimezone(local).date()
    except (ValueError, OverflowError):
        raise InputRefused("times.moment", value=text) from None
    refuse_beyond(day, text)
    return moment


def in_utc(moment: dt.datetime, local: ZoneInfo, text: str) -> dt.datetime:
    """A moment as somebody stated it, aware UTC; without an offset it is local time.

    Parameters
    ----------
    text
        As it was stated, for the refusal.

    Raises
    ------
    InputRefused
        The clocks showed that local time twice, or not at all: nobody can tell which it was.
    """
    if moment.tzinfo is None:
        if not _shown_once(moment, local):
            raise InputRefused("times.clocks", value=text)
        moment = moment.replace(tzinfo=local)
    return moment.astimezone(dt.UTC)


def _shown_once(moment: dt.datetime, local: ZoneInfo) -> bool:
    """Whether the clocks of a zone showed a local time exactly once."""
    return len({moment.replace(tzinfo=local, fold=fold).utcoffset() for fold in (0, 1)}) == 1


def start_of_day(day: dt.date, local: ZoneInfo) -> dt.datetime:
    """First moment of a local day, aware UTC."""
    return dt.datetime.combine(day, dt.time.min, tzinfo=local).astimezone(dt.UTC)


def end_of_day(day: dt.date, local: ZoneInfo) -> dt.datetime:
    """First moment after a local day, aware UTC; facts *before* it belong to the day."""
    return start_of_day(day + dt.timedelta(days=1), local)


def latest(moment: dt.datetime, local: ZoneInfo) -> dt.datetime:
    """The latest that a moment can mean, aware UTC, to the millisecond.

    The first moment of a local day is a day stated without a time: its last millisecond. Any other
    means itself.
    """
    day = local_day(moment, local)
    if start_of_day(day, local) != moment:
        return moment
    return end_of_day(day, local) - dt.timedelta(milliseconds=1)


def local_day(moment: dt.datetime, local: ZoneInfo) -> dt.date:
    """Local calendar day on which a moment falls."""
    return moment.astimezone(local).date()


def local_minute(moment: dt.datetime, local: ZoneInfo) -> str:
    """A moment to the minute, by the clock of a zone, for sentences."""
    return f"{moment.astimezone(local):%Y-%m-%d %H:%M}"


def local_text(moment: dt.datetime, local: ZoneInfo) -> str:
    """What leaves for people: the local day where only that is known, else local time with offset.

    A moment at which a local day begins is a day that was stated without a time. Either way the
    first ten characters are the local day, and `parse_moment` gives the same moment back.
    """
    day = local_day(moment, local)
    if start_of_day(day, local) == moment:
        return day.isoformat()
    return local_moment(moment, local)


def local_moment(moment: dt.datetime, local: ZoneInfo) -> str:
    """A moment by the clock of a zone, with its offset; the first of a day has its time too."""
    here = moment.astimezone(local)
    return here.isoformat(timespec="milliseconds" if here.microsecond else "seconds")


def stored_local_text(stored: str | None, local: ZoneInfo) -> str | None:
    """`local_text` of stored text; None stays None."""
    return None if stored is None else local_text(from_text(stored), local)
