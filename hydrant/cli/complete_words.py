"""The words that an argument may be: shipped names, words of the field, words of the registry."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from hydrant.cli import language
from hydrant.messages import label
from hydrant.resources import resource
from hydrant.vocabulary import KINDS

#: Sources that the registry answers, and which of its questions they are.
_ROWS = {
    "asset": "assets",
    "region": "regions",
    "sensor": "sensors",
    "crew": "crews",
    "assessment": "assessments",
    "conflict": "conflicts",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One word that may come next.

    Attributes
    ----------
    word
        The whole word.
    help
        What it means, one line.
    open
        Whether it is only a beginning.
    file
        Whether any file may be named instead; such a candidate has no word.
    """

    word: str
    help: str = ""
    open: bool = False
    file: bool = False

    def after(self, start: str) -> Candidate:
        """The same with what stands before it in the same word."""
        return self if self.file else replace(self, word=start + self.word)

    def line(self, cut: int) -> str:
        """As shells are told of it, without the first `cut` characters of the word."""
        if self.file:
            return "/"
        words = [" ".join(part.split()) for part in (self.word[cut:], self.help)]
        return ("~" if self.open else "=") + "\t".join(words).rstrip("\t")


def values(parameter: dict[str, Any], begun: str, *, db: str | None) -> list[Candidate]:
    """Words that a parameter's value may be, beginning as typed."""
    found = [Candidate(word) for word in parameter["words"] if word.startswith(begun)]
    for source in parameter["takes"]:
        if source == "file":
            found.append(Candidate("", file=True))
        elif source in _ROWS:
            found += _stored(source, begun, db)
        elif source in _SHIPPED:
            found += [one for one in _SHIPPED[source]() if one.word.startswith(begun)]
    return found


def _stored(source: str, begun: str, db: str | None) -> Iterator[Candidate]:
    from hydrant.store.ground.location import locate  # noqa: PLC0415  as above
    from hydrant.store.ground.place import Server  # noqa: PLC0415  as above
    from hydrant.store.views import completing  # noqa: PLC0415  most lines need no registry

    place = locate(db)
    if isinstance(place, Server):
        return  # a prompt does not wait for a network
    found = completing.words_of(place, lambda words: getattr(words, _ROWS[source])(begun))
    for word, facts, is_stem in found:
        yield Candidate(word, _described(source, facts), open=is_stem)


def _described(source: str, facts: tuple[str | None, ...]) -> str:
    given = list(facts)
    if source == "asset" and given and given[0] in KINDS:
        given[0] = label("kind", str(given[0]), language.current())
    if source == "region" and language.current() == "en":
        given.reverse()
    return " ".join(fact for fact in given[: 1 if source == "region" else None] if fact)


def _kinds() -> Iterator[Candidate]:
    for kind in KINDS:
        yield Candidate(kind, label("kind", kind, language.current()))


def _defects() -> Iterator[Candidate]:
    path = resource("data", "codes", "survey.json")
    for entry in json.loads(path.read_text(encoding="utf-8"))["defects"]:
        yield Candidate(entry["code"], entry[language.current()])


def _named(*folder: str) -> Callable[[], Iterator[Candidate]]:
    def names() -> Iterator[Candidate]:
        for path in sorted(resource(*folder).glob("*.toml")):
            yield Candidate(path.stem)

    return names


_SHIPPED: dict[str, Callable[[], Iterator[Candidate]]] = {
    "kind": _kinds,
    "defect": _defects,
    "policy": _named("data", "policies"),
    "mapping": _named("data", "mappings"),
    "driver": _named("drivers"),
}
