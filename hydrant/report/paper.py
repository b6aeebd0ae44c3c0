"""The report as PDF through typst; data reach the layout as data, never as markup."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typst

from hydrant.errors import StoreError
from hydrant.report.document import Document, Table, shown
from hydrant.report.listing import LISTS
from hydrant.report.page_shapes import Drawn
from hydrant.report.still_map import sign, still_map
from hydrant.resources import resource
from hydrant.vocabulary import Condition, Language

#: Families that hold Chinese glyphs, the better ones first; what systems commonly have.
CHINESE_FAMILIES = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN"),
    *("Microsoft YaHei", "PingFang SC", "Hiragino Sans GB", "SimHei", "SimSun"),
    *("WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Noto Serif CJK SC", "Droid Sans Fallback"),
    *("AR PL UMing CN", "AR PL UKai CN"),
)
_LATIN_FAMILIES = ("Noto Sans", "DejaVu Sans", "Liberation Sans", "Libertinus Serif")
#: Longest tables on paper; the whole lists are in the workbook.
MOST_ROWS = 400
#: Cells up to so many characters are not broken.
_NARROW = 12


def write_paper(
    path: Path, found: Document, *, lines: Drawn | None = None, fonts: Path | None = None
) -> None:
    """Write the PDF.

    Parameters
    ----------
    lines
        Outlines of units for its map.
    fonts
        Folder with fonts besides the system's.

    Raises
    ------
    StoreError
        No font with Chinese glyphs is there.
    OSError
        It cannot be written.
    """
    pdf = typeset(
        "report.typ",
        "report",
        _data(found) | _map(found, lines or Drawn((), {}), fonts),
        fonts=fonts,
        chinese=found.lang is Language.ZH or _has_chinese(found),
    )
    path.write_bytes(pdf)


def typeset(
    template: str, name: str, data: dict[str, Any], *, fonts: Path | None, chinese: bool
) -> bytes:
    """A PDF of a template in data/templates; it finds the data in ``sys.inputs`` under a name.

    Parameters
    ----------
    chinese
        Whether there are Chinese glyphs to print.

    Raises
    ------
    StoreError
        No font with Chinese glyphs is there, and one is needed.
    """
    families = chinese_families(fonts)
    if not families and chinese:
        raise StoreError("document.no_font", families=", ".join(CHINESE_FAMILIES[:5]))
    told = {**data, "fonts": [*_LATIN_FAMILIES, *families]}
    return typst.compile(
        resource("data", "templates", template).read_bytes(),
        format="pdf",
        sys_inputs={name: json.dumps(told, ensure_ascii=False)},
        font_paths=_folders(fonts),
    )


def chinese_families(fonts: Path | None = None) -> list[str]:
    """Known families with Chinese glyphs that are installed here."""
    there = {found.family for found in typst.Fonts(font_paths=_folders(fonts)).fonts()}
    return [family for family in CHINESE_FAMILIES if family in there]


def _folders(fonts: Path | None) -> list[Any]:
    return [] if fonts is None else [str(fonts)]


def _has_chinese(found: Document) -> bool:
    cells = (cell for table in found.tables for row in table.rows for cell in row)
    texts = (found.title, *(cell for cell in cells if isinstance(cell, str)))
    return any(map(is_chinese, texts))


def is_chinese(text: str) -> bool:
    """Whether a text holds Chinese glyphs."""
    return any("\u4e00" <= char <= "\u9fff" for char in text)


def _data(found: Document) -> dict[str, Any]:
    return {
        "lang": found.lang.value,
        "title": found.title,
        "about": [list(pair) for pair in found.about],
        "rates": [
            {
                "name": rate.name,
                "percent": rate.printed,
                "reached": rate.reached / rate.whole if rate.whole else 0.0,
                "unknown": rate.unknown / rate.whole if rate.whole else 1.0,
                "lines": list(rate.lines),
            }
            for rate in found.rates
        ],
        "remarks": list(found.remarks),
        "tables": [_table(table, found) for table in found.tables if table.name != "assets"],
        "words": found.words,
    }


def _map(found: Document, lines: Drawn, fonts: Path | None) -> dict[str, object]:
    """The still map, and the signs of its legend."""
    families = [*_LATIN_FAMILIES, *chinese_families(fonts)]
    states = [Condition.DEFECTIVE, Condition.UNTESTED, Condition.STALE, Condition.INTACT]
    return {
        "map": still_map(found.marks, lines, families),
        "legend": [
            {"sign": _alone(sign(state, 8, 8, 6)), "word": found.words[state]} for state in states
        ],
    }


def _alone(drawing: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">{drawing}</svg>'


def _table(table: Table, found: Document) -> dict[str, Any]:
    whole = table.totals(found.words["total"])
    widest = max(range(len(table.columns)), key=lambda number: _longest(table, number))
    return {
        "title": table.title,
        "wide": table.name in LISTS,
        "total": [
            "" if cell is None else shown(cell, column.form)
            for cell, column in zip(whole or (), table.columns, strict=False)
        ],
        "columns": [
            {
                "heading": column.heading,
                "right": column.form != "text",
                # one column takes up the rest of the line
                "narrow": number != widest and _longest(table, number) <= _NARROW,
            }
            for number, column in enumerate(table.columns)
        ],
        "rows": [
            [shown(cell, table.columns[number].form) for number, cell in enumerate(row)]
            for row in table.rows[:MOST_ROWS]
        ],
        "left_out": max(0, len(table.rows) - MOST_ROWS),
    }


def _longest(table: Table, number: int) -> int:
    """Characters of the longest text in a column; numbers never need the rest of a line."""
    if table.columns[number].form != "text":
        return 0
    return max((len(str(row[number] or "")) for row in table.rows), default=0)
