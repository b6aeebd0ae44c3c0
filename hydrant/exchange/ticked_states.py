"""Lists of rounds that have a column for each outcome, of which one is ticked: 有水 | 无水."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from hydrant.errors import InputRefused
from hydrant.exchange.answers import says, says_nothing
from hydrant.exchange.table import Table, is_unnamed
from hydrant.exchange.visit_words import outcome_said
from hydrant.vocabulary import Outcome

#: Why a heading that is no outcome belongs to those that are ticked all the same: a fault, an end.
_BESIDE = ("survey.outcome_fault", "survey.outcome_ended")
_HAN = re.compile("[\u4e00-\u9fff]")
#: Crosses that tick on a sheet of Latin letters; on a Chinese one they deny.
_CROSSES = ("x", "X")


def with_ticked_outcome(table: Table) -> Table:
    """The table, with one column of outcomes in the place of those that are ticked.

    They are columns whose headings are outcomes, a good one and a bad one at least, with those of
    faults and ends. A cell of the new column is the heading that is ticked. Where several are, or
    something else than a tick stands there, it holds all of it with a question mark: no outcome.
    """
    headings = [name for name in table.columns if not is_unnamed(name)]
    found = {name: outcome for name in headings if (outcome := _outcome(name)) is not None}
    stated = {*found.values()} - {""}
    if Outcome.WORKS not in stated or len(stated) == 1:
        return table
    cells = [_ticked(table, found, row) for row in range(len(table))]
    word = "检查结果" if any(map(_HAN.search, found)) else "result"
    columns: dict[str, list[str]] = {}
    for name, column in table.columns.items():
        if name not in found:
            columns[name] = column
        elif name == next(iter(found)):
            columns[f"{word} ({'/'.join(found)})"] = cells
    return replace(table, columns=columns, storeys=())


def _outcome(heading: str) -> str | None:
    """The outcome that a heading is; nothing for a fault or an end, None for anything else."""
    if any(map(str.isdigit, heading)):
        return None
    try:
        return outcome_said(heading)
    except InputRefused as error:
        return "" if error.key in _BESIDE else None


def _ticked(table: Table, found: Mapping[str, str], row: int) -> str:
    cells = {name: table.columns[name][row].strip() for name in found}
    ticked = [name for name, cell in cells.items() if _is_tick(name, cell)]
    # beside a tick a cross denies; without one it may be the tick
    denied = [name for name, cell in cells.items() if ticked and says(cell, "no")]
    filled = [name for name in found if name not in denied and not says_nothing(cells[name])]
    if filled == ticked[:1]:
        return "".join(filled)
    # a doubted word is no outcome, and shows what stands there
    return " ".join(name if name in ticked else f"{name}={cells[name]}" for name in filled) + "?"


def _is_tick(heading: str, cell: str) -> bool:
    return says(cell, "yes") or (cell in _CROSSES and not _HAN.search(heading))
