"""Rules of a policy in words: what they say and where that comes from, in both languages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from hydrant.messages import known, label, text
from hydrant.resources import resource
from hydrant.vocabulary import KINDS, Language, family_of

_PROVENANCE = ("source", "confidence", "name")
_FAMILIES = frozenset(map(family_of, KINDS))


@cache
def _chinese() -> dict[str, str]:
    content: dict[str, str] = json.loads(
        resource("data", "codes", "sources.json").read_text(encoding="utf-8")
    )
    return content


def source_text(source: str, lang: Language) -> str:
    """Where a rule comes from; what a county's own policy says stays in its own language."""
    return _chinese().get(source, source) if lang is Language.ZH else source


def rule_text(rule: Mapping[str, Any], lang: Language) -> str:
    """What a rule says, on one line, without its name and where it comes from."""
    said = {name: value for name, value in rule.items() if name not in _PROVENANCE}
    if isinstance(said.get("codes"), dict):
        said = said["codes"]
    return text("policy.between", lang).join(_said(name, said[name], lang) for name in said)


def _said(name: str, value: object, lang: Language) -> str:
    if name == "demanded":
        return text(f"policy.demanded_{'yes' if value else 'no'}", lang)
    worded = _word(value, lang)
    key = f"policy.says_{name}"
    return text(key, lang, value=worded) if known(key) else f"{name} {worded}"


def _word(value: object, lang: Language) -> str:
    if isinstance(value, list):
        return text("policy.between", lang).join(_word(one, lang) for one in value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:g}"
    word = str(value)
    if word in KINDS or word in _FAMILIES:
        return label("kind", word, lang)
    switch = f"policy.switch_{word}"
    return text(switch, lang) if known(switch) else word
