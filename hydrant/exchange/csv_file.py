"""CSV text as a table, in bounds of memory and time."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from operator import itemgetter, methodcaller
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
from hydrant.exchange.two_rows import joined, storeys
from hydrant.safe_text import unmarked

#: Rows that are read before anything is asked of them.
_AT_ONCE = 10_000
#: Delimiters of a table that is looked at before it is taken apart, and how many times the most
#: columns a line of it may have.
_MANY_CELLS, _WIDEST = 1_000_000, 20
#: A cell longer than this is no register entry but an attack or a mistake.
_LONGEST_CELL = 1_000_000
_BREAK = re.compile(r"\r\n|\r|\n")
_QUOTED = re.compile(r'"[^"]*"')
#: Columns of a table whose rows can be told from text of several lines.
_NARROW = 3
_FIRST = itemgetter(0)
#: Signs of a text whose lines are counted together.
_PART = 1 << 16


def csv_table(
    path: Path, content: bytes, encoding: str | None = None, header_row: int = 1
) -> Table:
    """The rows of a CSV file whose content is at hand; raises as `read_table`."""
    text = decode(path, content, encoding)
    csv.field_size_limit(_LONGEST_CELL)
    delimiter = _delimiter(text, header_row)
    at_once = max(1, min(_AT_ONCE, _MANY_CELLS // _widest(path, text, delimiter)))
    try:
        found = _one_a_line(path, _reader(text, delimiter), at_once)
        if found is None:
            found = _bounded(path, _reader(text, delimiter), header_row)
            _refuse_swallowed(path, *found, delimiter)
    except csv.Error as error:
        line, quoted = _broken(text, delimiter)
        if quoted:
            raise InputRefused("exchange.quote", file=path, line=line) from None
        raise InputRefused("exchange.csv", file=path, line=line, why=error) from None
    rows, lines = found
    require_bounded(path, columns=max(map(len, rows[:header_row]), default=0), rows=len(rows))
    names, titles, written = _headings(rows, header_row)
    above = tuple(text for row in titles if (text := " ".join(filter(None, row))))
    rows, lines = rows[header_row:], lines[header_row:]
    rows, lines = _filled(rows, lines)
    if "'" in text:
        rows = [[unmarked(cell) for cell in row] for row in rows]
    columns = columns_of(path, names, rows, lines)
    return Table(path.name, columns, lines, dot=delimiter != ";", above=above, storeys=written)


def _headings(
    rows: list[list[str]], header_row: int
) -> tuple[list[str], list[list[str]], tuple[Sequence[str], ...]]:
    """Headings of a table, the rows above them that are no part of those, and the two that are."""
    titles = rows[: header_row - 1]
    if len(rows) < header_row:
        return [], titles, ()
    names = [unmarked(cell) for cell in rows[header_row - 1]]
    grouped = joined(titles[-1], names) if titles else None
    written = storeys(titles[-1], names) if titles else ()
    if grouped is None:
        return headings(names), titles, written
    return headings(grouped), titles[:-1], written


def _reader(text: str, delimiter: str) -> Any:
    """Rows of a text; a mark that is not closed ends them instead of taking in what follows."""
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _delimiter(text: str, header_row: int) -> str:
    """The separator of the row of headings; a title above it may hold any sign."""
    begin = 0
    for _ in range(header_row - 1):
        end = _BREAK.search(text, begin)
        begin = len(text) if end is None else end.end()
    end = _BREAK.search(text, begin)
    heads = text[begin : len(text) if end is None else end.start()]
    heads = _QUOTED.sub("", heads) if len(heads) < _LONGEST_CELL else heads
    return max(",;\t|", key=heads.count)


def _broken(text: str, delimiter: str) -> tuple[int, bool]:
    """Line of the first row that cannot be read, and whether its quotation marks are why."""
    reader = _reader(text, delimiter)
    line = 1
    try:
        for _ in reader:
            line = reader.line_num + 1
    except csv.Error:
        row = io.StringIO(text, newline="")
        return line, '"' in next(islice(row, line - 1, None), "")
    return line, False


def _refuse_swallowed(
    path: Path, rows: list[list[str]], lines: Sequence[int], delimiter: str
) -> None:
    """Refuse rows within a cell: its mark was closed by that of another cell below."""
    for row, line in zip(rows, lines, strict=True):
        for place, cell in enumerate(row if len(row) >= _NARROW else ()):
            inner = _BREAK.split(cell)[1:] if "\n" in cell or "\r" in cell else ()
            if any(_like(part.split(delimiter), row, place) for part in inner):
                begins = line - sum(len(_BREAK.findall(other)) for other in row)
                raise InputRefused("exchange.swallowed", file=path, line=begins)


def _like(cells: list[str], row: list[str], place: int) -> bool:
    """Whether a line within a cell is built as the row that the cell stands in."""
    return len(cells) == len(row) and all(
        _has_digit(cell) == _has_digit(other)
        for index, (cell, other) in enumerate(zip(cells, row, strict=True))
        if index != place
    )


def _has_digit(cell: str) -> bool:
    return any(map(str.isdigit, cell))


def _filled(rows: list[list[str]], lines: Sequence[int]) -> tuple[list[list[str]], Sequence[int]]:
    """Rows that hold anything, and their lines."""
    if [] not in rows and (all(map(_FIRST, rows)) or all(map(any, rows))):
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
    """Cells of the widest of some lines, part by part; no long line is copied."""
    begin = 0
    while begin < len(text):
        end = text.rfind("\n", begin, begin + _PART)
        if end >= 0:
            yield max(map(methodcaller("count", delimiter), text[begin:end].split("\n"))) + 1
        else:
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
