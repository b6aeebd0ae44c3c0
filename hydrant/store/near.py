"""Assets around a place by the R-tree, and the flow that is known of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hydrant import times
from hydrant.geo.distance import boxes_around
from hydrant.model.geopoint import decode_point
from hydrant.store.evidence import Cut
from hydrant.store.gpkg import RTREE
from hydrant.store.place import Server
from hydrant.store.registry import Registry
from hydrant.store.state_sql import last_flow

_IN_BOX = (
    f"SELECT a.uid, a.geom FROM {RTREE} r JOIN asset a ON a.fid = r.id "
    "WHERE r.minx <= ? AND r.maxx >= ? AND r.miny <= ? AND r.maxy >= ?"
)
_IN_BOX_ON_SERVER = (
    "SELECT uid, geom FROM asset WHERE geom && ST_MakeEnvelope(?2, ?4, ?1, ?3, 4490)"
)
#: Rows announced for a day that has come, until a writer puts them into the feature table.
_DUE = """
SELECT asset_uid, lon, lat FROM asset_version
WHERE valid_until > ? AND valid_from <= ? AND lon IS NOT NULL
"""
_FLOWS = f"""
SELECT a.uid, a.design_flow_l_s, v.flow_l_s, v.at, v.static_kpa, v.residual_kpa
FROM asset a LEFT JOIN inspection v ON v.fid = {last_flow("i.fid")}
WHERE a.uid IN (SELECT value FROM json_each(:wanted))
"""


class KnownFlow(NamedTuple):
    """A flow that is known of an asset.

    Attributes
    ----------
    l_s
        Flow, L/s.
    measured_at
        When it was measured, stored text; None for a design figure that nobody measured, and for
        a measurement of unknown date.
    static_kpa, residual_kpa
        Pressures of that measurement, kPa gauge; None where not known.
    measured
        Whether anybody measured it.
    """

    l_s: float
    measured_at: str | None = None
    static_kpa: float | None = None
    residual_kpa: float | None = None
    measured: bool = True


def candidates(
    registry: Registry, lon: float, lat: float, radius_m: float
) -> Iterator[tuple[str, float, float]]:
    """Uid, lon and lat of every asset in the box around a circle."""
    in_box = _IN_BOX_ON_SERVER if isinstance(registry.path, Server) else _IN_BOX
    now = times.to_text(times.now())
    due = {u: (x, y) for u, x, y in registry.connection.execute(_DUE, (now, now))}
    yield from ((uid, *place) for uid, place in due.items())
    for west, south, east, north in boxes_around(lon, lat, radius_m):
        for uid, geom in registry.connection.execute(in_box, (east, west, north, south)):
            point = decode_point(geom)
            if point is not None and uid not in due:
                yield uid, *point


def known_flows(registry: Registry, cut: Cut, uids: Sequence[str]) -> dict[str, KnownFlow]:
    """Last flow measured since the last move, else the design figure; unknown ones are absent."""
    bound = {"wanted": json.dumps(list(uids)), "end": cut.end, "known": cut.known}
    found = {}
    for uid, design, flow, *rest in registry.connection.execute(_FLOWS, bound):
        if flow is not None:
            found[uid] = KnownFlow(flow, *rest)
        elif design is not None:
            found[uid] = KnownFlow(design, measured=False)
    return found
