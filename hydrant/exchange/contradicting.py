"""Columns that nothing asks for and that contradict what is taken: never the better in silence."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from hydrant.errors import Phrase
from hydrant.exchange.cells import Problem
from hydrant.exchange.gone_words import remark_columns
from hydrant.exchange.mapping import Mapping, Spec
from hydrant.exchange.own_mapping import OWN
from hydrant.exchange.state_words import BAD, States, bad_words, meaning, state_columns
from hydrant.exchange.suggested_rivals import (
    RIVALLED,
    RIVALLED_FIELDS,
    differ,
    read_alone,
)
from hydrant.exchange.suggestion import MOST_WORDS, matching, words
from hydrant.exchange.table import Table
from hydrant.vocabulary import Outcome


def contradicted(
    table: Table,
    mapping: Mapping,
    fields: dict[str, list[Any]],
    inspection: dict[str, list[Any]],
    asked: Collection[str],
    problems: dict[int, Problem],
) -> dict[int, str]:
    """Rows that are taken for working while an unread column says that they are not.

    A mapping decides which column counts, so its rows are told. Of a file that was taken for one
    with our own headings nobody decided anything: there rows that contradict themselves are
    refused, also by their dates, their main or by what was measured.

    Parameters
    ----------
    asked
        Headings that are read.

    Returns
    -------
    dict
        The unread column, by row.
    """
    own = mapping.name == OWN
    outcomes = inspection.get("outcome") or ()
    _refuse_read_over(table, mapping.inspection.get("outcome"), outcomes, problems)
    # what is kept as a remark is asked for, and still nobody asked what it says of the state
    decided = {*asked} - {*remark_columns(table, mapping)}
    found = dict(_states(table, outcomes, decided, problems, refused=own))
    if own:
        stated = [(name, inspection[name]) for name in RIVALLED if name in inspection]
        stated += [(name, fields[name]) for name in RIVALLED_FIELDS if name in fields]
        for target, values in stated:
            _refuse_values(table, target, values, asked, problems)
    return found


def _states(
    table: Table,
    outcomes: Sequence[Any],
    asked: Collection[str],
    problems: dict[int, Problem],
    *,
    refused: bool,
) -> Iterator[tuple[int, str]]:
    """Rows that work by the column that is read, each with the column that says otherwise."""
    working = [row for row, outcome in enumerate(outcomes) if outcome == Outcome.WORKS]
    if not working:
        return
    called = [one for one in state_columns(table, asked) if one.telling]
    headed = {one.column for one in called}
    spoken = (_spoken(table, name) for name in table.columns if name not in headed | {*asked})
    for one in (*called, *(states for states in spoken if states is not None)):
        cells = table.columns[one.column]
        for row in working:
            if one.meaning(cells[row]) not in BAD:
                continue
            if refused and one.column in headed:
                _refuse(problems, row, "outcome", one.column, cells[row])
            else:
                yield row, one.column


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


def _spoken(table: Table, name: str) -> States | None:
    """A column that is headed as nothing known and says of some rows that they do not work."""
    if len(set(table.columns[name])) > MOST_WORDS:
        return None
    bad = bad_words(table, name)
    return States(name, {cell.strip(): Outcome.FAILS.value for cell in bad}) if bad else None


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
