"""A closed way that is shortened as long as 2-opt or Or-opt finds something; pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

#: Gains smaller than this are rounding, m.
_ROUNDING_M = 1e-6
#: Longest run of stops that is moved elsewhere as a whole.
_RUN = 3

Apart = Callable[[int, int], float]


class _Moving(NamedTuple):
    """A run of stops that might go elsewhere.

    Attributes
    ----------
    head, tail
        Its ends; the head is to stand beside a near stop.
    gain
        Metres saved by taking it out.
    """

    head: int
    tail: int
    size: int
    forward: bool
    gain: float


class Circle:
    """Stops around a closed way.

    Parameters
    ----------
    stops
        All numbers from 0, once each, in the order to begin with.
    apart, at_least
        Metres between two stops, and a quick lower bound of them.
    near
        Stops that may stand beside each stop, nearest first.
    """

    def __init__(
        self, stops: Sequence[int], apart: Apart, at_least: Apart, near: Sequence[Sequence[int]]
    ) -> None:
        self._stops = list(stops)
        self._place = [0] * len(self._stops)
        for place, stop in enumerate(self._stops):
            self._place[stop] = place
        self._apart, self._at_least, self._near = apart, at_least, near
        self._looking: deque[int] = deque(self._stops)
        self._looked = [False] * len(self._stops)

    def improved(self, advance: Callable[[int], None] | None = None) -> list[int]:
        """The stops in an order that neither 2-opt nor Or-opt among near stops shortens.

        Parameters
        ----------
        advance
            Called with 1 when a stop is looked at for the first time.
        """
        fresh = [True] * len(self._stops)
        while self._looking:
            stop = self._looking.popleft()
            self._looked[stop] = True
            while self._two_opt(stop) or self._or_opt(stop):
                pass
            if fresh[stop] and advance is not None:
                advance(1)
            fresh[stop] = False
        return list(self._stops)

    def _after(self, stop: int) -> int:
        place = self._place[stop] + 1
        return self._stops[place if place < len(self._stops) else 0]

    def _before(self, stop: int) -> int:
        return self._stops[self._place[stop] - 1]

    def _look_again(self, *stops: int) -> None:
        for stop in stops:
            if self._looked[stop]:
                self._looked[stop] = False
                self._looking.append(stop)

    def _two_opt(self, stop: int) -> bool:
        """Join a stop with a near one, turning round what lies between."""
        for forward in (True, False):
            step = self._after if forward else self._before
            beside = step(stop)
            old = self._apart(stop, beside)
            for near in self._near[stop]:
                gain = old - self._apart(stop, near)
                if gain <= _ROUNDING_M:
                    break
                other = step(near)
                if near == beside or other == stop:
                    continue
                gain += self._apart(near, other)
                if (
                    gain - self._at_least(beside, other) > _ROUNDING_M
                    and gain - self._apart(beside, other) > _ROUNDING_M
                ):
                    first, last = (beside, near) if forward else (stop, other)
                    self._turn(first, last)
                    self._look_again(stop, beside, near, other)
                    return True
        return False

    def _turn(self, first: int, last: int) -> None:
        """Turn round the stops from one to another in their direction, or all the others."""
        count = len(self._stops)
        low, high = self._place[first], self._place[last]
        size = (high - low) % count + 1
        if 2 * size > count:
            low, high, size = high + 1, low - 1, count - size
        self._write(low, [self._stops[(high - step) % count] for step in range(size)])

    def _write(self, low: int, stops: Sequence[int]) -> None:
        count = len(self._stops)
        for place, stop in enumerate(stops, low):
            at = place % count
            self._stops[at] = stop
            self._place[stop] = at

    def _or_opt(self, stop: int) -> bool:
        """Move a short run that begins with a stop to beside a near one."""
        for forward in (True, False):
            step = self._after if forward else self._before
            behind = (self._before if forward else self._after)(stop)
            tail = stop
            for size in range(1, min(_RUN, len(self._stops) - 3) + 1):
                tail = stop if size == 1 else step(tail)
                beyond = step(tail)
                whole = self._apart(behind, stop) + self._apart(tail, beyond)
                if whole - self._at_least(behind, beyond) <= _ROUNDING_M:
                    continue
                gain = whole - self._apart(behind, beyond)
                if self._placed(_Moving(stop, tail, size, forward, gain)):
                    self._look_again(behind, beyond)
                    return True
        return False

    def _placed(self, run: _Moving) -> bool:
        inside = self._inside(run)
        for near in self._near[run.head]:
            joined = run.gain - self._apart(run.head, near)
            if joined <= _ROUNDING_M:
                return False
            if near in inside:
                continue
            for other in (self._after(near), self._before(near)):
                if other in inside:
                    continue
                gain = joined + self._apart(near, other)
                if (
                    gain - self._at_least(run.tail, other) > _ROUNDING_M
                    and gain - self._apart(run.tail, other) > _ROUNDING_M
                ):
                    self._move(inside, run, near, other)
                    self._look_again(run.head, run.tail, near, other)
                    return True
        return False

    def _inside(self, run: _Moving) -> list[int]:
        """Stops of a run, head first."""
        count, place = len(self._stops), self._place[run.head]
        step = 1 if run.forward else -1
        return [self._stops[(place + step * n) % count] for n in range(run.size)]

    def _move(self, inside: list[int], run: _Moving, near: int, other: int) -> None:
        """Put a run between two neighbours, its head beside `near`."""
        count = len(self._stops)
        # as it shall stand, reading on: head first where the near one comes first
        placed = inside if self._after(near) == other else inside[::-1]
        following = other if placed is inside else near
        low = self._place[inside[0] if run.forward else inside[-1]]
        # everything between the old and the new place makes room, on the shorter side
        passed = (self._place[following] - low - run.size) % count
        left = count - run.size - passed
        if passed <= left:
            moved = [self._stops[(low + run.size + n) % count] for n in range(passed)]
            self._write(low, [*moved, *placed])
        else:
            moved = [self._stops[(low - left + n) % count] for n in range(left)]
            self._write(low - left, [*placed, *moved])
