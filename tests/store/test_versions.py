"""Rows of an asset over time: one holds at any moment, whatever was entered in what order."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable
from itertools import pairwise, permutations
from random import Random
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hydrant import times
from hydrant.integrity.policy_reader import load_policy
from hydrant.model.spans import (
    COLUMNS,
    END_OF_TIME,
    POSITION,
    Span,
    Statement,
    corrected,
    edited,
    in_order,
)
from hydrant.model.tables import Asset, AssetVersion
from hydrant.store.care.mending import disorders
from hydrant.store.evidence.evidence import Cut, list_evidence
from hydrant.store.evidence.known import as_known
from hydrant.store.facts.assets import find_asset
from hydrant.store.opened import versions
from hydrant.store.opened.registry import Registry, open_registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.opened.writer import Writer
from hydrant.store.views import near
from tests.conftest import Program

START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
NAMES = ("owner", "maintainer", "lon")


def moment(day: int) -> dt.datetime:
    return START + dt.timedelta(days=day)


def blank() -> dict[str, Any]:
    values = dict.fromkeys((*COLUMNS, *POSITION))
    return values | {"kind": "hydrant", "service": "municipal", "lon": 120.0, "lat": 30.0}


def assert_follow(spans: Iterable[Span]) -> None:
    found = list(spans)
    for before, after in pairwise(found):
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


@given(edits)
def test_what_is_stated_for_a_day_holds_from_it_until_the_next_in_any_order(
    made: list[tuple[int, str, int]],
) -> None:
    """What was entered last for a day counts, whatever was entered of other days and when."""
    spans, stated = [Span(blank(), None, END_OF_TIME)], list[Statement]()
    for day, name, value in made:
        spans = edited(spans, moment(day), {name: value}, stated)
        stated.append(Statement(moment(day), {name: value}))
        assert_follow(spans)
    for name in NAMES:
        line = {day: value for day, of, value in made if of == name}
        for day in range(-2, 42):
            last = max((one for one in line if one <= day), default=None)
            wanted = blank()[name] if last is None else line[last]
            (here,) = [span for span in spans if span.holds_at(moment(day))]
            assert here.values[name] == wanted, (name, day)


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
@example([(0, 1, False), (-1, 1, False)], None, Random(0))
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


def in_row(registry: Registry, asset: Asset) -> list[tuple[Any, ...]]:
    registry.session.flush()
    return [
        (span.values["owner"], span.values["region_code"], span.start, span.until)
        for span in versions.spans_of(registry, asset)
    ]


def test_changes_ahead_hold_from_their_day_and_take_earlier_ones_along(registry: Registry) -> None:
    asset = Asset(kind="hydrant", geom=(120.0, 30.0), owner="old", region_code="A")
    with transaction(registry, actor="t", origin="t") as writer:
        writer.add(asset)
        ahead = writer.moment + dt.timedelta(days=30)
        versions.revise(writer, asset, since=ahead, owner="new", geom=(121.0, 30.0))
    assert (asset.owner, asset.geom) == ("old", (120.0, 30.0))
    with transaction(registry, actor="t", origin="t") as writer:
        now = writer.moment
        versions.revise(writer, asset, since=now, region_code="B")
    assert (asset.owner, asset.region_code) == ("old", "B")
    assert in_row(registry, asset) == [
        ("old", "A", None, now),
        ("old", "B", now, ahead),
        ("new", "B", ahead, END_OF_TIME),
    ]
    assert disorders(registry) == []


def test_what_was_announced_is_the_row_of_the_map_on_its_day(
    registry: Registry, monkeypatch: Any
) -> None:
    asset = Asset(kind="hydrant", geom=(120.0, 30.0), owner="old")
    with transaction(registry, actor="t", origin="t") as writer:
        writer.add(asset)
        ahead = writer.moment + dt.timedelta(days=30)
        versions.revise(writer, asset, since=ahead, owner="new", geom=(121.0, 30.0))
    later = ahead + dt.timedelta(hours=1)
    monkeypatch.setattr(times, "now", lambda: later)
    found = {uid: (x, y) for uid, x, y in near.candidates(registry, 121.0, 30.0, 500.0)}
    assert found == {asset.uid: (121.0, 30.0)}  # also before anybody wrote
    with transaction(registry, actor="t", origin="t"):
        pass
    assert (asset.owner, asset.geom, asset.valid_from) == ("new", (121.0, 30.0), ahead)
    assert in_row(registry, asset) == [
        ("old", None, None, ahead),
        ("new", None, ahead, END_OF_TIME),
    ]
    assert disorders(registry) == []


def test_earlier_knowledge_is_put_back_in_any_order_of_dates(registry: Registry) -> None:
    asset = Asset(kind="hydrant", geom=(120.0, 30.0), owner="first")
    told: list[tuple[dt.datetime, list[str | None]]] = []
    days = [dt.date(2024, 1, 1) + dt.timedelta(days=20 * n) for n in range(6)]

    def owners(known: dt.datetime | None) -> list[str | None]:
        found = []
        for day in days:
            cut = Cut(day, registry.zone, known)
            with as_known(registry, cut):
                (one,) = list_evidence(registry, cut, load_policy("zhejiang"))
            found.append(one.fields["owner"])
        return found

    with transaction(registry, actor="t", origin="t") as writer:
        writer.add(asset)
    for since, owner in ((60, "third"), (30, "second"), (None, "put right"), (400, "ahead")):
        told.append((times.now(), owners(None)))
        time.sleep(0.002)
        with transaction(registry, actor="t", origin="t") as writer:
            moment_ = None if since is None else moment(since)
            versions.revise(writer, asset, since=moment_, owner=owner)
    for known, said in told:
        assert owners(known) == said


def test_a_registry_of_an_earlier_version_is_put_in_order(program: Program) -> None:
    """As it was written before: a former row to each change, the last one entered on the map."""
    for code in ("OUT", "AHEAD"):
        program.data("asset", "add", code, "--kind", "hydrant", "--lon", 120, "--lat", 30,
                     "--crs", "cgcs2000", "--owner", "first")  # fmt: skip
    now = times.now()
    with open_registry(program.db, write=True) as registry:
        out, ahead = (find_asset(registry, code) for code in ("OUT", "AHEAD"))
        for asset, since, owner in (
            (out, now - dt.timedelta(days=30), "third"),
            (out, now - dt.timedelta(days=60), "second"),
            (ahead, now + dt.timedelta(days=60), "later"),
        ):
            with transaction(registry, actor="t", origin="t") as writer:
                as_before(writer, asset, since=since, owner=owner)
    kinds = {fault["key"] for fault in program("db", "check", "--json").data["faults"]}
    assert "check.versions" in kinds
    mended = program.data("db", "migrate")["mended"]
    assert [(one["code"], one["from_log"]) for one in mended] == [("OUT", True), ("AHEAD", True)]
    assert program.data("db", "check")["faults"] == []
    assert program.data("db", "migrate")["mended"] == []
    with open_registry(program.db) as registry:
        owners = {
            code: [row[0] for row in in_row(registry, find_asset(registry, code))]
            for code in ("OUT", "AHEAD")
        }
    assert owners == {"OUT": ["first", "second", "third"], "AHEAD": ["first", "later"]}
    assert program.data("asset", "show", "AHEAD")["asset"]["owner"] == "first"
    assert program("audit", "verify").code == 0


def as_before(writer: Writer, asset: Asset, *, since: dt.datetime, **values: Any) -> None:
    lon, lat = asset.geom or (None, None)
    writer.add(
        AssetVersion(
            **{name: getattr(asset, name) for name in (*COLUMNS, "valid_from")},
            asset_uid=asset.uid, lon=lon, lat=lat, valid_until=since, replaced_at=writer.moment,
            recorded_at=asset.recorded_at,
        )
    )  # fmt: skip
    writer.update(asset, **values, valid_from=since)


@pytest.mark.parametrize("days", list(permutations(["2025-01-01", "2024-01-01", "2024-06-01"])))
def test_an_edit_holds_from_its_day_whatever_was_entered_first(
    program: Program, days: tuple[str, ...]
) -> None:
    """Also where the same was stated before of another day, or it was so already."""
    said = {"2024-01-01": "private", "2024-06-01": "rural", "2025-01-01": "private"}
    program.data("asset", "add", "A", "--kind", "hydrant", "--lon", 120, "--lat", 30,
                 "--crs", "cgcs2000", "--built", "2015-01-01")  # fmt: skip
    for day in days:
        program.data("asset", "edit", "A", "--set", f"service={said[day]}", "--from", day)
    line = ("2023-12-31", "2024-05-31", "2024-12-31", "2026-01-01")
    found = [program.data("explain", "A", "--as-of", day)["service"] for day in line]
    assert found == ["municipal", "private", "rural", "private"]
    checked = program.data("db", "check")
    assert checked["faults"] == []
    assert program("audit", "verify").code == 0


@pytest.mark.parametrize("days", [["2024-01-01", "2025-01-01"], ["2025-01-01", "2024-01-01"]])
def test_a_correction_changes_what_was_stated_and_not_for_which_days(
    program: Program, days: list[str]
) -> None:
    program.data("asset", "add", "A", "--kind", "hydrant", "--lon", 120, "--lat", 30,
                 "--crs", "cgcs2000", "--built", "2015-01-01")  # fmt: skip
    for day in days:
        program.data("asset", "edit", "A", "--set", "service=rural", "--from", day)
    program.data("asset", "edit", "A", "--set", "service=private", "--correct")
    program.data("asset", "edit", "A", "--set", "service=municipal", "--from", "2024-06-01")
    line = ("2023-12-31", "2024-05-31", "2024-12-31", "2025-01-01", "2026-01-01")
    found = [program.data("explain", "A", "--as-of", day)["service"] for day in line]
    assert found == ["municipal", "private", "municipal", "private", "private"]


@pytest.mark.parametrize(("lang", "words"), [("en", "is kept"), ("zh", "已记录在案")])
def test_that_a_value_was_stated_for_a_day_on_which_it_held_is_kept(
    program: Program, lang: str, words: str
) -> None:
    program.data("asset", "add", "A", "--kind", "hydrant", "--lon", 120, "--lat", 30,
                 "--crs", "cgcs2000", "--built", "2015-01-01")  # fmt: skip
    stated = ("asset", "edit", "A", "--set", "service=municipal")
    assert words in program(*stated, "--from", "2025-01-01", lang=lang).out
    program.data("asset", "edit", "A", "--set", "service=private", "--from", "2024-01-01")
    found = [program.data("explain", "A", "--as-of", day)["service"]
             for day in ("2023-12-31", "2024-06-01", "2025-01-01", "2026-01-01")]  # fmt: skip
    assert found == ["municipal", "private", "municipal", "municipal"]
    program.data("asset", "edit", "A", "--set", "service=rural", "--correct")
    program.data("asset", "edit", "A", "--set", "service=private", "--from", "2023-01-01")
    after = [program.data("explain", "A", "--as-of", day)["service"]
             for day in ("2022-12-31", "2023-06-01", "2024-06-01", "2026-01-01")]  # fmt: skip
    assert after == ["municipal", "private", "private", "rural"]
    program.data(*stated, "--correct")
    known = program.data("audit", "log")["changes"]
    program.data(*stated)  # from now on: it is so, and nothing is written
    assert program.data("audit", "log")["changes"] == known
