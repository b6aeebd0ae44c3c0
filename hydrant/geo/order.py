"""A short order of visit: nearest neighbour, then what 2-opt and Or-opt can shorten; pure.

The way is made a circle by a stop that stands for its open end: it is as far from everything as
from everything else, so that the circle is cut there at no cost.

Sources: S. Lin, Bell System Technical Journal 44 (1965) 2245 (2-opt); I. Or, thesis, Northwestern
University (1976); J. L. Bentley, ORSA Journal on Computing 4 (1992) 387 (neighbour lists and
don't-look bits).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from hydrant.geo.circle import Circle
from hydrant.geo.metric import Metric

#: Nearest others that an order is improved among.
_NEIGHBOURS = 10
#: Far enough to keep the two stops beside the open end where they are, m.
_TIED = 1e9

Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Way:
    """An order of visit.

    Attributes
    ----------
    stops
        Numbers of all stops in the order of visit; a fixed start is the first.
    length_m
        Metres, the way back included where it is asked for.
    first_m
        Metres of the way by plain nearest neighbour, which it was made from.
    """

    stops: tuple[int, ...]
    length_m: float
    first_m: float


def short_way(
    metric: Metric, *, start: int | None = None, back: bool = False, advance: Advance | None = None
) -> Way:
    """A short way through all stops, never longer than plain nearest neighbour's.

    Parameters
    ----------
    start
        Stop that the way begins at; None lets it begin anywhere.
    back
        Whether it returns to where it began.
    advance
        Called with the number of stops just dealt with.
    """
    near = metric.nearest(_NEIGHBOURS) if metric.count > 1 else [[]]
    first = nearest_neighbour(metric, near, start or 0)
    first_m = way_length(metric, first, back=back)
    if metric.count < 3:
        return Way(tuple(first), first_m, first_m)
    better = _improved(metric, near, first, fixed=start is not None, back=back, advance=advance)
    length_m = way_length(metric, better, back=back)
    # the sum of many gains may round to a loss
    return Way(tuple(better), length_m, first_m) if length_m < first_m else _same(first, first_m)


def _same(first: list[int], length_m: float) -> Way:
    return Way(tuple(first), length_m, length_m)


def way_length(metric: Metric, stops: Sequence[int], *, back: bool) -> float:
    """Metres of a way."""
    legs = [metric.apart(one, other) for one, other in pairwise(stops)]
    if back and len(stops) > 1:
        legs.append(metric.apart(stops[-1], stops[0]))
    return float(sum(legs))


def nearest_neighbour(metric: Metric, near: Sequence[Sequence[int]], start: int) -> list[int]:
    """From the start always on to the nearest stop that is left."""
    waiting = set(range(metric.count))
    waiting.remove(start)
    way = [start]
    while waiting:
        here = way[-1]
        following = next((stop for stop in near[here] if stop in waiting), None)
        if following is None:
            following = metric.nearest_of(here, waiting)
        waiting.remove(following)
        way.append(following)
    return way


def _improved(
    metric: Metric,
    near: Sequence[Sequence[int]],
    first: list[int],
    *,
    fixed: bool,
    back: bool,
    advance: Advance | None,
) -> list[int]:
    if back:
        circle = Circle(first, metric.apart, metric.at_least, near)
        return _begun_at(circle.improved(advance), first[0])
    end, start = metric.count, first[0] if fixed else -1

    def apart(one: int, other: int) -> float:
        if end in (one, other):
            return -_TIED if start in (one, other) else 0.0
        return metric.apart(one, other)

    def at_least(one: int, other: int) -> float:
        return apart(one, other) if end in (one, other) else metric.at_least(one, other)

    circle = Circle([*first, end], apart, at_least, [*near, []])
    way = _begun_at(circle.improved(advance), end)[1:]
    return way[::-1] if fixed and way[0] != start else way


def _begun_at(circle: list[int], stop: int) -> list[int]:
    place = circle.index(stop)
    return circle[place:] + circle[:place]
