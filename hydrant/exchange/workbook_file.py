"""Cells of an XLSX workbook, read row by row and never more of them than any register has."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, redirect_stdout
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import ZipFile, ZipInfo

from hydrant.errors import InputRefused
from hydrant.exchange.destroyed import NO_VALUE
from hydrant.exchange.encoding import read_bytes
from hydrant.exchange.shown_numbers import carries, shown
from hydrant.exchange.table import LIBRARY_FAULTS, MOST_CELLS
from hydrant.exchange.unpacked import refuse_bomb
from hydrant.exchange.workbook_marks import CellMarks, cell_marks, marking_styles
from hydrant.exchange.workbook_sheet import fill, portions, sheet_marks

#: Rows that a sheet can have. Source: Excel specifications and limits.
_MOST_ROWS = 1_048_576
#: The one part that is held as a whole: every different text of the workbook.
_MOST_TEXTS_BYTES = 300_000_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of a sheet from its headings on, what stands above them, and the other sheets.

    Attributes
    ----------
    hidden
        Numbers of its rows that nobody sees, counted from 1.
    marks
        Comments, struck text and colours of its rows.
    """

    rows: list[tuple[Any, ...]]
    above: list[tuple[Any, ...]]
    others: tuple[str, ...]
    hidden: frozenset[int]
    marks: CellMarks


def read_cells(path: Path, header_row: int, layer: str | None) -> Sheet:
    """Rows of a sheet from its headings on; every cell of a merged block has its value.

    Parameters
    ----------
    header_row
        Row of the headings, counted from 1.
    layer
        Sheet; None takes the first that is not hidden, or where that is only a cover the one
        that holds a table.

    Raises
    ------
    InputRefused
        The file is no workbook, has no such sheet, or is made to fill the memory.
    """
    content = read_bytes(path)
    try:
        with _quiet():
            return _cells(path, content, header_row, layer)
    except LIBRARY_FAULTS as error:
        raise InputRefused("exchange.workbook", file=path, why=_first_line(error)) from None


def sheet_names(path: Path) -> list[str]:
    """Names of a workbook's sheets, in their order; raises as `read_cells`."""
    from openpyxl import load_workbook  # noqa: PLC0415  only workbooks need it

    try:
        with _quiet(), closing(load_workbook(path, read_only=True)) as book:
            return list(book.sheetnames)
    except LIBRARY_FAULTS as error:
        raise InputRefused("exchange.workbook", file=path, why=_first_line(error)) from None


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep a library's words to itself: it warns of styles it does not know.

    It even prints of damaged ones, into what a script reads as JSON.
    """
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


def _cells(path: Path, content: bytes, header_row: int, layer: str | None) -> Sheet:
    from openpyxl import load_workbook  # noqa: PLC0415  only workbooks need it

    with ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        refuse_bomb(path, members)
        texts = sum(m.file_size for m in members if m.filename.endswith("sharedStrings.xml"))
        if texts > _MOST_TEXTS_BYTES:
            raise InputRefused("exchange.bomb", file=path, mb=texts // 1_000_000, entries=1)
        rich = any(
            _strikes(archive, m) for m in members if m.filename.endswith("sharedStrings.xml")
        )
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, rich_text=rich)
    try:
        if layer is not None and layer not in book.sheetnames:
            raise InputRefused(
                "exchange.no_layer", file=path, layer=layer, known=", ".join(book.sheetnames)
            )
        sheet = book[layer] if layer is not None else _with_table(path, book)
        # what a sheet says of its own size is not believed, nor is it padded to that
        sheet.reset_dimensions()
        rows = _bounded(path, _values(book, sheet))
        with ZipFile(io.BytesIO(content)) as archive, archive.open(_part_of(sheet)) as part:
            marks = sheet_marks(part)
        styles = marking_styles(book._cell_styles, book._fonts, book._fills)  # noqa: SLF001
        with ZipFile(io.BytesIO(content)) as archive:
            cells = cell_marks(archive, _part_of(sheet), styles, rows, header_row, rich=rich)
        if rich:
            rows = [tuple(map(_bare, row)) for row in rows]
        if marks.formulas:
            _name_formulas(content, sheet.title, rows)
        above, rows = rows[: header_row - 1], rows[header_row - 1 :]
        fill(rows, marks.merged, header_row)
        others = tuple(name for name in book.sheetnames if name != sheet.title)
        return Sheet(rows, above, others, marks.hidden, cells)
    finally:
        book.close()


def _strikes(archive: ZipFile, member: ZipInfo) -> bool:
    """Whether a part of some text of a workbook is struck through."""
    with archive.open(member) as part:
        return any(b"strike" in text for text in portions(part))


def _bare(value: object) -> object:
    """The text of what has several styles."""
    return str(value) if type(value).__name__ == "CellRichText" else value


def _values(book: Any, sheet: Any) -> Iterator[tuple[Any, ...]]:
    """Values of a sheet's rows, as text where their format shows more than the number."""
    forms = _carrying_forms(book)
    if not forms:
        yield from sheet.iter_rows(values_only=True)
        return
    for row in sheet.iter_rows():
        # an empty cell has no style to ask for
        yield tuple(None if cell.value is None else _shown(cell, forms) for cell in row)


