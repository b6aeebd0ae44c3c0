"""Coordinates as a file states them: two columns, one cell, WKT, or geometry of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hydrant.errors import InputRefused, Phrase
from hydrant.exchange.cells import Problem
from hydrant.exchange.destroyed import refuse_destroyed
from hydrant.exchange.mapping import Mapping
from hydrant.exchange.packed_degrees import require_stated, unpacked, why_none
from hydrant.exchange.placing_rules import PACKED
from hydrant.exchange.table import Drawn, Table
from hydrant.exchange.wkt_cells import points_in_wkt
from hydrant.geo import datum
from hydrant.geo.numbers import Marks, marks_of, number_of
from hydrant.geo.text_forms import parse_pair


def stated_places(
    table: Table,
    mapping: Mapping,
    stated: str | None,
    problems: dict[int, Problem],
    drawn: dict[int, Drawn],
) -> tuple[list[float], list[float]]:
    """Coordinates as written; NaN where a row has none.

    Parameters
    ----------
    stated
        Their system, which tells whether they are degrees.
    drawn
        What is drawn besides points is added.

    Raises
    ------
    InputRefused
        The file has no position, or the mapping names a column that is not there.
    """
    degrees = stated is None or datum.stated_by(stated).degrees
    # no degree has thousands, a metre may
    marks = Marks(mapping.decimal, stated=mapping.decimal is not None, groups=not degrees)
    if mapping.x is not None and mapping.y is not None:
        pair = (
            _numbers(table.column(mapping.x), "x", problems, marks),
            _numbers(table.column(mapping.y), "y", problems, marks),
        )
        return _angles(*pair, mapping.angles, table.file, problems) if degrees else pair
    for heading, swap in ((mapping.latlon, True), (mapping.lonlat, False)):
        if heading is not None:
            pairs = [parse_pair(cell) for cell in table.column(heading)]
            return _pairs(pairs, table.column(heading), problems, swap=swap)
    if mapping.wkt is not None:
        cells = table.column(mapping.wkt)
        return _pairs(points_in_wkt(cells, drawn), cells, problems, swap=False)
    if table.points is None:
        raise InputRefused("exchange.no_position", file=table.file, known=", ".join(table.columns))
    drawn |= table.drawn
    points = [
        None if x is None or y is None else (x, y) for x, y in zip(*table.points, strict=True)
    ]
    for row in table.drawn:
        # why it has no place is told with what is drawn there
        points[row] = points[row] or (float("nan"), float("nan"))
    return _pairs(points, [""] * len(table), problems, swap=False)


def _angles(
    xs: list[float], ys: list[float], angles: str | None, file: str, problems: dict[int, Problem]
) -> tuple[list[float], list[float]]:
    """Decimal degrees of two columns."""
    require_stated(xs, ys, angles, file)
    if angles != PACKED:
        return xs, ys
    found = []
    for name, axis in (("x", xs), ("y", ys)):
        decimal, wrong = unpacked(axis)
        for row in wrong:
            problems.setdefault(row, Problem(name, repr(axis[row]), why_none(axis[row])))
        found.append(decimal)
    return found[0], found[1]


def _numbers(
    cells: list[str], name: str, problems: dict[int, Problem], marks: Marks
) -> list[float]:
    fast = _all_numbers(cells)
    if fast is not None:
        return fast
    if not marks.stated:
        marks = replace(marks, decimal=marks_of(set(cells)).decimal)
    numbers = []
    for row, cell in enumerate(cells):
        number, why = _number(cell, marks)
        if why is not None:
            problems.setdefault(row, Problem(name, cell, why))
        numbers.append(number)
    return numbers


def _number(cell: str, marks: Marks) -> tuple[float, Phrase | None]:
    """A coordinate, or not-a-number and why it is none."""
    try:
        refuse_destroyed(cell, code=False)
        number = number_of(cell, marks)
    except InputRefused as error:
        return float("nan"), Phrase(error.key, error.facts)
    if number is None:
        return float("nan"), Phrase("exchange.not_number", {"value": cell})
    return number, None


def _all_numbers(cells: list[str]) -> list[float] | None:
    """The usual column, read in one go; None when a cell needs a closer look."""
    try:
        numbers = [float(cell) for cell in cells]
    except ValueError:
        return None
    return numbers if np.isfinite(numbers).all() and not any("_" in c for c in cells) else None


def _pairs(
    pairs: list[tuple[float, float] | None],
    cells: list[str],
    problems: dict[int, Problem],
    *,
    swap: bool,
) -> tuple[list[float], list[float]]:
    for row, pair in enumerate(pairs):
        if pair is None:
            why = Phrase("exchange.why_no_position")
            problems.setdefault(row, Problem("position", cells[row], why))
    nothing = (float("nan"), float("nan"))
    first = [(pair or nothing)[0] for pair in pairs]
    second = [(pair or nothing)[1] for pair in pairs]
    return (second, first) if swap else (first, second)
