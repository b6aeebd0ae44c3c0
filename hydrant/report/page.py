"""The report as one HTML file that works offline: tables, bars, and a map without tiles."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from hydrant.report.document import Cell, Document, Form, Rate, Table
from hydrant.report.paper import percent, shown
from hydrant.resources import resource

#: Lines on the map: name of a style (``gap`` or ``boundary``) and positions in degrees.
MapLine = tuple[str, Sequence[tuple[float, float]]]


#: Cells up to so many characters are not broken.
_SHORT = 12
#: Longest tables on the page, which a browser shows without delay; a workbook has all rows.
MOST_ROWS = 2000


def write_page(path: Path, found: Document, *, lines: Sequence[MapLine] = ()) -> None:
    """Write the page.

    Parameters
    ----------
    lines
        What the map shows besides the assets.

    Raises
    ------
    OSError
        It cannot be written.
    """
    template = Template(resource("data", "templates", "report.html").read_text(encoding="utf-8"))
    tables = [table for table in found.tables if table.rows and table.name != "assets"]
    assets = next(table for table in found.tables if table.name == "assets")
    page = template.substitute(
        lang=found.lang.value,
        title=escape(found.title),
        about="".join(
            f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in found.about
        ),
        rates="".join(_rate(rate, found) for rate in found.rates),
        remarks="".join(f"<li>{escape(remark)}</li>" for remark in found.remarks),
        tables="".join(_table(table, table.rows, found) for table in tables),
        assets=_table(assets, (), found),
        data=_script(found, lines),
        **{f"word_{name}": escape(word) for name, word in found.words.items()},
    )
    path.write_text(page, encoding="utf-8", newline="\n")


def _rate(rate: Rate, found: Document) -> str:
    told_rate = percent(rate.percent)
    whole = rate.whole or 1
    reached = 100 * rate.reached / whole
    unknown = 100 * rate.unknown / whole if rate.whole else 100.0
    lines = "".join(f"<p>{escape(line)}</p>" for line in rate.lines)
    told = f"{rate.name}: {told_rate}. {' '.join(rate.lines)}"
    return (
        f'<section class="rate"><h2>{escape(rate.name)} <strong>{told_rate}</strong></h2>'
        f'<svg role="img" aria-label="{escape(told, quote=True)}" viewBox="0 0 100 4" '
        f'preserveAspectRatio="none"><title>{escape(found.words["proven"])}</title>'
        f'<rect class="missing" width="100" height="4"/>'
        f'<rect class="unverified" width="{min(100.0, reached + unknown):.3f}" height="4"/>'
        f'<rect class="proven" width="{reached:.3f}" height="4"/></svg>{lines}</section>'
    )


def _table(table: Table, rows: Sequence[tuple[Cell, ...]], found: Document) -> str:
    heads = "".join(
        f'<th scope="col"{_right(column.form)}>{escape(column.heading)}</th>'
        for column in table.columns
    )
    body = "".join(_row(row, table) for row in rows[:MOST_ROWS])
    left_out = len(rows) - MOST_ROWS
    more = f"<p>+ {left_out} {escape(found.words['more'])}</p>" if left_out > 0 else ""
    return (
        f'<section><h2 id="{table.name}">{escape(table.title)}</h2><div class="scroll" '
        f'tabindex="0" role="region" aria-labelledby="{table.name}">'
        f'<table data-name="{table.name}"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>{more}</section>"
    )


def _row(row: tuple[Cell, ...], table: Table) -> str:
    cells = zip(row, table.columns, strict=True)
    return (
        "<tr>"
        + "".join(
            f"<td{_right(column.form, str(cell))}>{escape(shown(cell, column.form))}</td>"
            for cell, column in cells
        )
        + "</tr>"
    )


def _right(form: Form, cell: str = "") -> str:
    if form is not Form.TEXT:
        return ' class="number"'
    return ' class="short"' if 0 < len(cell) <= _SHORT else ""


def _script(found: Document, lines: Sequence[MapLine]) -> str:
    """Data of the map as JSON that cannot end the script it stands in."""
    assets = next(table for table in found.tables if table.name == "assets")
    data: dict[str, Any] = {
        "assets": [
            [round(mark.lon, 7), round(mark.lat, 7), mark.condition, list(mark.cells)]
            for mark in found.marks
        ],
        "unplaced": [list(row) for row in assets.rows if row[-1] is None][:MOST_ROWS],
        "most": MOST_ROWS,
        "forms": [column.form.value for column in assets.columns],
        "lines": [
            [style, [[round(lon, 7), round(lat, 7)] for lon, lat in places]]
            for style, places in lines
        ],
        "words": found.words,
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
