"""Rules of a policy in the words of a reader: what is ruled, how, and where that comes from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache

from hydrant.messages import label, text
from hydrant.resources import resource
from hydrant.vocabulary import Language

#: A rule as a policy states it: ``value``, or ``demanded`` and ``within_days``, and ``families``.
Rule = Mapping[str, object]


@cache
def _sources() -> dict[str, str]:
    """Sources of the shipped policies in Chinese, by what they are in English."""
    content = resource("data", "codes", "sources.json").read_text(encoding="utf-8")
    loaded: dict[str, str] = json.loads(content)
    return loaded


def source_text(source: str, lang: Language) -> str:
    """Where a rule comes from; what a policy of one's own says is told as it stands."""
    return _sources().get(source, source) if lang is Language.ZH else source


def rule_text(place: str, lang: Language) -> str:
    """What is ruled, by its place: ``switches.headline``, ``limits.lift_m.kinds.well``."""
    _, name, *rest = place.split(".", 3)
    told = text(f"rule.name_{name}", lang)
    if not rest:
        return told
    return text("rule.name_of_kind", lang, name=told, kind=label("kind", rest[-1], lang))


def value_text(place: str, rule: Rule, lang: Language) -> str:
    """How it is ruled."""
    group, name = place.split(".")[:2]
    if group == "switches":
        return text(f"rule.value_{rule['value']}", lang)
    if group == "checks":
        key = "rule.demanded" if rule["demanded"] else "rule.not_demanded"
        told = text(key, lang, days=rule["within_days"])
    else:
        told = _limit(name, rule, lang)
    named = rule.get("families")
    if not isinstance(named, list | tuple) or not named:
        return told
    families = tuple(label("kind", str(family), lang) for family in named)
    return text("rule.for_families", lang, value=told, families=families)


def _limit(name: str, rule: Rule, lang: Language) -> str:
    if name == "access":
        return text("rule.both_access", lang)
    value = f"{rule['value']:g}"
    if name == "lift_m":
        return text("rule.at_most_lift_m", lang, value=value)
    told = text(f"rule.at_least_{name}", lang, value=value)
    if rule.get("at_kpa") is None:
        return told
    return text("rule.at_pressure", lang, value=told, kpa=f"{rule['at_kpa']:g}")
