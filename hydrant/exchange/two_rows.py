"""Headings in two rows: a group above, and below it what each column holds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from hydrant.exchange.answers import says, says_nothing
from hydrant.exchange.place_headings import angles_in, system_in
from hydrant.exchange.state_words import NOTHING, UNKNOWN, meaning
from hydrant.exchange.suggestion import share
from hydrant.exchange.table import Table, is_unnamed
from hydrant.geo.text_forms import parse_number

#: Signs of the longest group; a title is longer.
_LONGEST = 40
#: Rows by which is judged whether a column holds numbers, and the share that must be.
_LOOKED_AT, _ENOUGH = 50, 0.9
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


def storeys(above: Sequence[str], names: Sequence[str]) -> tuple[Sequence[str], ...]:
    """Both rows of headings, where groups may stand in the row above; else none.

    A line of titles in several cells may pass for groups: nothing is named after what stands here.
    """
    upper = [*above, *[""] * (len(names) - len(above))][: len(names)]
    filled = [place for place, text in enumerate(upper) if text.strip()]
    return (upper, names) if _are_groups([upper[place] for place in filled], filled) else ()


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


def groups_of(above: Sequence[str], names: Sequence[str]) -> list[str]:
    """Group of each column of two rows of headings; none of one that a single row names."""
    upper = [*above, *[""] * (len(names) - len(above))][: len(names)]
    return _groups(upper, names)


#: Cells that are no headings: numbers, days, codes.
_VALUE = re.compile(r"[A-Za-z]{0,4}[-_/ ]?[0-9][0-9.,:/\-年月日 T]*")
#: Headings of the narrowest table that is told from lines of titles.
_FEWEST = 3


def are_words(names: Collection[str]) -> bool:
    """Whether a row can be headings by its words: some of them, and no value among them."""
    named = [name for name in names if name.strip() and not is_unnamed(name)]
    return len(named) >= _FEWEST and not any(map(_VALUE.fullmatch, map(str.strip, named)))


def names_follow(table: Table) -> bool:
    """Whether the first row says nothing but names of the columns of groups in the headings.

    A group is a heading with columns at its right that have none, or where its cell is merged the
    same one. Elsewhere the row is empty or says the heading again, as merged cells do.
    """
    if len(table) < 2:
        return False
    named, group = list[str](), ""
    inner = False
    headings = [*table.columns]
    for place, name in enumerate(headings):
        plain, cell = name.rstrip("_"), table.columns[name][0].strip()
        begins = not (is_unnamed(name) or (name != plain and plain == group))
        group = plain if begins else group
        follows = headings[place + 1] if place + 1 < len(headings) else ""
        grouped = not begins or is_unnamed(follows) or follows.rstrip("_") == plain != follows
        if not cell or (begins and cell == plain):
            continue
        if not grouped:
            return False
        named.append(cell)
        inner |= not begins
    return inner and len({*named}) == len(named) > 1 and _are_names(named)


def _are_names(cells: Sequence[str]) -> bool:
    """Whether cells name columns: no numbers, signs or answers; a state only with its contrary."""
    if any(len(cell) > _LONGEST or _VALUE.fullmatch(cell) or _is_number(cell) for cell in cells):
        return False
    if any(len(cell) == 1 and not cell.isalpha() for cell in cells):
        return False
    if any(says(cell, "yes") or says(cell, "no") or says_nothing(cell) for cell in cells):
        return False
    states = {meaning(cell) for cell in cells} - {UNKNOWN, NOTHING}
    return len(states) != 1


def second_row_follows(table: Table) -> bool:
    """Whether the first row of a table holds the names of its columns, and its headings groups."""
    if names_follow(table):
        return True
    first = {name: cells[0].strip() for name, cells in table.columns.items() if cells}
    if len(table) < 2 or any(parse_number(cell) is not None for cell in first.values()):
        return False
    if not any(cell and is_unnamed(name) for name, cell in first.items()):
        return False
    below = [row for row in range(1, min(len(table), _LOOKED_AT)) if not _again(table, row, first)]
    return any(
        cell and share([table.columns[name][row] for row in below], _is_number) >= _ENOUGH
        for name, cell in first.items()
    )


def _again(table: Table, row: int, first: Mapping[str, str]) -> bool:
    """Whether a row says the headings or the row below them once more, as on a printed page."""
    group = ""
    for name, cell in first.items():
        group = group if is_unnamed(name) else name.rstrip("_")
        if table.columns[name][row].strip() not in ("", group, cell):
            return False
    return True


def _is_number(cell: str) -> bool:
    return parse_number(cell) is not None
