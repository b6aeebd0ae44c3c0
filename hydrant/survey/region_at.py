"""The region in which a position lies: for certain, or by its neighbours."""

from __future__ import annotations

from hydrant.errors import Phrase
from hydrant.geo.datum import inside
from hydrant.geo.distance import distance_bearing
from hydrant.model.geopoint import decode_point
from hydrant.store.opened import raw_rows
from hydrant.store.opened.registry import Registry
from hydrant.store.outside.outside_edits import regions_below
from hydrant.store.regions.region_outlines import known_outlines, settle
from hydrant.store.views.near import candidates
from hydrant.vocabulary import RegionLevel

_FINE = (RegionLevel.COUNTY, RegionLevel.TOWNSHIP, RegionLevel.VILLAGE)
_NEIGHBOUR_M = 2000.0


def region_at(registry: Registry, lon: float, lat: float) -> str | None:
    """Code of the finest region that alone can hold a position; None when none is certain.

    The finest outline that holds the position decides. Where no outline does, boxes may: a box
    holds more than its region, so it decides only where the boxes of all its sisters are known,
    none of them holds the position too, and no outline speaks against it.
    """
    outlined, _ = settle(registry, None, lon, lat)
    if outlined is not None:
        return outlined
    boxed = _by_boxes(registry, lon, lat)
    known = known_outlines(registry, (lon, lat, lon, lat))
    if boxed is None or known is None:
        return boxed
    return None if known.metres_outside(boxed, [lon], [lat])[0] else boxed


def _by_boxes(registry: Registry, lon: float, lat: float) -> str | None:
    found, level = None, ""
    while True:
        below = regions_below(registry, found)
        holding = [region for region in below if region[2] and inside(lon, lat, region[2])]
        if len(holding) != 1 or any(box is None for _, _, box in below):
            return found if level in _FINE else None
        found, level = holding[0][:2]


def lies_elsewhere(registry: Registry, row: raw_rows.Row) -> tuple[str, Phrase] | None:
    """The region in which an asset lies, in place of the one stated, and that in words."""
    lon, lat = decode_point(row["geom"]) or (0.0, 0.0)
    _, doubt = settle(registry, row["region_code"], lon, lat)
    found, _ = settle(registry, None, lon, lat)
    return None if doubt is None or found is None else (found, doubt)


def region_nearby(registry: Registry, lon: float, lat: float) -> str | None:
    """Region of the nearest asset within two kilometres: a guess, for somebody to confirm."""
    nearest: tuple[float, str] | None = None
    for uid, there_lon, there_lat in candidates(registry, lon, lat, _NEIGHBOUR_M):
        region = (raw_rows.fetch(registry, "asset", uid) or {}).get("region_code")
        metres, _ = distance_bearing(lon, lat, there_lon, there_lat)
        if region is not None and (nearest is None or metres < nearest[0]):
            nearest = metres, region
    return None if nearest is None else nearest[1]
