from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from hydrant.geo.distance import boxes_around, distance_bearing, neighbours_within

GEOD = Geod(ellps="WGS84")
LON, LAT = st.floats(-180, 180), st.floats(-89.9, 89.9)


@given(LON, LAT, st.floats(-0.9, 0.9), st.floats(-0.9, 0.9))
def test_distance_is_projs(lon: float, lat: float, d_lon: float, d_lat: float) -> None:
    lon2, lat2 = lon + d_lon, max(-90.0, min(90.0, lat + d_lat))
    metres, _ = distance_bearing(lon, lat, lon2, lat2)
    assert abs(metres - GEOD.inv(lon, lat, lon2, lat2)[2]) < 0.001


@given(LON, LAT, LON, LAT)
def test_distance_is_symmetric_everywhere(a: float, b: float, c: float, d: float) -> None:
    one, other = distance_bearing(a, b, c, d)[0], distance_bearing(c, d, a, b)[0]
    assert abs(one - other) < 0.001
    assert abs(one - GEOD.inv(a, b, c, d)[2]) < 0.01


def test_bearings() -> None:
    assert round(distance_bearing(120, 30, 120, 30.01)[1]) == 0
    assert round(distance_bearing(120, 30, 120.01, 30)[1]) == 90
    assert round(distance_bearing(120, 30, 119.99, 30)[1]) == 270


@given(LON, st.floats(-89, 89), st.floats(1, 60_000), st.floats(0, 360))
def test_boxes_hold_the_circle(lon: float, lat: float, radius: float, bearing: float) -> None:
    x, y, _ = GEOD.fwd(lon, lat, bearing, radius * 0.9999)
    boxes = boxes_around(lon, lat, radius)
    assert any(w <= x <= e and s <= y <= n for w, s, e, n in boxes)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.5, 60), st.sampled_from([0.0, 30.0, 60.0, 80.0]))
def test_neighbours_are_those_of_brute_force(seed: int, radius: float, lat: float) -> None:
    rng = np.random.default_rng(seed)
    n = 60
    lons = 120 + rng.uniform(0, 0.004, n)
    lats = lat + rng.uniform(0, 0.002, n)
    groups = rng.integers(0, 3, n)
    lons[5], lats[5], groups[5] = lons[4], lats[4], groups[4]
    first, second, metres = neighbours_within(lons, lats, groups, radius)
    found = dict(zip(zip(first.tolist(), second.tolist(), strict=True), metres, strict=True))
    expected = {
        (i, j): GEOD.inv(lons[i], lats[i], lons[j], lats[j])[2]
        for i in range(n)
        for j in range(i + 1, n)
        if groups[i] == groups[j]
    }
    assert set(found) == {pair for pair, d in expected.items() if d <= radius}


def test_no_points_have_no_neighbours() -> None:
    nothing = np.array([], float)
    first, second, _ = neighbours_within(nothing, nothing, nothing.astype(int), 10)
    assert len(first) == len(second) == 0
