"""A way cut into stretches of nearly equal cost; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: Halvings of the cost aimed at; the last ones change less than a second.
_HALVINGS = 40


@dataclass(frozen=True, slots=True)
class Costs:
    """What a crew spends on stops in a given order, in any one unit.

    Attributes
    ----------
    stop
        At each stop.
    legs
        From each stop to the next, one fewer than there are stops.
    out, home
        From the start to each stop, and back; zeros where crews start anywhere.
    """

    stop: float
    legs: Sequence[float]
    out: Sequence[float]
    home: Sequence[float]

    def of(self, begin: int, end: int) -> float:
        """Cost of the stops from `begin` up to `end`, which is left out."""
        inner = sum(self.legs[begin : end - 1]) + self.stop * (end - begin)
        return self.out[begin] + inner + self.home[end - 1]


def split(costs: Costs, parts: int) -> list[tuple[int, int]]:
    """Begin and end of each stretch, at most one for each stop.

    Each stretch but the last is filled until it is as near as it comes to the cost aimed at, and
    the aim at which the last one fits best with the others is taken.
    """
    count = len(costs.out)
    parts = min(parts, count)
    low, high = 0.0, costs.of(0, count) + sum(costs.out) + sum(costs.home)
    best, best_spread = _filled(costs, parts, high), float("inf")
    for _ in range(_HALVINGS):
        aim = (low + high) / 2.0
        cut = _filled(costs, parts, aim)
        found = [costs.of(*stretch) for stretch in cut]
        if max(found) - min(found) < best_spread:
            best, best_spread = cut, max(found) - min(found)
        low, high = (aim, high) if found[-1] > aim else (low, aim)
    return best


def _filled(costs: Costs, parts: int, aim: float) -> list[tuple[int, int]]:
    count = len(costs.out)
    stretches, begin = [], 0
    for part in range(parts - 1):
        latest = count - (parts - 1 - part)
        end, inner = begin + 1, costs.out[begin] + costs.stop
        while end < latest:
            more = inner + costs.legs[end - 1] + costs.stop
            if abs(more + costs.home[end] - aim) > abs(inner + costs.home[end - 1] - aim):
                break
            end, inner = end + 1, more
        stretches.append((begin, end))
        begin = end
    return [*stretches, (begin, count)]
