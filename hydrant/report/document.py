"""What a printed report says, worded in one language; each renderer only lays it out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from hydrant.integrity.rates import PARTIAL
from hydrant.vocabulary import Language

Cell = str | int | float | dt.date | None


class Partial(float):
    """A percentage that does not cover all that was asked for: it is shown with its mark."""


class Form(StrEnum):
    """How the cells of a column are meant."""

    TEXT = "text"
    COUNT = "count"
    PERCENT = "percent"
    DEGREES = "degrees"
    DATE = "date"
    MEASURE = "measure"


@dataclass(frozen=True, slots=True)
class Column:
    """Heading and meaning of a column; `summed` ones have a meaningful sum."""

    heading: str
    form: Form = Form.TEXT
    summed: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a title; `name` is the same in every language.

    Attributes
    ----------
    total
        The row of the whole, where it is more than sums; None where `totals` gives it.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] | None = None

    def totals(self, word: str) -> tuple[Cell, ...] | None:
        """The row of the whole; None for a table without rows or without anything to sum.

        Parameters
        ----------
        word
            What the row is called.
        """
        if self.total is not None and self.rows:
            return self.total
        if not self.rows or not any(column.summed for column in self.columns):
            return None
        sums: list[Cell] = [
            sum(cell for row in self.rows if isinstance(cell := row[number], int | float))
            if column.summed
            else None
            for number, column in enumerate(self.columns)
        ]
        return (word, *sums[1:])


@dataclass(frozen=True, slots=True)
class Rate:
    """One of the two rates.

    Attributes
    ----------
    printed
        The percentage as it is printed, with its mark; a word where it is not known.
    reached, unknown, whole
        Counts of its bar: proven, not known, all.
    """

    name: str
    percent: float | None
    printed: str
    reached: int
    unknown: int
    whole: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """An asset on a map."""

    lon: float
    lat: float
    condition: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report.

    Attributes
    ----------
    about
        Label and value of what the figures rest on.
    remarks
        What stands beside the rates and must not be overlooked.
    marks
        Assets with a position; their cells are those of the ``assets`` table.
    words
        Fixed words of the layout by name.
    """

    lang: Language
    title: str
    about: tuple[tuple[str, str], ...]
    rates: tuple[Rate, ...]
    remarks: tuple[str, ...]
    tables: tuple[Table, ...]
    marks: tuple[Mark, ...]
    words: dict[str, str]


#: How numbers of each form are printed.
_NUMBERS = {"count": ",", "percent": ".2f", "degrees": ".6f", "measure": ".0f"}


def percent(rate: float | None) -> str:
    """One of the two rates as it is printed, with its mark."""
    if rate is None:
        return "–"
    return f"{rate:.2f} % {PARTIAL}" if isinstance(rate, Partial) else f"{rate:.2f} %"


def shown(cell: object, form: str) -> str:
    """A cell as it is printed."""
    if cell is None:
        return "–"
    if isinstance(cell, Partial):
        return f"{cell:.2f} {PARTIAL}"
    if isinstance(cell, dt.date):
        return cell.isoformat()
    if isinstance(cell, int | float):
        return f"{cell:{_NUMBERS[form]}}"
    return str(cell)
