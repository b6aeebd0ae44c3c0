"""Columns that nothing asks for and that contradict what is taken: never the better in silence."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from hydrant.errors import Phrase
from hydrant.exchange.cells import Problem, make_column
from hydrant.exchange.mapping import Mapping, Spec
from hydrant.exchange.own_mapping import OWN
from hydrant.exchange.state_words import BAD, States, bad_words, state_columns
from hydrant.exchange.suggested_rivals import RIVALLED, differ
from hydrant.exchange.suggested_values import guessed_unit
from hydrant.exchange.suggestion import MOST_WORDS, matching, words
from hydrant.exchange.table import Table
from hydrant.vocabulary import Outcome


def contradicted(
    table: Table,
    mapping: Mapping,
    inspection: dict[str, list[Any]],
    asked: Collection[str],
    problems: dict[int, Problem],
    zone: ZoneInfo,
) -> dict[int, str]:
    """Rows that are taken for working while an unread column says that they are not.

    A mapping decides which column counts, so its rows are told. Of a file that was taken for one
    with our own headings nobody decided anything: there rows that contradict themselves are
    refused, also by their date or by what was measured.

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
    found = dict(_states(table, inspection.get("outcome") or (), asked, problems, refused=own))
    if own:
        for target in RIVALLED:
            if target in inspection:
                _refuse_values(table, target, inspection[target], asked, problems, zone)
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
    zone: ZoneInfo,
) -> None:
    """Refuse rows for which another column states another day, pressure or flow."""
    headings = [target.replace("_", " "), f"inspection {target}".replace("_", " ")]
    headings += words()["inspection"].get(target, ())
    for name in matching(table, headings, {*asked}):
        cells = table.columns[name]
        unit = None if target == "at" else guessed_unit(name, target, cells)[0]
        spec = Spec(columns=(name,), unit=unit)
        others = make_column(table, target, spec, zone=zone, inspection=True).values
        for row, (one, two) in enumerate(zip(values, others, strict=True)):
            if differ(one, two):
                _refuse(problems, row, target, name, cells[row])


def _refuse(problems: dict[int, Problem], row: int, field: str, column: str, cell: str) -> None:
    why = Phrase("exchange.why_contradicted", {"column": column, "value": cell.strip()})
    problems.setdefault(row, Problem(field, cell, why))
