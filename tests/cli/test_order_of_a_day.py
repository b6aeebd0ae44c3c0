"""What is known by its day alone: which finding counts, and what is asked or told."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from hydrant import times
from tests.conftest import Program

DAY = "2026-03-10"


@pytest.fixture
def hydrant(program: Program) -> Program:
    for code, lon, region in (("H1", 120.1, None), ("H2", 120.9, None)):
        program.data(
            "asset", "add", code, "--kind", "hydrant.pillar", "--lon", lon, "--lat", 30.05,
            "--crs", "cgcs2000", "--built", "2020-01-01", *(("--region", region) if region else ()),
        )  # fmt: skip
    return program


def counts(program: Program, code: str = "H1", day: str = DAY) -> Any:
    return program.data("explain", code, "--as-of", day)["condition"]


#: A good test in the morning, and what may be found of the same day without a time.
GOOD = ("works", f"{DAY}T09:00", ("--static-kpa", "300"))
BAD = (
    ("fails", DAY, ()),
    ("not_found", DAY, ()),
    ("not_testable", DAY, ("--static-kpa", "80")),
    ("works", DAY, ("--static-kpa", "80")),
)


@pytest.mark.parametrize(
    "visits",
    [order for bad in BAD for order in itertools.permutations((GOOD, bad))],
    ids=lambda one: "-".join(visit[0] for visit in one),
)
def test_a_bad_finding_of_the_day_is_not_outdone(hydrant: Program, visits: Any) -> None:
    for outcome, at, more in visits:
        hydrant.data("survey", "record", "H1", "--outcome", outcome, "--at", at, *more)
    assert counts(hydrant) == "defective"
    hydrant.data("survey", "record", "H1", "--outcome", "works", "--at", "2026-03-11",
                 "--static-kpa", "300")  # fmt: skip
    assert counts(hydrant, day="2026-03-11") == "intact"
    assert counts(hydrant) == "defective"


def test_a_good_finding_of_the_day_comes_first(hydrant: Program) -> None:
    hydrant.data("survey", "record", "H1", "--outcome", "fails", "--at", f"{DAY}T09:00")
    hydrant.data("survey", "record", "H1", "--outcome", "works", "--at", DAY)
    assert counts(hydrant) == "defective"


def move(program: Program, since: str, code: str = "H1") -> Any:
    return program("asset", "edit", code, "--lon", 120.5, "--lat", 30.05, "--crs", "cgcs2000",
                   "--from", since)  # fmt: skip


def visit(program: Program, at: str, outcome: str = "works") -> Any:
    return program("survey", "record", "H1", "--outcome", outcome, "--at", at)


#: When it moved, when it was visited and what was found; what is told, and what it counts as.
SAME_DAY = (
    (DAY, DAY, "works", "new place", "intact"),
    (DAY, f"{DAY}T09:00", "works", "new place", "intact"),
    (DAY, DAY, "fails", "new place", "defective"),
    (f"{DAY}T09:00", DAY, "works", "former place", "untested"),
    (f"{DAY}T09:00", DAY, "fails", "new place", "defective"),
    (f"{DAY}T09:00", f"{DAY}T10:00", "works", None, "intact"),
    (f"{DAY}T18:00", f"{DAY}T09:00", "works", None, "untested"),
    (DAY, "2026-03-09", "works", None, "untested"),
    (DAY, "2026-03-11", "works", None, "intact"),
    ("2026-03-11", f"{DAY}T23:59", "fails", None, "untested"),
)


@pytest.mark.parametrize("move_first", [True, False])
@pytest.mark.parametrize(("moved", "visited", "outcome", "told", "condition"), SAME_DAY)
def test_a_move_and_a_visit_of_one_day_are_told_in_either_order(
    hydrant: Program, moved: str, visited: str, outcome: str, told: str | None, condition: str,
    *, move_first: bool,
) -> None:  # fmt: skip
    steps = [lambda: move(hydrant, moved), lambda: visit(hydrant, visited, outcome)]
    first, last = (step() for step in (steps if move_first else reversed(steps)))
    assert (first.code, "first" in first.err, last.code) == (0, False, 0)
    assert ("which came first" in last.err) == (told is not None), last.err
    if told is not None:
        assert told in last.err
        assert "H1" in last.err
    assert counts(hydrant, day=max(moved, visited)[:10]) == condition


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("move_first", [True, False])
def test_such_a_move_as_an_event_is_told(hydrant: Program, lang: str, *, move_first: bool) -> None:
    steps = [
        ("asset", "event", "H1", "relocated", "--at", DAY),
        ("survey", "record", "H1", "--outcome", "works", "--at", DAY),
    ]
    hydrant.data(*steps[not move_first])
    ran = hydrant(*steps[move_first], lang=lang)
    assert {"en": "which came first", "zh": "先后"}[lang] in ran.err


def test_what_is_withdrawn_is_not_in_doubt(hydrant: Program) -> None:
    move(hydrant, DAY)
    assert "first" in visit(hydrant, DAY).err
    hydrant.data("survey", "withdraw", "H1", "--reason", "of another")
    assert visit(hydrant, "2026-03-11").err == ""
    hydrant.data("asset", "withdraw", "H1", "--event", "relocated", "--reason", "never")
    assert visit(hydrant, f"{DAY}T08:00").err == ""


def test_files_tell_it_too(hydrant: Program, tmp_path: Path) -> None:
    move(hydrant, DAY)
    seen = tmp_path / "seen.csv"
    seen.write_text(f"code,outcome,at\nH1,works,{DAY}\nH2,works,{DAY}\n", "utf-8")
    ran = hydrant("survey", "import", seen)
    assert (ran.code, "H1 (2026-03-10)" in ran.err, "H2" in ran.err) == (0, True, False)
    register = tmp_path / "register.csv"
    today = times.local_day(times.now(), times.zone()).isoformat()
    for lat, told in ((30.05, False), (30.06, True)):
        rows = [f"R{n},hydrant,{n}.5,{lat},works,{today}" for n in range(1, 8)]
        register.write_text("\n".join(["code,kind,lon,lat,outcome,at", *rows, ""]), "utf-8")
        ran = hydrant("import", register, "--crs", "wgs84", "--accept-offset")
        assert (ran.code, "which came first" in ran.err) == (0, told), ran.err
    assert "2 more" in ran.err
    assert "former place" in ran.err


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_merge_of_what_is_unlike_is_told(hydrant: Program, lang: str) -> None:
    hydrant.data("asset", "edit", "H2", "--set", "service=rural")
    ran = hydrant("duplicates", "merge", "H1", "H2", lang=lang)
    assert ran.code == 0
    assert {"en": "service", "zh": "服务对象"}[lang] in ran.err
    assert {"en": "m apart", "zh": "相距"}[lang] in ran.err


def test_the_hint_at_such_a_move_can_be_followed(hydrant: Program) -> None:
    hydrant.data("survey", "record", "H1", "--outcome", "works", "--at", f"{DAY}T09:00",
                 "--static-kpa", "300")  # fmt: skip
    there, here = (("--lon", lon, "--lat", 30.05, "--crs", "cgcs2000") for lon in (120.5, 120.1))
    hydrant.data("asset", "edit", "H1", *there, "--from", DAY)
    hydrant.data("asset", "edit", "H1", *here, "--correct")
    hydrant.data("asset", "edit", "H1", *there, "--from", f"{DAY}T18:00")
    assert counts(hydrant) == "untested"


def test_an_event_takes_a_time_as_a_visit_does(hydrant: Program) -> None:
    told = [
        hydrant.data("asset", "event", "H1", event, "--at", f"{DAY}{hour}")
        for event, hour in (("resumed", "T15:00"), ("suspended", "T10:00"))
    ]
    assert [one["at"] for one in told] == [f"{DAY}T15:00:00+08:00", f"{DAY}T10:00:00+08:00"]
    hydrant.data("survey", "record", "H1", "--outcome", "works", "--at", f"{DAY}T16:00")
    assert counts(hydrant) == "intact"  # resumed later, although it was entered first
    lines = hydrant.data("asset", "history", "H1")["history"]
    assert [f"{DAY}T10:00:00+08:00"] == [
        line["at"] for line in lines if line["values"].get("event") == "suspended"
    ]
    done = hydrant.data("asset", "withdraw", "H1", "--event", "resumed", "--at", f"{DAY}T15:00",
                        "--reason", "of another")  # fmt: skip
    assert done["event"]["at"] == f"{DAY}T15:00:00+08:00"
    assert counts(hydrant) == "defective"


def test_an_event_of_a_day_alone_has_no_time(hydrant: Program) -> None:
    assert hydrant.data("asset", "event", "H1", "suspended", "--at", DAY)["at"] == DAY
    today = times.local_day(times.now(), times.zone()).isoformat()
    assert hydrant.data("asset", "event", "H1", "resumed")["at"] == today
    assert hydrant.data("asset", "retire", "H2", "--at", f"{DAY}T08:30")["at"][:16] == (
        f"{DAY}T08:30"
    )
    ran = hydrant("asset", "event", "H1", "suspended", "--at", "2099-01-01T00:01")
    assert (ran.code, "2099-01-01T00:01" in ran.err) == (3, True)
    assert hydrant("asset", "event", "H1", "suspended", "--at", "soon").code == 3
