"""Why one asset counts as it does: the verdict, the facts behind it, the rule, its source."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from hydrant import times
from hydrant.integrity.condition import Verdict, condition
from hydrant.integrity.evidence import Evidence
from hydrant.integrity.policy import Policy
from hydrant.model.tables import Asset
from hydrant.report.explanation import rule_of
from hydrant.report.overlooked import remarks_on
from hydrant.report.timeline import timeline
from hydrant.store.evidence.evidence import Cut, SensorPressure, list_evidence
from hydrant.store.evidence.known import as_known
from hydrant.store.facts.assets import assets_by_uid
from hydrant.store.opened.registry import Registry
from hydrant.vocabulary import Service


def explain(
    registry: Registry,
    asset: Asset,
    cut: Cut,
    policy: Policy,
    *,
    pressures: list[SensorPressure],
) -> dict[str, Any]:
    """The explanation as JSON-able data.

    Returns
    -------
    dict
        ``condition`` (null when the asset does not exist at the date), ``reason``, ``apart``
        (whether it is private and so in no figure but the line of private ones),
        ``remarks`` (see `hydrant.report.overlooked.remarks_on`), ``evidence`` (predicates),
        ``rule`` (number, source, confidence) and ``facts`` up to the date, as far
        as they were known, oldest first.
    """
    with as_known(registry, cut):
        rows = list(list_evidence(registry, cut, policy, uids=[asset.uid], sensors=pressures))
        facts = _facts(registry, asset.uid, cut)
    evidence: Evidence | None = rows[0].evidence if rows else None
    verdict = Verdict(None, "not_existing")
    if evidence is not None:
        verdict = condition(evidence, policy)
    return {
        "uid": asset.uid,
        "code": asset.code,
        "kind": asset.kind if evidence is None else evidence.kind,
        "as_of": cut.as_of.isoformat(),
        "policy": f"{policy.name} {policy.version}",
        "condition": verdict.condition,
        "reason": verdict.reason,
        "unmeasured": verdict.unmeasured,
        "built": verdict.condition is not None and verdict.built,
        "service": rows[0].service if rows else None,
        "apart": bool(rows) and policy.private_apart and rows[0].service == Service.PRIVATE,
        "evidence": None if evidence is None else evidence.json(),
        "remarks": remarks_on(registry, cut, asset.uid, verdict),
        "rule": rule_of(verdict.reason, policy, evidence.kind if evidence else None),
        "facts": facts,
        "sensor_pressures": [
            asdict(one) | {"at": times.local_text(times.from_text(one.at), registry.zone)}
            for one in pressures
            if one.asset_uid == asset.uid
        ],
        "computed_at": times.to_text(times.now()),
    }


def _facts(registry: Registry, uid: str, cut: Cut) -> list[dict[str, Any]]:
    """Facts of an asset up to a date; within `as_known`, as they were known."""
    before, known = times.from_text(cut.end), cut.known_at
    if known is not None:
        registry.session.expire_all()
    asset = assets_by_uid(registry, [uid]).get(uid)
    found = [] if asset is None else timeline(registry, asset, before=before, known=known)
    if known is not None:
        registry.session.expire_all()  # what was read here holds for then alone
    return found
