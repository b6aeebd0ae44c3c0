"""Where new hydrants would close the gaps: few of them, and how few there could be at least."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely


@dataclass(frozen=True, slots=True)
class Proposal:
    """New sites.

    Attributes
    ----------
    sites
        Positions in metres, shape (n, 2), the one that closes most first.
    closes_m
        Length that each closes when those before it stand.
    at_least
        Number below which no choice of sites can close the gaps: so many places of the gaps lie
        so far apart that no site reaches two of them.
    """

    sites: Any
    closes_m: Any
    at_least: int


def propose(lines: Any, gaps: Any, radius_m: float) -> Proposal:
    """Sites along the gaps that bring every part of them within reach.

    Gaps are cut into pieces of at most a third of the radius; a site must reach the whole of a
    piece. The site that reaches most is chosen again and again (greedy set cover, within
    ln(n) + 1 of the least number; `Proposal.at_least` tells how close it came).

    Parameters
    ----------
    lines
        LineStrings in metres.
    gaps
        As `hydrant.geo.reach.Reach.gaps`.
    radius_m
        Reach of a new hydrant, metres.
    """
    step = radius_m / 3
    middles, lengths = _pieces(lines, gaps, step)
    if not len(middles):
        return Proposal(np.empty((0, 2)), np.empty(0), 0)
    points = shapely.points(middles)
    tree = shapely.STRtree(points)
    # a piece reaches half a step to either side of its middle
    near = _neighbours(tree, points, radius_m - step / 2)
    chosen, closed = _greedy(near, lengths)
    return Proposal(middles[chosen], np.asarray(closed), _packing(tree, points, 2 * radius_m))


def _pieces(lines: Any, gaps: Any, step: float) -> tuple[Any, Any]:
    middles, lengths = [], []
    for line, begin, end in gaps:
        count = max(1, int(np.ceil((end - begin) / step)))
        cuts = begin + (np.arange(count) + 0.5) * (end - begin) / count
        places = shapely.line_interpolate_point(lines[int(line)], cuts)
        middles.append(shapely.get_coordinates(places))
        lengths.append(np.full(count, (end - begin) / count))
    if not middles:
        return np.empty((0, 2)), np.empty(0)
    return np.concatenate(middles), np.concatenate(lengths)


def _neighbours(tree: shapely.STRtree, points: Any, within_m: float) -> list[Any]:
    origin, other = tree.query(points, predicate="dwithin", distance=within_m)
    order = np.argsort(origin, kind="stable")
    borders = np.searchsorted(origin[order], np.arange(len(points) + 1))
    other = other[order]
    return [other[borders[n] : borders[n + 1]] for n in range(len(points))]


def _greedy(near: list[Any], lengths: Any) -> tuple[list[int], list[float]]:
    """Choose the site that closes most, until nothing is open; lazily, since gains only shrink."""
    open_ = np.ones(len(near), bool)
    queue = [(-float(lengths[found].sum()), number) for number, found in enumerate(near)]
    heapq.heapify(queue)
    chosen, closed = [], []
    while queue and open_.any():
        stale_gain, number = heapq.heappop(queue)
        reached = near[number][open_[near[number]]]
        gain = -float(lengths[reached].sum())
        if gain == 0.0:
            continue
        if gain > stale_gain + 1e-9:
            heapq.heappush(queue, (gain, number))
            continue
        chosen.append(number)
        closed.append(-gain)
        open_[reached] = False
    return chosen, closed


def _packing(tree: shapely.STRtree, points: Any, apart_m: float) -> int:
    """How many points can be picked that lie further apart than a site's diameter."""
    free = np.ones(len(points), bool)
    count = 0
    for number in range(len(points)):
        if free[number]:
            count += 1
            free[tree.query(points[number], predicate="dwithin", distance=apart_m)] = False
    return count
