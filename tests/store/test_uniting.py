"""A merge keeps the past: what was known before it can be told again, and nothing counts twice."""

from __future__ import annotations

import datetime as dt
import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hydrant import times
from tests.conftest import Program, renew

TODAY = dt.datetime.now(times.zone()).date()
FIGURES = ("existing", "intact", "stale", "defective", "untested")


def day(ago: int) -> str:
    return (TODAY - dt.timedelta(days=ago)).isoformat()


def moment() -> str:
    time.sleep(0.01)
    now = times.to_text(times.now())
    time.sleep(0.01)
    return now


def add(program: Program, code: str, *more: object) -> None:
    program.data("asset", "add", code, "--kind", "hydrant", "--lon", 120.1, "--lat", 30.1,
                 "--crs", "cgcs2000", *more)  # fmt: skip


def figures(program: Program, *more: object) -> tuple[int, ...]:
    order = program.data("integrity", *more)["total"]["working_order"]
    return tuple(order[name] for name in FIGURES)


@pytest.fixture
def twins(program: Program) -> Program:
    """One thing entered twice: B earlier, with visits, values that changed, an open defect."""
    add(program, "A", "--built", day(300))
    add(program, "B", "--built", day(900), "--maintainer", "old")
    program.data("survey", "record", "A", "--outcome", "works", "--at", day(60))
    program.data("survey", "record", "B", "--outcome", "fails", "--at", day(30))
    program.data("asset", "edit", "A", "--maintainer", "new", "--from", day(100))
    program.data("asset", "edit", "B", "--maintainer", "older", "--from", day(700))
    for code in "AB":
        program.data("defect", "open", code, "leak", "--severity", "anomaly", "--at", day(20))
    return program


def test_known_before_the_merge_there_were_two(twins: Program) -> None:
    dates = [day(ago) for ago in (1000, 800, 200, 45, 0)]
    before = [figures(twins, "--as-of", date) for date in dates]
    cuts = [twins.data("integrity", "--by", "maintainer", "--as-of", date) for date in dates]
    twins.data("integrity", "--save")
    known = moment()
    twins.data("duplicates", "merge", "A", "B")
    again = [figures(twins, "--as-of", date, "--known-at", known) for date in dates]
    assert again == before
    for date, cut in zip(dates, cuts, strict=True):
        then = twins.data("integrity", "--by", "maintainer", "--as-of", date, "--known-at", known)
        assert then["groups"] == cut["groups"]
    twins.data("assessment", "verify")
    twins.data("audit", "verify")
    assert twins("db", "check").code == 0


def test_the_merged_asset_counts_once_at_any_date(twins: Program) -> None:
    twins.data("duplicates", "merge", "A", "B")
    existing = [figures(twins, "--as-of", day(ago))[0] for ago in (1000, 800, 600, 200, 45, 0)]
    assert existing == [0, 1, 1, 1, 1, 1]
    cut = twins.data("integrity", "--by", "maintainer", "--as-of", day(600))["groups"]
    assert sum(group["working_order"]["existing"] for group in cut) == 1


def test_nothing_of_the_other_is_lost_to_sight(twins: Program) -> None:
    lost = twins.data("asset", "show", "B")["asset"]["uid"]
    twins.data("duplicates", "merge", "A", "B")
    lines = twins.data("asset", "history", lost)["history"]
    facts = [line["fact"] for line in lines]
    assert facts.count("inspection") == 2
    assert facts.count("defect") == 2
    (merged,) = [line for line in lines if line["fact"] == "merged"]
    assert (merged["uid"], merged["values"]) == (lost, {"code": "B"})
    former = [line for line in lines if line["fact"] == "version"]
    assert {line.get("of") for line in former} == {None, lost}
    found = twins.data("defect", "list")["defects"]
    assert [(row["finding"], row["findings"]) for row in found] == [(1, 2), (2, 2)]


def test_the_log_has_the_position_that_was_taken_out(twins: Program) -> None:
    twins.data("duplicates", "merge", "A", "B")
    entries = twins.data("audit", "log", "-n", 200)["changes"]
    (gone,) = [e for e in entries if e["action"] == "delete" and e["entity"] == "asset"]
    assert '"geom":[120.1,30.1]' in json.dumps(gone["before"], separators=(",", ":")).replace(
        '\\"', '"'
    )


@pytest.mark.parametrize(
    ("kept", "lost", "code"),
    [
        (("suspended", 50), ("commissioned", 10), 3),
        (("planned", 10), None, 3),
        (("planned", 950), None, 0),
        (None, ("suspended", 10), 0),
        (("removed", 10), None, 3),
    ],
)
def test_events_that_contradict_each_other_wait_for_a_decision(
    program: Program, kept: Any, lost: Any, code: int
) -> None:
    add(program, "A")
    add(program, "B", "--built", day(900))
    for asset, event in (("A", kept), ("B", lost)):
        if event is not None:
            program.data("asset", "event", asset, event[0], "--at", day(event[1]))
    for lang in ("zh", "en"):
        ran = program("duplicates", "merge", "A", "B", lang=lang)
        if code:
            assert ran.code == code, ran
            assert "Traceback" not in ran.err
        else:
            assert ran.code == 0, ran
            break


@pytest.mark.file_only
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from("AB"),
            st.sampled_from(["works", "fails", "not_found", "defect", "suspended", "maintainer"]),
            st.integers(1, 500),
        ),
        max_size=6,
    )
)
def test_before_equals_known_before(program: Program, steps: list[tuple[str, str, int]]) -> None:
    """A merge, and known before it: what was, whatever happened to the two."""
    renew(program.db)
    for code in "AB":
        add(program, code)
    for code, what, ago in steps:
        at = ("--at", day(ago))
        if what == "defect":
            program.data("defect", "open", code, "leak", "--severity", "blocking", *at)
        elif what == "suspended":
            program.data("asset", "event", code, what, *at)
        elif what == "maintainer":
            program.data("asset", "edit", code, "--maintainer", f"m{ago}", "--from", day(1))
        else:
            program.data("survey", "record", code, "--outcome", what, *at)
    dates = [day(ago) for ago in (501, 250, 0)]
    before = [figures(program, "--as-of", date) for date in dates]
    known = moment()
    program.data("duplicates", "merge", "A", "B")
    assert [figures(program, "--as-of", d, "--known-at", known) for d in dates] == before
    assert figures(program)[0] == 1


def test_the_plate_of_the_merged_one_goes_on_being_understood(program: Program) -> None:
    for code, lon in (("K", 120.1), ("L", 120.10003)):
        program.data("asset", "add", code, "--kind", "hydrant", "--lon", lon, "--lat", 30.1,
                     "--crs", "cgcs2000")  # fmt: skip
    program.data("duplicates", "merge", "K", "L")
    assert program.data("explain", "L")["code"] == "K"
    program.data("survey", "record", "L", "--outcome", "fails")
    assert program.data("explain", "K")["condition"] == "defective"
    again = program("asset", "add", "L", "--kind", "hydrant", "--lon", 120.1, "--lat", 30.1,
                    "--crs", "cgcs2000")  # fmt: skip
    assert "merged into K" in again.err
