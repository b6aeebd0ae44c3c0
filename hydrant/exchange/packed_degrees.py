"""Degrees, minutes and seconds packed into one number: 120.0912 for 120°09′12″.

Surveyors and their calculators write angles so. Read as decimal degrees they lie up to 70 km off,
and nothing in a single number tells; over a column minutes and seconds of 60 and more are absent.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from hydrant.errors import InputRefused, Phrase
from hydrant.exchange.placing_rules import MINUTES, PACKED

#: Different numbers with seconds that each axis must have for a question, and for a refusal, and
#: different seconds among them: numbers that step evenly do not count as many.
_FEW, _MANY, _SECONDS = 6, 40, 25
#: Share of a column's numbers that may be mistakes; decimal degrees fit in two of three cases.
_STRAY = 0.1
#: Largest degree; and a number that is none and still one of eight decimals.
_MOST, _NO_DEGREE = 180.999999999, 1e9
#: What the digits of an angle without its point count for.
_WITHOUT_POINT = {PACKED: 10_000.0, MINUTES: 100.0}
#: Numbers that are looked at first.
_LOOKED_AT = 1000


def may_be_packed(xs: Sequence[float], ys: Sequence[float], *, surely: bool = False) -> bool:
    """Whether two columns of degrees may hold minutes and seconds behind the point.

    Parameters
    ----------
    surely
        Whether so many numbers must speak for it that decimal degrees are out of the question.
    """
    axes = [np.asarray(axis, float) for axis in (xs, ys)]
    return all(
        _speaks_for_it(axis[:_LOOKED_AT], surely=surely) and _speaks_for_it(axis, surely=surely)
        for axis in axes
    )


def _speaks_for_it(axis: npt.NDArray[np.float64], *, surely: bool) -> bool:
    told = np.unique(np.abs(axis[np.isfinite(axis)]))
    if not len(told) or told.max() > 180:
        return False
    behind = np.rint((told % 1) * 1e8).astype(np.int64) // 10_000
    minutes, seconds = behind // 100, behind % 100
    if (minutes >= 60).any() or (seconds >= 60).any():
        return False
    count, different = int((seconds > 0).sum()), len(np.unique(seconds))
    if surely:
        return count >= _MANY and different >= _SECONDS
    return count >= _FEW and different >= _FEW


def require_stated(xs: Sequence[float], ys: Sequence[float], angles: str | None, file: str) -> None:
    """Refuse columns that hold packed angles unless somebody says what they hold."""
    if angles is None and may_be_packed(xs, ys, surely=True):
        shown = next((x, y) for x, y in zip(xs, ys, strict=True) if np.isfinite(x))
        raise InputRefused(
            "exchange.packed_degrees", file=file, x=f"{shown[0]:g}", y=f"{shown[1]:g}"
        )


def unpacked(numbers: Sequence[float], angles: str = PACKED) -> tuple[list[float], list[int]]:
    """Decimal degrees, and the rows whose minutes or seconds are none.

    Parameters
    ----------
    angles
        ``packed`` (DDD.MMSS) or ``minutes`` (DDD.MMmm); a column of larger numbers has the same
        digits without the point (DDDMMSS, DDDMM.mm).
    """
    given = np.asarray(numbers, float)
    whole = np.nan_to_num(np.abs(given))
    if len(given) and np.median(whole) > _MOST:
        whole = whole / _WITHOUT_POINT[angles]
    # in units of the eighth decimal: seconds with four of their own
    units = np.rint(np.minimum(whole, _NO_DEGREE) * 1e8).astype(np.int64)
    degrees, behind = units // 100_000_000, units % 100_000_000
    if angles == PACKED:
        minutes, seconds = behind // 1_000_000, behind % 1_000_000 / 10_000
    else:
        minutes, seconds = behind / 1_000_000, np.zeros(len(given))
    found = np.copysign(degrees + minutes / 60 + seconds / 3600, given)
    found[~np.isfinite(given)] = np.nan
    wrong = (minutes >= 60) | (seconds >= 60) | (whole > _MOST)
    return found.tolist(), np.flatnonzero(wrong).tolist()


def why_none(number: float, angles: str = PACKED) -> Phrase:
    """Why a number is no packed angle."""
    form = "DDD.MMSS" if angles == PACKED else "DDD.MMmm"
    return Phrase("exchange.why_not_packed", {"value": f"{number:.10g}", "form": form})


def why_none_here(wrong: int, count: int) -> Phrase:
    """Why a number is not read as a packed angle: most others of its column are none."""
    return Phrase("exchange.why_not_packed_here", {"wrong": wrong, "count": count})


def surely_not(wrong: int, count: int) -> bool:
    """Whether so many numbers of a column are no packed angles that the others are none, too."""
    return wrong > count * _STRAY
