"""Names behind the figures: what is missing, what is defective, what is not verified."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hydrant.geo.answered import place_in
from hydrant.geo.datum import Crs
from hydrant.integrity.condition import Verdict, condition
from hydrant.integrity.evidence import Evidence
from hydrant.integrity.policy import Policy
from hydrant.integrity.rates import Need
from hydrant.report.integrity import IntegrityReport
from hydrant.store.evidence.evidence import AssetEvidence, Cut, SensorPressure, list_evidence
from hydrant.store.evidence.known import as_known
from hydrant.store.opened.registry import Registry
from hydrant.vocabulary import Condition

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
    address: str | None
    region: str | None
    kind: str
    service: str
    fields: Mapping[str, str | None]
    position: tuple[float, float] | None
    verdict: Verdict
    evidence: Evidence

    def json(self, crs: Crs) -> dict[str, Any]:
        """The asset as scripts see it, where it lies in the system asked."""
        return {
            "uid": self.uid,
            "code": self.code,
            "kind": self.kind,
            "service": self.service,
            "region": self.region,
            "maintainer": self.fields["maintainer"],
            "condition": self.verdict.condition,
            "reason": self.verdict.reason,
            "built": self.verdict.built,
            **place_in(crs, self.position),
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
    with as_known(registry, cut):
        rows = list_evidence(registry, cut, policy, uids=uids, sensors=pressures)
        return [asset for asset in _judged(rows, policy) if asset.verdict.condition is not None]


def on_record(
    registry: Registry, cut: Cut, policy: Policy, uids: Iterable[str]
) -> dict[str, JudgedAsset]:
    """What some assets were at a cut, by uid; those that did not exist have no condition."""
    with as_known(registry, cut):
        found = _judged(list_evidence(registry, cut, policy, uids=uids), policy)
        return {asset.uid: asset for asset in found}


def _judged(rows: Iterable[AssetEvidence], policy: Policy) -> Iterator[JudgedAsset]:
    for row in rows:
        verdict = condition(row.evidence, policy)
        yield JudgedAsset(
            row.uid,
            row.code,
            row.name,
            row.address,
            row.region_code,
            row.kind,
            row.service,
            row.fields,
            row.position,
            verdict,
            row.evidence,
        )


def counted(
    registry: Registry,
    cut: Cut,
    report: IntegrityReport,
    *,
    pressures: Iterable[SensorPressure] = (),
) -> list[JudgedAsset]:
    """Assets behind the figures of a report, by region and code."""
    resolve, holds = report.tree.resolve, report.scope.holds
    rows = [
        asset
        for asset in judged(registry, cut, report.policy, pressures=pressures)
        if holds((resolve(asset.region), asset.kind, asset.service, None))
    ]
    return sorted(rows, key=lambda a: (a.region or "", a.code or "", a.uid))


def shortfalls(report: IntegrityReport) -> list[dict[str, Any]]:
    """Requirements that are not met, largest first."""
    completeness = report.total.completeness
    if completeness is None:
        return []
    needs = sorted(
        (need for need in completeness.needs if need.shortfall),
        key=lambda n: (-n.shortfall, n.region, n.kind, n.service or ""),
    )
    return [need_json(need) for need in needs]


def need_json(need: Need) -> dict[str, Any]:
    """A number and what stands against it."""
    return {
        "region": need.region,
        "kind": need.kind,
        "service": need.service,
        "beyond": need.beyond,
        "required": need.required,
        "built": need.built,
        "shortfall": need.shortfall,
    }
