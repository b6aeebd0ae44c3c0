"""A geometry with arcs, which the library cannot hold, is refused by its row, not with a trace."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
import shapely

from hydrant.exchange.drawn import places_in_wkb, places_in_wkt
from tests.conftest import Program

ARC = struct.pack("<BII6d", 1, 8, 3, 0, 0, 1, 1, 2, 0)


def test_an_arc_is_no_place_and_leaves_the_others() -> None:
    xs: list[float | None] = [None, None]
    ys: list[float | None] = [None, None]
    places_in_wkb({0: ARC, 1: shapely.to_wkb(shapely.Point(1, 2))}, xs, ys)
    assert (xs, ys) == ([None, 1], [None, 2])
    found = places_in_wkt(["CIRCULARSTRING (0 0, 1 1, 2 0)", "POINT (1 2)"])
    assert (found.xs, found.ys) == ([None, 1], [None, 2])


@pytest.mark.parametrize("cell", ["CIRCULARSTRING (0 0, 1 1, 2 0)", "POINT (1e999 2)"])
def test_the_row_is_named(program: Program, tmp_path: Path, cell: str) -> None:
    file = tmp_path / "a.csv"
    file.write_text(f'code,kind,wkt\nA,hydrant,"{cell}"\nB,hydrant,POINT (16 47)\n')
    ran = program("import", file, "--crs", "wgs84", "--skip-bad", "--json")
    assert (ran.code, ran.data["new"], ran.data["refused"]) == (0, 1, 1)
    assert [row["code"] for row in ran.data["rows"]] == ["A"]
