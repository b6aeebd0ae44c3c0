"""GCJ-02 and BD-09, the shifted datums of Chinese web maps, both ways.

Works on floats and on numpy arrays alike. Source of the forward formulas: the public
reference implementations (eviltransform, with a = 6378245.0); the published test pairs are
in the tests. The inverse repeats the forward shift until it is met: five rounds leave less
than 1e-8 m over Zhejiang, eight are made.
"""

from __future__ import annotations

import math
from typing import Any

_A = 6378245.0
_EE = 0.00669342162296594323
_BD = math.pi * 3000.0 / 180.0
_ROUNDS = 8


def _maths(value: Any) -> Any:
    """The functions for a number or for an array; a single place must not load numpy."""
    if isinstance(value, int | float):
        return math
    import numpy as np  # noqa: PLC0415  see above

    return np


def _shift(lon: Any, lat: Any) -> tuple[Any, Any]:
    m = _maths(lon)
    x, y = lon - 105.0, lat - 35.0
    pi = math.pi
    root = m.sqrt(abs(x))
    wave = 20.0 * m.sin(6.0 * x * pi) + 20.0 * m.sin(2.0 * x * pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north = north + (
        wave
        + 20.0 * m.sin(y * pi)
        + 40.0 * m.sin(y / 3.0 * pi)
        + 160.0 * m.sin(y / 12.0 * pi)
        + 320.0 * m.sin(y * pi / 30.0)
    ) * (2.0 / 3.0)
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east = east + (
        wave
        + 20.0 * m.sin(x * pi)
        + 40.0 * m.sin(x / 3.0 * pi)
        + 150.0 * m.sin(x / 12.0 * pi)
        + 300.0 * m.sin(x / 30.0 * pi)
    ) * (2.0 / 3.0)
    phi = m.radians(lat)
    magic = 1.0 - _EE * m.sin(phi) ** 2
    root_magic = m.sqrt(magic)
    d_lat = north * 180.0 / ((_A * (1.0 - _EE)) / (magic * root_magic) * pi)
    d_lon = east * 180.0 / (_A / root_magic * m.cos(phi) * pi)
    return d_lon, d_lat


def wgs84_to_gcj02(lon: Any, lat: Any) -> tuple[Any, Any]:
    """GCJ-02 of WGS 84 degrees."""
    d_lon, d_lat = _shift(lon, lat)
    return lon + d_lon, lat + d_lat


def gcj02_to_wgs84(lon: Any, lat: Any) -> tuple[Any, Any]:
    """WGS 84 of GCJ-02 degrees, by fixed-point iteration."""
    guess_lon, guess_lat = lon, lat
    for _ in range(_ROUNDS):
        d_lon, d_lat = _shift(guess_lon, guess_lat)
        guess_lon, guess_lat = lon - d_lon, lat - d_lat
    return guess_lon, guess_lat


def gcj02_to_bd09(lon: Any, lat: Any) -> tuple[Any, Any]:
    """BD-09 of GCJ-02 degrees."""
    m = _maths(lon)
    radius = m.hypot(lon, lat) + 0.00002 * m.sin(lat * _BD)
    angle = m.atan2(lat, lon) + 0.000003 * m.cos(lon * _BD)
    return radius * m.cos(angle) + 0.0065, radius * m.sin(angle) + 0.006


def bd09_to_gcj02(lon: Any, lat: Any) -> tuple[Any, Any]:
    """GCJ-02 of BD-09 degrees, by fixed-point iteration."""
    guess_lon, guess_lat = lon - 0.0065, lat - 0.006
    for _ in range(_ROUNDS):
        there_lon, there_lat = gcj02_to_bd09(guess_lon, guess_lat)
        guess_lon, guess_lat = guess_lon + lon - there_lon, guess_lat + lat - there_lat
    return guess_lon, guess_lat
