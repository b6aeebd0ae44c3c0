"""A file as columns of text, the same shape whatever it was: CSV, XLSX, GeoJSON, GeoPackage."""

from __future__ import annotations

import difflib
import gc
import re
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from lzma import LZMAError
from pathlib import Path
from zipfile import BadZipFile

from hydrant.errors import InputRefused

#: What a library raises at a file that is damaged or made to break it. Its own kinds of error
#: derive from these; a bug of ours within such a call looks like a damaged file, no worse.
LIBRARY_FAULTS: tuple[type[Exception], ...] = (
    *(ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, OSError),
    *(RuntimeError, SyntaxError, TypeError, ValueError, BadZipFile, LZMAError, zlib.error),
    UnboundLocalError,  # pyogrio, where text of a layer is not in its encoding
)


class TooManyCells(InputRefused):
    """A row with more cells than there are headings; `names` are those."""

    def __init__(self, key: str, names: Sequence[str], **facts: object) -> None:
        super().__init__(key, **facts)
        self.names = names


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep Python's cycle collector from walking hundreds of thousands of live rows."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            # nor walk, in one go at the end, those of them that are still wanted
            gc.freeze()
            gc.enable()


#: Headings of what a workbook says beside its cells: comments, and which cells are struck through.
COMMENTS = ("单元格批注", "cell comments")
STRUCK = ("单元格删除线", "cells struck through")
#: Heading of the folder that a feature lies in, where its form has such.
FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a file draws in a row instead of a point.

    Attributes
    ----------
    word
        ``area``, ``line``, ``points`` (several), ``mixture`` or ``nothing``.
    box
        Corners that are as far from the row's place as any of its own, x and y; none where
        there is no place.
    """

    word: str
    box: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a file, held by column.

    Attributes
    ----------
    file
        Name of the file, for messages.
    columns
        Heading to cells; a cell is text, empty where the file says nothing.
    lines
        Number of each row as people count it in that file.
    points
        x and y from the file's own geometry, where it has one.
    crs
        Coordinate system that the file itself states for them.
    prescribed
        Datum that the form of the file prescribes, which map services do not keep to.
    drawn
        Rows whose geometry is no point.
    dot
        Whether the file's form writes decimals with a dot; semicolons between cells speak of
        a land that writes them with a comma.
    beside
        Sheets, layers and members that were not read.
    above
        What stands above the headings.
    hidden
        Lines of rows that a spreadsheet does not show.
    coloured
        Lines of rows that a colour sets apart, and that colour.
    repeated
        Columns with marks that repeat the cell above them, and how many were filled.
    storeys
        Rows of the headings as they stand, the groups first, where there are two.
    bad_sheets
        What stands in sheets beside that by their names list what is broken or gone.
    """

    file: str
    columns: dict[str, list[str]]
    lines: Sequence[int]
    points: tuple[list[float | None], list[float | None]] | None = None
    crs: str | None = None
    prescribed: str | None = None
    drawn: Mapping[int, Drawn] = field(default_factory=dict)
    dot: bool = True
    beside: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    hidden: frozenset[int] = frozenset()
    coloured: Mapping[int, str] = field(default_factory=dict)
    repeated: Mapping[str, int] = field(default_factory=dict)
    storeys: tuple[Sequence[str], ...] = ()
    bad_sheets: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.lines)

    def unread(self, asked: Collection[str]) -> list[str]:
        """What nothing asks for: filled columns, titles, other sheets and layers."""
        told = {*asked, *COMMENTS, *STRUCK}  # they have remarks of their own
        columns = [name for name, cells in self.columns.items() if name not in told and any(cells)]
        return [*columns, *self.above, *self.beside]

    def without(self, rows: Collection[int]) -> Table:
        """The same without some rows."""
        if not rows:
            return self
        gone = {*rows}
        kept = [row for row in range(len(self)) if row not in gone]
        place = {row: number for number, row in enumerate(kept)}
        xs, ys = self.points or ([], [])
        return replace(
            self,
            columns={n: [cells[row] for row in kept] for n, cells in self.columns.items()},
            lines=[self.lines[row] for row in kept],
            points=self.points and ([xs[row] for row in kept], [ys[row] for row in kept]),
            drawn={place[row]: one for row, one in self.drawn.items() if row in place},
        )

    def filled(self, names: Collection[str]) -> list[int]:
        """Rows with a cell under one of some headings."""
        found = [self.columns[name] for name in names if name in self.columns]
        return sorted({row for cells in found for row, cell in enumerate(cells) if cell.strip()})

    def column(self, heading: str) -> list[str]:
        """Cells under a heading; raises `InputRefused` naming the headings there are."""
        if heading in self.columns:
            return self.columns[heading]
        near = difflib.get_close_matches(heading, self.columns, n=1)
        raise InputRefused(
            "exchange.no_column",
            file=self.file,
            column=heading,
            near=f" ({near[0]}?)" if near else "",
            known=", ".join(self.columns),
        )


