"""Sheets and layers beside the one that is read, whose names say that what they list is bad.

A workbook with a register and a sheet of what is broken or removed says of an asset in both that it
works, and that it does not. Which of them is right is not known here.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hydrant.errors import InputRefused, Phrase
from hydrant.exchange.cells import Problem
from hydrant.exchange.end_words import speaks_of_removal
from hydrant.exchange.fault_words import speaks_of_fault
from hydrant.exchange.objecting import asks_fault
from hydrant.exchange.readers import read_table
from hydrant.exchange.rows import ReadRows
from hydrant.exchange.state_words import BAD, meaning
from hydrant.exchange.table import Table
from hydrant.vocabulary import Outcome


def with_bad_sheets(file: Path, table: Table, layer: str | None) -> Table:
    """The table, with what stands in sheets that by their names list what is broken or gone.

    Parameters
    ----------
    layer
        Sheet that somebody named: then only that one is meant.
    """
    if layer is not None or not table.beside:
        return table
    found = {name: _texts(file, name) for name in table.beside if _lists_bad(name)}
    return replace(table, bad_sheets={name: texts for name, texts in found.items() if texts})


def _lists_bad(name: str) -> bool:
    bad = speaks_of_fault(name) or speaks_of_removal(name)
    return bad or asks_fault(name) or meaning(name) in BAD


def _texts(file: Path, sheet: str) -> frozenset[str]:
    """All that the cells of a sheet say; nothing where it holds no table."""
    try:
        table = read_table(file, layer=sheet)
    except InputRefused:  # it is named as unread all the same
        return frozenset()
    cells = {cell.strip() for column in table.columns.values() for cell in column}
    return frozenset(cells | {name.strip() for name in table.columns})


def refuse_listed_as_bad(rows: ReadRows) -> None:
    """Refuse rows that a sheet of bad ones lists by their code, and whose asset works or stands.

    ``rows.problems`` gets the reasons.
    """
    codes = rows.fields.get("code")
    if codes is None or not rows.table.bad_sheets:
        return
    outcomes = rows.inspection.get("outcome") or [None] * len(rows.table)
    for row in (row for row in rows.kept if codes[row] is not None and row not in rows.ended):
        works = outcomes[row] == Outcome.WORKS
        why = listed_as_bad(rows.table, codes[row], works=works)
        if why is not None:
            rows.problems.setdefault(row, Problem("outcome", codes[row], why))


def listed_as_bad(table: Table, code: str, *, works: bool) -> Phrase | None:
    """Why an asset that a row says to work, or only to be there, is refused; None where it is not.

    Of one that is not said to work only sheets of what is gone say otherwise.
    """
    listing = [sheet for sheet, texts in table.bad_sheets.items() if code in texts]
    found = next((sheet for sheet in listing if works or speaks_of_removal(sheet)), None)
    facts = {"sheet": found, "value": code}
    return None if found is None else Phrase("exchange.why_in_bad_sheet", facts)
