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


def imported(outcome: Outcome) -> Imported:
    """The counts of an import and the rows that it refused, in the file's order."""
    rows = tuple(
        RefusedRow(
            outcome.table.lines[row],
            outcome.codes[row],
            text("exchange.reason", Language.EN, field=problem.field, why=problem.why),
        )
        for row, problem in sorted(outcome.problems.items())
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
