"""What is known by its day alone: which finding counts, and what is asked or told."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

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


@pytest.mark.parametrize(("since", "told"), [(DAY, True), (f"{DAY}T18:00", False)])
def test_a_move_of_a_day_with_a_visit_is_told(hydrant: Program, since: str, told: bool) -> None:
    hydrant.data("survey", "record", "H1", "--outcome", "works", "--at", f"{DAY}T09:00",
                 "--static-kpa", "300")  # fmt: skip
    ran = hydrant("asset", "edit", "H1", "--lon", 120.5, "--lat", 30.05, "--crs", "cgcs2000",
                  "--from", since)  # fmt: skip
    assert (ran.code, "09:00" in ran.err) == (0, told)
    assert counts(hydrant) == ("intact" if told else "untested")


def test_a_move_of_a_day_without_a_visit_is_not(hydrant: Program) -> None:
    hydrant.data("survey", "record", "H1", "--outcome", "works", "--at", "2026-03-09T09:00")
    ran = hydrant("asset", "edit", "H1", "--lon", 120.5, "--lat", 30.05, "--crs", "cgcs2000",
                  "--from", DAY)  # fmt: skip
    assert (ran.code, ran.err) == (0, "")


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
