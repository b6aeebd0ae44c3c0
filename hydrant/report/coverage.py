"""The standard held against the ground: how much of roads and buildings has water in reach."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor
from typing import Any

import numpy as np
import shapely

from hydrant.geo.ground import Ground
from hydrant.geo.planar import Plane
from hydrant.geo.reach import (
    Reach,
    Spacing,
    lines_in_reach,
    part_of,
    shapes_in_reach,
    spacing,
)
from hydrant.geo.sites import propose
from hydrant.geo.streets import lines_along_streets
from hydrant.integrity.policy import Policy
from hydrant.report.listing import JudgedAsset
from hydrant.vocabulary import FAMILIES, Condition, Water, families_on, family_of

#: Families whose reach is that of a hydrant; the others reach as far as natural sources.
_PIPED = families_on(Water.MAINS)


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of road without water in reach: its line in degrees and its length."""

    line: Any
    length_m: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """What some sources cover.

    Attributes
    ----------
    sources
        How many there are.
    gaps
        Longest first.
    """

    sources: int
    length_m: float = 0.0
    covered_m: float = 0.0
    gaps: tuple[Gap, ...] = ()
    buildings: int = 0
    buildings_covered: int = 0


@dataclass(frozen=True, slots=True)
class Site:
    """A proposed hydrant: position in degrees, and the length of gap that it closes."""

    lon: float
    lat: float
    closes_m: float


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """Coverage by existing and by working sources, and what the standard asks for by length.

    Attributes
    ----------
    required, required_by_side
        Estimates by road length, no official numbers.
    sites
        Proposed new hydrants, the one that closes most first; None when not asked for.
    at_least
        Number below which no choice of sites closes the gaps.
    spacing
        How far apart existing hydrants stand; None for fewer than two.
    """

    policy: Policy
    existing: Coverage
    working: Coverage
    required: int
    required_by_side: int
    sites: tuple[Site, ...] | None = None
    at_least: int = 0
    spacing: Spacing | None = None
    wide_roads: int = 0
    unknown_widths: int = 0


def working(assets: Iterable[JudgedAsset]) -> list[JudgedAsset]:
    """Assets that are proven to work; what is not known is not counted."""
    return [asset for asset in assets if asset.verdict.condition is Condition.INTACT]


def cover(
    ground: Ground,
    assets: Sequence[JudgedAsset],
    policy: Policy,
    *,
    along_streets: bool = False,
    sites_for: str | None = None,
) -> CoverageReport:
    """Coverage of the ground by existing assets and by those that work.

    Parameters
    ----------
    along_streets
        Measure along the roads instead of as the crow flies.
    sites_for
        Propose sites that close the gaps of ``existing`` or ``working`` sources.
    """
    plane = Plane.around(*_coordinates(ground))
    roads = None if ground.roads is None else plane.shapes(ground.roads)
    buildings = None if ground.buildings is None else plane.shapes(ground.buildings)
    found: dict[str, Coverage] = {}
    reaches: dict[str, Reach] = {}
    for name, counted in (("existing", list(assets)), ("working", working(assets))):
        centres, radii = _sources(counted, policy, plane)
        made = Coverage(len(centres))
        if roads is not None:
            measure = lines_along_streets if along_streets else lines_in_reach
            reaches[name] = reach = measure(roads, centres, radii)
            made = Coverage(
                len(centres), reach.length_m, reach.covered_length_m, _gaps(plane, roads, reach)
            )
        if buildings is not None:
            covered = int(shapes_in_reach(buildings, centres, radii).sum())
            made = replace(made, buildings=len(buildings), buildings_covered=covered)
        found[name] = made
    sites, at_least = None, 0
    if sites_for is not None and roads is not None:
        proposal = propose(roads, reaches[sites_for].gaps, policy.coverage["radius_m"].value)
        sites, at_least = _sites(plane, proposal.sites, proposal.closes_m), proposal.at_least
    lengths = np.empty(0) if roads is None else shapely.length(roads)
    sides, wide, unknown = _sides(ground.widths_m, len(lengths), policy)
    apart_m = policy.coverage["spacing_m"].value
    return CoverageReport(
        policy,
        found["existing"],
        found["working"],
        required=ceil(float(lengths.sum()) / apart_m),
        required_by_side=int((np.ceil(lengths / apart_m) * sides).sum()),
        spacing=_spacing(assets, apart_m),
        sites=sites,
        at_least=at_least,
        wide_roads=wide,
        unknown_widths=unknown,
    )


def share(part: float, whole: float) -> float | None:
    """100 x part / whole, floored to two decimals; 100 only when nothing at all is missing."""
    if whole <= 0:
        return None
    if part >= whole - 1e-6 * max(1.0, whole):
        return 100.0
    return min(99.99, floor(part / whole * 10_000) / 100)


def _coordinates(ground: Ground) -> tuple[Any, Any]:
    parts = [shapely.get_coordinates(s) for s in (ground.roads, ground.buildings) if s is not None]
    coordinates = np.concatenate(parts)
    return coordinates[:, 0], coordinates[:, 1]


def _sources(assets: list[JudgedAsset], policy: Policy, plane: Plane) -> tuple[Any, Any]:
    placed = [(asset.position, family_of(asset.kind)) for asset in assets if asset.position]
    if not placed:
        return np.empty((0, 2)), np.empty(0)
    lons, lats = zip(*(position for position, _ in placed), strict=True)
    piped = policy.coverage["radius_m"].value
    natural = policy.coverage["natural_radius_m"].value
    radii = [piped if family in _PIPED else natural for _, family in placed]
    return plane.points(lons, lats), np.array(radii)


def _spacing(assets: Sequence[JudgedAsset], limit_m: float) -> Spacing | None:
    placed = [a.position for a in assets if a.position and FAMILIES[family_of(a.kind)].spaced]
    if len(placed) < 2:
        return None
    lons, lats = zip(*placed, strict=True)
    return spacing(Plane.around(lons, lats).points(lons, lats), limit_m)


def _gaps(plane: Plane, roads: Any, reach: Reach) -> tuple[Gap, ...]:
    order = np.argsort(reach.gaps[:, 1] - reach.gaps[:, 2], kind="stable")
    parts = [part_of(roads[int(line)], begin, end) for line, begin, end in reach.gaps[order]]
    if not parts:
        return ()
    lengths = shapely.length(parts)
    degrees = plane.degrees(np.array(parts, object))
    return tuple(Gap(line, float(metres)) for line, metres in zip(degrees, lengths, strict=True))


def _sites(plane: Plane, places: Any, closes: Any) -> tuple[Site, ...]:
    if not len(places):
        return ()
    degrees = shapely.get_coordinates(plane.degrees(shapely.points(places)))
    return tuple(
        Site(float(lon), float(lat), float(metres))
        for (lon, lat), metres in zip(degrees, closes, strict=True)
    )


def _sides(widths: Any, count: int, policy: Policy) -> tuple[Any, int, int]:
    """Sides of each road on which hydrants must stand, wide roads, roads of unknown width."""
    if widths is None:
        return np.ones(count), 0, count
    wide = np.nan_to_num(widths, nan=0.0) > policy.coverage["wide_road_m"].value
    return np.where(wide, 2, 1), int(wide.sum()), int(np.isnan(widths).sum())
