"""Names behind the figures: what is missing, what is defective, what is not verified."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hydrant.integrity.condition import Verdict, condition
from hydrant.integrity.policy import Policy
from hydrant.model.geopoint import decode_point
from hydrant.report.integrity import IntegrityReport
from hydrant.store.evidence import Cut, SensorPressure, list_evidence
from hydrant.store.registry import Registry
from hydrant.vocabulary import Condition, Service, kind_within

#: Conditions of each list that names assets.
LISTS: dict[str, tuple[Condition, ...]] = {
    "defective": (Condition.DEFECTIVE,),
    "unverified": (Condition.STALE, Condition.UNTESTED),
}


@dataclass(frozen=True, slots=True)
class JudgedAsset:
    """One existing asset and its verdict."""

    uid: str
    code: str | None
    name: str | None
    region: str | None
    kind: str
    service: str
    maintainer: str | None
    position: tuple[float, float] | None
    verdict: Verdict

    def json(self) -> dict[str, Any]:
        """The asset as scripts see it."""
        lon, lat = self.position or (None, None)
        return {
            "uid": self.uid,
            "code": self.code,
            "kind": self.kind,
            "region": self.region,
            "maintainer": self.maintainer,
            "condition": self.verdict.condition,
            "reason": self.verdict.reason,
            "lon": lon,
            "lat": lat,
        }


def judged(
    registry: Registry,
    cut: Cut,
    policy: Policy,
    *,
    uids: Iterable[str] | None = None,
    pressures: Iterable[SensorPressure] = (),
) -> list[JudgedAsset]:
    """Existing assets with their verdicts, all or some."""
    found = []
    for row in list_evidence(registry, cut, policy, uids=uids, sensors=pressures):
        verdict = condition(row.evidence, policy)
        if verdict.condition is None:
            continue
        found.append(
            JudgedAsset(
                row.uid,
                row.code,
                row.name,
                row.region_code,
                row.kind,
                row.service,
                row.maintainer,
                decode_point(row.geom),
                verdict,
            )
        )
    return found


def assets_listed(
    registry: Registry,
    cut: Cut,
    report: IntegrityReport,
    which: str,
    *,
    kind: str | None,
    pressures: Iterable[SensorPressure] = (),
) -> list[JudgedAsset]:
    """Assets behind a figure of the report, by region and code."""
    scope = None if report.region is None else report.tree.below(report.region)
    wanted = LISTS[which]
    apart = report.policy.switches["private"].value == "apart"
    rows = [
        asset
        for asset in judged(registry, cut, report.policy, pressures=pressures)
        if asset.verdict.condition in wanted
        and not (apart and asset.service == Service.PRIVATE)
        and (scope is None or report.tree.resolve(asset.region) in scope)
        and (kind is None or kind_within(asset.kind, kind))
    ]
    return sorted(rows, key=lambda a: (a.region or "", a.code or "", a.uid))


def shortfalls(report: IntegrityReport) -> list[dict[str, Any]]:
    """Requirements that are not met, largest first."""
    completeness = report.total.completeness
    needs = [] if completeness is None else [n for n in completeness.needs if n.shortfall]
    return [
        {
            "region": need.region,
            "kind": need.kind,
            "required": need.required,
            "built": need.built,
            "shortfall": need.shortfall,
        }
        for need in sorted(needs, key=lambda n: (-n.shortfall, n.region, n.kind))
    ]
