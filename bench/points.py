"""Synthetic registers: as many points as wanted, always the same ones."""

from __future__ import annotations

import random
from pathlib import Path

#: Box of the points, degrees: about the size of Zhejiang.
WEST, SOUTH, WIDTH, HEIGHT = 118.0, 27.3, 4.5, 3.6


def write_points(path: Path, count: int) -> Path:
    """A CSV of `count` hydrants."""
    chance = random.Random(count)
    with path.open("w", encoding="utf-8") as file:
        file.write("code,kind,lon,lat,address,owner\n")
        for number in range(count):
            lon, lat = WEST + WIDTH * chance.random(), SOUTH + HEIGHT * chance.random()
            file.write(
                f"H{number:07d},hydrant.pillar,{lon:.6f},{lat:.6f},"
                f"Street {number % 5000} No {number % 300},Water Co\n"
            )
    return path


def places(count: int) -> list[tuple[float, float]]:
    """Places to look around, within the same box."""
    chance = random.Random(7)
    return [
        (WEST + WIDTH * chance.random(), SOUTH + HEIGHT * chance.random()) for _ in range(count)
    ]
