"""What became of a file, for programs that take it in."""

from __future__ import annotations

from dataclasses import dataclass

from hydrant.exchange.outcome import IGNORED, NEW, REFUSED, UNCHANGED, UPDATED, Outcome
from hydrant.messages import text
from hydrant.vocabulary import Language


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row of a file that cannot be taken: its line, its code if it has one, and why."""

    line: int
    code: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file's rows; read = new + updated + unchanged + refused + ignored.

    Attributes
    ----------
    missing
        Assets that the register named before and this file does not; they stay as they are.
    written
        Whether anything was written: not on a dry run, nor where a row was refused.
    """

    read: int
    new: int
    updated: int
    unchanged: int
    refused: int
    ignored: int
    duplicates: int
    missing: int
    written: bool
    rows: tuple[RefusedRow, ...]


def reason_of(outcome: Outcome, row: int, lang: Language) -> str:
    """Why a row was refused, in words: its field, the column that fills it, and what is wrong."""
    problem = outcome.problems[row]
    heading = outcome.headings.get(problem.field)
    if heading is None or "column" in problem.why.facts:
        return text("exchange.reason", lang, field=problem.field, why=problem.why)
    facts = {"field": problem.field, "column": heading, "why": problem.why}
    return text("exchange.reason_column", lang, **facts)


def imported(outcome: Outcome) -> Imported:
    """The counts of an import and the rows that it refused, in the file's order."""
    rows = tuple(
        RefusedRow(
            outcome.table.lines[row],
            outcome.codes[row],
            reason_of(outcome, row, Language.EN),
        )
        for row in sorted(outcome.problems)
    )
    return Imported(
        read=len(outcome.table),
        new=outcome.count(NEW),
        updated=outcome.count(UPDATED),
        unchanged=outcome.count(UNCHANGED),
        refused=outcome.count(REFUSED),
        ignored=outcome.count(IGNORED),
        duplicates=len(outcome.duplicates),
        missing=len(outcome.missing),
        written=outcome.written,
        rows=rows,
    )
