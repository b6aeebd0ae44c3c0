"""What the values of a column tell: kinds, dates, units."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Collection, Sequence

from hydrant.exchange.heading_units import unit_in
from hydrant.exchange.moments import by_form
from hydrant.exchange.patterns import ISO
from hydrant.geo.text_forms import parse_number
from hydrant.units import PRESSURE_KPA
from hydrant.vocabulary import KINDS

_FORMATS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y"),
    *(
        "%Y-%m-%dT%H:%M:%SZ",
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%d %H:%M",
        "%Y%m%d",
        "%Y",
        "%Y年%m月",
        "%Y-%m",
    ),
)
_ISO = {"%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"}
#: Signs of the longest text that may name a kind.
_LONGEST = 500
_INTERNAL = {"_kpa": "kPa", "_l_s": "L/s", "_mm": "mm", "_m3": "m3"}
#: Units that are offered for a quantity whose unit nobody states.
UNITS_OFFERED = {
    "_kpa": ("MPa", "bar", "kPa", "kgf/cm2", "psi", "mH2O"),
    "_l_s": ("L/s", "L/min", "m3/h", "gpm", "imp gpm"),
}
#: Usual pressures of mains, widely taken, kPa.
_MAINS_KPA = (20.0, 2500.0)
#: Below which usual value a unit is the likely one; mains stand at 1.4 to 10 bar.
_BY_SIZE = {
    "_kpa": ((2.0, "MPa"), (15.0, "bar"), (150.0, "psi"), (float("inf"), "kPa")),
    "_l_s": ((100.0, "L/s"), (float("inf"), "L/min")),
    "_mm": ((20.0, "in"), (float("inf"), "mm")),
    "_m3": ((float("inf"), "m3"),),
}


def usual(cells: Sequence[str]) -> float | None:
    """Median of the numbers in a column that are not zero."""
    numbers = [number for cell in cells if (number := parse_number(cell))]
    return statistics.median(numbers) if numbers else None


def kind_values(
    distinct: Counter[str], patterns: Sequence[Sequence[str]]
) -> tuple[dict[str, str], float]:
    """Kind of each word (empty where none is seen in it), and the share of rows with one."""
    compiled = [(re.compile(pattern, re.IGNORECASE), kind) for pattern, kind in patterns]
    values = {
        word: word
        if word in KINDS
        else ""
        if len(word) > _LONGEST
        else next((kind for pattern, kind in compiled if pattern.search(word)), "")
        for word in distinct
        if word
    }
    told = sum(count for word, count in distinct.items() if values.get(word))
    return values, told / max(1, distinct.total())


def odd_cells(cells: Sequence[str], nothing: Collection[str]) -> list[str]:
    """Cells that mean "not known"."""
    return sorted({cell.strip() for cell in cells if cell.strip().lower() in nothing} - {""})


def date_format(cells: Sequence[str], nothing: Collection[str]) -> str | None:
    """The one format that all dates have; None when there is none, or day and month could swap."""
    told = {cell.strip() for cell in cells} - {""}
    told = {cell for cell in told if cell.lower() not in nothing}
    fitting = [form for form in _FORMATS if told and all(_is_date(cell, form) for cell in told)]
    if {"%d/%m/%Y", "%m/%d/%Y"} <= set(fitting) or not fitting:
        return None
    iso = fitting[0] in _ISO and all(_is_date(cell, ISO) for cell in told)
    return ISO if iso else fitting[0]


def _is_date(cell: str, form: str) -> bool:
    try:
        by_form(cell, form)
    except ValueError:
        return False
    return True


def guessed_unit(heading: str, target: str, cells: Sequence[str]) -> tuple[str | None, bool]:
    """Unit of a column, and whether heading or cells state it (else it is judged by size).

    The unit is None where the heading states one that is not known: then size says nothing.
    """
    quantity = next(end for end in _INTERNAL if target.endswith(end))
    stated, size = unit_in(heading, _INTERNAL[quantity]), usual(cells)
    if stated is not None and stated.name is not None:
        return stated.name, True
    if size is None:
        # no plain number stands there: each cell that holds one states its own unit
        return _INTERNAL[quantity], True
    if stated is not None:
        return None, True
    return next(unit for limit, unit in _BY_SIZE[quantity] if size < limit), False


def likelier_unit(target: str, unit: str, cells: Sequence[str]) -> str | None:
    """Unit that the size of a column speaks for, where the stated one makes it impossible.

    None where the stated one is possible: mains stand at 100 kPa to 2 MPa.
    """
    size = usual(cells)
    if size is None or not target.endswith("_kpa"):
        return None
    if _MAINS_KPA[0] <= size * PRESSURE_KPA[unit] <= _MAINS_KPA[1]:
        return None
    likely = next(name for limit, name in _BY_SIZE["_kpa"] if size < limit)
    return likely if likely != unit else None
