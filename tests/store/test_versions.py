"""Rows of an asset over time: one holds at any moment, whatever was entered in what order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hydrant.store import versions
from hydrant.store.versions import END_OF_TIME, POSITION, Span, corrected, edited, in_order

START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
NAMES = ("owner", "maintainer", "lon")


def moment(day: int) -> dt.datetime:
    return START + dt.timedelta(days=day)


def blank() -> dict[str, Any]:
    values = dict.fromkeys((*versions.COLUMNS, *POSITION))
    return values | {"kind": "hydrant", "service": "municipal", "lon": 120.0, "lat": 30.0}


def assert_follow(spans: Iterable[Span]) -> None:
    found = list(spans)
    for before, after in zip(found, found[1:], strict=False):
        assert before.until == after.start
    for span in found:
        assert span.start is None or span.start < span.until
        assert span.values["lon"] is not None
    assert found[-1].until == END_OF_TIME


edits = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from(NAMES), st.integers(100, 105)), max_size=12
)


@given(edits)
def test_each_value_holds_until_its_next_change(made: list[tuple[int, str, int]]) -> None:
    """Against a table of days: what was entered last for a day wins, up to the next change."""
    spans = [Span(blank(), None, END_OF_TIME)]
    for day, name, value in made:
        spans = edited(spans, moment(day), {name: value})
        assert_follow(spans)
    for name in NAMES:
        for day in range(-2, 42):
            wanted = oracle([m for m in made if m[1] == name], day, blank()[name])
            (here,) = [span for span in spans if span.holds_at(moment(day))]
            assert here.values[name] == wanted, (name, day)


def oracle(made: list[tuple[int, str, int]], day: int, first: Any) -> Any:
    """Day by day: a new value fills from its day as long as the days said the same as that day."""
    line = [first] * 50
    for since, _, value in made:
        former = line[since]
        for place in range(since, 50):
            if line[place] != former:
                break
            line[place] = value
    return line[max(day, 0)] if day >= 0 else first


@given(edits, st.integers(0, 40), st.sampled_from(NAMES), st.integers(106, 110))
def test_a_correction_replaces_the_value_wherever_it_held(
    made: list[tuple[int, str, int]], day: int, name: str, value: int
) -> None:
    spans = [Span(blank(), None, END_OF_TIME)]
    for since, of, said in made:
        spans = edited(spans, moment(since), {of: said})
    (wrong,) = [span.values[name] for span in spans if span.holds_at(moment(day))]
    after = corrected(spans, moment(day), {name: value})
    assert_follow(after)
    assert [(s.start, s.until) for s in after] == [(s.start, s.until) for s in spans]
    (here,) = [span for span in after if span.holds_at(moment(day))]
    assert here.values[name] == value
    changed = [a.values[name] != b.values[name] for a, b in zip(after, spans, strict=True)]
    assert changed == sorted_run(changed)
    assert all(b.values[name] == wrong for b, c in zip(spans, changed, strict=True) if c)


def sorted_run(flags: list[bool]) -> list[bool]:
    """The same flags where the true ones stand beside each other."""
    places = [n for n, flag in enumerate(flags) if flag]
    return [places[0] <= n <= places[-1] for n in range(len(flags))]


broken = st.lists(
    st.tuples(st.none() | st.integers(-20, 30), st.integers(-20, 30), st.booleans()), max_size=6
)


@given(broken, st.none() | st.integers(-20, 0), st.randoms(use_true_random=False))
def test_rows_of_any_kind_are_put_in_order(
    rows: list[tuple[int | None, int, bool]], begun: int | None, random: Any
) -> None:
    spans = [
        Span(
            blank() | ({"lon": None, "lat": None} if empty else {}),
            None if start is None else moment(start),
            moment(until),
            uid=f"v{number}",
        )
        for number, (start, until, empty) in enumerate(rows)
    ]
    present = Span(blank(), None if begun is None else moment(begun), END_OF_TIME)
    found = in_order([*spans, present], START)
    assert_follow(found)
    assert sum(span.uid is None for span in found) == 1
    assert in_order(found, START) == found
    mixed = [*spans, present]
    random.shuffle(mixed)
    assert in_order(mixed, START) == found
