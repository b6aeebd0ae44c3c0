"""The report as an XLSX workbook: data can never become a formula, numbers are numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeGuard

from xlsxwriter.utility import xl_rowcol_to_cell

from hydrant.integrity.rates import PARTIAL
from hydrant.report.document import Cell, Document, Form, Partial, Table
from hydrant.workbooks import workbook

_FORMATS = {
    Form.COUNT: "#,##0",
    Form.PERCENT: "0.00",
    Form.DEGREES: "0.000000",
    Form.MEASURE: "0",
    Form.DATE: "yyyy-mm-dd",
}
_WIDEST = 60


def write_workbook(path: Path, found: Document) -> None:
    """Write the workbook.

    Raises
    ------
    OSError
        It cannot be written.
    """
    with workbook(path) as book:
        sheets = _Sheets(book, found.title, found.words["total"])
        sheets.summary(found)
        for table in found.tables:
            sheets.table(table)


def write_tables(
    path: Path, title: str, tables: Sequence[Table], *, total: str, remarks: Sequence[str] = ()
) -> None:
    """Write tables alone, each on a sheet of its own, with the remarks above it.

    Raises
    ------
    OSError
        It cannot be written.
    """
    with workbook(path) as book:
        sheets = _Sheets(book, title, total)
        for table in tables:
            sheets.table(table, remarks)


class _Sheets:
    def __init__(self, book: Any, title: str, total: str) -> None:
        self._book, self._heading, self._total_word = book, title, total
        self._bold = book.add_format({"bold": True})
        self._head = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#E8EEF4"}
        )
        self._title = book.add_format({"bold": True, "font_size": 14})
        self._wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self._numbers = {
            form: book.add_format({"num_format": code, "valign": "top"})
            for form, code in _FORMATS.items()
        }
        code = f'{_FORMATS[Form.PERCENT]}" {PARTIAL}"'
        self._marked = book.add_format({"num_format": code, "valign": "top"})
        self._sums = {
            form: book.add_format({"num_format": code, "bold": True, "top": 1})
            for form, code in _FORMATS.items()
        }

    def summary(self, found: Document) -> None:
        """The first sheet: what, as of when, the two rates with a chart."""
        sheet = self._sheet(found.words["list"])
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 4, 16)
        sheet.write_string(0, 0, found.title, self._title)
        row = 2
        for name, value in found.about:
            sheet.write_string(row, 0, name, self._bold)
            sheet.write_string(row, 1, value)
            row += 1
        row += 1
        first = row
        words = found.words
        for column, name in enumerate(("proven", "unverified", "missing"), 2):
            sheet.write_string(row, column, words[name], self._head)
        sheet.write_string(row, 1, "%", self._head)
        for rate in found.rates:
            row += 1
            sheet.write_string(row, 0, rate.name, self._bold)
            if rate.percent is not None:
                self._number(sheet, row, 1, rate.percent, Form.PERCENT)
            missing = rate.whole - rate.reached - rate.unknown
            for column, count in enumerate((rate.reached, rate.unknown, missing), 2):
                sheet.write_number(row, column, count, self._numbers[Form.COUNT])
        self._chart(sheet, first, row)
        row += 18
        for line in (*(line for rate in found.rates for line in rate.lines),
                     *found.remarks):  # fmt: skip
            sheet.write_string(row, 0, line)
            row += 1

    def _chart(self, sheet: Any, first: int, last: int) -> None:
        chart = self._book.add_chart({"type": "bar", "subtype": "percent_stacked"})
        name = sheet.get_name()
        for column, colour in ((2, "#2E7D32"), (3, "#F2B705"), (4, "#B3261E")):
            chart.add_series(
                {
                    "name": [name, first, column],
                    "categories": [name, first + 1, 0, last, 0],
                    "values": [name, first + 1, column, last, column],
                    "fill": {"color": colour},
                }
            )
        chart.set_legend({"position": "bottom"})
        chart.set_y_axis({"reverse": True})
        chart.set_size({"width": 680, "height": 260})
        sheet.insert_chart(last + 2, 0, chart)

    def table(self, table: Table, remarks: Sequence[str] = ()) -> None:
        """A sheet of its own, ready to print: headings on every page, fitted to its width."""
        sheet = self._sheet(table.title)
        sheet.write_string(0, 0, table.title, self._title)
        if remarks:
            sheet.write_string(1, 0, " · ".join(remarks))
        for column, found in enumerate(table.columns):
            sheet.write_string(2, column, found.heading, self._head)
            cells = [str(row[column] or "") for row in table.rows]
            longest = max(map(_cells_wide, [found.heading, *cells]))
            sheet.set_column(column, column, min(_WIDEST, longest + 2))
        for number, row in enumerate(table.rows, 3):
            for column, cell in enumerate(row):
                self._cell(sheet, number, column, cell, table.columns[column].form)
        self._total(sheet, table)
        sheet.freeze_panes(3, 1)
        sheet.repeat_rows(2)
        if table.rows:
            sheet.autofilter(2, 0, 2 + len(table.rows), len(table.columns) - 1)

    def _cell(self, sheet: Any, row: int, column: int, cell: Cell, form: Form) -> None:
        if cell is None:
            return
        if isinstance(cell, str):
            sheet.write_string(row, column, cell, self._wrap)
        elif isinstance(cell, dt.date):
            sheet.write_datetime(row, column, cell, self._numbers[Form.DATE])
        else:
            self._number(sheet, row, column, cell, form)

    def _number(self, sheet: Any, row: int, column: int, number: float, form: Form) -> None:
        """A number; a mark is part of its format, so that it stays one."""
        marked = isinstance(number, Partial)
        sheet.write_number(row, column, number, self._marked if marked else self._numbers[form])

    def _total(self, sheet: Any, table: Table) -> None:
        """The row of the whole: sums as formulas of our own, with their values; rates as they are.

        A rate of the whole is no sum and no mean of rates.
        """
        whole = table.totals(self._total_word)
        if whole is None:
            return
        row = 3 + len(table.rows)
        sheet.write_string(row, 0, self._total_word, self._bold)
        for column, (found, cell) in enumerate(zip(table.columns, whole, strict=True)):
            if found.summed:
                top, bottom = xl_rowcol_to_cell(3, column), xl_rowcol_to_cell(row - 1, column)
                value = sum(count for line in table.rows if _counts(count := line[column]))
                sheet.write_formula(
                    row, column, f"=SUM({top}:{bottom})", self._sums[found.form], value
                )
            elif column and isinstance(cell, int | float):
                self._number(sheet, row, column, cell, found.form)

    def _sheet(self, title: str) -> Any:
        sheet = self._book.add_worksheet(_sheet_name(title))
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L{self._heading.replace('&', '&&')}&R&P / &N")
        return sheet


def _counts(cell: Cell) -> TypeGuard[int]:
    return isinstance(cell, int)


def _sheet_name(title: str) -> str:
    """A title without what Excel forbids in names of sheets, 31 characters at most."""
    return "".join("-" if char in "[]:*?/\\'" else char for char in title)[:31]


def _cells_wide(text: str) -> int:
    return sum(2 if ord(char) > 0x2E7F else 1 for char in text)
