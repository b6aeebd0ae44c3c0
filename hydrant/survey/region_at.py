"""The region in which a position lies: for certain, or by its neighbours."""

from __future__ import annotations

from hydrant.geo.datum import inside
from hydrant.geo.distance import distance_bearing
from hydrant.store import raw_rows
from hydrant.store.near import candidates
from hydrant.store.outside_edits import regions_below
from hydrant.store.registry import Registry
from hydrant.vocabulary import RegionLevel

_FINE = (RegionLevel.COUNTY, RegionLevel.TOWNSHIP, RegionLevel.VILLAGE)
_NEIGHBOUR_M = 2000.0


def region_at(registry: Registry, lon: float, lat: float) -> str | None:
    """Code of the finest region that alone can hold a position; None when none is certain.

    A region's box holds more than the region. It decides only where the boxes of all its
    sisters are known and none of them holds the position too.
    """
    found, level = None, ""
    while True:
        below = regions_below(registry, found)
        holding = [region for region in below if region[2] and inside(lon, lat, region[2])]
        if len(holding) != 1 or any(box is None for _, _, box in below):
            return found if level in _FINE else None
        found, level = holding[0][:2]


def region_nearby(registry: Registry, lon: float, lat: float) -> str | None:
    """Region of the nearest asset within two kilometres: a guess, for somebody to confirm."""
    nearest: tuple[float, str] | None = None
    for uid, there_lon, there_lat in candidates(registry, lon, lat, _NEIGHBOUR_M):
        region = (raw_rows.fetch(registry, "asset", uid) or {}).get("region_code")
        metres, _ = distance_bearing(lon, lat, there_lon, there_lat)
        if region is not None and (nearest is None or metres < nearest[0]):
            nearest = metres, region
    return None if nearest is None else nearest[1]
