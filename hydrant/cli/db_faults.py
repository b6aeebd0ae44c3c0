"""Shows what a check found, what it means and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from hydrant.cli.screen import Screen
from hydrant.errors import Phrase
from hydrant.messages import known, text
from hydrant.store.care.check import Fault
from hydrant.vocabulary import Language

_SHOWN = 20


def show_faults(screen: Screen, faults: Sequence[Fault]) -> None:
    """Findings of a kind together, what they mean and what to do once for each kind."""
    for key, group in groupby(faults, key=lambda fault: fault.key):
        found = list(group)
        for fault in found[:_SHOWN]:
            screen.text(screen.t(key, **fault.facts))
        if len(found) > _SHOWN:
            screen.line("cli_db.more", count=len(found) - _SHOWN)
        for words, mark in (("means", " "), ("do", ">")):
            line = explained(found[0], words, screen.lang)
            if line is not None:
                screen.text(f"  {mark} {line}")


def explained(fault: Fault, words: str, lang: Language) -> str | None:
    """What a finding means, or what to do; None where nothing is said of its kind."""
    room, _, name = fault.key.partition(".")
    key = f"{room}.{words}_{name}"
    return text(key, lang, **fault.facts) if known(key) else None


def faults_data(faults: Sequence[Fault], lang: Language) -> list[dict[str, Any]]:
    """Findings as JSON tells them."""
    return [
        {"key": fault.key}
        | {name: _plain(value, lang) for name, value in fault.facts.items()}
        | {"text": text(fault.key, lang, **fault.facts)}
        | {word: explained(fault, word, lang) for word in ("means", "do")}
        for fault in faults
    ]


def _plain(value: object, lang: Language) -> object:
    return text(value.key, lang, **value.facts) if isinstance(value, Phrase) else value