def _carrying_forms(book: Any) -> dict[int, str]:
    """Formats that show more than a number, by the number of the style that has them."""
    from openpyxl.styles.numbers import (  # noqa: PLC0415  only workbooks need it
        BUILTIN_FORMATS,
        BUILTIN_FORMATS_MAX_SIZE,
    )

    own = book._number_formats  # noqa: SLF001  openpyxl has no other way to say it
    found = {}
    for style, array in enumerate(book._cell_styles):  # noqa: SLF001
        number = array.numFmtId - BUILTIN_FORMATS_MAX_SIZE
        form = own[number] if number >= 0 else BUILTIN_FORMATS.get(array.numFmtId, "")
        if carries(form):
            found[style] = form
    return found


def _shown(cell: Any, forms: dict[int, str]) -> Any:
    form = forms.get(cell._style_id)  # noqa: SLF001
    return cell.value if form is None else shown(cell.value, form)


def _with_table(path: Path, book: Any) -> Any:
    """The first sheet that is shown, as hidden ones hold lists; behind a cover the table.

    Raises
    ------
    InputRefused
        Behind a cover stand several tables.
    """
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    first, *rest = sheets or book.worksheets
    if not rest or not _is_cover(_widths(first)):
        return first
    tables = [sheet for sheet in rest if _is_table(_widths(sheet))]
    if len(tables) > 1:
        known = ", ".join(sheet.title for sheet in tables)
        raise InputRefused("exchange.which_sheet", file=path, cover=first.title, known=known)
    return tables[0] if tables else first


#: Rows by which a sheet is judged, and the most that a cover has.
_LOOKED_AT, _COVER_ROWS = 60, 40
#: Cells of a row that are more than a label and what it says.
_WIDE = 3


def _widths(sheet: Any) -> list[int]:
    """Filled cells of the first rows that have any."""
    sheet.reset_dimensions()
    rows = islice(sheet.iter_rows(values_only=True), _LOOKED_AT)
    counted = (sum(cell is not None for cell in row) for row in rows)
    return [count for count in counted if count]


def _is_cover(widths: list[int]) -> bool:
    """Whether a sheet holds at most a title, and labels with what they say."""
    return len(widths) <= _COVER_ROWS and not _is_table(widths)


def _is_table(widths: list[int]) -> bool:
    """Whether a sheet holds headings and a row."""
    return sum(width >= _WIDE for width in widths) > 1


def _part_of(sheet: Any) -> str:
    """Name of the sheet's XML within the workbook."""
    return str(sheet._worksheet_path)  # noqa: SLF001  openpyxl has no other way to say it


def _name_formulas(content: bytes, title: str, rows: list[tuple[Any, ...]]) -> None:
    """Put the formula, marked, where a cell has one and no value of it is kept."""
    from openpyxl import load_workbook  # noqa: PLC0415  only workbooks need it

    with closing(load_workbook(io.BytesIO(content), read_only=True)) as book:
        sheet = book[title]
        sheet.reset_dimensions()
        for index, row in enumerate(sheet.iter_rows()):
            lost = [
                place
                for place, cell in enumerate(row)
                if cell.data_type == "f" and _at(rows[index], place) is None
            ]
            if lost:
                values = [*rows[index], *[None] * (lost[-1] + 1 - len(rows[index]))]
                for place in lost:
                    values[place] = f"{NO_VALUE} {row[place].value}"
                rows[index] = tuple(values)


def _at(row: tuple[Any, ...], place: int) -> Any:
    return row[place] if place < len(row) else None


def _bounded(path: Path, rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    kept: list[tuple[Any, ...]] = []
    cells = 0
    for row in rows:
        cells += len(row)
        if cells > MOST_CELLS or len(kept) >= _MOST_ROWS:
            raise InputRefused("exchange.too_large", file=path, columns=len(row), rows=len(kept))
        kept.append(_trimmed(row))
    return kept


def _trimmed(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row without the empty cells at its end."""
    last = len(row)
    while last and row[last - 1] is None:
        last -= 1
    return row if last == len(row) else tuple(row[:last])


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
