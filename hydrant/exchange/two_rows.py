"""Headings in two rows: a group above, and below it what each column holds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from hydrant.exchange.place_headings import angles_in, system_in
from hydrant.exchange.suggestion import share
from hydrant.exchange.table import Table
from hydrant.geo.text_forms import parse_number

#: Signs of the longest group; a title is longer.
_LONGEST = 40
#: Rows by which is judged whether a column holds numbers, and the share that must be.
_LOOKED_AT, _ENOUGH = 50, 0.9
_UNNAMED = re.compile(r"column[0-9]+")
_BRACKETS = re.compile(r"[(（\[【].+[)）\]】]")


def joined(above: Sequence[str], names: Sequence[str]) -> list[str] | None:
    """Headings of columns whose group stands in the row above; None where there are no groups.

    A column that only the row above names has that name. A group is put before the names of its
    columns where they repeat, or where it says more than they do: a datum, a unit.
    """
    upper = [*above, *[""] * (len(names) - len(above))][: len(names)]
    filled = [place for place, text in enumerate(upper) if text.strip()]
    if not _are_groups([upper[place] for place in filled], filled):
        return None
    groups = _groups(upper, names)
    counted = Counter(name.strip() for name in names)
    made = []
    for name, own, group in zip(names, upper, groups, strict=True):
        if not name.strip():
            made.append(own.strip())
        elif group and (counted[name.strip()] > 1 or _says_more(group)):
            made.append(f"{group} {name.strip()}")
        else:
            made.append(name)
    return None if made == list(names) else made


def _are_groups(texts: Sequence[str], places: Sequence[int]) -> bool:
    """Whether a row holds names of groups: several short words; titles begin a row."""
    if any(len(text) > _LONGEST or parse_number(text) is not None for text in texts):
        return False
    return len(texts) > 1 or (len(texts) == 1 and places[0] > 0 and _says_more(texts[0]))


def _groups(upper: Sequence[str], names: Sequence[str]) -> list[str]:
    """Group of each column: its own cell above, else that of the columns to its left."""
    found, group = [], ""
    for text, name in zip(upper, names, strict=True):
        if text.strip():
            # what names its column alone is no group
            group = text.strip() if name.strip() else ""
        found.append(group if name.strip() else "")
    return found


def _says_more(group: str) -> bool:
    bracketed = _BRACKETS.search(group) is not None
    return bracketed or system_in(group) is not None or angles_in(group) is not None


def second_row_follows(table: Table) -> bool:
    """Whether the first row of a table holds the names of its columns, and its headings groups."""
    first = {name: cells[0].strip() for name, cells in table.columns.items() if cells}
    if len(table) < 2 or any(parse_number(cell) is not None for cell in first.values()):
        return False
    if not any(cell and _UNNAMED.fullmatch(name) for name, cell in first.items()):
        return False
    return any(
        cell and share(table.columns[name][1:_LOOKED_AT], _is_number) >= _ENOUGH
        for name, cell in first.items()
    )


def _is_number(cell: str) -> bool:
    return parse_number(cell) is not None
