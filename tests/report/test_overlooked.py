"""What is said beside the class of an asset, and how the rule behind it is worded."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from hydrant.integrity.policy_reader import load_policy, policy_names
from hydrant.report.rule_words import rule_text, source_text
from hydrant.resources import resource
from hydrant.vocabulary import Language
from tests.conftest import Program

#: A column of a register that tells of a visit and of no day.
UNDATED = "code,kind,lon,lat,outcome\nH1,hydrant.pillar,120.1,30.05,works\n"


@pytest.fixture
def hydrant(program: Program) -> Program:
    program.data("asset", "add", "H1", "--kind", "hydrant.pillar", "--lon", 120.1, "--lat", 30.05,
                 "--crs", "cgcs2000", "--built", "2024-01-01")  # fmt: skip
    return program


def remarks(program: Program, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = program.data("explain", "H1", *words)["remarks"]
    return found


def test_a_move_says_since_when_visits_count(hydrant: Program) -> None:
    assert remarks(hydrant) == []
    hydrant.data("survey", "record", "H1", "--outcome", "works", "--at", "2025-05-01")
    hydrant.data("asset", "event", "H1", "relocated", "--at", "2025-06-01")
    assert remarks(hydrant) == [{"remark": "moved", "day": "2025-06-01"}]
    assert remarks(hydrant, "--as-of", "2025-05-31") == []
    for lang, words in (("en", "moved on 2025-06-01"), ("zh", "已于 2025-06-01 迁移")):
        assert words in hydrant("explain", "H1", lang=lang).out
    hydrant.data("survey", "record", "H1", "--outcome", "works", "--at", "2025-06-03")
    assert remarks(hydrant) == []


def test_a_visit_before_the_only_commissioning_is_remarked_on(hydrant: Program) -> None:
    told = hydrant.data("survey", "record", "H1", "--outcome", "works", "--at", "2023-12-31")
    mark = {"remark": "before_built", "day": "2023-12-31", "built": "2024-01-01"}
    assert told["now"]["remarks"] == remarks(hydrant) == [mark]
    hydrant.data("asset", "event", "H1", "commissioned", "--at", "2023-01-01")
    assert remarks(hydrant) == []  # it may have stood there before


def test_a_figure_names_what_is_intact_by_a_visit_before_it_was_built(hydrant: Program) -> None:
    hydrant.data("survey", "record", "H1", "--outcome", "works", "--at", "2023-12-31")
    asked = ("--as-of", "2024-06-01")
    for command in ("integrity", "todo"):
        said = hydrant(command, *asked, "--json").json["messages"]
        assert [one["key"] for one in said] == ["integrity.before_built"]
        for lang, words in (("en", "(H1)"), ("zh", "（H1）")):
            ran = hydrant(command, *asked, lang=lang)
            assert words in ran.err + ran.out
    for silent in (
        (*asked, "--kind", "tank"),
        ("--as-of", "2023-12-31"),
        ("--as-of", "2026-06-01"),
    ):
        said = hydrant("integrity", *silent, "--json").json["messages"]
        assert "integrity.before_built" not in {one["key"] for one in said}
    hydrant.data("survey", "record", "H1", "--outcome", "works", "--at", "2024-02-01")
    assert hydrant("integrity", *asked, "--json").json["messages"] == []


@pytest.mark.parametrize("event", ["removed", "planned", "under_construction"])
def test_what_is_built_anew_says_since_when_visits_count(hydrant: Program, event: str) -> None:
    hydrant.data("survey", "record", "H1", "--outcome", "works", "--at", "2025-05-01")
    hydrant.data("asset", "event", "H1", event, "--at", "2025-06-01")
    now = hydrant.data("asset", "event", "H1", "commissioned", "--at", "2025-07-01")["now"]
    assert (now["condition"], now["remarks"]) == (
        "untested", [{"remark": "anew", "day": "2025-06-01"}]
    )  # fmt: skip
    for lang, words in (
        ("en", "gone or not built yet on 2025-06-01"),
        ("zh", "在 2025-06-01 已拆除"),
    ):
        assert words in hydrant("explain", "H1", lang=lang).out
    assert hydrant.data("explain", "H1", "--as-of", "2025-05-31")["condition"] == "intact"
    hydrant.data("asset", "withdraw", "H1", "--event", event, "--reason", "another hydrant")
    assert hydrant.data("explain", "H1", "--as-of", "2025-08-01")["condition"] == "intact"


@pytest.mark.parametrize("fault", ["visit", "defect"])
def test_an_undated_visit_that_repairs_nothing_is_told(
    hydrant: Program, tmp_path: Path, fault: str
) -> None:
    (tmp_path / "register.csv").write_text(UNDATED, "utf-8")
    hydrant.data("import", tmp_path / "register.csv", "--crs", "cgcs2000")
    assert remarks(hydrant) == []  # it counts as stale, and the reason says why
    if fault == "visit":
        told = hydrant.data("survey", "record", "H1", "--outcome", "fails", "--at", "2025-01-01")
        assert told["now"]["remarks"] == [{"remark": "undated"}]
    else:
        hydrant.data("defect", "open", "H1", "no_water", "--at", "2025-01-01")
    assert remarks(hydrant) == [{"remark": "undated"}]
    hydrant.data("survey", "record", "H1", "--outcome", "works", "--at", "2025-02-01")
    if fault == "defect":
        hydrant.data("defect", "clear", "H1", "no_water", "--at", "2025-02-01")
    assert remarks(hydrant) == []


def shipped() -> list[tuple[str, Mapping[str, Any]]]:
    rules = [load_policy(name).rules.items() for name in policy_names()]
    return [found for policy in rules for found in policy]


def test_every_shipped_rule_is_worded_in_both_languages() -> None:
    plain = re.compile(r"[a-z]{4,} [a-z]{2,}")
    sources = {str(rule["source"]) for _, rule in shipped()}
    assert [one for one in sources if plain.search(source_text(one, Language.ZH))] == []
    for place, rule in shipped():
        for lang in Language:
            assert "_" not in rule_text(rule, lang) or place == "severity", (place, lang)
    told = json.loads(resource("data", "codes", "sources.json").read_text("utf-8"))
    assert sorted(told.keys() - sources) == []


def test_a_county_s_own_words_stay_as_they_are() -> None:
    assert source_text("our own word", Language.ZH) == "our own word"


def test_a_rule_is_told_in_words(hydrant: Program) -> None:
    hydrant.data("survey", "record", "H1", "--outcome", "works")
    for lang, words in (("en", "demanded, fresh for 365 d"), ("zh", "必检，有效期 365 天")):
        out = hydrant("explain", "H1", lang=lang).out
        assert words in out.replace("\n", "")
        assert "within_days" not in out
