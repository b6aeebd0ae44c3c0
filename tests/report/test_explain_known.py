"""What `explain` tells of a former moment: the facts that were known then, as they were."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.conftest import Program

AT = ("--lon", 120.1, "--lat", 30.1, "--crs", "cgcs2000")


@pytest.fixture
def known(program: Program) -> Program:
    program.data("asset", "add", "A", "--kind", "hydrant", *AT, "--built", "2015-01-01")
    program.data("asset", "add", "B", "--kind", "hydrant.pillar", *AT, "--built", "2016-01-01")
    program.data("defect", "open", "A", "leak", "--at", "2026-01-01")
    return program


def moment() -> str:
    return dt.datetime.now(dt.UTC).isoformat()


def facts(program: Program, code: str, *words: object) -> list[tuple[str, Any]]:
    data = program.data("explain", code, *words)
    return [(one["fact"], one["values"].get("outcome") or one["at"]) for one in data["facts"]]


def test_what_was_recorded_later_is_not_told_of_a_former_moment(known: Program) -> None:
    before = facts(known, "A")
    then = moment()
    known.data("defect", "clear", "A", "leak", "--at", "2026-02-01")
    known.data("asset", "edit", "A", "--set", "mains_dn_mm=200", "--from", "2025-01-01")
    known.data("duplicates", "merge", "A", "B")
    assert facts(known, "A", "--known-at", then) == before
    assert {fact for fact, _ in facts(known, "A")} - {fact for fact, _ in before} >= {
        "cleared", "merged", "version",
    }  # fmt: skip


def test_a_value_that_was_corrected_later_is_told_as_it_was_known(known: Program) -> None:
    then = moment()
    known.data("asset", "edit", "A", "--set", "mains_dn_mm=300", "--correct")
    told = known.data("explain", "A", "--known-at", then)["facts"]
    (added,) = [one for one in told if one["fact"] == "added"]
    assert "mains_dn_mm" not in added["values"]
    (added,) = [one for one in known.data("explain", "A")["facts"] if one["fact"] == "added"]
    assert added["values"]["mains_dn_mm"] == 300
