"""Assets around a place by the R-tree, and the flow that is known of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from hydrant.geo.distance import boxes_around
from hydrant.model.geopoint import decode_point
from hydrant.store.gpkg import RTREE
from hydrant.store.place import Server
from hydrant.store.registry import Registry

_IN_BOX = (
    f"SELECT a.uid, a.geom FROM {RTREE} r JOIN asset a ON a.fid = r.id "
    "WHERE r.minx <= ? AND r.maxx >= ? AND r.miny <= ? AND r.maxy >= ?"
)
_IN_BOX_ON_SERVER = (
    "SELECT uid, geom FROM asset WHERE geom && ST_MakeEnvelope(?2, ?4, ?1, ?3, 4490)"
)
_FLOWS = """
SELECT a.uid, coalesce((SELECT i.flow_l_s FROM inspection i
  WHERE i.asset_uid = a.uid AND i.flow_l_s IS NOT NULL
  ORDER BY i.effective_at DESC LIMIT 1), a.design_flow_l_s)
FROM asset a WHERE a.uid IN (SELECT value FROM json_each(?))
"""


def candidates(
    registry: Registry, lon: float, lat: float, radius_m: float
) -> Iterator[tuple[str, float, float]]:
    """Uid, lon and lat of every asset in the box around a circle."""
    in_box = _IN_BOX_ON_SERVER if isinstance(registry.path, Server) else _IN_BOX
    for west, south, east, north in boxes_around(lon, lat, radius_m):
        for uid, geom in registry.connection.execute(in_box, (east, west, north, south)):
            point = decode_point(geom)
            if point is not None:
                yield uid, *point


def known_flows(registry: Registry, uids: Sequence[str]) -> dict[str, float]:
    """Last measured flow of assets, else the designed one, L/s; unknown ones are absent."""
    rows = registry.connection.execute(_FLOWS, (json.dumps(list(uids)),))
    return {uid: flow for uid, flow in rows if flow is not None}
