"""What a printed report says, worded in one language; each renderer only lays it out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hydrant.vocabulary import Language

Cell = str | int | float | None


class Partial(float):
    """A percentage that does not cover all that was asked for: it is shown with its mark."""


class Form(StrEnum):
    """How the cells of a column are meant."""

    TEXT = "text"
    COUNT = "count"
    PERCENT = "percent"
    DEGREES = "degrees"


@dataclass(frozen=True, slots=True)
class Column:
    """Heading and meaning of a column; `summed` ones have a meaningful sum."""

    heading: str
    form: Form = Form.TEXT
    summed: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a title; `name` is the same in every language."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Rate:
    """One of the two rates.

    Attributes
    ----------
    reached, unknown, whole
        Counts of its bar: proven, not known, all.
    """

    name: str
    percent: float | None
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
