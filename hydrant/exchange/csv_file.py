"""CSV text as a table, in bounds of memory and time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from hydrant.errors import InputRefused
from hydrant.exchange.encoding import decode
from hydrant.exchange.table import (
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_ROWS,
    Table,
    columns_of,
    headings,
    require_bounded,
)
from hydrant.safe_text import unmarked

#: Rows that are read before anything is asked of them.
_AT_ONCE = 10_000
#: Delimiters of a table that is looked at before it is taken apart, and how many times the most
#: columns a line of it may have.
_MANY_CELLS, _WIDEST = 1_000_000, 20
#: A cell longer than this is no register entry but an attack or a mistake.
_LONGEST_CELL = 1_000_000


def csv_table(
    path: Path, content: bytes, encoding: str | None = None, header_row: int = 1
) -> Table:
    """The rows of a CSV file whose content is at hand; raises as `read_table`."""
    text = decode(path, content, encoding)
    csv.field_size_limit(_LONGEST_CELL)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t|", key=first.count)
    at_once = max(1, min(_AT_ONCE, _MANY_CELLS // _widest(path, text, delimiter)))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        found = _one_a_line(path, reader, at_once)
        if found is None:
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
            found = _bounded(path, reader, header_row)
    except csv.Error as error:
        raise InputRefused("exchange.csv", file=path, line=reader.line_num, why=error) from None
    rows, lines = found
    require_bounded(path, columns=max(map(len, rows[:header_row]), default=0), rows=len(rows))
    names = (
        headings([unmarked(cell) for cell in rows[header_row - 1]])
        if len(rows) >= header_row
        else []
    )
    rows, lines = rows[header_row:], lines[header_row:]
    rows, lines = _filled(rows, lines)
    if "'" in text:
        rows = [[unmarked(cell) for cell in row] for row in rows]
    return Table(path.name, columns_of(path, names, rows, lines), lines)


def _filled(rows: list[list[str]], lines: Sequence[int]) -> tuple[list[list[str]], Sequence[int]]:
    """Rows that hold anything, and their lines."""
    if all(row and (row[0] or any(row)) for row in rows):
        return rows, lines
    kept = [index for index, row in enumerate(rows) if any(row)]
    return [rows[index] for index in kept], [lines[index] for index in kept]


def _widest(path: Path, text: str, delimiter: str) -> int:
    """Cells of the widest line of a large text, else 1; quoted text may hold delimiters, too.

    A line of millions of cells is refused before it is taken apart.
    """
    if text.count(delimiter) < _MANY_CELLS:
        return 1
    widest = max(_cells(text, delimiter))
    if widest > _WIDEST * MOST_COLUMNS:
        raise InputRefused("exchange.too_large", file=path, columns=widest, rows=1)
    return widest


def _cells(text: str, delimiter: str) -> Iterator[int]:
    """Cells of each line; no line is copied."""
    begin = 0
    while begin < len(text):
        end = text.find("\n", begin) % (len(text) + 1)
        yield text.count(delimiter, begin, end) + 1
        begin = end + 1


def _one_a_line(
    path: Path, reader: Any, at_once: int
) -> tuple[list[list[str]], Sequence[int]] | None:
    """Rows of a text that has one on each line, as most have; None for any other."""
    rows: list[list[str]] = []
    cells = 0
    while part := list(islice(reader, at_once)):
        rows += part
        if reader.line_num != len(rows) or [] in part:
            return None
        cells += sum(map(len, part))
        _require_fit(path, rows, cells)
    return rows, range(1, len(rows) + 1)


def _require_fit(path: Path, rows: list[list[str]], cells: int) -> None:
    if cells > MOST_CELLS or len(rows) > MOST_ROWS:
        raise InputRefused("exchange.too_large", file=path, columns=len(rows[0]), rows=len(rows))


def _bounded(path: Path, reader: Any, header_row: int) -> tuple[list[list[str]], list[int]]:
    """Rows and the lines they end on, as long as there is no more than memory is made for.

    Empty lines below the headings are passed over: millions of them are no rows.
    """
    rows: list[list[str]] = []
    lines: list[int] = []
    cells = 0
    for row in reader:
        if row or len(rows) < header_row:
            rows.append(row)
            lines.append(reader.line_num)
            cells += len(row)
            _require_fit(path, rows, cells)
    return rows, lines
