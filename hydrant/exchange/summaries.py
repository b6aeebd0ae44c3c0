"""Rows under or between those of a register that sum them up: 合计, 平均, "Total": no assets."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache

from hydrant.exchange.plain_words import folded_text
from hydrant.exchange.suggestion import words
from hydrant.exchange.table import Table

#: What may stand behind such a word: how many, and of what.
_COUNT = r"[:\s]*(?:[0-9][0-9.,]*\s*\w{0,8})?"
#: A cell that a sum or an average may be: a number, with a unit or a percent sign.
_AMOUNT = re.compile(r"[-+]?[0-9][0-9.,\s]*\s*(?:%|[^\W\d]{1,5}(?:/[^\W\d]{1,3})?)?|#[A-Z/0]+[!?]?")


def summary_rows(table: Table, asked: Collection[str]) -> list[int]:
    """Rows that bear such a word where others bear a number or name, and otherwise only amounts.

    Parameters
    ----------
    asked
        Columns in which the word is looked for, beside the first one.
    """
    names = [
        name for name in dict.fromkeys([*[*table.columns][:1], *asked]) if name in table.columns
    ]
    found: set[int] = set()
    for name in names:
        cells = table.columns[name]
        if _hinted("\n".join(cells)):
            found.update(row for row, cell in enumerate(cells) if _is_summary(cell))
    return sorted(row for row in found if _only_amounts(table, row))


def _is_summary(cell: str) -> bool:
    return bool(cell.strip()) and _pattern().fullmatch(folded_text(cell)) is not None


def _only_amounts(table: Table, row: int) -> bool:
    """Whether everything else that a row says is an amount."""
    cells = (column[row].strip() for column in table.columns.values())
    return all(not cell or _is_summary(cell) or _AMOUNT.fullmatch(cell) for cell in cells)


@cache
def _pattern() -> re.Pattern[str]:
    known = sorted(map(folded_text, words()["summary"]), key=len, reverse=True)
    return re.compile(rf"(?:{'|'.join(map(re.escape, known))}){_COUNT}")


def _hinted(text: str) -> bool:
    plain = text.casefold()
    return any(word in plain for word in _words())


@cache
def _words() -> tuple[str, ...]:
    return tuple(word.casefold() for word in words()["summary"])
