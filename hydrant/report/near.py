"""The nearest water sources for an incident, with their condition and flow."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from hydrant import times
from hydrant.geo.distance import distance_bearing
from hydrant.integrity.policy import Policy
from hydrant.report.listing import JudgedAsset, judged
from hydrant.report.question import Basis
from hydrant.store.evidence.evidence import Cut, SensorPressure
from hydrant.store.opened.registry import Registry
from hydrant.store.views.near import KnownFlow, candidates, known_flows
from hydrant.vocabulary import Condition, kind_within

#: First radius looked at, metres; it doubles until enough is found.
FIRST_M = 250.0
#: Beyond this nothing is near to a fire engine.
FARTHEST_M = 50_000.0
_USABLE = (Condition.INTACT, Condition.STALE)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for.

    Attributes
    ----------
    count
        Most sources to give; None gives all within the radius.
    within_m
        Largest distance, metres; None looks as far as needed, up to 50 km.
    flow_l_s
        Least known flow, measured or by design; sources of unknown flow are left out.
    working
        Keep only intact and stale ones.
    kind
        Keep one family or kind.
    """

    count: int | None = 5
    within_m: float | None = None
    flow_l_s: float | None = None
    working: bool = False
    kind: str | None = None

    @property
    def choosy(self) -> bool:
        """Whether some sources may be turned down."""
        return self.working or self.flow_l_s is not None or self.kind is not None


@dataclass(frozen=True, slots=True)
class Source:
    """One source near the place.

    Attributes
    ----------
    flow
        Its flow and how it is known; None when nobody knows it.
    flow_day
        Local day on which the flow was measured; None when it was not, or nobody knows when.
    """

    asset: JudgedAsset
    distance_m: float
    bearing_deg: float
    flow: KnownFlow | None
    flow_day: dt.date | None

    @property
    def name(self) -> str:
        """What people call it: its code, else its uid."""
        return self.asset.code or self.asset.uid

    @property
    def flow_l_s(self) -> float | None:
        """Its flow, L/s, however it is known."""
        return None if self.flow is None else self.flow.l_s

    def json(self) -> dict[str, Any]:
        """The source as scripts see it."""
        lon, lat = self.asset.position or (None, None)
        return {
            "code": self.asset.code,
            "uid": self.asset.uid,
            "kind": self.asset.kind,
            "service": self.asset.service,
            "distance_m": round(self.distance_m, 2),
            "bearing_deg": round(self.bearing_deg, 1),
            "condition": self.asset.verdict.condition,
            "reason": self.asset.verdict.reason,
            "lon": lon,
            "lat": lat,
            "crs": "cgcs2000",
            "flow_l_s": self.flow_l_s,
            "flow_source": None if self.flow is None else self.flow.source,
            "flow_at": None if self.flow_day is None else self.flow_day.isoformat(),
        }


def nearest_to(basis: Basis, lon: float, lat: float, wish: Wish) -> list[Source]:
    """Sources around a place in EPSG:4490, degrees, nearest first, judged as a question asks."""
    cut, policy, pressures = basis.cut, basis.policy, basis.sensors.pressures
    return nearest(basis.registry, lon, lat, wish, cut=cut, policy=policy, pressures=pressures)


def nearest(
    registry: Registry,
    lon: float,
    lat: float,
    wish: Wish,
    *,
    cut: Cut,
    policy: Policy,
    pressures: list[SensorPressure],
) -> list[Source]:
    """Sources around a place, nearest first.

    Parameters
    ----------
    lon, lat
        Place in EPSG:4490, degrees.
    """
    limit_m = FARTHEST_M if wish.within_m is None else wish.within_m
    radius_m = limit_m if wish.count is None else min(FIRST_M, limit_m)
    found: list[Source] = []
    seen: set[str] = set()
    while True:
        distances = around(registry, lon, lat, radius_m)
        ranked = sorted((uid for uid in distances if uid not in seen), key=distances.__getitem__)
        farthest = radius_m >= limit_m
        # nothing is judged before there may be enough of them, and then no more than needed
        if farthest or wish.count is None or len(found) + len(ranked) >= wish.count:
            for chunk in _portions(ranked, wish):
                seen.update(chunk)
                found += _judge(registry, chunk, distances, wish, cut, policy, pressures)
                if wish.count is not None and len(found) >= wish.count:
                    break
        if farthest or (wish.count is not None and len(found) >= wish.count):
            break
        radius_m = min(radius_m * 2, limit_m)
    return sorted(found, key=lambda s: (s.distance_m, s.asset.uid))[: wish.count]


def _portions(uids: list[str], wish: Wish) -> list[list[str]]:
    """As many at a time as are wanted; twice as many where some may be turned down."""
    size = len(uids) if wish.count is None else wish.count * (2 if wish.choosy else 1)
    return [uids[start : start + size] for start in range(0, len(uids), max(1, size))]


def around(
    registry: Registry, lon: float, lat: float, radius_m: float
) -> dict[str, tuple[float, float]]:
    """Distance and bearing of every asset within a radius, by uid."""
    found = {}
    for uid, x, y in candidates(registry, lon, lat, radius_m):
        metres, bearing = distance_bearing(lon, lat, x, y)
        if metres <= radius_m:
            found[uid] = (metres, bearing)
    return found


def _judge(
    registry: Registry,
    uids: list[str],
    distances: dict[str, tuple[float, float]],
    wish: Wish,
    cut: Cut,
    policy: Policy,
    pressures: list[SensorPressure],
) -> list[Source]:
    flows = known_flows(registry, cut, uids)
    sources = []
    for asset in judged(registry, cut, policy, uids=uids, pressures=pressures):
        flow = flows.get(asset.uid)
        if wish.kind is not None and not kind_within(asset.kind, wish.kind):
            continue
        if wish.working and asset.verdict.condition not in _USABLE:
            continue
        if wish.flow_l_s is not None and (flow is None or flow.l_s < wish.flow_l_s):
            continue
        metres, bearing = distances[asset.uid]
        sources.append(Source(asset, metres, bearing, flow, _measured_on(flow, cut)))
    return sources


def _measured_on(flow: KnownFlow | None, cut: Cut) -> dt.date | None:
    if flow is None or not flow.measured_at:
        return None
    return times.local_day(times.from_text(flow.measured_at), cut.zone)
