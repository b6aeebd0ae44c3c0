"""Columns that nothing asks for and that contradict what is taken: never the better in silence."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from hydrant.errors import Phrase
from hydrant.exchange.answers import answers, not_known, says, says_nothing
from hydrant.exchange.at_odds import at_odds, refuse_dry, visited_without_outcome
from hydrant.exchange.cells import Problem
from hydrant.exchange.dry_hydrants import unclear_beside
from hydrant.exchange.end_words import was_put_back
from hydrant.exchange.gone_words import note_columns, remark_columns
from hydrant.exchange.mapping import Mapping, Otherwise, Spec, is_shipped
from hydrant.exchange.named_states import bad_names, named_states, unclear_codes
from hydrant.exchange.objecting import asks_name, asks_something, is_question, objecting
from hydrant.exchange.remarks import not_understood
from hydrant.exchange.state_words import BAD, meaning, state_columns, state_headed
from hydrant.exchange.suggested_rivals import (
    RIVALLED,
    RIVALLED_FIELDS,
    differ,
    read_alone,
)
from hydrant.exchange.suggestion import MOST_WORDS, words
from hydrant.exchange.table import COMMENTS, STRUCK, Table
from hydrant.exchange.unread_states import unread_states
from hydrant.exchange.whole_headings import fact_of, matching
from hydrant.vocabulary import Outcome


@dataclass(slots=True)
class Weighed:
    """What other columns say of rows that are taken for working.

    Attributes
    ----------
    failing
        Rows that fail by such a column, as the mapping states, and the column.
    unclear
        Rows beside whose good state a remark stands that is not understood, and its column.
    answers
        Columns that answer yes and no to what is not understood.
    not_known
        Rows that are not taken for working, as under a question of yes and no stands that nobody
        knows, and its column.
    questions
        Columns that ask such questions, which nothing else reads.
    noted
        Rows of our own export whose remark says otherwise than their good state, and its column:
        what stands on record so already is no news.
    at_odds
        Rows taken for not working of which one column says that they work and another that they
        do not: both.
    """

    failing: dict[int, str] = field(default_factory=dict)
    unclear: dict[int, str] = field(default_factory=dict)
    answers: tuple[str, ...] = ()
    not_known: dict[int, str] = field(default_factory=dict)
    questions: tuple[str, ...] = ()
    noted: list[tuple[int, str]] = field(default_factory=list)
    at_odds: dict[int, tuple[str, str]] = field(default_factory=dict)


def contradicted(
    table: Table,
    mapping: Mapping,
    fields: dict[str, list[Any]],
    inspection: dict[str, list[Any]],
    asked: Collection[str],
    problems: dict[int, Problem],
) -> Weighed:
    """Refuse rows taken for working of which another column says otherwise.

    A mapping may state what such a column means. Of a file that was taken for one with our own
    headings nobody decided anything: there rows that contradict themselves are refused also by
    their dates, their main or by what was measured, and remarks that are not understood are told.

    Parameters
    ----------
    asked
        Headings that are read.
    """
    found = Weighed()
    outcomes = inspection.get("outcome")
    if outcomes is not None:
        _refuse_read_over(table, mapping.inspection.get("outcome"), outcomes, problems)
        refuse_dry(inspection, problems)
        found.at_odds = at_odds(table, mapping, outcomes, asked)
        found.questions = tuple(n for n in table.columns if n not in asked and is_question(n))
        found.answers = tuple(unknown_answers(table, mapping, outcomes, asked))
        silent = visited_without_outcome(outcomes, inspection.get("at"))
        for one in objections(table, mapping, outcomes, asked, silent):
            _weigh(one, mapping, outcomes, problems, found)
    if mapping.own:
        stated = [(name, inspection[name]) for name in RIVALLED if name in inspection]
        stated += [(name, fields[name]) for name in RIVALLED_FIELDS if name in fields]
        for target, values in stated:
            _refuse_values(table, target, values, asked, problems)
    return found


def _weigh(
    one: Objected,
    mapping: Mapping,
    outcomes: list[str | None],
    problems: dict[int, Problem],
    found: Weighed,
) -> None:
    """Let what a column says count as the mapping states, or refuse its rows."""
    for row in one.not_known:
        outcomes[row] = None
    found.not_known |= dict.fromkeys(one.not_known, one.column)
    means = mapping.otherwise.get(one.column)
    if means is None:
        if one.noted:
            found.noted += [(row, one.column) for row in one.rows]
        for row in () if one.noted else one.rows:
            why = "why_contradicted" if outcomes[row] is not None else "why_without_outcome"
            refuse(problems, row, "outcome", one.column, one.cells[row], why)
        # of a file with our own headings or a shipped mapping nobody was asked
        if mapping.own or mapping.bears_uids or is_shipped(mapping):
            found.unclear |= dict.fromkeys(one.unclear, one.column)
            return
        for row in one.unclear:
            refuse(problems, row, "outcome", one.column, one.cells[row], "why_unclear")
        return
    failing = [*one.rows, *one.unclear]
    if means == Otherwise.UNDERSTOOD:  # of this file nobody saw what else stands there
        found.unclear |= dict.fromkeys(one.unclear, one.column)
        failing = one.rows
    for row in failing:
        outcomes[row] = Outcome.FAILS.value
    found.failing |= dict.fromkeys(failing, one.column)


@dataclass(frozen=True, slots=True)
class Objected:
    """A column that says of rows that work that they do not, or what is not understood.

    Attributes
    ----------
    rows
        Rows of which it says so.
    unclear
        Rows of which it says what is not understood.
    not_known
        Rows of which it says that nobody knows.
    noted
        Whether it is a remark of our own export, which may stand on record.
    """

    column: str
    rows: list[int]
    cells: list[str]
    unclear: list[int] = field(default_factory=list)
    not_known: list[int] = field(default_factory=list)
    noted: bool = False


def objections(
    table: Table,
    mapping: Mapping,
    outcomes: Sequence[Any],
    asked: Collection[str],
    silent: Sequence[int] = (),
) -> Iterator[Objected]:
    """Columns that nothing decides and that say otherwise of rows taken for working, or may.

    Parameters
    ----------
    silent
        Rows of a visit without an outcome: what a column says that asks for a fault is theirs.
    """
    working = [row for row, outcome in enumerate(outcomes) if outcome == Outcome.WORKS]
    if not (working or silent):
        return
    # what is kept as a remark is asked for, and still nobody asked what it says of the state
    remarks = remark_columns(table, mapping)
    decided = {*asked} - {*remarks}
    stated = {name for name, means in mapping.otherwise.items() if means == Otherwise.NOTHING}
    decided |= stated
    settled = decided | {n for n, m in mapping.otherwise.items() if m == Otherwise.UNDERSTOOD}
    ours = {*remarks} - {*COMMENTS} if mapping.bears_uids else set()
    bad, unsure = _said_bad(table, mapping, decided, remarks)
    for name, said in named_states(table, mapping):
        if name not in stated:
            bad.setdefault(name, set()).update(said)
    unclear = _not_understood(table, mapping, working, decided)
    if not (mapping.bears_uids or is_shipped(mapping)):
        unclear |= {
            n: odd for n, odd in unclear_codes(table, mapping) if n not in mapping.otherwise
        }
        said = {name for name, means in mapping.otherwise.items() if means in _ANSWERS}
        unclear |= unread_states(table, working, {*settled, *unclear, *said}, bad)
    notes = {*note_columns(table, mapping)} - decided
    for column in dict.fromkeys([*bad, *unsure, *unclear, *notes]):
        asks = column not in remarks and is_question(column)
        cells = _Column(table.columns[column], [*working, *(silent if asks else ())])
        said = bad.get(column, set())
        doubtful, open_ = unclear.get(column, set()) - said, unsure.get(column, set()) - said
        rows = cells.rows(said)
        more, unknown = cells.rows(doubtful), cells.rows(open_)
        if column in notes:
            more = unclear_beside(table, mapping, cells.cells, working, more)
        one = Objected(column, rows, cells.cells, more, unknown, noted=column in ours)
        if one.rows or one.unclear or one.not_known:
            yield one


@dataclass(frozen=True, slots=True)
class _Column:
    """Cells of a column, and the rows that are taken for working."""

    cells: list[str]
    working: Sequence[int]

    def rows(self, said: Collection[str]) -> list[int]:
        """Rows taken for working of which the column says one of some things."""
        return [row for row in self.working if self.cells[row].strip() in said] if said else []


def _said_bad(
    table: Table, mapping: Mapping, decided: Collection[str], remarks: Collection[str]
) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Cells, by column, that say that an asset does not work; and that nobody knows."""
    headed = state_columns(table, decided)
    bad = {n.column: {c for c in n.values if n.values[c] in BAD} for n in headed if n.telling}
    unsure = {one.column: {cell for cell in one.values if not_known(cell)} for one in headed}
    open_ = [name for name in table.columns if name not in decided]
    names = [name for name in open_ if name not in remarks and asks_name(name)]
    for name in names:
        bad.setdefault(name, set()).update(c.strip() for c in bad_names({*table.columns[name]}))
    for found in objecting(table, [name for name in open_ if name not in names], remarks):
        bad.setdefault(found.column, set()).update(cell.strip() for cell in found.cells)
        unsure.setdefault(found.column, set()).update(cell.strip() for cell in found.not_known)
    for name in {*STRUCK} & {*open_}:  # what is struck through is said to hold no more
        bad[name] = {cell.strip() for cell in table.columns[name]} - {""}
    event = mapping.lifecycle.get("event", Spec())
    for column in bad.keys() & {*event.columns}:  # of its words the mapping says what they mean
        bad[column] -= {*(event.values or ())}
    of_state = {*mapping.inspection.get("outcome", Spec()).columns}
    for column in (name for name in event.columns if name in decided and is_question(name)):
        if column not in of_state and column not in mapping.otherwise:
            unsure[column] = {c.strip() for c in {*table.columns[column]} if not_known(c)}
    for column, means in mapping.otherwise.items():
        part = _ANSWERS.get(means)
        if part is not None and column in open_:
            cells = {cell.strip() for cell in {*table.columns[column]}}
            bad[column] = {cell for cell in cells if says(cell, part)}
            unsure[column] = {cell for cell in cells if not_known(cell)}
    return bad, unsure


