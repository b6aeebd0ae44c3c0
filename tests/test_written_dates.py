"""Dates as people write them: one day by every spelling, what has two meanings by name."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydrant import times, written_dates
from hydrant.errors import InputRefused
from hydrant.written_dates import day_typed, moment_typed, span_typed

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = dt.date(2026, 11, 29)
SPELLINGS = (
    *("{0:%Y-%m-%d}", "{0:%Y/%m/%d}", "{0:%Y.%m.%d}", "{0:%Y%m%d}"),
    *("{0.year}年{0.month}月{0.day}日", "{0.year}年{0:%m}月{0:%d}号", "{0.year}/{0.month}/{0.day}"),
    *("{0.day} {name} {0.year}", "{name} {0.day}, {0.year}", " {0:%Y-%m-%d} "),
)
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)


def wide(text: str) -> str:
    """The same in full-width signs, as a Chinese keyboard gives them."""
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


@given(st.dates(times.FIRST, times.LAST), st.sampled_from(SPELLINGS), st.booleans())
def test_a_day_is_the_same_in_every_spelling(day: dt.date, form: str, full_width: bool) -> None:
    text = form.format(day, name=MONTHS[day.month - 1])
    assert day_typed(wide(text) if full_width else text, SHANGHAI) == day


@given(
    st.dates(times.FIRST, times.LAST),
    st.sampled_from(["{0.day}/{0.month}/{0.year}", "{0.month}/{0.day}/{0.year}",
                     "{0.month}.{0.day}.{0.year}", "{0.day}.{0.month}.{0.year}",
                     "{0.day}-{0.month}-{0.year}"]),
)  # fmt: skip
def test_with_the_year_last_it_is_the_day_or_both_are_named(day: dt.date, form: str) -> None:
    text = form.format(day)
    told, key = _read(text)
    if key is None:
        assert told == {day}
    elif key == "times.day":  # with dots no month stands first
        assert (text.count("."), day.day > 12) == (2, True)
    else:
        assert key == "times.two_dates"
        assert day in told
        assert len(told) == 2


def _read(text: str) -> tuple[set[dt.date], str | None]:
    """Days that a text may mean, and why it was refused."""
    try:
        return {day_typed(text, SHANGHAI)}, None
    except InputRefused as refused:
        named = [refused.facts.get(name) for name in ("first", "other")]
        return {dt.date.fromisoformat(str(day)) for day in named if day}, refused.key


@pytest.fixture
def late_evening(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half past midnight in Zhejiang, still the day before in UTC."""
    moment = dt.datetime(2026, 11, 28, 16, 30, tzinfo=dt.UTC)
    monkeypatch.setattr(times, "now", lambda: moment)


@pytest.mark.usefixtures("late_evening")
@pytest.mark.parametrize(
    ("word", "back"),
    [("今天", 0), ("today", 0), ("Today", 0), ("昨天", 1), ("昨日", 1), ("YESTERDAY", 1),
     ("前天", 2), ("明天", -1), ("tomorrow", -1), ("now", 0), ("现在", 0)],
)  # fmt: skip
def test_words_mean_days_of_the_registrys_zone(word: str, back: int) -> None:
    assert day_typed(word, SHANGHAI) == DAY - dt.timedelta(days=back)


@pytest.mark.usefixtures("late_evening")
@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [("2026-11-28 09:30", 9, 30), ("2026-11-28T09:30+08:00", 9, 30), ("昨天 9:30", 9, 30),
     ("yesterday 14:05", 14, 5), ("昨天下午3点", 15, 0), ("2026年11月28日9时30分", 9, 30),
     ("2026年11月28日 晚上8点", 20, 0), ("2026年11月28日中午1点", 13, 0),
     ("2026-11-28 凌晨12:10", 0, 10), ("2026/11/28 3:05 pm", 15, 5), ("20261128150500", 15, 5)],
)  # fmt: skip
def test_times_of_day(text: str, hour: int, minute: int) -> None:
    told = moment_typed(text, SHANGHAI).astimezone(SHANGHAI)
    assert (told.date(), told.hour, told.minute) == (dt.date(2026, 11, 28), hour, minute)
    start, end = span_typed(text, SHANGHAI)
    assert end - start == dt.timedelta(minutes=1)
    with pytest.raises(InputRefused) as refused:
        day_typed(text, SHANGHAI)
    assert refused.value.key == "times.only_day"
    assert refused.value.facts["day"] == "2026-11-28"


@pytest.mark.parametrize("text", ["2026-11-28", "2026年11月28日", "20261128", "28.11.2026"])
def test_a_day_spans_the_local_day_however_long_its_spelling(text: str) -> None:
    start, end = span_typed(text, SHANGHAI)
    assert start == moment_typed(text, SHANGHAI)
    assert end - start == dt.timedelta(days=1)
    assert start.astimezone(SHANGHAI).time() == dt.time.min


@pytest.mark.parametrize(
    "text",
    ["", "11月29日", "11-29", "26-11-29", "29/11/26", "2026", "2026-11", "2026年11月", "261129",
     "2026-02-30", "2026年2月30日", "2026-11/29", "上周", "soon", "0", "1764403200", "45990",
     "2026-11-29 25:00", "2026-11-29 上午12点", "2026-11-29 晚上12点", "2026-11-29 晚上3点",
     "9" * 500],
)  # fmt: skip
def test_what_is_no_day_with_its_year_is_refused(text: str) -> None:
    for reader, key in ((day_typed, "times.day"), (moment_typed, "times.moment")):
        with pytest.raises(InputRefused) as refused:
            reader(text, SHANGHAI)
        assert refused.value.key == ("times.no_year" if text in ("11月29日", "11-29") else key)


def test_days_that_nobody_can_mean_are_refused() -> None:
    for text in ("1066-10-14", "0001年1月1日"):
        with pytest.raises(InputRefused) as refused:
            written_dates.day_typed(text, SHANGHAI)
        assert refused.value.key == "times.years"
