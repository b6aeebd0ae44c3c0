"""What an asset counts as today: told after a correction, so that nobody has to look it up."""

from __future__ import annotations

from typing import TypedDict

from hydrant import times
from hydrant.integrity.condition import Verdict
from hydrant.model.tables import Asset
from hydrant.report.listing import judged
from hydrant.report.overlooked import Remark, remarks_on
from hydrant.store.evidence.evidence import Cut
from hydrant.store.evidence.sensor_facts import sensor_facts
from hydrant.store.opened.kept_policy import policy_of
from hydrant.store.opened.registry import Registry


class CountsAs(TypedDict):
    """The condition of an asset (null where it does not exist), the word of its reason, remarks."""

    condition: str | None
    reason: str
    remarks: list[Remark]


def counts_as(registry: Registry, asset: Asset) -> CountsAs:
    """What an asset counts as at the end of this day, under the registry's policy."""
    cut = Cut(times.local_day(times.now(), registry.zone), registry.zone)
    policy = policy_of(registry)
    pressures = sensor_facts(registry, cut, policy).pressures
    found = judged(registry, cut, policy, uids=[asset.uid], pressures=pressures)
    verdict = found[0].verdict if found else Verdict(None, "not_existing")
    remarks = remarks_on(registry, cut, asset.uid, verdict)
    return CountsAs(condition=verdict.condition, reason=verdict.reason, remarks=remarks)
