"""Reach measured along streets instead of as the crow flies, in a plane; pure.

Streets meet where they share a vertex. A source stands on the nearest street within `SNAP_M`; one
that is further from every street reaches nothing along them.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import shapely

from hydrant.geo.reach import Reach, covered_by

#: Farthest that a hydrant may stand from its street, m. Source: Giswater, graph analytics of
#: hydrants (hydrants snapped to a street nearer than 50 m).
SNAP_M = 50.0
#: Vertices closer than this are one, m.
_SAME_M = 0.01

#: 0 and the number of a vertex, or 1 and the number of what stands on a street.
Node = tuple[int, int]


class Cut(NamedTuple):
    """A place on a line where a node stands."""

    along_m: float
    node: Node


def lines_along_streets(lines: Any, centres: Any, radii_m: Any) -> Reach:
    """Covered part of lines, distances measured along them.

    Parameters
    ----------
    lines
        LineStrings in metres, shape (n,); together the street network.
    centres, radii_m
        Points in metres, shape (m, 2), and how far each reaches, shape (m,).
    """
    lengths = shapely.length(lines)
    cuts = crossings(lines)
    left: dict[Node, float] = {}
    for line, along, node, reach in _standing(lines, centres, radii_m):
        cuts[line].append(Cut(along, node))
        left[node] = reach
    for places in cuts.values():
        places.sort()
    _spread(cuts, left)
    return covered_by(lengths, *_spans(cuts, left))


def crossings(lines: Any) -> dict[int, list[Cut]]:
    """Ends of lines, and vertices that several lines (or one twice) share."""
    coordinates, owner = shapely.get_coordinates(lines, return_index=True)
    keys = np.round(coordinates / _SAME_M).astype(np.int64)
    _, number, times = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    number = number.reshape(-1)
    steps = np.hypot(*np.diff(coordinates, axis=0).T)
    steps[owner[1:] != owner[:-1]] = 0.0
    along = np.concatenate(([0.0], np.cumsum(steps)))
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    last = np.append(first[1:] - 1, len(owner) - 1)
    along -= np.repeat(along[first], np.diff(np.append(first, len(owner))))
    marked = times[number] > 1
    marked[first] = True
    marked[last] = True
    cuts: dict[int, list[Cut]] = defaultdict(list)
    for vertex in np.flatnonzero(marked):
        cuts[int(owner[vertex])].append(Cut(float(along[vertex]), (0, int(number[vertex]))))
    return cuts


def _standing(lines: Any, centres: Any, radii: Any) -> list[tuple[int, float, Node, float]]:
    """Line, place on it, node and remaining reach of every source that stands on a street."""
    if not len(centres):
        return []
    points = shapely.points(centres)
    source, line = shapely.STRtree(lines).query_nearest(
        points, max_distance=SNAP_M, all_matches=False
    )
    along = shapely.line_locate_point(lines[line], points[source])
    off = shapely.distance(lines[line], points[source])
    reach = radii[source] - off
    return [
        (int(on), float(at), (1, int(number)), float(remaining))
        for on, at, number, remaining in zip(line, along, source, reach, strict=True)
        if remaining > 0
    ]


def _spread(cuts: dict[int, list[Cut]], left: dict[Node, float]) -> None:
    """Carry the remaining reach of every source along the streets (Dijkstra from all at once)."""
    edges: dict[Node, list[tuple[Node, float]]] = defaultdict(list)
    for places in cuts.values():
        for one, other in pairwise(places):
            metres = other.along_m - one.along_m
            edges[one.node].append((other.node, metres))
            edges[other.node].append((one.node, metres))
    queue = [(-reach, node) for node, reach in left.items()]
    heapq.heapify(queue)
    while queue:
        negative, node = heapq.heappop(queue)
        if -negative < left[node]:
            continue
        for neighbour, metres in edges[node]:
            reach = -negative - metres
            if reach > left.get(neighbour, 0.0):
                left[neighbour] = reach
                heapq.heappush(queue, (-reach, neighbour))


def _spans(cuts: dict[int, list[Cut]], left: dict[Node, float]) -> tuple[Any, Any, Any]:
    """Line, begin and end of every span that is reached from one of its nodes."""
    spans: list[tuple[int, float, float]] = []
    for line, places in cuts.items():
        for one, other in pairwise(places):
            if one.node in left:
                spans.append((line, one.along_m, min(other.along_m, one.along_m + left[one.node])))
            if other.node in left:
                spans.append(
                    (line, max(one.along_m, other.along_m - left[other.node]), other.along_m)
                )
    found = np.array(spans, float).reshape(-1, 3)
    return found[:, 0].astype(int), found[:, 1], found[:, 2]
