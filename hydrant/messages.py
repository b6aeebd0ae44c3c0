"""Every sentence shown to people, in Chinese and English.

A message key is ``room.name``; the texts stand in ``data/messages/room.json`` as
``{"name": {"en": "...", "zh": "..."}}`` with ``{fact}`` placeholders. Words that follow a count
have both forms beside its name, ``{count} {count:row lies|rows lie}``: the first for 1, the
second for every other number. Chinese needs none. A tuple of facts is a list in the sentence.
Files are read when a key of their room is first needed, so that starting up reads none it does
not use.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from string import Formatter

from hydrant.close_words import folded
from hydrant.errors import HydrantError, Phrase
from hydrant.resources import resource
from hydrant.vocabulary import Language


@dataclass(frozen=True, slots=True)
class Note:
    """A remark beside the result: a message key and its facts; goes to stderr."""

    key: str
    facts: Mapping[str, object]
    level: str = "note"

    @classmethod
    def of(cls, key: str, /, **facts: object) -> Note:
        """Note with the facts as keywords."""
        return cls(key, facts)

    def warning(self) -> Note:
        """The same remark, said of the result as a whole."""
        return replace(self, level="warning")


class _Forms(Formatter):
    """Fills placeholders and gives the words after a count the form that agrees with it."""

    def format_field(self, value: object, spec: str) -> str:
        """A fact as text; with ``one|other`` for a format, the form for that number."""
        one, bar, other = spec.partition("|")
        if not bar:
            return str(format(value, spec))
        return one if str(value) == "1" else other


_FORMS = _Forms()
#: What stands between the members of a list.
_BETWEEN = {Language.EN: ", ", Language.ZH: "、"}


@cache
def _room(name: str) -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = json.loads(
        resource("data", "messages", f"{name}.json").read_text(encoding="utf-8")
    )
    return loaded


def text(key: str, lang: Language, /, **facts: object) -> str:
    """Wording of a message in one language, filled with its facts.

    Raises
    ------
    KeyError
        The key does not exist: a bug, caught by the catalogue test.
    """
    room, _, name = key.partition(".")
    worded = {fact: _worded(value, lang) for fact, value in facts.items()}
    wording = _room(room)[name][lang]
    if "|" not in wording:  # no count with forms: str.format is ten times quicker
        return wording.format(**worded)
    return _FORMS.vformat(wording, (), worded)


def _worded(value: object, lang: Language) -> object:
    """A fact in a language: phrases are messages themselves, several facts make a list."""
    if isinstance(value, Phrase):
        return text(value.key, lang, **value.facts)
    if isinstance(value, tuple):
        return _BETWEEN[lang].join(str(_worded(one, lang)) for one in value)
    return value


def known(key: str) -> bool:
    """Whether there is such a message."""
    room, _, name = key.partition(".")
    return name in _room(room)


def label(group: str, word: str, lang: Language) -> str:
    """Name of a vocabulary value for people: ``label("kind", "intake.river", lang)``."""
    return _room("vocabulary")[f"{group}.{word}"][lang]


def meanings(words: Iterable[str], group: str) -> dict[str, str]:
    """What people may call some vocabulary values, folded, and the value that is meant.

    Each goes by itself and by its name in every language; a name that two bear means neither.

    Parameters
    ----------
    group
        Of the vocabulary; one that is not there has no names.
    """
    meant = {folded(word): word for word in words}
    named: dict[str, set[str]] = {}
    for word in list(meant.values()):
        for lang in Language:
            if known(f"vocabulary.{group}.{word}"):
                named.setdefault(folded(label(group, word, lang)), set()).add(word)
    return {name: min(those) for name, those in named.items() if len(those) == 1} | meant


def shown_word(word: str, group: str, lang: Language) -> str:
    """A vocabulary value as it is typed, with its name where it has one."""
    if not known(f"vocabulary.{group}.{word}") or label(group, word, lang) == word:
        return word
    return text("cli_common.named_word", lang, word=word, name=label(group, word, lang))


def error_text(error: HydrantError, lang: Language) -> str:
    """The one line an error is shown as."""
    return text(error.key, lang, **error.facts)
