"""What columns say of whether an asset works, in the words of several languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from hydrant.exchange.suggestion import MOST_WORDS, matching, words
from hydrant.exchange.table import Table
from hydrant.vocabulary import Outcome

#: Headings of our own for an outcome.
OWN = ("outcome", "inspection outcome")
#: What is not understood, and what says nothing.
UNKNOWN, NOTHING = "?", ""
#: From bad to good: of two statements the one that stands first here counts. What is not
#: understood may be bad, so it outweighs what is good.
_WEIGHT = (
    Outcome.FAILS.value,
    Outcome.NOT_FOUND.value,
    UNKNOWN,
    Outcome.NOT_TESTABLE.value,
    Outcome.WORKS.value,
    NOTHING,
)
BAD = frozenset(_WEIGHT[:2])


@dataclass(frozen=True, slots=True)
class States:
    """A column of states.

    Attributes
    ----------
    values
        Outcome of each of its words; `UNKNOWN` of one that is not understood.
    ended
        Whether any entry, as the day on which it was closed, means that it does not work.
    """

    column: str
    values: Mapping[str, str]
    ended: bool = False

    @property
    def telling(self) -> bool:
        """Whether any of its words is understood."""
        return any(value not in (UNKNOWN, NOTHING) for value in self.values.values())

    def meaning(self, cell: str) -> str:
        """Outcome that a cell of the column states."""
        return self.values.get(cell.strip(), NOTHING)


def worst(outcomes: Collection[str]) -> str:
    """Of several statements on one asset the one that counts; `NOTHING` of none."""
    return min(outcomes, key=_WEIGHT.index, default=NOTHING)


def state_columns(table: Table, used: Collection[str]) -> list[States]:
    """Columns whose headings ask for a state, in the order of how plainly they do."""
    known = words()
    sure = known["yes_means_works"]
    fail = [*known["yes_means_fails"], *known["ended"]]
    headings = [*OWN, *known["inspection"]["outcome"], *sure, *fail]
    called_sure = set(matching(table, sure, set(used), compounds=True))
    called_fail = set(matching(table, fail, set(used)))
    found = (
        _states(table, name, sure=name in called_sure, fail=name in called_fail)
        for name in dict.fromkeys(matching(table, headings, set(used)))
    )
    return [one for one in found if one is not None]


def bad_words(table: Table, name: str) -> set[str]:
    """Cells of any column that by themselves say that an asset does not work."""
    fails = _plain_words("fails") | _plain_words("not_found")
    return {cell for cell in set(table.columns[name]) if plain_word(cell) in fails}


def _states(table: Table, name: str, *, sure: bool, fail: bool) -> States | None:
    told = list(dict.fromkeys(cell.strip() for cell in table.columns[name] if cell.strip()))
    if fail:
        return _closed(name, told)
    if not told or len(told) > MOST_WORDS:
        return None
    return States(name, {word: meaning(word, yes=sure) for word in told})


def _closed(name: str, words: Iterable[str]) -> States | None:
    """A column in which any entry is bad, but for those that say no or nothing."""
    no = _plain_words("no") | _plain_words("nothing")
    values = {word: NOTHING if plain_word(word) in no else Outcome.FAILS.value for word in words}
    return States(name, values, ended=True) if values else None


def meaning(word: str, *, yes: bool = False) -> str:
    """Outcome that a word states.

    Parameters
    ----------
    yes
        Whether the heading asks if the asset works, so that yes is an answer.
    """
    plain = plain_word(word)
    if plain in _plain_words("nothing"):
        return NOTHING
    outcome = word.strip().casefold().replace(" ", "_")
    if outcome in _OUTCOMES:
        return outcome
    for part, value in (
        ("not_found", Outcome.NOT_FOUND),
        ("fails", Outcome.FAILS),
        ("works", Outcome.WORKS),
    ):
        if plain in _plain_words(part):
            return value.value
    if yes and plain in _plain_words("no"):
        return Outcome.FAILS.value
    return Outcome.WORKS.value if yes and plain in _plain_words("yes") else UNKNOWN


_OUTCOMES = frozenset(outcome.value for outcome in Outcome)


def plain_word(word: str) -> str:
    """A word without case, width, blanks and the stops of abbreviations: N. i. O. is nio."""
    folded = unicodedata.normalize("NFKC", word.strip()[:_LONGEST]).casefold()
    return re.sub(r"[\s._\-/]+", "", folded) or folded


#: Signs of a cell that are looked at; longer ones are no words for a state.
_LONGEST = 200


@cache
def _plain_words(part: str) -> frozenset[str]:
    return frozenset(plain_word(word) for word in words()[part])


def joined(table: Table, columns: Collection[States], sign: str) -> Iterator[tuple[str, list[str]]]:
    """Of each row what its states say together, as a mapping joins them, and each outcome."""
    cells = [table.columns[one.column] for one in columns]
    for row in zip(*cells, strict=True):
        text = sign.join(part.strip() for part in row if part.strip())
        yield text, [one.meaning(cell) for one, cell in zip(columns, row, strict=True)]
