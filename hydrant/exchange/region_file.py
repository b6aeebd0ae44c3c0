"""Regions from a table: townships, villages, or any other tree of codes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from hydrant.errors import InputRefused, Phrase
from hydrant.exchange.destroyed import refuse_destroyed
from hydrant.exchange.moments import day_reader
from hydrant.exchange.office_words import (
    REGION_HEADINGS,
    code_written,
    refuse_last_days,
    with_our_headings,
    word_written,
)
from hydrant.exchange.readers import read_headed
from hydrant.exchange.table import Table
from hydrant.store.regions.region_rows import RegionRow, level_of, parent_of
from hydrant.vocabulary import RegionLevel

#: Headings that are read.
COLUMNS = (
    *("code", "name", "name_zh", "name_en", "level", "parent_code"),
    *("valid_from", "valid_until", "successors"),
)
_BETWEEN = re.compile(r"[;；、,，\s]+")


@dataclass(frozen=True, slots=True)
class RegionTable:
    """Regions of a table, and what of the file means nothing here."""

    rows: list[RegionRow]
    unread: list[str]


def read_regions(path: Path, *, encoding: str | None) -> RegionTable:
    """Regions of a table; raises `InputRefused` with the line that is wrong."""
    table = with_our_headings(read_headed(path, encoding=encoding)[0], REGION_HEADINGS, ("code",))
    refuse_last_days(table, "valid_until")
    days = {name: day_reader(table.columns.get(name, ())) for name in ("valid_from", "valid_until")}
    rows = [_row(table, index, days) for index in range(len(table))]
    _refuse_twice(table.file, rows)
    return RegionTable(rows, table.unread(COLUMNS))


def _refuse_twice(file: str, rows: Iterable[RegionRow]) -> None:
    """Refuse a file of which two rows state a code otherwise from the same day.

    Raises
    ------
    InputRefused
        They do; both lines are named.
    """
    seen: dict[tuple[str, dt.date | None], RegionRow] = {}
    for row in rows:
        former = seen.setdefault((row.code, row.valid_from), row)
        if replace(former, line=None) != replace(row, line=None):
            # a unit that was split may stand in a row for each part
            same = replace(former, line=row.line, successors=row.successors) == row
            split = same and former.successors and row.successors
            key = "exchange.split_in_rows" if split else "exchange.region_twice"
            why = Phrase(key, {"first": former.line, "code": row.code})
            raise InputRefused("exchange.row", file=file, line=row.line, why=why)


def _row(table: Table, index: int, days: Mapping[str, Callable[[str], dt.date]]) -> RegionRow:
    line = table.lines[index]
    cells = {name: column[index].strip() for name, column in table.columns.items()}
    code = code_written(cells["code"])
    try:
        for cell in cells.values():
            refuse_destroyed(cell, code=False)
        refuse_destroyed(code, code=True)
        begins, ends = (day(cells[name]) if cells.get(name) else None
                        for name, day in days.items())  # fmt: skip
        parts = _BETWEEN.split(cells.get("successors", ""))
        heirs = tuple(code_written(part) for part in parts if part)
        _refuse_days(code, begins, ends, heirs)
    except InputRefused as error:
        why = Phrase(error.key, error.facts)
        raise InputRefused("exchange.row", file=table.file, line=line, why=why) from None
    return RegionRow(
        code=code,
        name_zh=cells.get("name_zh") or cells.get("name") or None,
        name_en=cells.get("name_en") or None,
        level=level_stated(table.file, line, code, word_written(cells.get("level", ""), "level")),
        parent_code=code_written(cells.get("parent_code", "")) or parent_of(code),
        valid_from=begins,
        valid_until=ends,
        successors=heirs,
        line=line,
    )


def _refuse_days(
    code: str, begins: dt.date | None, ends: dt.date | None, heirs: tuple[str, ...]
) -> None:
    if begins is not None and ends is not None and ends <= begins:
        raise InputRefused("store.ends_before_it_begins", code=code, date=begins.isoformat())
    if heirs and ends is None:
        raise InputRefused("store.heirs_without_end", code=code)


def level_stated(file: str, line: int, code: str, word: str | None) -> RegionLevel:
    """The level that a file states, else that a code shows; raises `InputRefused`."""
    level = word or level_of(code)
    if level is None or level not in tuple(RegionLevel):
        raise InputRefused(
            "exchange.region_level", file=file, line=line, code=code, level=word or "–",
            known=", ".join(RegionLevel),
        )  # fmt: skip
    return RegionLevel(level)
