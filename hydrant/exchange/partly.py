"""What cells say besides the part that is read of them, where nothing else keeps them whole.

A kind is seen in "K-2 地下式消火栓", a diameter is cut from "150 ×2", a state from "broken: stem".
The rest is kept by another line of the mapping, or named as not read; it is never lost in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from hydrant import units
from hydrant.exchange.end_words import state_of_whole
from hydrant.exchange.mapping import Mapping as Rules
from hydrant.exchange.mapping import Spec, is_shipped
from hydrant.exchange.patterns import Pattern
from hydrant.exchange.plain_words import folded_text, plain_word, plain_words, statements
from hydrant.exchange.suggestion import words
from hydrant.exchange.table import Table

#: What is told apart in what is left of a cell: a number, a word.
_WORD = re.compile(r"[0-9]+|[^\W\d_]+")
_NUMBER = re.compile(r"[0-9]")
#: What a packed cell calls its parts: "main: ring, diameter: 150".
_LABEL = re.compile(r"[^\W\d_][\w ]*[:：]")
#: Noughts that only fill a code up say nothing.
_NOUGHTS = re.compile(r"0+")
#: Words for a state that may stand between others.
_STATES = ("works", "fails", "not_found", "yes", "no", "nothing")
_MEASURES = ("kPa", "L/s", "mm", "m3", "m")


@dataclass(frozen=True, slots=True)
class _Reader:
    """A target that reads a column by a part of its text.

    Attributes
    ----------
    place
        Of the column among those that it joins.
    named
        Whether kinds are seen in names, so that a cell without any is a name, too, and no code.
    """

    target: str
    spec: Spec
    place: int
    named: bool = False


def partly_read(
    table: Table, rules: Rules, visited: Callable[[int], bool] = lambda _row: True
) -> dict[str, list[int]]:
    """Rows by the columns of which they say more than is read, and that nothing keeps whole.

    Parameters
    ----------
    visited
        Whether a visit is recorded of a row, whose remark may keep a cell.
    """
    found: dict[str, list[int]] = {}
    numbers = is_shipped(rules)  # the words of its schema were known when it was written
    kept = {*rules.key, *rules.position_columns, *rules.ignore}
    kept |= {name for spec in rules.fields.values() if spec.takes_text for name in spec.columns}
    kept |= {name for spec in rules.lifecycle.values() if spec.takes_text for name in spec.columns}
    seen = {n for spec in rules.inspection.values() if spec.takes_text for n in spec.columns}
    for column, readers in _read_in_part(rules).items():
        if column in kept or column not in table.columns:
            continue
        rows = _more_said(table, column, readers, numbers=numbers)
        rows = [row for row in rows if column not in seen or not visited(row)]
        if rows:
            found[column] = rows
    return found


def _read_in_part(rules: Rules) -> dict[str, list[_Reader]]:
    found: dict[str, list[_Reader]] = {}
    for part in (rules.fields, rules.inspection, rules.lifecycle):
        for target, spec in part.items():
            named = target == "kind" and any(map(names_more, spec.values or ()))
            for place, column in enumerate(spec.columns if not spec.takes_text else ()):
                found.setdefault(column, []).append(_Reader(target, spec, place, named))
    return found


def _more_said(
    table: Table, column: str, readers: Sequence[_Reader], *, numbers: bool
) -> list[int]:
    """Rows of a column that say more; with `numbers` only those of whose numbers one is left."""
    beside = dict.fromkeys(name for one in readers for name in one.spec.columns)
    if any(name not in table.columns for name in beside):
        return []
    names = [column, *(name for name in beside if name != column)]
    known: dict[tuple[str, ...], bool] = {}
    rows = []
    for row, cells in enumerate(zip(*(table.columns[name] for name in names), strict=True)):
        if cells not in known:
            rest = _rest(dict(zip(names, cells, strict=True)), column, readers)
            known[cells] = any(map(str.isdecimal, rest)) if numbers else bool(rest)
        if known[cells]:
            rows.append(row)
    return rows


def _rest(cells: Mapping[str, str], column: str, readers: Sequence[_Reader]) -> set[str]:
    """Words and numbers of a cell that none of its readers reads."""
    if plain_word(cells[column]) in plain_words("nothing"):
        return set()
    rest: set[str] | None = None
    for one in readers:
        left = _left(one, [cells[name].strip() for name in one.spec.columns])
        told = {word for word in _WORD.findall(left) if not _NOUGHTS.fullmatch(word)}
        rest = told if rest is None else rest & told
    return rest or set()


def _left(one: _Reader, parts: Sequence[str]) -> str:
    """What one reader leaves of a cell, given the cells of all of its columns."""
    spec, cell = one.spec, parts[one.place]
    if cell in spec.empty:
        return ""
    if one.target == "kind" and (one.named or _kind_words().search(cell)):
        return _without_kinds(cell)
    if one.target in ("outcome", "event"):
        said = beside_states(cell)
        if said is None and len(parts) > 1 and _NUMBER.search(cell):
            said = cell  # the day of an end among states
        if said is not None:
            return said
    if spec.regex is not None:
        return _without_units(_LABEL.sub(" ", _uncovered(one, parts, [spec.regex])))
    if spec.patterns:
        left = _uncovered(one, parts, [pattern for pattern, _ in spec.patterns])
        if left != cell:  # what a pattern finds is understood as a whole, but for numbers
            return left if _NUMBER.search(left) else ""
    if spec.join.join(part for part in parts if part) in (spec.values or {}):
        return ""  # translated as it stands there
    return cell if spec.other == "" or (spec.other and one.target == "kind") else ""


def _uncovered(one: _Reader, parts: Sequence[str], patterns: Sequence[Pattern]) -> str:
    """What of a cell lies outside the first match in all that a spec joins."""
    text = one.spec.join.join(part for part in parts if part)
    match = next((m for pattern in patterns if (m := pattern.search(text)) is not None), None)
    if match is None:
        return parts[one.place]
    before = [part for part in parts[: one.place] if part]
    start = sum(map(len, before)) + len(one.spec.join) * len(before)
    end = start + len(parts[one.place])
    return " ".join(
        (
            text[start : min(end, max(start, match.start()))],
            text[max(start, min(end, match.end())) : end],
        )
    )


@cache
def _kind_words() -> re.Pattern[str]:
    """What kinds are seen in, each word for itself: 地下.*栓 is two of them."""
    known = [pattern for pattern, _ in (*words()["kinds"], *words()["kinds_if_called_so"])]
    pieces = {piece for one in known for word in one.split("|") for piece in word.split(".*")}
    return _any_of(pieces)


@cache
def _beside_kinds() -> re.Pattern[str]:
    return _any_of(words()["kind_beside"])


def _any_of(known: Collection[str]) -> re.Pattern[str]:
    longest = sorted(known, key=len, reverse=True)
    return re.compile("|".join(f"(?:{one})" for one in longest), re.IGNORECASE)


def names_more(cell: str) -> bool:
    """Whether a text says more than the kind that is seen in it."""
    return bool(_kind_words().search(cell) and _WORD.search(_without_kinds(cell)))


def _without_kinds(cell: str) -> str:
    return _beside_kinds().sub(" ", _kind_words().sub(" ", cell.replace("_", " ")))


def beside_states(cell: str) -> str | None:
    """What a cell says beside words for a state; None where it holds none that is known."""
    said = statements(cell)
    rest = [] if _is_word(cell) else [one for one in said if not _is_state(one)]
    return None if rest and len(rest) == len(said) else " ".join(rest)


def _is_state(said: str) -> bool:
    return _is_word(said) or state_of_whole(said) is not None


def _is_word(said: str) -> bool:
    # 损坏待修 is 损坏 by what it waits for
    known = {plain_word(said), plain_word(said.partition("待")[0])} - {""}
    return any(known & plain_words(part) for part in _STATES)


def _without_units(left: str) -> str:
    return _units().sub(" ", folded_text(left))


@cache
def _units() -> re.Pattern[str]:
    known = {folded_text(one) for internal in _MEASURES for one in units.spellings(internal)}
    return _any_of({rf"(?<![^\W\d_]){re.escape(one)}(?![^\W\d_])" for one in {*known, "t", "dn"}})
