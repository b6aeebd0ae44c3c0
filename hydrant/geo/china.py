"""GCJ-02 and BD-09, the shifted datums of Chinese web maps, both ways.

Works on floats and on numpy arrays alike. Source of the forward formulas: the public
reference implementations (eviltransform, with a = 6378245.0); the published test pairs are
in the tests. The inverse repeats the forward shift until it is met: five rounds leave less
than 1e-8 m over Zhejiang, eight are made.
"""

from __future__ import annotations

from typing import Any

import numpy as np

_A = 6378245.0
_EE = 0.00669342162296594323
_BD = np.pi * 3000.0 / 180.0
_ROUNDS = 8


def _shift(lon: Any, lat: Any) -> tuple[Any, Any]:
    x, y = lon - 105.0, lat - 35.0
    pi = np.pi
    root = np.sqrt(np.abs(x))
    wave = 20.0 * np.sin(6.0 * x * pi) + 20.0 * np.sin(2.0 * x * pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north = north + (
        wave
        + 20.0 * np.sin(y * pi)
        + 40.0 * np.sin(y / 3.0 * pi)
        + 160.0 * np.sin(y / 12.0 * pi)
        + 320.0 * np.sin(y * pi / 30.0)
    ) * (2.0 / 3.0)
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east = east + (
        wave
        + 20.0 * np.sin(x * pi)
        + 40.0 * np.sin(x / 3.0 * pi)
        + 150.0 * np.sin(x / 12.0 * pi)
        + 300.0 * np.sin(x / 30.0 * pi)
    ) * (2.0 / 3.0)
    phi = np.radians(lat)
    magic = 1.0 - _EE * np.sin(phi) ** 2
    root_magic = np.sqrt(magic)
    d_lat = north * 180.0 / ((_A * (1.0 - _EE)) / (magic * root_magic) * pi)
    d_lon = east * 180.0 / (_A / root_magic * np.cos(phi) * pi)
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
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def bd09_to_gcj02(lon: Any, lat: Any) -> tuple[Any, Any]:
    """GCJ-02 of BD-09 degrees, by fixed-point iteration."""
    guess_lon, guess_lat = lon - 0.0065, lat - 0.006
    for _ in range(_ROUNDS):
        there_lon, there_lat = gcj02_to_bd09(guess_lon, guess_lat)
        guess_lon, guess_lat = guess_lon + lon - there_lon, guess_lat + lat - there_lat
    return guess_lon, guess_lat
