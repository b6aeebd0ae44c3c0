"""Rules of every shipped policy in words of both languages, with their sources."""

from __future__ import annotations

import json
import re

import pytest

from hydrant.integrity.policy import Policy
from hydrant.integrity.policy_reader import load_policy
from hydrant.report.rule_words import rule_text, source_text, value_text
from hydrant.resources import resource
from hydrant.vocabulary import Language

NAMES = sorted(path.stem for path in resource("data", "policies").glob("*.toml"))
POLICIES = [load_policy(name) for name in NAMES]
SHOWN = ("switches", "checks", "limits")


def sources(policy: Policy) -> set[str]:
    rules = {place: rule for place, rule in policy.rules.items() if place.split(".")[0] in SHOWN}
    return {str(rule["source"]) for rule in rules.values()} | {t.source for t in policy.targets}


@pytest.mark.parametrize("policy", POLICIES, ids=NAMES)
def test_rules_are_told_in_words(policy: Policy) -> None:
    for place, rule in policy.rules.items():
        if place.split(".")[0] not in SHOWN:
            continue
        zh = rule_text(place, Language.ZH), value_text(place, rule, Language.ZH)
        en = rule_text(place, Language.EN), value_text(place, rule, Language.EN)
        for told in (*zh, *en):
            assert not re.search(r"\bTrue\b|\bFalse\b|\bNone\b|[\[\]{}_]", told), told
        assert not re.search(r"[a-z]{4,}", "".join(zh)), zh
        assert not re.search(r"[\u4e00-\u9fff]", "".join(en)), en


@pytest.mark.parametrize("policy", POLICIES, ids=NAMES)
def test_sources_of_shipped_policies_are_told_in_chinese(policy: Policy) -> None:
    for source in sources(policy):
        assert re.search(r"[\u4e00-\u9fff]", source_text(source, Language.ZH)), source
        assert source_text(source, Language.EN) == source


def test_no_source_is_translated_that_nobody_names() -> None:
    known = json.loads(resource("data", "codes", "sources.json").read_text("utf-8"))
    assert set(known) <= set().union(*map(sources, POLICIES))


def test_a_source_of_ones_own_is_told_as_it_stands() -> None:
    assert source_text("County order 12/2026", Language.ZH) == "County order 12/2026"