_UNNAMED = re.compile(r"column[0-9]+_*")


def is_unnamed(heading: str) -> bool:
    """Whether a heading is the number that `headings` gives to a column without one."""
    return _UNNAMED.fullmatch(heading) is not None


def headings(names: Sequence[str]) -> list[str]:
    """Headings made unique and none empty: blank ones are numbered, repeats get a suffix."""
    made: dict[str, None] = {}
    for index, name in enumerate(names, start=1):
        heading = name.strip() or f"column{index}"
        while heading in made:
            heading += "_"
        made[heading] = None
    return list(made)


#: Columns of the widest register, many times over; and cells of one of a million rows.
MOST_COLUMNS = 1_000
MOST_CELLS = 50_000_000
MOST_ROWS = 5_000_000


#: Metres or degrees beyond any coordinate; not-a-number is beyond it too.
_FARTHEST = 1e9


#: Cells of a column by which is judged whether it repeats itself.
_LOOKED_AT = 1000


def is_position(x: object, y: object) -> bool:
    """Whether two values from a JSON file can be coordinates."""
    return all(isinstance(part, int | float) and abs(part) < _FARTHEST for part in (x, y))


def require_bounded(file: Path, *, columns: int, rows: int) -> None:
    """Refuse a table that would fill the memory, before it is made.

    Raises
    ------
    InputRefused
        It has more columns or cells than any register.
    """
    if columns > MOST_COLUMNS or columns * rows > MOST_CELLS:
        raise InputRefused("exchange.too_large", file=file, columns=columns, rows=rows)


def split_points(
    points: Iterable[tuple[float, float] | None],
) -> tuple[list[float | None], list[float | None]]:
    """Points as their x and their y."""
    pairs = [point or (None, None) for point in points]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def columns_of(
    path: Path, names: list[str], rows: list[list[str]], lines: Sequence[int]
) -> dict[str, list[str]]:
    """Columns by heading of rows, short ones filled up with empty cells.

    Raises
    ------
    TooManyCells
        A row has more cells than there are headings.
    """
    width = len(names)
    for index, row in enumerate(rows):
        if len(row) != width:
            if len(row) > width and any(row[width:]):
                raise TooManyCells(
                    "exchange.too_many_cells",
                    names,
                    file=path,
                    line=lines[index],
                    cells=len(row),
                    columns=width,
                )
            rows[index] = (row + [""] * width)[:width]
    return {name: _kept_once([row[column] for row in rows]) for column, name in enumerate(names)}


def _kept_once(cells: list[str]) -> list[str]:
    """The same cells; those that repeat, as most columns have them, share their memory."""
    first = cells[:_LOOKED_AT]
    if len(set(first)) > len(first) // 2:
        return cells
    known: dict[str, str] = {}
    return [known.setdefault(cell, cell) for cell in cells]
