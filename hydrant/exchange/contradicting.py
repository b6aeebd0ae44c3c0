"""Columns that nothing asks for and that contradict what is taken: never the better in silence."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hydrant.errors import Phrase
from hydrant.exchange.cells import Problem
from hydrant.exchange.gone_words import remark_columns
from hydrant.exchange.mapping import Mapping, Otherwise, Spec
from hydrant.exchange.objecting import objecting
from hydrant.exchange.own_mapping import OWN_KEY
from hydrant.exchange.state_words import BAD, meaning, state_columns
from hydrant.exchange.suggested_rivals import (
    RIVALLED,
    RIVALLED_FIELDS,
    differ,
    read_alone,
)
from hydrant.exchange.suggestion import matching, words
from hydrant.exchange.table import COMMENTS, STRUCK, Table
from hydrant.vocabulary import Outcome


def contradicted(
    table: Table,
    mapping: Mapping,
    fields: dict[str, list[Any]],
    inspection: dict[str, list[Any]],
    asked: Collection[str],
    problems: dict[int, Problem],
) -> dict[int, str]:
    """Refuse rows taken for working of which another column says otherwise.

    A mapping may state what such a column means: that its rows do not work, or nothing. Of a file
    that was taken for one with our own headings nobody decided anything: there rows that contradict
    themselves are refused also by their dates, their main or by what was measured.

    Parameters
    ----------
    asked
        Headings that are read.

    Returns
    -------
    dict
        Rows that fail by such a column, as the mapping states, and the column.
    """
    found: dict[int, str] = {}
    own = mapping.own
    outcomes = inspection.get("outcome")
    if outcomes is not None:
        _refuse_read_over(table, mapping.inspection.get("outcome"), outcomes, problems)
        for one in objections(table, mapping, outcomes, asked):
            if mapping.otherwise.get(one.column) == Otherwise.FAILS:
                for row in one.rows:
                    outcomes[row] = Outcome.FAILS.value
                found |= dict.fromkeys(one.rows, one.column)
            else:
                for row in one.rows:
                    _refuse(problems, row, "outcome", one.column, one.cells[row])
    if own:
        stated = [(name, inspection[name]) for name in RIVALLED if name in inspection]
        stated += [(name, fields[name]) for name in RIVALLED_FIELDS if name in fields]
        for target, values in stated:
            _refuse_values(table, target, values, asked, problems)
    return found


@dataclass(frozen=True, slots=True)
class Objected:
    """A column that says of rows that work that they do not, and its cells."""

    column: str
    rows: list[int]
    cells: list[str]


def objections(
    table: Table, mapping: Mapping, outcomes: Sequence[Any], asked: Collection[str]
) -> Iterator[Objected]:
    """Columns that nothing decides and that say otherwise of rows taken for working."""
    working = [row for row, outcome in enumerate(outcomes) if outcome == Outcome.WORKS]
    if not working:
        return
    # what is kept as a remark is asked for, and still nobody asked what it says of the state
    remarks = remark_columns(table, mapping)
    decided = {*asked} - {*remarks}
    decided |= {name for name, means in mapping.otherwise.items() if means == Otherwise.NOTHING}
    if mapping.key == OWN_KEY:  # a state of ours stands, whatever was noted beside it
        decided |= {*remarks} - {*COMMENTS}
    headed = [one for one in state_columns(table, decided) if one.telling]
    bad = {one.column: {cell for cell in one.values if one.values[cell] in BAD} for one in headed}
    open_ = [name for name in table.columns if name not in decided]
    for found in objecting(table, open_, remarks):
        bad.setdefault(found.column, set()).update(cell.strip() for cell in found.cells)
    for name in {*STRUCK} & {*open_}:  # what is struck through is said to hold no more
        bad[name] = {cell.strip() for cell in table.columns[name]} - {""}
    event = mapping.lifecycle.get("event", Spec())
    for column, said in bad.items():
        cells = table.columns[column]
        if column in event.columns:  # of its words the mapping says what they mean
            said -= {*(event.values or ())}
        rows = [row for row in working if cells[row].strip() in said] if said else []
        if rows:
            yield Objected(column, rows, cells)


def _refuse_read_over(
    table: Table, spec: Spec | None, outcomes: Sequence[Any], problems: dict[int, Problem]
) -> None:
    """Refuse rows whose pattern finds a good word in a cell that as a whole says a bad one."""
    if spec is None or not (spec.patterns or spec.regex):
        return
    stated = {cell.strip() for cell in spec.values or ()}
    for name in spec.columns:
        cells = table.columns.get(name, [])
        bad = {cell for cell in {*cells} - stated if cell.strip() and meaning(cell) in BAD}
        for row, (cell, outcome) in enumerate(zip(cells, outcomes, strict=False)):
            if cell in bad and outcome == Outcome.WORKS:
                _refuse(problems, row, "outcome", name, cell)


def _refuse_values(
    table: Table,
    target: str,
    values: Sequence[Any],
    asked: Collection[str],
    problems: dict[int, Problem],
) -> None:
    """Refuse rows for which another column states another day, pressure or flow."""
    headings = [target.replace("_", " "), f"inspection {target}".replace("_", " ")]
    field = target in RIVALLED_FIELDS
    headings += words()["targets" if field else "inspection"].get(target, ())
    part = "fields" if field else "inspection"
    for name in dict.fromkeys(matching(table, headings, {*asked})):
        cells = table.columns[name]
        others = read_alone(table, target, name, part) or ()
        for row, (one, two) in enumerate(zip(values, others, strict=bool(others))):
            if differ(one, two):
                _refuse(problems, row, target, name, cells[row])


def _refuse(problems: dict[int, Problem], row: int, field: str, column: str, cell: str) -> None:
    why = Phrase("exchange.why_contradicted", {"column": column, "value": cell.strip()})
    problems.setdefault(row, Problem(field, cell, why))
