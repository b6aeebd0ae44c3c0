"""Marks by which a cell says what the one above it says: 同上, 〃, "as above", "same as H-1".

Such a cell has the meaning of the other one, as cells that are merged have. Where there is no other
one the mark stays, and is understood as nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from hydrant.exchange.plain_words import folded_text
from hydrant.exchange.suggestion import words

#: No mark is longer.
_LONGEST = 40
#: Our own export names each asset; nobody wrote marks into it.
_OURS = "uid"


def without_dittos(
    columns: Mapping[str, list[str]],
) -> tuple[dict[str, list[str]], dict[str, int]]:
    """Columns in which each mark is replaced by what it stands for, and how many there were."""
    made = dict(columns)
    counted: dict[str, int] = {}
    if _OURS in columns:
        return made, counted
    starts = _starts()
    for name, cells in columns.items():
        near = [cell for cell in {*cells} if cell[:1] in starts]  # of most columns none
        marks = {cell for cell in near if _first_word(cell) in _first_words() and is_ditto(cell)}
        if not marks:
            continue
        filled = _filled(cells, marks, columns)
        count = sum(one is not other for one, other in zip(cells, filled, strict=True))
        if count:
            made[name], counted[name] = filled, count
    return made, counted


def _filled(
    cells: Sequence[str], marks: set[str], columns: Mapping[str, Sequence[str]]
) -> list[str]:
    filled: list[str] = []
    for row, cell in enumerate(cells):
        said = cell
        if cell in marks:
            other = _referred(cell)
            if other is None:
                said = filled[row - 1] if row else cell
            else:
                at = _row_of(other, columns)
                said = cells[at] if at is not None else cell
        # above an empty cell, or another mark, it is not told what is meant
        filled.append(said if said.strip() and said not in marks else cell)
    return filled


def _row_of(other: str, columns: Mapping[str, Sequence[str]]) -> int | None:
    """The one row that a column says another one's number in."""
    for cells in columns.values():
        if sum(folded_text(cell) == other for cell in {*cells} if len(cell) <= _LONGEST) == 1:
            rows = [row for row, cell in enumerate(cells) if folded_text(cell) == other]
            if len(rows) == 1:
                return rows[0]
    return None


def is_ditto(cell: str) -> bool:
    """Whether a cell only says that another one holds for it, too."""
    return _plain(cell) in _alone() or _referred(cell) is not None


def _referred(cell: str) -> str | None:
    """The number of another row that a cell refers to: it holds a digit, as no word does."""
    if len(cell) > _LONGEST:
        return None
    found = _of().fullmatch(folded_text(cell).strip(" .。"))
    other = None if found is None else next(filter(None, found.groups()), "").strip()
    return other if other and re.search(r"[0-9]", other) and len(other.split()) < 3 else None


def _first_word(cell: str) -> str:
    """What a cell begins with: the first word in letters, or the first sign."""
    found = _FIRST.match(cell)
    return "" if found is None else found[1].casefold()


_FIRST = re.compile(r"[ (（]*([a-zà-ÿœа-яё]+|.)", re.IGNORECASE)


@cache
def _first_words() -> frozenset[str]:
    told = words()["ditto"]
    return frozenset(map(_first_word, [*told["alone"], *told["begins"]]))


@cache
def _starts() -> frozenset[str]:
    signs = {word[:1] for word in _first_words()}
    return frozenset(signs | {sign.upper() for sign in signs} | {" ", "(", "（"})


def _plain(cell: str) -> str:
    """A mark as marks are known: folded, without brackets and the stop of a sentence."""
    return folded_text(cell.replace("″", '"')).strip(" ()。")


@cache
def _alone() -> frozenset[str]:
    return frozenset(map(_plain, words()["ditto"]["alone"])) - {""}


@cache
def _of() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for one in words()["ditto"]["of"]))
