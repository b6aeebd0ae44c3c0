"""What is due: an asset that is not in working order for want of evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from hydrant.integrity.condition import condition
from hydrant.store.evidence.evidence import list_evidence, today
from hydrant.store.evidence.inspections import last_visits
from hydrant.store.evidence.sensor_facts import sensor_facts
from hydrant.store.opened.kept_policy import policy_of
from hydrant.store.opened.registry import Registry
from hydrant.store.views.todo_facts import open_defects
from hydrant.vocabulary import Condition

#: Conditions that a visit settles; a defective asset waits for its repair.
_UNVERIFIED = (Condition.STALE, Condition.UNTESTED)


@dataclass(frozen=True, slots=True)
class DueAsset:
    """An asset to be visited.

    Attributes
    ----------
    last
        When it was last decisively inspected, stored text; None for never or undated.
    outcome
        What that visit found.
    position
        Lon and lat, degrees.
    defects
        Codes of the open defects, the oldest first.
    """

    uid: str
    code: str | None
    kind: str
    region: str | None
    address: str | None
    last: str | None
    outcome: str | None
    open_defects: int
    position: tuple[float, float] | None
    defects: tuple[str, ...] = ()


def find_due(registry: Registry, uids: Sequence[str] | None = None) -> list[DueAsset]:
    """Assets due by the registry's policy today, never inspected first, then the oldest.

    Parameters
    ----------
    uids
        Assets to look at; None looks at all.
    """
    policy = policy_of(registry)
    cut = today(registry)
    pressures = sensor_facts(registry, cut, policy).pressures
    last = last_visits(registry, cut)
    defects: dict[str, list[str]] = defaultdict(list)
    for fault in open_defects(registry, cut):
        defects[fault.asset_uid].append(fault.code)
    found = []
    for asset in list_evidence(registry, cut, policy, uids=uids, sensors=pressures):
        if condition(asset.evidence, policy).condition in _UNVERIFIED:
            where = (asset.uid, asset.code, asset.kind, asset.region_code, asset.address)
            faults = tuple(dict.fromkeys(defects.get(asset.uid, ())))
            found.append(DueAsset(*where, *last[asset.uid], asset.position, faults))
    return sorted(found, key=lambda asset: (asset.last or "", asset.code or "", asset.uid))
