"""Both rates over the last year, as a picture of lines and as rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hydrant.errors import InputRefused
from hydrant.report.change import Step, dates, trend
from hydrant.report.integrity import IntegrityReport
from hydrant.report.question import Basis

#: Above so many assets a year of months would take longer than all the rest of a page.
_MANY = 50_000


@dataclass(frozen=True, slots=True)
class Point:
    """The two rates on one day, percent; None where there is none.

    Attributes
    ----------
    partial
        Whether numbers are lacking, so that the completeness bears its mark.
    low, high
        Working order as far as it is proven, and as far as it is not disproven.
    """

    day: dt.date
    completeness: float | None
    partial: bool
    low: float | None
    high: float | None


def points(basis: Basis, assets: int) -> list[Point]:
    """Both rates at the ends of the last months, and on the day that is asked for.

    Days on which the region was not there under its name, or meant another one, are left out.

    Parameters
    ----------
    assets
        How many there are: of very many, quarters are told instead of months.
    """
    last = basis.cut.as_of
    step = Step.QUARTER if assets > _MANY else Step.MONTH
    found = []
    for day in dates(_year_before(last), last, step):
        try:
            found += [_point(report) for report in trend(basis, [day])]
        except InputRefused:  # an ambiguous name is one, too
            continue
    return found


def _year_before(day: dt.date) -> dt.date:
    """The last day of the month a year before; the first days of the calendar have none."""
    if day.year == dt.MINYEAR:
        return day
    return dt.date(day.year - 1, day.month, 1)


def _point(report: IntegrityReport) -> Point:
    found, order = report.total.completeness, report.total.working_order
    return Point(
        report.as_of,
        None if found is None else found.percent,
        found is not None and found.is_partial,
        order.low,
        order.high,
    )


#: Size of the picture, and what stands left of and below its lines, in its own units.
WIDTH, HEIGHT = 720, 260
_LEFT, _TOP, _BOTTOM, _RIGHT = 44, 12, 30, 16


def picture(found: Sequence[Point], name: str) -> str:
    """The lines as SVG; a band spans what is proven and what is not disproven.

    Parameters
    ----------
    name
        What it is called, escaped for an attribute.
    """
    if len(found) < 2:
        return ""
    whole = [(point.day, point.completeness) for point in found]
    low, high = [(p.day, p.low) for p in found], [(p.day, p.high) for p in found]
    first, span = found[0].day, max(1, (found[-1].day - found[0].day).days)
    place = _Place(first, span)
    parts = [
        f'<svg class="trend" role="img" aria-label="{name}" viewBox="0 0 {WIDTH} {HEIGHT}">',
        *_grid(place, found),
        f'<path class="band" d="{_band(place, low, high)}"/>',
        f'<path class="line-order" d="{place.line(low)}"/>',
        f'<path class="line-built" d="{place.line(whole)}"/>',
        *(_dot(place, "dot-order", day, value) for day, value in low if value is not None),
        *(_square(place, "dot-built", day, value) for day, value in whole if value is not None),
        "</svg>",
    ]
    return "".join(parts)


class _Place:
    """Where days and percentages lie in the picture."""

    def __init__(self, first: dt.date, span: int) -> None:
        self._first, self._span = first, span

    def x(self, day: dt.date) -> float:
        """From the left."""
        part = (day - self._first).days / self._span
        return round(_LEFT + part * (WIDTH - _LEFT - _RIGHT), 1)

    def y(self, value: float) -> float:
        """From the top; more than 100 does not occur."""
        return round(_TOP + (100 - value) / 100 * (HEIGHT - _TOP - _BOTTOM), 1)

    def line(self, values: Sequence[tuple[dt.date, float | None]]) -> str:
        """A path that is broken where there is no value."""
        drawn, pen = [], "M"
        for day, value in values:
            if value is None:
                pen = "M"
                continue
            drawn.append(f"{pen}{self.x(day)} {self.y(value)}")
            pen = "L"
        return "".join(drawn)


def _band(
    place: _Place,
    low: Sequence[tuple[dt.date, float | None]],
    high: Sequence[tuple[dt.date, float | None]],
) -> str:
    there = [(day, value) for day, value in high if value is not None]
    back = [(day, value) for day, value in low if value is not None]
    if not there:
        return ""
    return place.line(there) + place.line(back[::-1]).replace("M", "L", 1) + "Z"


def _grid(place: _Place, found: Sequence[Point]) -> Iterator[str]:
    for value in (0, 25, 50, 75, 100):
        y = place.y(value)
        yield f'<path class="grid" d="M{_LEFT} {y}H{WIDTH - _RIGHT}"/>'
        yield f'<text class="tick" x="{_LEFT - 6}" y="{y + 4}" text-anchor="end">{value} %</text>'
    every = max(1, -(-len(found) // 7))
    shown = found[::-1][::every]
    for point in shown:
        x = place.x(point.day)
        anchor = "end" if point is found[-1] else "middle"
        yield f'<path class="grid" d="M{x} {HEIGHT - _BOTTOM}v5"/>'
        yield (
            f'<text class="tick" x="{x}" y="{HEIGHT - 8}" text-anchor="{anchor}">'
            f"{point.day:%Y-%m}</text>"
        )


def _dot(place: _Place, style: str, day: dt.date, value: float) -> str:
    return f'<circle class="{style}" cx="{place.x(day)}" cy="{place.y(value)}" r="3.5"/>'


def _square(place: _Place, style: str, day: dt.date, value: float) -> str:
    x, y = place.x(day) - 3, place.y(value) - 3
    return f'<rect class="{style}" x="{x:.1f}" y="{y:.1f}" width="6" height="6"/>'
