"""Columns of one row that contradict each other about its state: named by row and both columns.

Where several columns are read together, the bad one counts, and where only one of them is read,
a good one beside it changes nothing. Either way somebody may have meant the other, so both are
named; nothing is settled in silence.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from hydrant.errors import Phrase
from hydrant.exchange.cells import Problem
from hydrant.exchange.mapping import Mapping as Rules
from hydrant.exchange.mapping import Otherwise, Spec
from hydrant.exchange.state_words import BAD, States, state_columns
from hydrant.exchange.table import Table
from hydrant.vocabulary import Outcome


def at_odds(
    table: Table, mapping: Rules, outcomes: Sequence[object], asked: Collection[str]
) -> dict[int, tuple[str, str]]:
    """Rows taken for not working, and the columns that say that it works and that it does not.

    Parameters
    ----------
    asked
        Headings that are read.
    """
    bad = [row for row, outcome in enumerate(outcomes) if outcome in BAD]
    read = mapping.inspection.get("outcome", Spec()).columns
    if not bad or not read:
        return {}
    settled = {n for n, means in mapping.otherwise.items() if means == Otherwise.NOTHING}
    seen = [*_of(table, read), *state_columns(table, {*asked, *settled})]
    if len(seen) < 2 and not (seen and seen[0].column not in read):
        return {}
    found: dict[int, tuple[str, str]] = {}
    for row, said in _said(table, seen, bad):
        good = next((name for name, one in said.items() if one == Outcome.WORKS), None)
        ill = next((name for name, one in said.items() if one in BAD), read[0])
        if good is not None and good != ill:
            found[row] = good, ill
    return found


def name_both(table: Table, state: Sequence[str], problems: dict[int, Problem]) -> None:
    """Let refusals of a good state for what another column says name both columns.

    Parameters
    ----------
    state
        Headings that the state is read from.
    """
    columns = {name: table.columns[name] for name in state if name in table.columns}
    for row, problem in problems.items() if columns else ():
        if problem.field == "outcome" and problem.why.key == "exchange.why_contradicted":
            told = tuple(f"{name} = {cells[row].strip()}" for name, cells in columns.items())
            facts = {**problem.why.facts, "state": told}
            problems[row] = replace(problem, why=Phrase("exchange.why_at_odds", facts))


def _of(table: Table, names: Sequence[str]) -> list[States]:
    """Columns of states among some that are read."""
    rest = {*table.columns} - {*names}
    return [one for one in state_columns(table, rest, also=names) if one.column in names]


def _said(
    table: Table, seen: Sequence[States], rows: Sequence[int]
) -> Iterator[tuple[int, Mapping[str, str]]]:
    """What each column says of some rows; cells that come again are read once."""
    known: dict[tuple[str, ...], dict[str, str]] = {}
    columns = [table.columns[one.column] for one in seen]
    for row in rows:
        cells = tuple(column[row] for column in columns)
        if cells not in known:
            told = zip(seen, cells, strict=True)
            known[cells] = {one.column: one.meaning(cell) for one, cell in told}
        yield row, known[cells]


def refuse_dry(inspection: Mapping[str, Sequence[object]], problems: dict[int, Problem]) -> None:
    """Refuse rows that work and of which nothing flowed."""
    outcomes, flows = inspection.get("outcome"), inspection.get("flow_l_s")
    for row, flow in enumerate(flows or ()):
        if flow == 0 and outcomes is not None and outcomes[row] == Outcome.WORKS:
            problems.setdefault(row, Problem("flow_l_s", "0", Phrase("survey.visit_dry")))


def visited_without_outcome(outcomes: Sequence[object], days: Sequence[object] | None) -> list[int]:
    """Rows that tell when an asset was inspected, and under the state not what was found."""
    told = zip(outcomes, days or (), strict=False)
    return [row for row, (outcome, day) in enumerate(told) if outcome is None and day is not None]