#: Answers that a mapping may state to mean that a row does not work.
_ANSWERS = {Otherwise.NO_FAILS.value: "no", Otherwise.YES_FAILS.value: "yes"}


def _not_understood(
    table: Table, mapping: Mapping, working: Sequence[int], settled: Collection[str]
) -> dict[str, set[str]]:
    """Remarks, by column, that stand beside a good state and are not understood."""
    found = {}
    notes = note_columns(table, mapping)
    for column in (name for name in notes if name not in settled):
        cells = table.columns[column]
        distinct = {cells[row].strip() for row in working}
        left = not_understood(distinct, lambda: _named(table, mapping, notes))
        if left:
            found[column] = left
    return found


def _named(table: Table, mapping: Mapping, notes: Collection[str]) -> set[str]:
    """What the columns hold that name an asset, its place and who has to do with it."""
    specs = (mapping.fields.get(name, Spec()) for name in _NAMING)
    names = [*mapping.key, *(column for spec in specs for column in spec.columns)]
    return {
        cell.strip()
        for name in names
        if name in table.columns and name not in notes
        for cell in {*table.columns[name]}
    }


#: Targets whose cells are names.
_NAMING = ("code", "name", "kind", "address", "owner", "maintainer", "supervisor", "region_code")


def unknown_answers(
    table: Table, mapping: Mapping, outcomes: Sequence[str | None], asked: Collection[str]
) -> Iterator[str]:
    """Columns that nothing reads and that answer yes and no under headings that are not known."""
    if Outcome.WORKS not in outcomes:
        return
    state = {*state_headed(table)}
    for name in table.columns:
        if name in asked or name in mapping.otherwise or name in state or asks_something(name):
            continue
        told = {cell.strip() for cell in {*table.columns[name]} if not says_nothing(cell)}
        if 1 < len(told) <= MOST_WORDS and answers(told):
            yield name


