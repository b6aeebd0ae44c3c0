"""What a sheet's own XML says beside its cells: merged and hidden ones, formulas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

#: Bytes that are looked at in one go, and those kept of the portion before.
_PORTION, _KEPT = 1 << 20, 200
_MERGED = re.compile(
    rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"'
)
_HIDDEN = re.compile(rb'<(?:\w+:)?row(?= )(?=[^>]* hidden="(?:1|true)")[^>]*? r="([0-9]{1,7})"')
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
#: Merged cells of one sheet, and cells that they cover; more are no register.
_MOST_MERGED, _MOST_COVERED = 100_000, 5_000_000


@dataclass(frozen=True, slots=True)
class Merged:
    """A block of cells that show what its first one holds; rows and columns from 1."""

    row: int
    column: int
    last_row: int
    last_column: int


@dataclass(frozen=True, slots=True)
class SheetMarks:
    """What lies in a sheet beside values.

    Attributes
    ----------
    hidden
        Numbers of rows that nobody sees: hidden by hand, or by a filter.
    """

    merged: list[Merged]
    formulas: bool
    hidden: frozenset[int]


def sheet_marks(part: IO[bytes]) -> SheetMarks:
    """Read a sheet's XML once, in portions; raises `ValueError` where it merges too much."""
    merged: list[Merged] = []
    covered, formulas = 0, False
    hidden: set[int] = set()
    for text in portions(part):
        formulas = formulas or _FORMULA.search(text) is not None
        hidden.update(int(found[1]) for found in _HIDDEN.finditer(text))
        for found in _MERGED.finditer(text):
            block = Merged(int(found[2]), _number(found[1]), int(found[4]), _number(found[3]))
            if merged and block == merged[-1]:
                continue
            merged.append(block)
            covered += (block.last_row - block.row + 1) * (block.last_column - block.column + 1)
            if len(merged) > _MOST_MERGED or covered > _MOST_COVERED:
                raise ValueError("mergeCells")
    return SheetMarks(merged, formulas, frozenset(hidden))


def portions(part: IO[bytes]) -> Iterator[bytes]:
    """A stream in portions that overlap, so that nothing is cut in two."""
    kept = b""
    while portion := part.read(_PORTION):
        yield kept + portion
        kept = portion[-_KEPT:]


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def fill(rows: list[tuple[Any, ...]], merged: list[Merged], first_row: int) -> None:
    """Give every cell of a merged block below the headings what the block shows.

    Parameters
    ----------
    first_row
        Row of the headings, from 1; the first of `rows`.
    """
    for block in merged:
        begin = block.row - first_row
        if not 0 < begin < len(rows):
            continue
        value = _at(rows[begin], block.column)
        if value is None:
            continue
        for index in range(begin, min(block.last_row - first_row + 1, len(rows))):
            row = list(rows[index])
            row += [None] * (block.last_column - len(row))
            row[block.column - 1 : block.last_column] = [value] * (
                block.last_column - block.column + 1
            )
            rows[index] = tuple(row)


def _at(row: tuple[Any, ...], column: int) -> Any:
    return row[column - 1] if column <= len(row) else None
