"""Asks about columns that say otherwise than a good state, before any of it counts as good.

Remarks that are not understood beside a good state are asked about once for their column, and so
are answers to what is not understood.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from hydrant import times
from hydrant.errors import Phrase
from hydrant.exchange.at_odds import visited_without_outcome
from hydrant.exchange.cells import make_column
from hydrant.exchange.contradicting import (
    Objected,
    objections,
    unknown_answers,
)
from hydrant.exchange.gone_words import note_columns
from hydrant.exchange.mapping import Otherwise
from hydrant.exchange.plain_words import plain_word, plain_words
from hydrant.exchange.proposal_text import rules_of
from hydrant.exchange.state_words import state_headed
from hydrant.exchange.suggestion import Choice, Suggestion, examples, line
from hydrant.exchange.table import Table
from hydrant.exchange.toml_text import quoted


def otherwise(made: Suggestion, table: Table) -> None:
    """Ask of each such column what it means; without an answer its rows are refused."""
    rules = rules_of(made, table.file)
    spec = rules.inspection.get("outcome")
    if spec is None:
        return
    outcomes = make_column(table, "outcome", spec, zone=times.zone(), inspection=True).values
    at = rules.inspection.get("at")
    days = make_column(table, "at", at, zone=times.zone(), inspection=True).values if at else None
    asked = {column for one in rules.specs for column in one.columns}
    asked |= {*rules.position_columns, *rules.key}
    silent = visited_without_outcome(outcomes, days)
    # of a remark of our own export the registry knows whether it stands there
    found = [one for one in objections(table, rules, outcomes, asked, silent) if not one.noted]
    states = {*state_headed(table, asked)}
    for one in sorted(found, key=lambda objected: -len(objected.rows)):
        if one.not_known:
            _not_known(made, table, one)
        if not (one.rows or one.unclear):
            continue
        if one.unclear:
            _remarks(made, table, one, state=one.column in states)
            continue
        said = examples([one.cells[row] for row in one.rows])
        first = table.lines[one.rows[0]]
        facts = {"column": one.column, "count": len(one.rows), "cells": said, "line": first}
        made.add("", None, "objects", about=one.column, **facts, key=quoted(one.column))
        means = _REMARKS if one.column in note_columns(table, rules) else _STATED
        made.ask("otherwise", [*_choices(one.column, means), _LEFT], **facts)
    for column in unknown_answers(table, rules, outcomes, asked):
        _answers(made, table, column)


def _remarks(made: Suggestion, table: Table, one: Objected, *, state: bool) -> None:
    """Ask what remarks or states mean that are not understood, with bad ones, if any are."""
    told = [table.columns[one.column][row].strip() for row in one.unclear]
    bad = [one.cells[row] for row in one.rows]
    facts = {"column": one.column, "count": len(told), "cells": counted(told),
             "line": table.lines[one.unclear[0]], "bad": len(bad)}  # fmt: skip
    means: tuple[Otherwise, ...] = _REMARKS
    key, topic = "unclear", "remarks"
    if state:
        answered = all(any(map(_words(part), told)) for part in ("yes", "no"))
        key, topic, means = (
            "states_unclear",
            "states",
            _ANSWERS if answered else _REMARKS if bad else _STATED,
        )
    elif bad:
        key, topic = "unclear_and_bad", "remarks_and_bad"
    facts |= {"said": examples(bad)} if bad else {}
    made.add("", None, key, about=one.column, **facts, key=quoted(one.column))
    made.ask(topic, [*_choices(one.column, means), _LEFT], **facts)


def _not_known(made: Suggestion, table: Table, one: Objected) -> None:
    """Tell of answers by which nobody knows: their rows are not taken for working."""
    facts = {"column": one.column, "count": len(one.not_known),
             "cells": counted([one.cells[row].strip() for row in one.not_known]),
             "line": table.lines[one.not_known[0]]}  # fmt: skip
    made.add("", None, "not_known", about=one.column, **facts, key=quoted(one.column))


def _answers(made: Suggestion, table: Table, column: str) -> None:
    """Ask what a yes or a no means under a heading that is not understood."""
    cells = counted([cell.strip() for cell in table.columns[column] if cell.strip()])
    facts = {"column": column, "cells": cells}
    made.add("", None, "answers", about=column, **facts, key=quoted(column))
    made.ask("answers", [*_choices(column, _ANSWERS), _UNREAD], **facts)


def _words(part: str) -> Callable[[str], bool]:
    return lambda cell: plain_word(cell) in plain_words(part)


def counted(cells: list[str]) -> str:
    """The most frequent texts, each with how often it stands there."""
    most = Counter(cells).most_common(_SHOWN)
    return " | ".join(f"{examples([cell])} ({count})" for cell, count in most)


#: So many of the most frequent texts are shown.
_SHOWN = 5
_STATED = (Otherwise.FAILS, Otherwise.NOTHING)
_REMARKS = (Otherwise.UNDERSTOOD, *_STATED)
_ANSWERS = (Otherwise.NO_FAILS, Otherwise.YES_FAILS, Otherwise.NOTHING)
_UNREAD = Choice("-", Phrase("exchange.answers_left"))


_LEFT = Choice("-", Phrase("exchange.otherwise_left"))


def _choices(column: str, words: tuple[Otherwise, ...]) -> list[Choice]:
    return [
        Choice(
            word.value,
            Phrase(f"exchange.otherwise_{word.value}"),
            (
                line(
                    "",
                    f'otherwise.{quoted(column)} = "{word.value}"',
                    "answered",
                    about=column,
                    value=word,
                ),
            ),
        )
        for word in words
    ]
