"""Several pairs of coordinates in one table that lie apart: which one holds nobody can guess."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from functools import partial

import numpy as np
import numpy.typing as npt

from hydrant.errors import Phrase
from hydrant.exchange.cells import Problem
from hydrant.exchange.place_headings import axis_rank, system_in
from hydrant.exchange.suggestion import share, words
from hydrant.exchange.table import Table
from hydrant.geo.angles import coordinate
from hydrant.geo.distance import metres_apart

Pair = tuple[str, str]
Numbers = npt.NDArray[np.float64]
#: Share of the cells that must be numbers for a column to hold a coordinate.
_ENOUGH = 0.9
#: Largest degree; and how far two numbers of one place differ at most, in degrees and in metres.
_DEGREES = 180.0
_ROUNDED = {True: 0.001, False: 100.0}
#: Cells by which a column is judged.
_LOOKED_AT = 1000


def rival_pairs(table: Table, pair: Pair) -> list[Pair]:
    """Other pairs of columns headed as coordinates of the same sort, degrees or metres.

    Headings that stand twice are among them (``lon`` and ``lon`` again, or 经度 beside it). A
    column without a partner counts only where its heading stands twice: ``n`` may be a number.
    """
    headed = [_headed(table, axis) for axis in ("x", "y")]
    others = [[name for name in found if name not in pair] for found in headed]
    if not any(others):
        return []
    degrees = _in_degrees(table, pair[0])
    xs, ys = ([name for name in found if _in_degrees(table, name) is degrees] for found in others)
    pairs: list[Pair] = []
    for system in dict.fromkeys(system_in(name) for name in (*xs, *ys)):
        of_it = ([name for name in names if system_in(name) == system] for names in (xs, ys))
        pairs += zip(*of_it, strict=False)
    for names, axis in ((xs, 0), (ys, 1)):
        paired = {one[axis] for one in pairs}
        alone = [n for n in names if n not in paired and _first(n) == _first(pair[axis])]
        pairs += [(name, pair[1]) if axis == 0 else (pair[0], name) for name in alone]
    return pairs


def comparable(one: Pair, other: Pair) -> bool:
    """Whether the headings of two pairs name the same system, or none."""
    return {*map(system_in, one)} == {*map(system_in, other)}


def rows_apart(table: Table, one: Pair, other: Pair) -> list[int]:
    """Rows for which two pairs give different places; a missing number is no other place."""
    apart = np.zeros(len(table), bool)
    for mine, theirs in zip(one, other, strict=True):
        if mine != theirs:
            limit = _ROUNDED[_in_degrees(table, mine) is not False]
            # not-a-number is not beyond
            apart |= np.abs(_numbers(table, mine) - _numbers(table, theirs)) > limit
    return np.flatnonzero(apart).tolist()


def metres_between(table: Table, one: Pair, other: Pair) -> Numbers:
    """Metres between what two pairs give, shape (n,); NaN where one gives no place."""
    (x, y), (u, v) = ([_numbers(table, name) for name in pair] for pair in (one, other))
    if _in_degrees(table, one[0]):
        return np.asarray(metres_apart(x, y, u, v))
    return np.hypot(x - u, y - v)


def refuse_apart(table: Table, pair: Pair, problems: dict[int, Problem]) -> None:
    """Refuse rows of a file with our own headings whose pairs of coordinates lie apart."""
    for row, other in _contradictions(table, pair):
        axis = 0 if other[0] != pair[0] else 1
        cell = table.columns[other[axis]][row]
        why = Phrase("exchange.why_contradicted", {"column": other[axis], "value": cell.strip()})
        problems.setdefault(row, Problem("position", cell, why))


def _contradictions(table: Table, pair: Pair) -> Iterator[tuple[int, Pair]]:
    for other in filter(partial(comparable, pair), rival_pairs(table, pair)):
        yield from ((row, other) for row in rows_apart(table, pair, other))


def _headed(table: Table, axis: str) -> list[str]:
    """Columns headed as a coordinate, those with a repeated heading under their first one."""
    known = words()["position"][axis]
    return [name for name in table.columns if axis_rank(_first(name), known) is not None]


def _first(heading: str) -> str:
    """The heading that a repeated one repeats."""
    return heading.rstrip("_")


def _in_degrees(table: Table, name: str) -> bool | None:
    """Whether a column holds degrees, metres, or no coordinates at all."""
    cells = table.columns[name][:_LOOKED_AT]
    if share(cells, lambda cell: coordinate(cell) is not None) < _ENOUGH:
        return None
    told = [n for cell in cells if (n := coordinate(cell)) is not None]
    return statistics.median(map(abs, told)) <= _DEGREES if told else None


def _numbers(table: Table, name: str) -> Numbers:
    found = (coordinate(cell) for cell in table.columns[name])
    return np.array([number or np.nan for number in found], float)  # 0 is no place
