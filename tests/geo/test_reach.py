"""Reach of points over lines, against discs drawn by an independent library, and its laws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from hydrant.geo.planar import Plane
from hydrant.geo.reach import lines_in_reach, shapes_in_reach, spacing
from hydrant.geo.sites import propose
from hydrant.geo.streets import lines_along_streets

coordinate = st.integers(-500, 500).map(float)
place = st.tuples(coordinate, coordinate)
line = st.lists(place, min_size=2, max_size=6, unique=True).map(shapely.LineString)
lines = st.lists(line, min_size=1, max_size=6).map(lambda found: np.array(found, object))
places = st.lists(place, max_size=8).map(lambda found: np.array(found, float).reshape(-1, 2))


def radii(centres: Any, radius: float = 150.0) -> Any:
    return np.full(len(centres), radius)


@given(lines, places)
def test_covered_length_is_that_inside_the_discs(roads: Any, centres: Any) -> None:
    reach = lines_in_reach(roads, centres, radii(centres))
    discs = shapely.union_all(shapely.buffer(shapely.points(centres), 150.0, quad_segs=256))
    for road, covered in zip(roads, reach.covered_m, strict=True):
        # a line that crosses itself is as long as its parts, so each segment is asked alone
        parts = [
            shapely.LineString(pair) for pair in zip(road.coords, road.coords[1:], strict=False)
        ]
        expected = sum(part.intersection(discs).length for part in parts)
        assert covered == pytest.approx(expected, abs=0.2)


@given(lines, places)
def test_gaps_and_covered_parts_make_up_the_whole(roads: Any, centres: Any) -> None:
    for measure in (lines_in_reach, lines_along_streets):
        reach = measure(roads, centres, radii(centres))
        gaps = float((reach.gaps[:, 2] - reach.gaps[:, 1]).sum())
        assert gaps + reach.covered_length_m == pytest.approx(reach.length_m, abs=0.1)
        assert (reach.covered_m <= reach.lengths_m + 1e-6).all()


@given(lines, places, place)
def test_another_source_never_covers_less(roads: Any, centres: Any, new: Any) -> None:
    more = np.vstack((centres, [new]))
    for measure in (lines_in_reach, lines_along_streets):
        before = measure(roads, centres, radii(centres)).covered_length_m
        assert measure(roads, more, radii(more)).covered_length_m >= before - 1e-6


@given(lines, places)
def test_streets_are_no_shorter_than_the_crows_way(roads: Any, centres: Any) -> None:
    along = lines_along_streets(roads, centres, radii(centres))
    straight = lines_in_reach(roads, centres, radii(centres))
    assert along.covered_length_m <= straight.covered_length_m + 1e-3


def test_along_streets_by_hand() -> None:
    # a T: 300 m west to east, and 200 m south from its middle; a hydrant 20 m off the west end
    roads = np.array(
        [
            shapely.LineString([(0, 0), (150, 0), (300, 0)]),
            shapely.LineString([(150, 0), (150, -200)]),
        ],
        object,
    )
    reach = lines_along_streets(roads, np.array([[0.0, 20.0]]), np.array([220.0]))
    # 20 m to the street, 150 m to the crossing, 50 m left for either branch
    assert reach.covered_m == pytest.approx([200.0, 50.0])
    assert (
        lines_along_streets(roads, np.array([[0.0, 60.0]]), np.array([220.0])).covered_length_m == 0
    )


@given(lines, places)
def test_proposed_sites_close_every_gap(roads: Any, centres: Any) -> None:
    reach = lines_in_reach(roads, centres, radii(centres))
    found = propose(roads, reach.gaps, 150.0)
    assert found.at_least <= len(found.sites)
    assert (found.at_least > 0) == (len(reach.gaps) > 0)
    both = np.vstack((centres, found.sites))
    after = lines_in_reach(roads, both, radii(both))
    assert after.covered_length_m == pytest.approx(after.length_m, abs=0.1)


def test_spacing_by_hand() -> None:
    points = np.array([[0.0, 0], [100, 0], [130, 0], [130, 0], [500, 0]])
    found = spacing(points, 120.0)
    assert found is not None
    assert (found.points, found.median_m, found.over) == (5, 30.0, 1)
    assert spacing(points[:1], 120.0) is None


def test_a_building_counts_by_its_nearest_wall() -> None:
    house = shapely.box(140, -10, 200, 10)
    far = shapely.box(151, -10, 200, 10)
    found = shapes_in_reach(np.array([house, far]), np.array([[0.0, 0.0]]), np.array([150.0]))
    assert found.tolist() == [True, False]


@given(st.floats(118, 123), st.floats(27, 31), st.floats(-0.2, 0.2), st.floats(-0.2, 0.2))
def test_the_plane_keeps_distances(lon: float, lat: float, east: float, north: float) -> None:
    from hydrant.geo.distance import distance_bearing  # noqa: PLC0415

    plane = Plane(lon, lat)
    one, other = plane.points([lon, lon + east], [lat, lat + north])
    true_m, _ = distance_bearing(lon, lat, lon + east, lat + north)
    assert np.hypot(*(other - one)) == pytest.approx(true_m, rel=1e-5, abs=1e-3)
