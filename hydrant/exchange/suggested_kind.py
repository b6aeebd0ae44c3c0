"""The kind of each row: seen in the words of a column, by what the file speaks of, or asked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from hydrant.errors import Phrase
from hydrant.exchange.kind_words import kind_patterns
from hydrant.exchange.partly import names_more
from hydrant.exchange.suggested_values import kind_values
from hydrant.exchange.suggestion import MOST_WORDS, Choice, Suggestion, line, words
from hydrant.exchange.table import Table
from hydrant.exchange.toml_text import quoted
from hydrant.exchange.whole_headings import matching
from hydrant.vocabulary import KINDS

#: Share of rows that must name a kind, for their column to be of these.
_MOST = 0.6
#: Columns that may name a river or a tower and are about something else.
_NO_KIND = ("address", "owner", "maintainer", "supervisor")


@dataclass(frozen=True, slots=True)
class _Kinds:
    """A column that names kinds.

    Attributes
    ----------
    values
        Kind of each of its words; empty where none is seen in it.
    patterns
        What kinds are seen in, in the order in which they are looked for.
    """

    column: str
    values: Mapping[str, str]
    share: float
    patterns: Sequence[Sequence[str]]

    @property
    def named(self) -> bool:
        """Whether its cells are names, of which the next delivery will have others."""
        told = [word for word, meant in self.values.items() if meant]
        return 2 * sum(map(names_more, told)) > len(told)

    def toml(self, meant: str = "") -> str:
        """The line of the mapping, with the kind of words in which none is seen."""
        values = {word: known or meant for word, known in self.values.items()}
        if self.named:
            told = f"patterns = [{', '.join(self._decisive(values))}]"
        else:
            pairs = ", ".join(f"{quoted(k)} = {quoted(v)}" for k, v in values.items())
            told = f"values = {{ {pairs} }}"
        return f"kind = {{ column = {quoted(self.column)}, {told} }}"

    def _decisive(self, values: Mapping[str, str]) -> list[str]:
        """Patterns up to the last one that decides: one left out might take a name for another.

        What comes after it decides nothing here: the first name of such a kind is refused. Words
        that are meant otherwise go before.
        """
        seen = {meant for meant in self.values.values() if meant}
        last = max((n for n, (_, kind) in enumerate(self.patterns) if kind in seen), default=-1)
        general, _ = kind_values(Counter(w for w in values if w not in KINDS), self.patterns)
        own = [(f"^{re.escape(w)}$", v) for w, v in values.items() if not v or general.get(w) != v]
        known = [(f"(?i){pattern}", kind) for pattern, kind in self.patterns[: last + 1]]
        return [f"[{quoted(pattern)}, {quoted(kind)}]" for pattern, kind in (*own, *known)]


def kind(made: Suggestion, table: Table) -> None:
    """Propose the kind: by the words of a column, by what the file speaks of, or ask."""
    best = _best(made, table)
    if best is not None:
        key = "kind_named" if best.named else "kind"
        made.add("fields", best.toml(), key, column=best.column, share=f"{best.share:.0%}")
        made.used.add(best.column)
        _unknown(made, table, best)
        return
    about = f"{table.file} {' '.join(table.columns)}".lower()
    word = next((w for w in words()["about_hydrants"] if w in about), None)
    if word is None:
        made.add("fields", None, "no_kind")
        made.ask("kind", [_choice(one) for one in KINDS])
    else:
        made.add("fields", 'kind = { constant = "hydrant" }', "kind_constant", word=word)


def _best(made: Suggestion, table: Table) -> _Kinds | None:
    """Column whose words name kinds in most rows; one that is called so before others."""
    called = {*matching(table, words()["kind_headings"], made.used, compounds=True)}
    other = {
        name
        for target in _NO_KIND
        for name in matching(table, words()["targets"][target], set(), compounds=True)
    }
    found = [
        _kinds(name, cells, called)
        for name, cells in table.columns.items()
        if name not in made.used | (other - called)
    ]
    good = [one for one in found if one is not None and one.share >= _MOST]
    return max(good, key=lambda one: (one.column in called, one.share), default=None)


def _kinds(name: str, cells: Sequence[str], called: Collection[str]) -> _Kinds | None:
    distinct = Counter(cell.strip() for cell in cells)
    patterns = kind_patterns(called_so=name in called)
    if len(distinct) > MOST_WORDS and name not in called:
        return None
    values, share = kind_values(distinct, patterns)
    found = _Kinds(name, values, share, patterns)
    unseen = sum(not meant for meant in values.values())
    few = len(distinct) <= MOST_WORDS or (found.named and unseen <= MOST_WORDS)
    return found if few else None


def _choice(one: str) -> Choice:
    toml = f"kind = {{ constant = {quoted(one)} }}"
    return Choice(
        one, Phrase(f"vocabulary.kind.{one}"), (line("fields", toml, "answered", value=one),)
    )


def _unknown(made: Suggestion, table: Table, kinds: _Kinds) -> None:
    """Tell the words that name no kind, and ask for one kind of them all."""
    name = kinds.column
    unknown = [word for word, meant in kinds.values.items() if not meant]
    for word in unknown:
        made.add("fields", None, "kind_unknown", column=name, value=word)
    if not unknown:
        return
    before = kinds.toml()
    choices = []
    for one in KINDS:
        filled = line("fields", kinds.toml(one), "answered", value=one)
        choices.append(Choice(one, Phrase(f"vocabulary.kind.{one}"), (filled,), (before,)))
    rows = sum(cell.strip() in unknown for cell in table.columns[name])
    left = Choice("-", Phrase("exchange.words_left"))
    made.ask("words", [*choices, left], column=name, words=" | ".join(unknown[:5]), count=rows)
