"""Roads, buildings and a boundary, read and cut to what is asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from hydrant.errors import InputRefused
from hydrant.exchange.asked import Asked
from hydrant.exchange.vector import Shapes, one_area, read_shapes
from hydrant.geo.ground import Ground

#: Streets on which a fire engine can drive, by the column `highway` of OpenStreetMap data
#: (wiki.openstreetmap.org, "Key:highway": roads, link roads, special road types), without tracks.
_THROUGH = ("motorway", "trunk", "primary", "secondary", "tertiary")
DRIVEABLE = frozenset((
    *_THROUGH, *(f"{name}_link" for name in _THROUGH),
    "unclassified", "residential", "living_street", "service", "pedestrian", "road",
))  # fmt: skip
_CLASS = "highway"


@dataclass(slots=True)
class LeftOut:
    """What of the files was left out.

    Attributes
    ----------
    rows
        Rows without usable geometry, by file.
    classes
        Classes of roads that are no streets for a fire engine, and how many rows each has; they
        are left out where nobody said by the column `highway` what is wanted.
    overruled
        Systems that files state and that the command line overrules: file, stated, its own.
    """

    rows: dict[str, int] = field(default_factory=dict)
    classes: dict[str, int] = field(default_factory=dict)
    overruled: list[tuple[str, str, str]] = field(default_factory=list)


def read_ground(asked: Asked) -> tuple[Ground, LeftOut]:
    """The ground that is asked for, and what of the files was left out.

    Raises
    ------
    InputRefused
        See `hydrant.exchange.vector.read_shapes`; or nothing lies within the boundary.
    """
    left_out = LeftOut()

    def read(path: Path, wanted: str, **options: Any) -> Shapes:
        shapes = read_shapes(path, wanted, skip_bad=asked.skip_bad, **options)
        if shapes.unusable:
            left_out.rows[str(path)] = len(shapes.unusable)
        if shapes.overruled is not None:
            left_out.overruled.append((path.name, str(options.get("crs")), shapes.overruled))
        return shapes

    within = None
    if asked.boundary is not None:
        found = read(asked.boundary, "polygons", crs=asked.boundary_crs, option="--boundary-crs")
        within = one_area(found.geometries)
    lines, widths, buildings = None, None, None
    if asked.roads is not None:
        roads = read(
            asked.roads, "lines", crs=asked.roads_crs, option=asked.roads_option,
            keep=partial(_streets, asked, left_out),
        )  # fmt: skip
        lines, widths = _single_lines(asked.roads, roads, asked.width, within)
    if asked.buildings is not None:
        buildings = read(
            asked.buildings, "areas", crs=asked.buildings_crs, option="--buildings-crs"
        ).geometries
        if within is not None:
            shapely.prepare(within)
            buildings = buildings[shapely.intersects(within, buildings)]
            _refuse_empty(asked.buildings, buildings)
    return Ground(lines, widths, buildings), left_out


def _streets(asked: Asked, left_out: LeftOut, fields: dict[str, Any], count: int) -> Any:
    """Which rows are wanted: by each column that is named, and those that engines can drive on."""
    for column in asked.roads_where:
        if column not in fields:
            known = ", ".join(fields)
            raise InputRefused(
                "exchange.no_column", file=asked.roads, column=column, near="", known=known
            )
    kept = np.ones(count, bool)
    for column, values in asked.roads_where.items():
        kept &= np.isin(fields[column].astype(str), list(values))
    if _CLASS in fields and _CLASS not in asked.roads_where:
        classes = fields[_CLASS].astype(str)
        driveable = np.isin(classes, list(DRIVEABLE))
        left_out.classes = dict(sorted(Counter(classes[kept & ~driveable].tolist()).items()))
        kept &= driveable
    return kept


def _single_lines(path: Path, roads: Shapes, width: str | None, within: Any) -> tuple[Any, Any]:
    """Plain lines inside the boundary, each with the width of its road."""
    geometries = roads.geometries
    if within is not None:
        shapely.prepare(within)
        geometries = shapely.intersection(geometries, within)
    lines, owner = shapely.get_parts(geometries, return_index=True)
    kept = np.isin(shapely.get_type_id(lines), (1, 2)) & (shapely.length(lines) > 0)
    _refuse_empty(path, lines[kept])
    return lines[kept], _widths(path, roads, width)[owner[kept]]


def _widths(path: Path, roads: Shapes, column: str | None) -> Any:
    """Width of each road in metres; NaN where the file does not say."""
    if column is None:
        return np.full(len(roads.geometries), np.nan)
    if column not in roads.fields:
        known = ", ".join(roads.fields)
        raise InputRefused("exchange.no_column", file=path, column=column, near="", known=known)
    return np.array([_number(value) for value in roads.fields[column]])


def _number(value: object) -> float:
    try:
        return float(str(value).strip().removesuffix("m"))
    except ValueError:
        return float("nan")


def _refuse_empty(path: Path, shapes: Any) -> None:
    if len(shapes) == 0:
        raise InputRefused("exchange.nothing_inside", file=path)


def outlines(path: Path, crs: str | None) -> tuple[Sequence[shapely.Geometry], str | None]:
    """A file's polygons in degrees, and the system that `crs` overrules, if any.

    Raises as `read_shapes`.
    """
    found = read_shapes(path, "polygons", crs=crs, option="--boundary-crs", skip_bad=True)
    return found.geometries, found.overruled


def waters(path: Path, crs: str | None) -> tuple[Sequence[shapely.Geometry], str | None]:
    """Lines and polygons of natural water in degrees, and the system that `crs` overrules, if any.

    Raises as `read_shapes`.
    """
    found = read_shapes(
        path, "waters", crs=crs, option="--water-crs", keep=_natural_water, skip_bad=True
    )
    return found.geometries, found.overruled


def _natural_water(fields: dict[str, Any], count: int) -> Any:
    """Which rows are water: all, but of OpenStreetMap data those that say so."""
    if "natural" not in fields:
        return np.ones(count, bool)
    natural = fields["natural"].astype(str)
    stated = np.isin(natural, ("water", "bay", "strait"))
    return stated if stated.any() else np.ones(count, bool)
