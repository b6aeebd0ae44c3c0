"""What the map of a page shows besides assets: outlines and names of units, roads, water, gaps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NotRequired, TypedDict

import numpy as np
import shapely

from hydrant.report.integrity import IntegrityReport
from hydrant.report.question import Basis
from hydrant.store.regions.region_outlines import outlines_at
from hydrant.vocabulary import RegionLevel

#: Corners of all shapes of one style that a page carries; an office PC draws them in one frame.
MOST_CORNERS = 120_000
#: A millionth of a degree is a decimetre; what is drawn is coarser than that.
_UNITS = 1_000_000
#: Corners that are dropped lie within this part of the whole map's width.
_FINENESS = 1 / 8000


@dataclass(frozen=True, slots=True)
class Shape:
    """Something drawn on the map.

    Attributes
    ----------
    style
        ``unit``, ``region``, ``boundary``, ``road``, ``water`` or ``gap``.
    geometry
        Lines or polygons, EPSG:4490 degrees.
    key
        Code of the unit that it outlines; None for anything else.
    name
        What is written on it.
    """

    style: str
    geometry: shapely.Geometry
    key: str | None = None
    name: str | None = None


def unit_shapes(basis: Basis, report: IntegrityReport) -> list[Shape]:
    """Outlines of the region that is asked for, and of the units that the figures are cut by."""
    level = report.by in tuple(RegionLevel)
    units = {group.key for group in report.groups if group.key and not group.beyond}
    wanted = (units if level else set()) | ({report.region} if report.region else set())
    if not wanted:
        return []
    found = outlines_at(basis.registry, basis.cut.end, basis.cut.known, wanted)
    return [
        Shape("unit" if code in units and level else "region", shapely.from_wkb(blob), code)
        for code, blob in found.items()
    ]


class Outline(TypedDict):
    """A shape as a page carries it; see `drawn`."""

    style: str
    parts: list[list[int]]
    key: NotRequired[str]
    name: NotRequired[str]
    label: NotRequired[list[float]]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Shapes as a page carries them, and how many of each style were left out."""

    shapes: tuple[Outline, ...]
    left_out: Mapping[str, int]


def drawn(shapes: Iterable[Shape]) -> Drawn:
    """Shapes with as few corners as their map shows; the shortest are left out where need be.

    Returns
    -------
    Every shape as an object with ``style``, ``key``, ``name``, ``label`` (lon and lat, degrees,
    of a point inside) and ``parts``: lines of corners as whole numbers, millionths of a degree,
    the first one absolute and each further one from the one before.
    """
    given = [shape for shape in shapes if not shapely.is_empty(shape.geometry)]
    if not given:
        return Drawn((), {})
    west, south, east, north = shapely.total_bounds(np.array([s.geometry for s in given], object))
    fineness = max(east - west, north - south) * _FINENESS
    made: list[Outline] = []
    left_out: dict[str, int] = {}
    for style in dict.fromkeys(shape.style for shape in given):
        kept, dropped = _fitting([s for s in given if s.style == style], fineness)
        made += kept
        if dropped:
            left_out[style] = dropped
    return Drawn(tuple(made), left_out)


def _fitting(shapes: list[Shape], fineness: float) -> tuple[list[Outline], int]:
    """Shapes of one style within the corners a page carries, and how many did not fit."""
    plain = [shapely.simplify(shape.geometry, fineness) for shape in shapes]
    # one that is too small to be seen stays what it was, but for units it must not vanish
    whole = [
        shape.geometry if shapely.is_empty(thin) else thin
        for shape, thin in zip(shapes, plain, strict=True)
    ]
    order = sorted(range(len(shapes)), key=lambda n: -float(shapely.length(whole[n])))
    kept: list[int] = []
    corners = 0
    for number in order:
        corners += int(shapely.get_num_coordinates(whole[number]))
        if corners > MOST_CORNERS and kept:
            break
        kept.append(number)
    return [_made(shapes[n], whole[n]) for n in sorted(kept)], len(shapes) - len(kept)


def _made(shape: Shape, geometry: shapely.Geometry) -> Outline:
    told: Outline = {"style": shape.style, "parts": [_delta(p) for p in _lines(geometry)]}
    if shape.key is not None:
        told["key"] = shape.key
    if shape.name is not None:
        told["name"] = shape.name
    if shape.key is not None or shape.name is not None:
        inside = shapely.point_on_surface(_largest(geometry))
        told["label"] = [round(float(inside.x), 6), round(float(inside.y), 6)]
    return told


def _largest(geometry: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(geometry)
    sizes = shapely.area(parts) if shapely.area(geometry) else shapely.length(parts)
    largest: shapely.Geometry = parts[int(np.argmax(sizes))]
    return largest


def _lines(geometry: shapely.Geometry) -> list[shapely.Geometry]:
    """Rings and lines of a geometry."""
    found = []
    for part in shapely.get_parts(geometry):
        if shapely.get_type_id(part) == 3:
            found += [shapely.get_exterior_ring(part), *shapely.get_parts(part.interiors)]
        else:
            found.append(part)
    return found


def _delta(line: shapely.Geometry) -> list[int]:
    places = np.rint(shapely.get_coordinates(line) * _UNITS).astype(np.int64)
    steps = np.diff(places, axis=0, prepend=np.zeros((1, 2), np.int64))
    return [int(step) for step in steps.ravel()]
