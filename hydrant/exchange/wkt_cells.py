"""Positions that stand in cells as WKT, and the system that EWKT states for them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hydrant.errors import InputRefused
from hydrant.exchange.table import Drawn
from hydrant.geo.text_forms import parse_wkt

_SRID = re.compile(r"\s*SRID=(\d{1,9});\s*", re.IGNORECASE)


def points_in_wkt(
    cells: Sequence[str], drawn: dict[int, Drawn]
) -> list[tuple[float, float] | None]:
    """X and y of each cell; what is drawn there besides points is added by row."""
    points = [parse_wkt(cell) for cell in cells]
    others = [row for row, point in enumerate(points) if point is None and cells[row].strip()]
    if not others:
        return points
    from hydrant.exchange.drawn import places_in_wkt  # noqa: PLC0415  brings GEOS

    found = places_in_wkt(without_srid([cells[row] for row in others]))
    for n, row in enumerate(others):
        x, y = found.xs[n], found.ys[n]
        if n in found.drawn:
            drawn[row] = found.drawn[n]
            points[row] = (float("nan"), float("nan"))
        if x is not None and y is not None:
            points[row] = x, y
    return points


def without_srid(cells: Sequence[str]) -> list[str]:
    """The geometries of cells without the system that some state in front."""
    return [_SRID.sub("", cell, count=1) if "=" in cell else cell for cell in cells]


def stated_in_wkt(cells: Sequence[str], file: str) -> str | None:
    """The one system that EWKT states, ``EPSG:n``; None where no cell states any.

    Raises
    ------
    InputRefused
        Cells state several, or some do and some do not.
    """
    if not any("=" in cell for cell in cells):
        return None
    matches = [_SRID.match(cell) for cell in cells if cell.strip()]
    codes = {"–" if match is None else match[1] for match in matches}
    if codes == {"–"}:
        return None
    if len(codes) > 1:
        raise InputRefused("exchange.several_srids", file=file, codes=", ".join(sorted(codes)))
    return f"EPSG:{codes.pop()}"
