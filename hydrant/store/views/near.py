"""Assets around a place by the R-tree, the flow that is known of them and what limits it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hydrant import times
from hydrant.geo.distance import boxes_around
from hydrant.model.geopoint import decode_point
from hydrant.store.evidence.evidence import Cut
from hydrant.store.opened.registry import Registry
from hydrant.store.sql.state_sql import last_flow
from hydrant.vocabulary import FlowSource

#: Rows announced for a day that has come, until a writer puts them into the feature table.
_DUE = """
SELECT asset_uid, lon, lat FROM asset_version
WHERE valid_until > ? AND valid_from <= ? AND lon IS NOT NULL
"""
_FLOWS = f"""
SELECT a.uid, a.design_flow_l_s, v.flow_l_s, v.effective_at, v.static_kpa, v.residual_kpa
FROM asset a LEFT JOIN inspection v ON v.fid = {last_flow("i.fid")}
WHERE a.uid IN (SELECT value FROM json_each(:wanted))
"""
_DRAWING = """
SELECT uid, mains_type, mains_dn_mm, lift_drought_m, truck_slots, capacity_m3, season
FROM asset WHERE uid IN (SELECT value FROM json_each(?))
"""


class KnownFlow(NamedTuple):
    """A flow and how it is known.

    Attributes
    ----------
    l_s
        Flow, L/s.
    measured_at
        Stored text of the moment it was measured; empty when that is not known. None for a
        design figure, which nobody measured.
    static_kpa, residual_kpa
        Pressures measured at the same visit; None where they were not.
    """

    l_s: float
    measured_at: str | None
    static_kpa: float | None
    residual_kpa: float | None

    @property
    def source(self) -> FlowSource:
        """Whether it was measured or is a design figure."""
        return FlowSource.DESIGN if self.measured_at is None else FlowSource.MEASURED


class DrawingFacts(NamedTuple):
    """What limits the water that can be drawn at an asset, besides its flow; None is not known.

    Attributes
    ----------
    season
        When water can be drawn, as the register words it.
    """

    mains_type: str | None
    mains_dn_mm: float | None
    lift_drought_m: float | None
    truck_slots: int | None
    capacity_m3: float | None
    season: str | None


def candidates(
    registry: Registry, lon: float, lat: float, radius_m: float
) -> Iterator[tuple[str, float, float]]:
    """Uid, lon and lat of every asset in the box around a circle."""
    now = times.to_text(times.now())
    due = {u: (x, y) for u, x, y in registry.connection.execute(_DUE, (now, now))}
    yield from ((uid, *place) for uid, place in due.items())
    for west, south, east, north in boxes_around(lon, lat, radius_m):
        for uid, geom in registry.backend.in_box(west, south, east, north):
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
            found[uid] = KnownFlow(design, None, None, None)
    return found


def drawing_facts(registry: Registry, uids: Sequence[str]) -> dict[str, DrawingFacts]:
    """Mains, season, places for engines and volume of assets, by uid."""
    rows = registry.connection.execute(_DRAWING, (json.dumps(list(uids)),))
    return {
        uid: DrawingFacts(mains or None, dn, lift, slots, capacity, season or None)
        for uid, mains, dn, lift, slots, capacity, season in rows
    }
