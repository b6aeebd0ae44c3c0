"""Every figure traced: who stands in its numerator and denominator, by which rule and evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from hydrant.integrity.policy import Policy
from hydrant.integrity.rates import Need
from hydrant.integrity.required import Key
from hydrant.report.grouping import counts_as_built
from hydrant.report.integrity import IntegrityReport
from hydrant.report.listing import JudgedAsset, need_json
from hydrant.store.evidence.evidence import Cut
from hydrant.store.evidence.known import as_known
from hydrant.store.opened.registry import Registry
from hydrant.store.regions.required import requirement_sources
from hydrant.vocabulary import Condition, family_of

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
        where it comes from and the assets that stand against it. ``units``: those for which a
        number is lacking.
    """
    found = list(assets)
    order = report.total.working_order
    counted = order.intact if order.headline == "low" else order.existing - order.defective
    completeness = report.total.completeness
    with as_known(registry, cut):
        sources = _sources(registry, cut, report)
    against = _against(report, found)
    return {
        "working_order": {
            "numerator": counted,
            "denominator": order.existing,
            "parts": _parts(found, report.policy),
        },
        "completeness": [
            _need(need, report, against) | {"source": sources.get(_key(need)) or _NOT_STATED}
            for need in (completeness.needs if completeness is not None else ())
        ],
        "units": [unit._asdict() for unit in (completeness.units if completeness else ())],
    }


def _parts(assets: Iterable[JudgedAsset], policy: Policy) -> list[dict[str, Any]]:
    """Assets by class, reason and the rule that holds for their kind."""
    parts: dict[tuple[int, str, str], list[JudgedAsset]] = defaultdict(list)
    rules: dict[str, dict[str, Any] | None] = {}
    for asset in assets:
        verdict = asset.verdict
        assert verdict.condition is not None  # noqa: S101  only existing ones are judged
        rule = rule_of(verdict.reason, policy, asset.evidence.kind)
        name = "" if rule is None else str(rule["name"])
        rules[name] = rule
        parts[_CLASSES.index(verdict.condition), verdict.reason, name].append(asset)
    return [
        {
            "condition": _CLASSES[number],
            "reason": reason,
            "count": len(parts[number, reason, name]),
            "rule": rules[name],
            "assets": [
                _asset_data(asset) | {"evidence": asset.evidence.json()}
                for asset in parts[number, reason, name]
            ],
        }
        for number, reason, name in sorted(parts)
    ]


_NOT_STATED = {"origin": None, "document": None, "since": None}


def _key(need: Need) -> Key:
    return need.region, (need.kind, need.service)


def _sources(
    registry: Registry, cut: Cut, report: IntegrityReport
) -> dict[Key, dict[str, str | None]]:
    """Where numbers come from, by the region that answers; its own before one it took over."""
    own = requirement_sources(registry, cut.end, cut.known)
    resolve = report.tree.resolve
    return {(resolve(code) or code, cell): source for (code, cell), source in own.items()} | own


def _against(
    report: IntegrityReport, assets: Iterable[JudgedAsset]
) -> dict[Key | None, list[JudgedAsset]]:
    """Assets by the number they stand against."""
    found: dict[Key | None, list[JudgedAsset]] = defaultdict(list)
    for asset in assets:
        code = report.tree.resolve(asset.region)
        if code is not None and counts_as_built(asset.verdict):
            found[report.numbers.stands_for(code, asset.kind, asset.service)].append(asset)
    return found


def _need(
    need: Need, report: IntegrityReport, against: dict[Key | None, list[JudgedAsset]]
) -> dict[str, Any]:
    return need_json(need) | {
        "stated": report.numbers.stated(_key(need)),
        "met": need.met,
        "assets": [_asset_data(asset) for asset in against.get(_key(need), ())],
    }


def _asset_data(asset: JudgedAsset) -> dict[str, Any]:
    return {"uid": asset.uid, "code": asset.code, "kind": asset.kind, "region": asset.region}
