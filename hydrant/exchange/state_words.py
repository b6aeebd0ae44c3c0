"""What columns say of whether an asset works, in the words of several languages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from hydrant.exchange.answers import not_known
from hydrant.exchange.end_words import put_back, said_of_whole, state_of_whole
from hydrant.exchange.plain_words import folded_text, plain_word, plain_words, statements
from hydrant.exchange.state_headings import offered, out_since, signed
from hydrant.exchange.suggestion import MOST_WORDS, words
from hydrant.exchange.table import Table
from hydrant.exchange.whole_headings import STATE, matching
from hydrant.vocabulary import LifecycleEvent, Outcome

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


def state_columns(
    table: Table, used: Collection[str], *, also: Collection[str] = ()
) -> list[States]:
    """Columns whose headings ask for a state, in the order of how plainly they do.

    Parameters
    ----------
    also
        Columns that count although their headings do not ask, where they tell of one.
    """
    called_sure = set(matching(table, words()["yes_means_works"], set(used), compounds=True))
    called_fail = {*matching(table, _fail_headings(), set(used)), *filter(out_since, table.columns)}
    found = (
        _states(table, name, sure=name in called_sure, fail=name in called_fail)
        for name in state_headed(table, used)
    )
    more = (_states(table, name, sure=False, fail=False) for name in also if name in table.columns)
    told = [one for one in more if one is not None and one.telling]
    return [*(one for one in found if one is not None), *told]


def state_headed(table: Table, used: Collection[str] = ()) -> list[str]:
    """Names of those columns, however many words they hold."""
    known = words()
    headings = [*OWN, *known["inspection"]["outcome"], *known["yes_means_works"]]
    named = [*matching(table, [*headings, *_fail_headings()], set(used))]
    # 当前状况, 消火栓状态 ask for it, 水压状况 for something else
    named += matching(table, headings, {*used, *named}, compounds=True, fact=STATE)
    more = (n for n in table.columns if n not in used and (offered(n) or out_since(n)))
    return list(dict.fromkeys([*named, *more]))


def _fail_headings() -> list[str]:
    return [*words()["yes_means_fails"], *words()["ended"]]


def bad_words(table: Table, name: str) -> set[str]:
    """Cells of any column that by themselves say that an asset does not work, or is gone."""
    return {
        cell
        for cell in set(table.columns[name])
        if meaning(cell) in BAD or state_of_whole(cell) is LifecycleEvent.REMOVED
    }


def _states(table: Table, name: str, *, sure: bool, fail: bool) -> States | None:
    told = list(dict.fromkeys(cell.strip() for cell in table.columns[name] if cell.strip()))
    if fail:
        return _closed(name, told)
    if not told or len(told) > MOST_WORDS:
        return None
    return States(name, {word: meaning(word, yes=sure) for word in told} | signed(name, told))


def _closed(name: str, words: Iterable[str]) -> States | None:
    """A column in which any entry is bad, but for those that say no, nothing or not known."""
    values = {word: _of_end(word) for word in words}
    return States(name, values, ended=True) if values else None


def _of_end(word: str) -> str:
    if not_known(word):
        return UNKNOWN
    no = plain_words("no") | plain_words("nothing")
    return NOTHING if plain_word(word) in no else Outcome.FAILS.value


def meaning(word: str, *, yes: bool = False) -> str:
    """Outcome that a word states; `UNKNOWN` of one that is not understood, or not known.

    Only a word for what is good that stands alone is good: what is added to it may be a fault
    (完好，但漏水; "works but leaks"). A word for what is bad is bad whatever is added, unless that
    takes it back ("damaged, repaired since").

    Parameters
    ----------
    yes
        Whether the heading asks if the asset works, so that yes is an answer.
    """
    if not_known(word):
        return UNKNOWN
    if plain_word(word) in plain_words("nothing") or state_of_whole(word) is not None:
        return NOTHING  # what became of the asset as a whole is no visit
    alone = _alone(word, yes=yes)
    return alone if alone != UNKNOWN else _in_parts(word)


def whole_word(word: str) -> str | None:
    """Outcome of a cell that is a word for one and says nothing else; None of any other."""
    found = UNKNOWN if not_known(word) or state_of_whole(word) is not None else _alone(word)
    return found if found in _OUTCOMES else None


def _alone(word: str, *, yes: bool = False) -> str:
    plain = plain_word(word)
    outcome = word.strip().casefold().replace(" ", "_")
    if outcome in _OUTCOMES:
        return outcome
    for part, value in (
        ("not_found", Outcome.NOT_FOUND),
        ("fails", Outcome.FAILS),
        ("works", Outcome.WORKS),
    ):
        if plain in plain_words(part):
            return value.value
    if yes and plain in plain_words("no"):
        return Outcome.FAILS.value
    return Outcome.WORKS.value if yes and plain in plain_words("yes") else UNKNOWN


def _in_parts(text: str) -> str:
    """Outcome of a cell that says several things: a bad one, or what is not understood."""
    if "?" in folded_text(text) or put_back(text) or said_of_whole(text).unclear:
        return UNKNOWN
    # 损坏待修 is 损坏 by what it waits for
    parts = [one for part in statements(text) for one in (part, part.partition("待")[0]) if one]
    bad = [one for part in parts if (one := _alone(part)) in BAD]
    return worst(bad) if bad else UNKNOWN


_OUTCOMES = frozenset(outcome.value for outcome in Outcome)


def joined(table: Table, columns: Collection[States], sign: str) -> Iterator[tuple[str, list[str]]]:
    """Of each row what its states say together, as a mapping joins them, and each outcome."""
    cells = [table.columns[one.column] for one in columns]
    for row in zip(*cells, strict=True):
        text = sign.join(part.strip() for part in row if part.strip())
        yield text, [one.meaning(cell) for one, cell in zip(columns, row, strict=True)]
