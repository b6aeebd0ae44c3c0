"""Areas that are asked for positions."""

from __future__ import annotations

import pytest
import shapely

from hydrant.geo.distance import distance_bearing
from hydrant.geo.outlines import Outlines, mended, stored, united

WEST = shapely.box(120.0, 30.0, 120.1, 30.1)
EAST = shapely.box(120.1, 30.0, 120.2, 30.1)


def outlines(*shapes: shapely.Geometry) -> Outlines:
    return Outlines([stored(shape)[0] for shape in shapes])


def test_which_areas_hold_positions() -> None:
    held = outlines(WEST, EAST).holding([120.05, 120.15, 120.1, 121.0], [30.05] * 4)
    assert [sorted(numbers) for numbers in held] == [[0], [1], [0, 1], []]


@pytest.mark.parametrize(("lon", "lat"), [(120.1021, 30.05), (119.99, 30.05), (120.05, 30.13)])
def test_metres_outside_are_those_of_the_ellipsoid(lon: float, lat: float) -> None:
    (metres,) = outlines(WEST).metres_outside(0, [lon], [lat])
    edge = min(max(lon, 120.0), 120.1), min(max(lat, 30.0), 30.1)
    true, _ = distance_bearing(lon, lat, *edge)
    assert metres == pytest.approx(true, rel=0.005)
    assert outlines(WEST).metres_outside(0, [120.1, 120.05], [30.05, 30.1]).tolist() == [0.0, 0.0]


def test_a_crossing_ring_is_mended_and_a_flat_one_is_not() -> None:
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    assert mended(bow).area == pytest.approx(0.5)
    assert mended(shapely.Polygon([(0, 0), (1, 1), (2, 2)])) is None


def test_parts_that_overlap_are_one_area_with_its_holes() -> None:
    hole = shapely.box(120.02, 30.02, 120.03, 30.03).exterior.coords
    holed = shapely.Polygon(WEST.exterior.coords, [hole])
    both = shapely.MultiPolygon([holed, shapely.box(120.09, 30.0, 120.2, 30.1)])
    whole = mended(both)
    assert whole.is_valid
    assert whole.area == pytest.approx(0.02 - 0.0001)
    assert not whole.contains(shapely.Point(120.025, 30.025))


def test_the_same_area_is_stored_alike() -> None:
    turned = shapely.Polygon(list(WEST.exterior.coords)[2:] + list(WEST.exterior.coords)[1:3])
    assert stored(WEST) == stored(turned)
    assert stored(united([WEST, EAST]))[1] == (120.0, 30.0, 120.2, 30.1)
