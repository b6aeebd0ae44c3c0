"""Columns by which assets are no more, or not yet, in words that the mapping does not decide."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from hydrant.exchange.answers import not_known, says, says_nothing
from hydrant.exchange.end_words import Whole, spoken_of
from hydrant.exchange.mapping import Mapping, Otherwise, Spec
from hydrant.exchange.objecting import past_ends
from hydrant.exchange.plain_words import plain_word, plain_words
from hydrant.exchange.state_words import state_headed
from hydrant.exchange.suggestion import MOST_WORDS, folded, words
from hydrant.exchange.table import COMMENTS, Table
from hydrant.exchange.whole_headings import matching
from hydrant.vocabulary import LifecycleEvent

#: A year or a day, wherever it stands in a cell.
_DAY = re.compile(r"[0-9]{4}|[0-9]{1,2}[-./][0-9]{1,2}[-./][0-9]{2}")
#: Targets that take whatever somebody wrote.
_REMARKS = ("note", "name")


@dataclass(frozen=True, slots=True)
class Gone:
    """A row that a column calls gone or not there yet.

    Attributes
    ----------
    said
        What the cell says.
    decisive
        Whether it cannot pass unless somebody decides: a state, or a remark that is plain.
    """

    row: int
    column: str
    said: Whole
    decisive: bool


def unheeded(table: Table, mapping: Mapping) -> Iterator[Gone]:
    """Rows that a column calls gone or not there yet and that the mapping does not decide.

    Of states and of columns that ask for an end every word counts, of remarks the plain ones;
    what else is spoken of an end is told.
    """
    settled = {name for name, means in mapping.otherwise.items() if means == Otherwise.NOTHING}
    states = [name for name in _states(table, mapping) if name not in settled]
    for name in states:
        yield from _rows(table, name, _undecided(mapping, name, spoken_of(table.columns[name])))
    for name, cells in _asked(table, mapping):
        if name not in settled:
            yield from _rows(table, name, cells)
    seen = {*states, *settled}
    remarks = [name for name in remark_columns(table, mapping) if name not in seen]
    own = mapping.bears_uids  # an asset of ours that stands, whatever was noted of it once
    for name in remarks:
        said = _undecided(mapping, name, spoken_of(table.columns[name]))
        yield from _rows(table, name, said, plain_only=True, remark=own)
    for name in _others(table, mapping, {*seen, *remarks}):
        said = _undecided(mapping, name, spoken_of(table.columns[name]))
        yield from _rows(table, name, said, plain_only=True, remark=own)


def remark_columns(table: Table, mapping: Mapping) -> list[str]:
    """Columns of free text, by what is read of them or by their headings."""
    read = [mapping.fields.get(name) for name in _REMARKS] + [mapping.inspection.get("note")]
    found = [column for spec in read if spec is not None for column in spec.columns]
    headed = (matching(table, words()["targets"][name], set(found)) for name in _REMARKS)
    typed = _columns(spec for spec in mapping.specs if spec not in read)
    found += [name for names in headed for name in names if name not in typed]
    return [name for name in dict.fromkeys([*found, *COMMENTS]) if name in table.columns]


def note_columns(table: Table, mapping: Mapping) -> list[str]:
    """Of the columns of free text those that hold remarks, not names."""
    read = [mapping.fields.get("note"), mapping.inspection.get("note")]
    found = [column for spec in read if spec is not None for column in spec.columns]
    typed = {*_columns(mapping.specs), *mapping.key, *mapping.position_columns, *mapping.ignore}
    for headings in (words()["targets"]["note"], words()["remark_headings"]):
        found += matching(table, headings, typed)
    left = [name for name in table.columns if name not in {*typed, *state_headed(table)}]
    found += [name for name in left if _of_states(table, name)]
    return [name for name in dict.fromkeys([*found, *COMMENTS]) if name in table.columns]


def _of_states(table: Table, name: str) -> bool:
    """Whether a column is one of states by its heading's end, or by a cell that is such a word."""
    if folded(name).endswith(tuple(words()["state_endings"])):
        return True
    distinct = {cell.strip() for cell in {*table.columns[name]}}
    if len(distinct) > MOST_WORDS:
        return False
    known = plain_words("works") | plain_words("fails")
    return any(plain_word(cell) in known for cell in distinct) or _answers_and_more(distinct)


def _answers_and_more(distinct: Collection[str]) -> bool:
    """Whether cells answer no, and others answer neither yes nor no: √, ×, △."""
    told = [cell for cell in distinct if not (says_nothing(cell) or not_known(cell))]
    other = [cell for cell in told if not (says(cell, "yes") or says(cell, "no"))]
    return bool(other) and any(says(cell, "no") for cell in told)


def _states(table: Table, mapping: Mapping) -> list[str]:
    """Columns of states: those that the mapping reads as such, and those headed so."""
    read = (mapping.inspection.get("outcome"), mapping.lifecycle.get("event"))
    named = _columns(spec for spec in read if spec is not None and not spec.takes_text)
    return [name for name in dict.fromkeys([*named, *state_headed(table)]) if name in table.columns]


def _asked(table: Table, mapping: Mapping) -> Iterator[tuple[str, dict[str, Whole]]]:
    """Columns whose headings ask for an end, by its day or with yes and no."""
    gone = Whole(LifecycleEvent.REMOVED)
    since = mapping.lifecycle.get("at")
    read = set() if since is None else set(since.columns)
    for name in matching(table, words()["removed_on"], read):
        yield name, {c.strip(): gone for c in set(table.columns[name]) if _DAY.search(c)}
    decided = {*_columns(mapping.specs), *mapping.key, *mapping.ignore}
    for name in (column for column in table.columns if column not in decided):
        yield name, dict.fromkeys(past_ends(table.columns[name], name), gone)
    for name in matching(table, words()["yes_means_removed"], read):
        yes = {cell.strip() for cell in set(table.columns[name]) if means_yes(cell)}
        yield name, _undecided(mapping, name, dict.fromkeys(yes, gone))


def means_yes(cell: str) -> bool:
    """Whether a cell answers yes, under a heading that asks."""
    return plain_word(cell) in plain_words("yes")


def _others(table: Table, mapping: Mapping, seen: Collection[str]) -> list[str]:
    """Columns of few words that nothing reads and whose headings say nothing that is known."""
    asked = {*seen, *_columns(mapping.specs), *mapping.position_columns, *mapping.key}
    asked |= mapping.ignore.keys()
    names = [name for name in table.columns if name not in asked]
    return [name for name in names if len(set(table.columns[name])) <= MOST_WORDS]


def _columns(specs: Iterable[Spec]) -> list[str]:
    return [column for spec in specs for column in spec.columns]


def _undecided(mapping: Mapping, column: str, said: dict[str, Whole]) -> dict[str, Whole]:
    event = mapping.lifecycle.get("event")
    if event is None or not said:
        return said
    decided = set(event.values or ())
    if column in event.columns:
        decided |= {c for c in said if any(pattern.search(c) for pattern, _ in event.patterns)}
    return {cell: one for cell, one in said.items() if cell not in decided}


def _rows(
    table: Table,
    column: str,
    said: dict[str, Whole],
    *,
    plain_only: bool = False,
    remark: bool = False,
) -> Iterator[Gone]:
    if not said:
        return
    for row, cell in enumerate(table.columns[column]):
        one = said.get(cell.strip())
        if one is not None:
            decisive = not remark and (one.event is not None or not plain_only)
            yield Gone(row, column, one, decisive)
