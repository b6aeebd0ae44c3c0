"""Columns of coordinates: numbers, texts with signs of angles, degrees in parts or packed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import isfinite

import numpy as np

from hydrant.errors import InputRefused, Phrase
from hydrant.exchange.cells import Problem
from hydrant.exchange.destroyed import refuse_destroyed
from hydrant.exchange.packed_degrees import (
    require_stated,
    surely_not,
    unpacked,
    why_none,
    why_none_here,
)
from hydrant.exchange.place_headings import angles_in, stated_angles
from hydrant.geo.angles import of_parts as angle_of_parts
from hydrant.geo.angles import parse_angle
from hydrant.geo.numbers import Marks, marks_of, number_of

_NONE = float("nan")


@dataclass(slots=True)
class Axis:
    """One axis of the positions of a table.

    Attributes
    ----------
    name
        ``x`` or ``y``.
    numbers
        As written, decimal degrees where they were told in parts; NaN where there is none.
    signed
        Rows that say their minutes and seconds themselves.
    """

    name: str
    numbers: list[float]
    signed: set[int] = field(default_factory=set)


def numbers(
    cells: list[str], name: str, problems: dict[int, Problem], marks: Marks, *, degrees: bool
) -> Axis:
    """A column of coordinates.

    Parameters
    ----------
    degrees
        Whether a cell may have signs of an angle.
    """
    fast = _all_numbers(cells)
    if fast is not None:
        return Axis(name, fast)
    if not marks.stated:
        marks = replace(marks, decimal=marks_of(set(cells)).decimal)
    made = Axis(name, [])
    for row, cell in enumerate(cells):
        number, why = _number(cell, marks)
        if why is not None and degrees:
            angle, refused = _angle(cell, name)
            if angle is not None:
                number, why = angle, None
                made.signed.add(row)
            why = refused or why
        if why is not None:
            problems.setdefault(row, Problem(name, cell, why))
        made.numbers.append(number)
    return made


def of_parts(
    columns: Sequence[list[str]], name: str, problems: dict[int, Problem], marks: Marks
) -> Axis:
    """Degrees, minutes and seconds in a column each; a fraction may stand in the last one only."""
    made = Axis(name, [])
    if not marks.stated:
        marks = replace(
            marks, decimal=marks_of({cell for cells in columns for cell in cells}).decimal
        )
    for row, cells in enumerate(zip(*columns, strict=True)):
        stands = " ".join(cell.strip() for cell in cells)
        number = _of_parts(cells, marks)
        if number is None:
            number = _NONE
            why = Phrase("exchange.why_no_parts", {"value": stands})
            problems.setdefault(row, Problem(name, stands, why))
        made.numbers.append(number)
        made.signed.add(row)
    return made


def _of_parts(cells: Sequence[str], marks: Marks) -> float | None:
    """Decimal degrees; None where the parts make no angle."""
    read = [_number(_bare(cell, sign), marks)[0] for cell, sign in zip(cells, "dms", strict=False)]
    if not all(map(isfinite, read)) or any(part < 0 for part in read[1:]):
        return None
    if any(not part.is_integer() for part in read[:-1]):
        return None
    degrees, minutes, seconds = (*read, 0.0)[:3]
    number = angle_of_parts(abs(degrees), minutes, seconds)
    west = cells[0].strip()[:1] in ("-", "\u2212")
    return number if number is None or not west else -number


_SIGNS = {"d": "°º˚度", "m": "'′‘’分", "s": '"″“”秒'}


def _bare(cell: str, part: str) -> str:
    """A part without its own sign behind it: 15′, 30秒."""
    return cell.strip().rstrip(_SIGNS[part])


def decimal_degrees(
    file: str,
    axes: Sequence[Axis],
    headings: Sequence[str],
    angles: str | None,
    problems: dict[int, Problem],
) -> tuple[list[float], list[float]]:
    """Decimal degrees of two axes, as the headings or the mapping say that they are written.

    Raises
    ------
    InputRefused
        They say two things, or nothing while the numbers look packed.
    """
    angles = stated_angles(file, headings, angles)
    if not any(axis.signed for axis in axes):
        require_stated(axes[0].numbers, axes[1].numbers, angles, file)
    if angles in (None, "decimal"):
        return axes[0].numbers, axes[1].numbers
    # what only a heading says is doubted where many numbers contradict it
    headed = any(angles_in(heading) for heading in headings)
    found = [_unpacked(axis, angles, problems, headed=headed) for axis in axes]
    return found[0], found[1]


def _unpacked(
    axis: Axis, angles: str, problems: dict[int, Problem], *, headed: bool
) -> list[float]:
    bare = [row for row in range(len(axis.numbers)) if row not in axis.signed]
    given = [axis.numbers[row] for row in bare]
    decimal, wrong = unpacked(given, angles)
    stands = [place for place, number in enumerate(given) if isfinite(number)]
    doubted = headed and surely_not(len(wrong), len(stands))
    for place in stands if doubted else wrong:
        number = given[place]
        none = place in set(wrong)
        why = why_none(number, angles) if none else why_none_here(len(wrong), len(stands))
        problems.setdefault(bare[place], Problem(axis.name, repr(number), why))
    made = list(axis.numbers)
    for place, row in enumerate(bare):
        made[row] = decimal[place]
    return made


def _angle(cell: str, name: str) -> tuple[float | None, Phrase | None]:
    """Degrees of a cell with signs of an angle, and why it has signs and is none."""
    try:
        return parse_angle(cell, name), None
    except InputRefused as error:
        return None, Phrase(error.key, error.facts)


def _number(cell: str, marks: Marks) -> tuple[float, Phrase | None]:
    """A coordinate, or not-a-number and why it is none."""
    try:
        refuse_destroyed(cell, code=False)
        number = number_of(cell, marks)
    except InputRefused as error:
        return _NONE, Phrase(error.key, error.facts)
    if number is None:
        return _NONE, Phrase("exchange.not_number", {"value": cell})
    return number, None


def _all_numbers(cells: list[str]) -> list[float] | None:
    """The usual column, read in one go; None when a cell needs a closer look."""
    try:
        found = [float(cell) for cell in cells]
    except ValueError:
        return None
    return found if np.isfinite(found).all() and not any("_" in c for c in cells) else None
