"""How much of lines and buildings lies within reach of points; exact, in a plane, pure.

A line's covered part is the union of the chords that the discs cut out of its segments; no disc
is ever approximated by a polygon.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

#: Shorter than this nothing is a gap but rounding, m.
_ROUNDING_M = 1e-3


@dataclass(frozen=True, slots=True)
class Reach:
    """What part of lines is covered.

    Attributes
    ----------
    lengths_m
        Length of each line, shape (n,).
    covered_m
        Covered length of each line, shape (n,).
    gaps
        Uncovered parts: line's index, begin and end along it in metres, shape (k, 3).
    """

    lengths_m: Any
    covered_m: Any
    gaps: Any

    @property
    def length_m(self) -> float:
        """Length of all lines."""
        return float(self.lengths_m.sum())

    @property
    def covered_length_m(self) -> float:
        """Covered length of all lines."""
        return float(self.covered_m.sum())


def lines_in_reach(lines: Any, centres: Any, radii_m: Any) -> Reach:
    """Covered part of lines.

    Parameters
    ----------
    lines
        LineStrings in metres, shape (n,).
    centres
        Points in metres, shape (m, 2).
    radii_m
        Reach of each point, metres, shape (m,).
    """
    owners, starts, ends, offsets = _segments(lines)
    spans = _chords(starts, ends, centres, radii_m)
    segments, low, high = spans
    along = np.hypot(*(ends - starts).T)
    begins = offsets[segments] + low * along[segments]
    stops = offsets[segments] + high * along[segments]
    return covered_by(shapely.length(lines), owners[segments], begins, stops)


def covered_by(lengths_m: Any, owners: Any, begins: Any, stops: Any) -> Reach:
    """Reach of lines of which some spans, which may overlap, are covered.

    Parameters
    ----------
    lengths_m
        Of the lines, shape (n,).
    owners, begins, stops
        Line's index, begin and end along it in metres of each span, shape (k,).
    """
    # all lines laid end to end, a metre apart, so that one pass joins the spans of each
    bases = np.concatenate(([0.0], np.cumsum(lengths_m + 1.0)))
    low = bases[owners] + begins
    high = bases[owners] + stops
    order = np.argsort(low, kind="stable")
    low, high = low[order], high[order]
    reached = np.maximum.accumulate(high) if len(high) else high
    first = np.ones(len(low), bool)
    first[1:] = low[1:] > reached[:-1]
    joined_low = low[first]
    joined_high = (
        reached[np.append(np.flatnonzero(first)[1:] - 1, len(low) - 1)] if len(low) else low
    )
    line = np.searchsorted(bases, joined_low, side="right") - 1
    covered = np.bincount(line, joined_high - joined_low, minlength=len(lengths_m))
    return Reach(lengths_m, covered, _gaps(bases, lengths_m, joined_low, joined_high))


def _gaps(bases: Any, lengths: Any, low: Any, high: Any) -> Any:
    """What the joined spans leave of each line."""
    begins = np.sort(np.concatenate((bases[:-1], high)))
    stops = np.sort(np.concatenate((low, bases[:-1] + lengths)))
    kept = stops - begins > _ROUNDING_M
    begins, stops = begins[kept], stops[kept]
    line = np.searchsorted(bases, begins, side="right") - 1
    return np.column_stack((line, begins - bases[line], stops - bases[line]))


def _segments(lines: Any) -> tuple[Any, Any, Any, Any]:
    """Line, start, end, and distance of the start along the line, of every segment."""
    coordinates, line = shapely.get_coordinates(lines, return_index=True)
    same = line[1:] == line[:-1]
    starts, ends, owners = coordinates[:-1][same], coordinates[1:][same], line[:-1][same]
    along = np.cumsum(np.hypot(*(ends - starts).T))
    before = np.concatenate(([0.0], along))[:-1]
    firsts = np.flatnonzero(np.diff(owners, prepend=-1))
    offsets = before - np.repeat(before[firsts], np.diff(np.append(firsts, len(owners))))
    return owners, starts, ends, offsets


def _chords(starts: Any, ends: Any, centres: Any, radii: Any) -> tuple[Any, Any, Any]:
    """Segments that discs touch, and from where to where, as shares of each segment."""
    if not len(centres) or not len(starts):
        return np.empty(0, int), np.empty(0), np.empty(0)
    tree = shapely.STRtree(shapely.points(centres))
    shapes = shapely.linestrings(np.stack((starts, ends), axis=1))
    segment, disc = tree.query(shapes, predicate="dwithin", distance=float(np.max(radii)))
    d = ends[segment] - starts[segment]
    f = starts[segment] - centres[disc]
    a = (d * d).sum(axis=1)
    b = 2.0 * (f * d).sum(axis=1)
    c = (f * f).sum(axis=1) - radii[disc] ** 2
    inside = b * b - 4.0 * a * c
    hit = (inside > 0) & (a > 0)
    segment, a, b, root = segment[hit], a[hit], b[hit], np.sqrt(inside[hit])
    low = np.clip((-b - root) / (2.0 * a), 0.0, 1.0)
    high = np.clip((-b + root) / (2.0 * a), 0.0, 1.0)
    kept = high > low
    return segment[kept], low[kept], high[kept]


def shapes_in_reach(shapes: Any, centres: Any, radii_m: Any) -> Any:
    """Which shapes come within reach of a point, boolean, shape (n,).

    Parameters
    ----------
    shapes
        Any geometries in metres; a building counts by the nearest point of its footprint.
    """
    found = np.zeros(len(shapes), bool)
    for radius in np.unique(radii_m):
        tree = shapely.STRtree(shapely.points(centres[radii_m == radius]))
        near = tree.query(shapes, predicate="dwithin", distance=float(radius))[0]
        found[near] = True
    return found


@dataclass(frozen=True, slots=True)
class Spacing:
    """Distance from each point to the nearest other one, metres.

    Attributes
    ----------
    over
        Points whose nearest other one is further away than a limit.
    """

    points: int
    median_m: float
    p95_m: float
    over: int


def spacing(centres: Any, limit_m: float) -> Spacing | None:
    """How far apart points stand; None for fewer than two.

    Parameters
    ----------
    centres
        Points in metres, shape (n, 2).
    """
    if len(centres) < 2:
        return None
    # points on the same spot are nearest to each other; the rest have a nearest elsewhere
    spots, spot, times = np.unique(centres, axis=0, return_inverse=True, return_counts=True)
    distances = np.zeros(len(spots))
    if len(spots) > 1:
        points: Any = shapely.points(spots)
        (origin, _), apart = shapely.STRtree(points).query_nearest(
            points, exclusive=True, return_distance=True, all_matches=False
        )
        distances[origin] = apart
    distances[times > 1] = 0.0
    distances = distances[spot.reshape(-1)]
    return Spacing(
        len(centres),
        float(np.median(distances)),
        float(np.percentile(distances, 95)),
        int((distances > limit_m).sum()),
    )


def part_of(line: Any, begin_m: float, end_m: float) -> Any:
    """The part of a line between two distances along it."""
    from shapely.ops import substring  # noqa: PLC0415  only gaps need it

    return substring(line, begin_m, end_m)
