"""How far a place lies from the other assets of its county: where no outline tells, they do."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator

from hydrant import times
from hydrant.geo.distance import distance_bearing
from hydrant.model.geopoint import decode_point
from hydrant.store.opened.registry import Registry
from hydrant.store.regions.region_tree import RegionTree, load_tree
from hydrant.vocabulary import RegionLevel

#: Further than this from every other asset of its county a place is doubtful, m (ours: counties
#: of Zhejiang are up to 100 km wide, and their assets lie in every township).
FAR_M = 50_000.0


def named(registry: Registry, code: str) -> str:
    """Code and name of a region, as messages show them."""
    node = _tree(registry).nodes.get(code)
    name = None if node is None else node.name_zh or node.name_en
    return code if name is None else f"{code} {name}"


def counties(registry: Registry, codes: Collection[str]) -> dict[str, str]:
    """County of each region that is one or lies in one."""
    tree = _tree(registry)
    found = ((code, tree.at_level(tree.resolve(code), RegionLevel.COUNTY)) for code in codes)
    return {code: county for code, county in found if county is not None}


def places_of(
    registry: Registry, county: str, but: Collection[str] = ()
) -> list[tuple[float, float]]:
    """Places of the assets in a county, lon and lat; some are left out by their uid."""
    tree = _tree(registry)
    codes = sorted(_codes(tree, county))
    rows = registry.connection.execute(
        "SELECT uid, geom FROM asset WHERE region_code IN (SELECT value FROM json_each(:codes))",
        {"codes": json.dumps(codes)},
    )
    points = (decode_point(geom) for uid, geom in rows if uid not in but)
    return [point for point in points if point is not None]


def _codes(tree: RegionTree, county: str) -> Iterator[str]:
    below = tree.below(county)
    yield from below
    yield from (former for former in tree.nodes if tree.resolve(former) in below - {former})


def _tree(registry: Registry) -> RegionTree:
    return load_tree(registry, times.to_text(times.now()))


def far_from_county(
    registry: Registry, code: str, lon: float, lat: float, *, but: Collection[str] = ()
) -> tuple[str, float] | None:
    """The county's code and name, and the metres to its nearest asset, where all lie far away."""
    county = counties(registry, [code]).get(code)
    if county is None:
        return None
    places = places_of(registry, county, but)
    metres = min((distance_bearing(lon, lat, *place)[0] for place in places), default=0.0)
    return (named(registry, county), metres) if metres > FAR_M else None
