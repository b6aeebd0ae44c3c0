"""Orders of visit: laws, and every order of small cases as an oracle."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hydrant.geo.distance import distance_bearing
from hydrant.geo.metric import Metric, StraightLines
from hydrant.geo.network import StreetWays
from hydrant.geo.order import short_way
from hydrant.geo.split import Costs, split

place = st.tuples(st.integers(0, 60), st.integers(0, 60))
places = st.lists(place, min_size=1, max_size=40)
starts = st.sampled_from([None, 0])


def straight(found: list[tuple[int, int]]) -> StraightLines:
    return StraightLines([119 + x / 1000 for x, _ in found], [29 + y / 1000 for _, y in found])


def grid(found: list[tuple[int, int]]) -> StreetWays:
    """Streets 10 apart that cross at vertices, and one apart from all others."""
    ticks = range(0, 61, 10)
    lines = [shapely.LineString([(x, y) for y in ticks]) for x in ticks]
    lines += [shapely.LineString([(x, y) for x in ticks]) for y in ticks]
    lines.append(shapely.LineString([(3, 3), (7, 7)]))
    return StreetWays(np.array(lines, object), np.array(found, float))


def length(metric: Metric, order: tuple[int, ...], *, back: bool) -> float:
    ring = (*order, order[0]) if back else order
    return sum(metric.apart(one, other) for one, other in pairwise(ring))


def plain(metric: Metric, start: int) -> tuple[int, ...]:
    order, waiting = [start], set(range(metric.count)) - {start}
    while waiting:
        here = order[-1]
        order.append(min(waiting, key=lambda stop: (metric.apart(here, stop), stop)))
        waiting.remove(order[-1])
    return tuple(order)


@pytest.mark.parametrize("metric_of", [straight, grid])
@given(found=places, start=starts, back=st.booleans())
def test_an_order_holds_every_stop_and_is_no_longer_than_nearest_neighbours(
    metric_of: type[Metric], found: list[tuple[int, int]], start: int | None, back: bool
) -> None:
    metric: Metric = metric_of(found)  # type: ignore[call-arg]
    way = short_way(metric, start=start, back=back)
    assert sorted(way.stops) == list(range(len(found)))
    assert start is None or way.stops[0] == start
    assert way.length_m == pytest.approx(length(metric, way.stops, back=back))
    first_m = length(metric, plain(metric, 0), back=back)
    assert way.first_m == pytest.approx(first_m, abs=1e-3)
    assert way.length_m <= way.first_m


@given(st.lists(place, min_size=2, max_size=7, unique=True), starts, st.booleans())
@settings(max_examples=60)
def test_small_orders_against_all_orders(
    found: list[tuple[int, int]], start: int | None, back: bool
) -> None:
    metric = straight(found)
    shortest = min(
        length(metric, order, back=back)
        for order in permutations(range(len(found)))
        if start is None or order[0] == start
    )
    assert shortest - 1e-6 <= short_way(metric, start=start, back=back).length_m <= 1.3 * shortest


def test_small_orders_are_nearly_always_the_shortest() -> None:
    chance, shares = np.random.default_rng(3), []
    for _ in range(60):
        metric = StraightLines(119 + chance.random(7) / 10, 29 + chance.random(7) / 10)
        way = short_way(metric, start=0)
        every = [(0, *rest) for rest in permutations(range(1, 7))]
        shares.append(way.length_m / min(length(metric, one, back=False) for one in every))
    assert np.mean(shares) < 1.01


@given(st.floats(-179, 179), st.floats(-80, 80), st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))
def test_straight_lines_are_geodesics(lon: float, lat: float, east: float, north: float) -> None:
    metric = StraightLines([lon, lon + east], [lat, lat + north])
    true_m, _ = distance_bearing(lon, lat, lon + east, lat + north)
    assert metric.apart(0, 1) == pytest.approx(true_m, rel=1e-5, abs=1e-3)


@given(st.lists(place, min_size=2, max_size=12))
def test_streets_against_distances_between_crossings(found: list[tuple[int, int]]) -> None:
    """Between crossings of a grid the way is as long as its steps east and north."""
    crossings = [(round(x, -1), round(y, -1)) for x, y in found]
    metric = grid(crossings)
    for one, (x1, y1) in enumerate(crossings):
        for other, (x2, y2) in enumerate(crossings):
            assert metric.apart(one, other) == pytest.approx(abs(x1 - x2) + abs(y1 - y2))


@example([(0, 0), (2, 2), (3, 3)])  # by way of another stop
@given(st.lists(place, min_size=2, max_size=12))
def test_streets_are_a_metric_with_ways_of_that_length(found: list[tuple[int, int]]) -> None:
    metric = grid(found)
    for one in range(len(found)):
        for other in range(len(found)):
            metres = metric.apart(one, other)
            assert metres == metric.apart(other, one)
            assert metres >= metric.at_least(one, other) - 1e-9
            path = metric.path(one, other)
            assert path[0] == found[one]
            assert path[-1] == found[other]
            assert sum(np.hypot(*np.subtract(a, b)) for a, b in pairwise(path)) == pytest.approx(
                metres
            )


def test_stops_off_the_streets_are_counted() -> None:
    line = np.array([shapely.LineString([(0, 0), (500, 0)])], object)
    ways = StreetWays(line, np.array([[0.0, 10.0], [500.0, 80.0]]))
    assert (ways.away, ways.apart_from_most) == (1, 0)
    assert ways.apart(0, 1) == pytest.approx(590.0)


@given(
    st.lists(st.floats(0, 20), min_size=1, max_size=60),
    st.floats(0.1, 15),
    st.integers(1, 8),
)
def test_stretches_make_up_the_whole_and_are_balanced(
    legs: list[float], stop: float, parts: int
) -> None:
    count = len(legs) + 1
    nothing = [0.0] * count
    costs = Costs(stop, legs, nothing, nothing)
    cut = split(costs, parts)
    assert [number for begin, end in cut for number in range(begin, end)] == list(range(count))
    assert len(cut) == min(parts, count)
    found = [costs.of(*stretch) for stretch in cut]
    # nobody has more than an equal share of the whole way and two stops with their legs
    whole = costs.of(0, count)
    assert max(found) <= whole / len(cut) + 2 * (stop + max(legs)) + 1e-6
