"""Every figure traced: who stands in its numerator and denominator, by which rule and evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from hydrant.integrity.policy import Policy
from hydrant.integrity.rates import Need
from hydrant.report.integrity import IntegrityReport
from hydrant.report.listing import JudgedAsset
from hydrant.store.evidence import Cut
from hydrant.store.region_tree import requirement_sources
from hydrant.store.registry import Registry
from hydrant.vocabulary import Condition, family_of, kind_within

#: Which number of the policy a reason rests on.
_RULES = {
    "suspended": "switches.suspended",
    "not_found": "switches.not_found",
    "static_below": "limits.static_kpa",
    "flow_below": "limits.flow_l_s",
    "lift_below": "limits.lift_m",
    "access_below": "limits.access",
    "too_old": "checks.function",
    "works": "checks.function",
    "static_absent": "checks.static",
    "static_old": "checks.static",
    "flow_absent": "checks.flow",
    "flow_old": "checks.flow",
    "level_absent": "checks.level",
    "level_old": "checks.level",
}
#: Order in which the classes are told.
_CLASSES = tuple(Condition)


def rule_of(reason: str, policy: Policy, kind: str | None = None) -> dict[str, Any] | None:
    """The rule that a reason rests on, with its place, source and confidence.

    Parameters
    ----------
    kind
        Kind of the asset, where the rule of that kind is meant.
    """
    place = _RULES.get(reason)
    for of in () if kind is None else (kind, family_of(kind)):
        if f"{place}.kinds.{of}" in policy.rules:
            place = f"{place}.kinds.{of}"
            break
    return None if place is None else {"name": place, **policy.rules[place]}


def explanation(
    registry: Registry, cut: Cut, report: IntegrityReport, assets: Iterable[JudgedAsset]
) -> dict[str, Any]:
    """Both rates of a report's total, taken apart.

    Parameters
    ----------
    assets
        Those that `hydrant.report.listing.counted` gives for the report.

    Returns
    -------
    dict
        ``working_order``: numerator, denominator, and for every class and reason the rule and
        the assets with the predicates that decided. ``completeness``: every requirement with
        where it comes from and the assets that stand against it.
    """
    found = list(assets)
    parts: dict[tuple[Condition, str], list[JudgedAsset]] = defaultdict(list)
    for asset in found:
        assert asset.verdict.condition is not None  # noqa: S101  only existing ones are judged
        parts[asset.verdict.condition, asset.verdict.reason].append(asset)
    order = report.total.working_order
    counted = order.intact if order.headline == "low" else order.existing - order.defective
    completeness = report.total.completeness
    sources = requirement_sources(registry, cut.end, cut.known)
    return {
        "working_order": {
            "numerator": counted,
            "denominator": order.existing,
            "parts": [
                {
                    "condition": condition,
                    "reason": reason,
                    "count": len(parts[condition, reason]),
                    "rule": rule_of(reason, report.policy),
                    "assets": [
                        _told(asset) | {"evidence": asset.evidence.json()}
                        for asset in parts[condition, reason]
                    ],
                }
                for condition, reason in sorted(
                    parts, key=lambda part: (_CLASSES.index(part[0]), part[1])
                )
            ],
        },
        "completeness": [
            _need(need, report, found)
            | {"source": sources.get((need.region, need.kind)) or _NOT_STATED}
            for need in (completeness.needs if completeness is not None else ())
        ],
    }


_NOT_STATED = {"origin": None, "document": None, "since": None}


def _need(need: Need, report: IntegrityReport, assets: list[JudgedAsset]) -> dict[str, Any]:
    below, resolve = report.tree.below(need.region), report.tree.resolve
    return {
        "region": need.region,
        "kind": need.kind,
        "required": need.required,
        "built": need.built,
        "met": need.met,
        "shortfall": need.shortfall,
        "assets": [
            _told(asset)
            for asset in assets
            if kind_within(asset.kind, need.kind) and resolve(asset.region) in below
        ],
    }


def _told(asset: JudgedAsset) -> dict[str, Any]:
    return {"uid": asset.uid, "code": asset.code, "kind": asset.kind, "region": asset.region}
