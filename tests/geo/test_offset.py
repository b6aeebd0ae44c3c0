from __future__ import annotations

import numpy as np
import pytest

from hydrant.geo import china
from hydrant.geo.offset import constant_offset

RNG = np.random.default_rng(7)
LONS, LATS = 120 + RNG.uniform(0, 0.05, 40), 30 + RNG.uniform(0, 0.05, 40)


def test_gcj_taken_for_wgs_is_named() -> None:
    found = constant_offset(*china.wgs84_to_gcj02(LONS, LATS), LONS, LATS)
    assert found is not None
    assert found.likely == "gcj02"
    assert found.metres == pytest.approx(530, abs=80)


def test_bd_and_the_other_way_round_are_named() -> None:
    bd = china.gcj02_to_bd09(*china.wgs84_to_gcj02(LONS, LATS))
    found = constant_offset(*bd, LONS, LATS)
    assert found is not None
    assert found.likely == "bd09"
    shifted = china.wgs84_to_gcj02(LONS, LATS)
    found = constant_offset(LONS, LATS, *shifted)
    assert found is not None
    assert found.likely == "wgs84"


def test_noise_single_moves_and_few_rows_are_no_offset() -> None:
    noise = RNG.normal(0, 0.00005, 40)
    assert constant_offset(LONS + noise, LATS - noise, LONS, LATS) is None
    scattered = LONS + RNG.choice([-0.006, 0.006], 40)
    assert constant_offset(scattered, LATS, LONS, LATS) is None
    assert constant_offset(LONS[:3] + 0.005, LATS[:3], LONS[:3], LATS[:3]) is None


def test_unexplained_constant_offset_has_no_likely_datum() -> None:
    found = constant_offset(LONS - 0.005, LATS + 0.002, LONS, LATS)
    assert found is not None
    assert found.likely is None
