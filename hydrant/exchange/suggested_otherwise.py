"""Asks about columns that say otherwise than a good state, before any of it counts as good."""

from __future__ import annotations

from hydrant import times
from hydrant.errors import Phrase
from hydrant.exchange.cells import make_column
from hydrant.exchange.contradicting import objections
from hydrant.exchange.mapping import Otherwise
from hydrant.exchange.proposal_text import rules_of
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
    asked = {column for one in rules.specs for column in one.columns}
    asked |= {*rules.position_columns, *rules.key}
    found = objections(table, rules, outcomes, asked)
    for one in sorted(found, key=lambda objected: -len(objected.rows)):
        said = examples([one.cells[row] for row in one.rows])
        first = table.lines[one.rows[0]]
        facts = {"column": one.column, "count": len(one.rows), "cells": said, "line": first}
        made.add("", None, "objects", about=one.column, **facts, key=quoted(one.column))
        made.ask("otherwise", [*_choices(one.column), _LEFT], **facts)


_LEFT = Choice("-", Phrase("exchange.otherwise_left"))


def _choices(column: str) -> list[Choice]:
    return [
        Choice(
            word.value,
            Phrase(f"exchange.otherwise_{word.value}"),
            (line("", f'otherwise.{quoted(column)} = "{word.value}"', "answered", value=word),),
        )
        for word in Otherwise
    ]
