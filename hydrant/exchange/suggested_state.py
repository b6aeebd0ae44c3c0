"""The visit that rows tell of: a state, read from every column that states one, and its date."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product

from hydrant.exchange.answers import not_known
from hydrant.exchange.measured import MEASURED
from hydrant.exchange.state_words import (
    BAD,
    UNKNOWN,
    States,
    joined,
    state_columns,
    whole_word,
    worst,
)
from hydrant.exchange.suggested_columns import plain
from hydrant.exchange.suggested_rivals import rivals
from hydrant.exchange.suggestion import Suggestion, words
from hydrant.exchange.table import FOLDER, Table
from hydrant.exchange.toml_text import quoted
from hydrant.exchange.whole_headings import STATE, matching
from hydrant.vocabulary import Outcome

#: What stands between the states of several columns.
_JOIN = " | "
#: A day or year at which something was closed, wherever it stands.
_DAY = r"[0-9]{4}|[0-9]{1,2}[-./][0-9]{1,2}[-./][0-9]{2}"
#: What stands between a state and the fault that explains it: 损坏：阀杆断.
_EXPLAINED = re.compile("[:：,，、;；。(（/|]")
#: So many combinations of known words are written down beforehand, and so many at all.
_FORESEEN, _MOST = 150, 1000


def outcome(made: Suggestion, table: Table) -> None:
    """Propose the visit that rows tell of: a state with its date, or measurements."""
    asked = words()["inspection"]
    headed = state_columns(table, made.used, also=(FOLDER,))
    columns = [one for one in headed if one.telling]
    if not columns:  # what a trial of the water found says the state where nothing else does
        known = words()["outcome_alone"]
        alone = [*matching(table, known, {*made.used}, compounds=True, fact=STATE)]
        columns = [one for one in state_columns(table, made.used, also=alone) if one.telling]
    for one in headed:
        # beside another one that is understood it is asked about
        if not columns and UNKNOWN in one.values.values():
            told = " | ".join(sorted(one.values)[:3])
            facts = {"column": one.column, "cells": told}
            made.add("inspection", None, "state_unread", about=one.column, **facts)
    if not columns or not _state(made, table, columns):
        _measured(made, table)
        return
    for target, headings in asked.items():
        if target != "outcome":
            plain(made, table, target, headings, part="inspection")
            rivals(made, table, target, headings)


def _state(made: Suggestion, table: Table, columns: Sequence[States]) -> bool:
    """Add the line of the outcome; whether there is one."""
    if len(columns) == 1 and not columns[0].ended:
        one = columns[0]
        toml = f"column = {quoted(one.column)}, {_with_faults(one.values)}"
        made.add("inspection", f"outcome = {{ {toml} }}", "outcome", column=one.column)
    else:
        together = _together(table, columns)
        if together is None:
            names = tuple(one.column for one in columns)
            made.add("inspection", None, "states_many", about=names[0], columns=names)
            made.used |= set(names)
            return False
        _add_together(made, table, columns, together)
    made.used |= {one.column for one in columns}
    for one in columns:
        counted = Counter(cell.strip() for cell in table.columns[one.column])
        for word in (word for word, value in one.values.items() if value == UNKNOWN):
            key = "outcome_not_known" if not_known(word) else "outcome_unknown"
            made.add("inspection", None, key,
                     column=one.column, value=word, count=counted[word])  # fmt: skip
    return True


def _add_together(made: Suggestion, table: Table, columns: Sequence[States], toml: str) -> None:
    names = tuple(one.column for one in columns)
    if len(columns) == 1:
        made.add("inspection", toml, "ended", column=names[0])
        return
    at_odds = [
        row for row, (_, outcomes) in enumerate(joined(table, columns, _JOIN))
        if BAD & set(outcomes) and Outcome.WORKS.value in outcomes
    ]  # fmt: skip
    if not at_odds:
        made.add("inspection", toml, "states_together", columns=names)
        return
    first = tuple(table.columns[name][at_odds[0]].strip() or "–" for name in names)
    made.add("inspection", toml, "states_at_odds", columns=names, count=len(at_odds),
             line=table.lines[at_odds[0]], cells=first)  # fmt: skip


def _together(table: Table, columns: Sequence[States]) -> str | None:
    """The line of an outcome that several columns state, or the day of an end: the worse counts."""
    days = _closing_days(columns)
    told: dict[str, set[str]] = {}
    for text, outcomes in joined(table, columns, _JOIN):
        told.setdefault(text, set()).add(worst(outcomes))
    for text, outcomes in _foreseen(columns, days):
        told.setdefault(text, set()).add(worst(outcomes))
    closed = re.compile(_DAY)
    known = {
        text: worst(outcomes)
        for text, outcomes in told.items()
        if text and not (days and closed.search(text))
    }
    if len(known) > _MOST:
        return None
    names = ", ".join(quoted(one.column) for one in columns)
    parts = [f"columns = [{names}], join = {quoted(_JOIN)}"]
    if days:
        parts.append(f'patterns = [[{quoted(_DAY)}, "fails"]]')
    parts.append(_values(known) if known else 'other = ""')
    return f"outcome = {{ {', '.join(parts)} }}"


def _closing_days(columns: Sequence[States]) -> bool:
    """Whether columns of days, which a pattern finds, tell of ends, and no others hold days."""
    closed = re.compile(_DAY)
    ended = [word for one in columns if one.ended for word, value in one.values.items()
             if value in BAD]  # fmt: skip
    other = [word for one in columns if not one.ended for word in one.values]
    return all(map(closed.search, ended)) and bool(ended) and not any(map(closed.search, other))


def _foreseen(columns: Sequence[States], days: bool) -> list[tuple[str, list[str]]]:
    """Combinations of words that a later delivery may have."""
    choices = [
        [
            ("", ""),
            *(item for item in one.values.items() if not (one.ended and days and item[1] in BAD)),
        ]
        for one in columns
    ]
    count = 1
    for one in choices:
        count *= len(one)
    if count > _FORESEEN:
        return []
    return [
        (_JOIN.join(word for word, _ in chosen if word), [value for _, value in chosen])
        for chosen in product(*choices)
    ]


def _with_faults(values: Mapping[str, str]) -> str:
    """Words of a column; where a fault is told behind one that is bad, whatever fault it is."""
    found: dict[str, str] = {}
    for word, value in values.items():
        head = _EXPLAINED.split(word, 1)[0].strip()
        if value in BAD and head != word and whole_word(head) == value:
            found[rf"^{re.escape(head)}\s*{_EXPLAINED.pattern}"] = value
    if not found:
        return _values(values)
    fitting = {word for word in values if any(re.match(one, word) for one in found)}
    otherwise = {f"^{re.escape(word)}$": "" for word in fitting if values[word] not in BAD}
    patterns = ", ".join(
        f"[{quoted(one)}, {quoted(value)}]" for one, value in (otherwise | found).items()
    )
    rest = {word: value for word, value in values.items() if word not in fitting}
    return f"patterns = [{patterns}], {_values(rest)}"


def _values(values: Mapping[str, str]) -> str:
    told = ", ".join(
        f"{quoted(word)} = {quoted('' if value == UNKNOWN else value)}"
        for word, value in values.items()
    )
    return f"values = {{ {told} }}"


def _measured(made: Suggestion, table: Table) -> None:
    """What was measured is a visit too, though nobody says whether the asset works."""
    known = words()["inspection"]
    before = len(made.lines)
    for target in MEASURED:
        plain(made, table, target, known.get(target, ()), part="inspection")
        rivals(made, table, target, known.get(target, ()))
    if any(one.toml is not None for one in made.lines[before:]):
        for target in ("at", "inspector"):
            plain(made, table, target, known.get(target, ()), part="inspection")
            rivals(made, table, target, known.get(target, ()))
