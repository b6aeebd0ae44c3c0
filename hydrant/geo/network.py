"""Distances along a network of streets, in a plane; pure.

Streets meet where they share a vertex; one-way rules are not known. A stop is reached from the
nearest street, straight from there however far it stands off. Where that street does not belong
to the largest part of the network, the stop is reached from the nearest street of that part too,
so that there is a way between any two stops.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import shapely

from hydrant.geo.reach import part_of
from hydrant.geo.streets import SNAP_M, Cut, Node, crossings

#: Stops learnt around each stop at once.
_AROUND = 16
#: Number of a way that leaves the streets.
_OFF = -1

_Place = tuple[float, float]


class _Edge(NamedTuple):
    """Way to a neighbouring node.

    Attributes
    ----------
    line, begin_m, end_m
        Which street, and from where to where along it.
    """

    node: int
    metres: float
    line: int = _OFF
    begin_m: float = 0.0
    end_m: float = 0.0


class StreetWays:
    """Ways between stops along streets; what was found once is remembered.

    Parameters
    ----------
    lines
        LineStrings in metres, shape (n,), at least one.
    stops
        Points in metres, shape (m, 2).

    Attributes
    ----------
    away
        How many stops stand further than `SNAP_M` from every street.
    apart_from_most
        How many stops stand on streets that do not join the largest part of the network.
    """

    def __init__(self, lines: Any, stops: Any) -> None:
        self._lines = lines
        self._points: list[list[float]] = np.asarray(stops, float).tolist()
        cuts = crossings(lines)
        on_most = _largest_part(lines, cuts)
        points: Any = shapely.points(np.asarray(stops, float))
        standing = _standing(lines, points, np.arange(len(lines)))
        stray = np.flatnonzero(~on_most[standing.line])
        self.away = int((standing.off_m > SNAP_M).sum())
        self.apart_from_most = len(stray)
        more = _standing(lines, points[stray], np.flatnonzero(on_most))._replace(stop=stray)
        self._edges = _edges(cuts, (standing, more), self.count)
        self._known: list[dict[int, float]] = [{stop: 0.0} for stop in range(self.count)]

    @property
    def count(self) -> int:
        """Number of stops."""
        return len(self._points)

    def at_least(self, one: int, other: int) -> float:
        """Metres as the crow flies."""
        return math.dist(self._points[one], self._points[other])

    def apart(self, one: int, other: int) -> float:
        """Metres along the streets."""
        found = self._known[one].get(other)
        if found is None:
            self._learn(one, {other}, 1)
            found = self._known[one][other]
        return found

    def nearest(self, most: int) -> list[list[int]]:
        """The `most` nearest others of each stop, nearest first, then by number."""
        others = set(range(self.count))
        found = []
        for stop in range(self.count):
            self._learn(stop, others, max(most, _AROUND) + 1)
            known = self._known[stop]
            order = sorted((metres, other) for other, metres in known.items() if other != stop)
            found.append([other for _, other in order[:most]])
        return found

    def nearest_of(self, here: int, waiting: Iterable[int]) -> int:
        """The nearest of some stops, the lowest number among equals."""
        goals = set(waiting)
        self._learn(here, goals, 1)
        known = self._known[here]
        return min(goals & known.keys(), key=lambda stop: (known[stop], stop))

    def path(self, one: int, other: int) -> list[_Place]:
        """Corners of the way from one stop to another, metres."""
        if one == other:
            return [self._point(one)]
        came: dict[int, tuple[int, _Edge]] = {}
        self._walk(one, {other}, 1, came)
        steps: list[tuple[int, _Edge]] = []
        node = other
        while node != one:
            steps.append(came[node])
            node = steps[-1][0]
        corners: list[_Place] = []
        for node, edge in reversed(steps):
            if node < self.count:  # also another stop on the way, by whose access it goes
                corners.append(self._point(node))
            if edge.line != _OFF:
                part = part_of(self._lines[edge.line], edge.begin_m, edge.end_m)
                corners += [(x, y) for x, y, *_ in part.coords]
        return [*_without_repeats(corners), self._point(other)]

    def _point(self, stop: int) -> _Place:
        x, y = self._points[stop]
        return x, y

    def _learn(self, start: int, goals: set[int], most: int) -> None:
        """Remember the ways to the nearest of some stops, and to all met on the way."""
        known = self._known
        for stop, metres in self._walk(start, goals, most).items():
            # either search may round differently; the first one found counts both ways
            if stop not in known[start]:
                known[start][stop] = known[stop][start] = known[stop].get(start, metres)

    def _walk(
        self,
        start: int,
        goals: set[int],
        most: int,
        came: dict[int, tuple[int, _Edge]] | None = None,
    ) -> dict[int, float]:
        """Stops met until the `most` nearest goals and their equals are (E. W. Dijkstra, 1959).

        Parameters
        ----------
        came
            Takes for each node where the way to it came from.
        """
        metres = {start: 0.0}
        met: dict[int, float] = {}
        settled: set[int] = set()
        queue = [(0.0, start)]
        left, last = min(most, len(goals)), math.inf
        while queue and queue[0][0] <= last:
            here_m, here = heapq.heappop(queue)
            if here in settled:
                continue
            settled.add(here)
            if here < self.count:
                met[here] = here_m
                left -= here in goals
                last = here_m if left <= 0 else last
            for edge in self._edges[here]:
                there_m = here_m + edge.metres
                if there_m < metres.get(edge.node, math.inf):
                    metres[edge.node] = there_m
                    heapq.heappush(queue, (there_m, edge.node))
                    if came is not None:
                        came[edge.node] = (here, edge)
        return met


class _Standing(NamedTuple):
    """Where stops are reached from: stop, street, place on it and distance from it, (n,) each."""

    stop: Any
    line: Any
    along_m: Any
    off_m: Any


def _standing(lines: Any, points: Any, among: Any) -> _Standing:
    """The nearest of some streets for each point."""
    if not len(points):
        return _Standing(*np.zeros((2, 0), int), *np.zeros((2, 0)))
    stop, found = shapely.STRtree(lines[among]).query_nearest(points, all_matches=False)
    line = among[found]
    along = shapely.line_locate_point(lines[line], points[stop])
    return _Standing(stop, line, along, shapely.distance(lines[line], points[stop]))


def _largest_part(lines: Any, cuts: dict[int, list[Cut]]) -> Any:
    """Which streets belong to the longest part that hangs together, shape (n,)."""
    parent: dict[Node, Node] = {}

    def root(node: Node) -> Node:
        while (above := parent.setdefault(node, node)) != node:
            parent[node] = parent.setdefault(above, above)
            node = above
        return node

    for places in cuts.values():
        for one, other in pairwise(places):
            parent[root(one.node)] = root(other.node)
    roots = [root(cuts[line][0].node) for line in range(len(lines))]
    length: dict[Node, float] = defaultdict(float)
    for line, top in enumerate(roots):
        length[top] += float(shapely.length(lines[line]))
    most = max(length, key=lambda node: length[node])
    return np.array([top == most for top in roots])


def _edges(
    cuts: dict[int, list[Cut]], found: tuple[_Standing, ...], count: int
) -> list[list[_Edge]]:
    """Ways from every node: stops are numbered first, then places on streets."""
    number: dict[Node, int] = {}
    edges: list[list[_Edge]] = [[] for _ in range(count)]

    def numbered(node: Node) -> int:
        if node not in number:
            number[node] = len(edges)
            edges.append([])
        return number[node]

    rows = [row for standing in found for row in zip(*standing, strict=True)]
    for foot, (stop, line, along_m, off_m) in enumerate(rows):
        cut = Cut(float(along_m), (1, foot))
        cuts[int(line)].append(cut)
        node = numbered(cut.node)
        edges[node].append(_Edge(int(stop), float(off_m)))
        edges[int(stop)].append(_Edge(node, float(off_m)))
    for line, places in cuts.items():
        for one, other in pairwise(sorted(places)):
            here, there = numbered(one.node), numbered(other.node)
            metres = other.along_m - one.along_m
            edges[here].append(_Edge(there, metres, line, one.along_m, other.along_m))
            edges[there].append(_Edge(here, metres, line, other.along_m, one.along_m))
    return edges


def _without_repeats(corners: list[_Place]) -> list[_Place]:
    return [
        corner
        for before, corner in zip([None, *corners], corners, strict=False)
        if corner != before
    ]
