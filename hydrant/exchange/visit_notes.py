"""What stands beside the outcome of a visit and says otherwise: one rule for every way in.

A visit that found an asset working is held against its remark and against columns that nothing
reads as a register's row is. Where a defect is named beside it, somebody knew and decided.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from hydrant.errors import Phrase
from hydrant.exchange.cells import Problem
from hydrant.exchange.contradicting import contradicted, refuse
from hydrant.exchange.gone_words import unheeded
from hydrant.exchange.mapping import INSPECTION_TARGETS, Spec
from hydrant.exchange.mapping import Mapping as Rules
from hydrant.exchange.own_mapping import OWN
from hydrant.exchange.table import Table
from hydrant.vocabulary import Outcome

#: What objects to the outcome itself, and not to a day or a measurement.
_OF_STATE = ("outcome", "lifecycle")


@dataclass(slots=True)
class Beside:
    """What other columns say of visits that found an asset working.

    Attributes
    ----------
    problems
        Rows of which a column says otherwise, and which.
    against
        Such rows that name a defect themselves: the column and what it says.
    unclear
        Rows beside whose good outcome a remark stands that is not understood: as `against`.
    answers
        Columns that answer yes and no to what is not understood.
    """

    problems: dict[int, Phrase] = field(default_factory=dict)
    against: dict[int, tuple[str, str]] = field(default_factory=dict)
    unclear: dict[int, tuple[str, str]] = field(default_factory=dict)
    answers: tuple[str, ...] = ()


def beside_visits(
    table: Table,
    read: Mapping[str, str],
    values: Mapping[str, Sequence[object]],
    *,
    asked: Collection[str] = (),
    described: Collection[int] = (),
) -> Beside:
    """What stands beside visits in a table.

    Parameters
    ----------
    read
        Headings that are read, by what is read of them.
    values
        By the same names what each row states; the outcome at least.
    asked
        Other headings that are known and say nothing of a state.
    described
        Rows that name defects: what they say besides describes these.
    """
    rules = Rules(
        name=OWN,
        own=True,
        fields={n: Spec(columns=(h,)) for n, h in read.items() if n not in INSPECTION_TARGETS},
        inspection={n: Spec(columns=(h,)) for n, h in read.items() if n in INSPECTION_TARGETS},
    )
    inspection = {name: list(said) for name, said in values.items()}
    outcomes, problems = inspection["outcome"], dict[int, Problem]()
    working = {row for row, outcome in enumerate(outcomes) if outcome == Outcome.WORKS}
    weighed = contradicted(table, rules, {}, inspection, {*read.values(), *asked}, problems)
    for gone in unheeded(table, rules):
        if gone.decisive and gone.row in working and gone.column not in asked:
            cell = table.columns[gone.column][gone.row].strip()
            why = Phrase("exchange.visit_contradicted", {"column": gone.column, "value": cell})
            problems.setdefault(gone.row, Problem("lifecycle", cell, why))
    for row, column in weighed.not_known.items():
        refuse(problems, row, "outcome", column, table.columns[column][row])
    found = Beside(answers=weighed.answers)
    for row, problem in problems.items():
        column = str(problem.why.facts["column"])
        if row in described and problem.field in _OF_STATE:
            found.against[row] = column, problem.cell.strip()
        else:
            facts: dict[str, object] = {"column": column, "value": problem.cell.strip()}
            key = "exchange.visit_contradicted"
            if problem.field in _OF_STATE:
                key, facts["state"] = "exchange.visit_at_odds", read["outcome"]
                facts["good"] = table.columns[read["outcome"]][row].strip()
            found.problems[row] = Phrase(key, facts)
    for row, column in weighed.unclear.items():
        if row not in problems and row not in described:
            found.unclear[row] = column, table.columns[column][row].strip()
    return found


def beside_visit(note: str, *, described: bool = False) -> Beside:
    """The same of one visit with its remark; `described` where a defect was named."""
    table = Table("", {"outcome": [Outcome.WORKS.value], "note": [note]}, [1])
    read = {name: name for name in table.columns}
    return beside_visits(table, read, table.columns, described=[0] if described else ())