def _refuse_read_over(
    table: Table, spec: Spec | None, outcomes: Sequence[Any], problems: dict[int, Problem]
) -> None:
    """Refuse rows whose pattern finds one word in a cell that as a whole says the contrary.

    It works in a cell that says a fault, or fails in one that tells of the repair.
    """
    if spec is None or not (spec.patterns or spec.regex):
        return
    stated = {cell.strip() for cell in spec.values or ()}
    for name in spec.columns:
        cells = table.columns.get(name, [])
        bad = {cell for cell in {*cells} - stated if cell.strip() and meaning(cell) in BAD}
        mended = {cell for cell in {*cells} - stated if was_put_back(cell)}
        for row, (cell, outcome) in enumerate(zip(cells, outcomes, strict=False)):
            over = mended if outcome in BAD else bad if outcome == Outcome.WORKS else ()
            if cell in over:
                why = "why_mended" if outcome in BAD else "why_contradicted"
                refuse(problems, row, "outcome", name, cell, why)


def _refuse_values(
    table: Table,
    target: str,
    values: Sequence[Any],
    asked: Collection[str],
    problems: dict[int, Problem],
) -> None:
    """Refuse rows for which another column states another day, pressure or flow."""
    headings = [target.replace("_", " "), f"inspection {target}".replace("_", " ")]
    of_asset = target in RIVALLED_FIELDS
    headings += words()["targets" if of_asset else "inspection"].get(target, ())
    part = "fields" if of_asset else "inspection"
    for name in dict.fromkeys(matching(table, headings, {*asked}, fact=fact_of(part, target))):
        cells = table.columns[name]
        others = read_alone(table, target, name, part) or ()
        for row, (one, two) in enumerate(zip(values, others, strict=bool(others))):
            if differ(one, two):
                refuse(problems, row, target, name, cells[row])


def refuse(
    problems: dict[int, Problem],
    row: int,
    target: str,
    column: str,
    cell: str,
    why: str = "why_contradicted",
) -> None:
    """Refuse a row for what a column says beside its good state."""
    said = Phrase(f"exchange.{why}", {"column": column, "value": cell.strip()})
    problems.setdefault(row, Problem(target, cell, said))
