"""The integrity report as the JSON that scripts rely on."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from hydrant import times
from hydrant.integrity.policy import Goal
from hydrant.integrity.rates import Completeness, WorkingOrder
from hydrant.messages import label, text
from hydrant.report.grouping import Group
from hydrant.report.integrity import IntegrityReport
from hydrant.report.remarks import fallen_json
from hydrant.store.regions.region_tree import RegionTree
from hydrant.vocabulary import Language, RegionLevel


def working_order_json(order: WorkingOrder) -> dict[str, Any]:
    """The working order of a group."""
    names = ("existing", "intact", "stale", "defective", "untested", "unmeasured")
    rates = ("percent", "low", "high")
    return {name: getattr(order, name) for name in (*names, *rates)}


def completeness_json(found: Completeness | None) -> dict[str, Any] | None:
    """The completeness of a group; null where it has none."""
    if found is None:
        return None
    names = ("required", "built", "met", "shortfall", "percent", "raw_percent")
    lacking = ("units_without_requirement", "numbers_lacking")
    return {name: getattr(found, name) for name in (*names, *lacking)}


def units_json(
    found: Completeness | None, tree: RegionTree, lang: Language
) -> list[dict[str, Any]]:
    """Units for which a number is lacking, by name."""
    return [
        {
            "region": unit.region,
            "name": tree.name(unit.region, lang),
            "kind": unit.kind,
            "service": unit.service,
        }
        for unit in (() if found is None else found.units)
    ]


def group_name(report: IntegrityReport, group: Group, lang: Language) -> str | None:
    """Name of a group for people; None for assets that lack the key."""
    if group.key is None:
        return None
    if group.beyond:
        return text("integrity.group_beyond", lang, name=report.tree.name(group.key, lang))
    if report.by in tuple(RegionLevel):
        return report.tree.name(group.key, lang)
    if report.by in ("kind", "family"):
        return label("kind", group.key, lang)
    return label("service", group.key, lang) if report.by == "service" else group.key


def report_json(report: IntegrityReport, lang: Language) -> dict[str, Any]:
    """The whole report."""

    def group(found: Group, key: str | None, name: str | None) -> dict[str, Any]:
        completeness = completeness_json(found.completeness)
        if completeness is not None:
            completeness["units"] = units_json(found.completeness, report.tree, lang)
        return {
            "key": key,
            "name": name,
            "beyond": found.beyond,
            "completeness": completeness,
            "working_order": working_order_json(found.working_order),
            "sensors": asdict(found.sensors),
        }

    where = report.region
    told: dict[str, Any] = {
        "as_of": report.as_of.isoformat(),
        "ahead": report.ahead,
        "known_at": None if report.known_at is None else times.to_text(report.known_at),
        "policy": f"{report.policy.name} {report.policy.version}",
        "region": where,
        "by": report.by,
        "total": group(report.total, where, where and report.tree.name(where, lang)),
        "groups": [group(g, g.key, group_name(report, g, lang)) for g in report.groups],
        "private": working_order_json(report.private),
        "rural": working_order_json(report.rural),
        "not_built": report.not_built,
        "sensors": asdict(report.total.sensors) | {"readings": report.readings},
        "requirements_disagreeing": [
            {
                "region": one.region,
                "kind": one.kind,
                "service": one.service,
                "stated": one.stated,
                "sum_below": one.below,
                "counts": "both" if one.beside else "below",
            }
            for one in report.disagreeing
        ],
        "targets": targets_json(report),
        "split_regions": [{"code": code, "assets": count} for code, count in report.split],
    }
    told |= fallen_json(report.fallen)
    if report.doubled:
        told["open_duplicates"] = report.doubled
    if report.villages is not None:
        told["villages"] = asdict(report.villages) | {"all": report.villages.all}
    return told


def dated_json(report: IntegrityReport) -> dict[str, Any]:
    """The totals of one day among several."""
    return {
        "as_of": report.as_of.isoformat(),
        "ahead": report.ahead,
        "completeness": completeness_json(report.total.completeness),
        "working_order": working_order_json(report.total.working_order),
        **fallen_json(report.fallen),
    }


def targets_json(report: IntegrityReport) -> list[dict[str, Any]]:
    """Goals of the policy, each beside what is."""
    return [_target(report, goal) for goal in report.policy.targets]


def _target(report: IntegrityReport, goal: Goal) -> dict[str, Any]:
    """A goal of the policy beside what is; null where it cannot be told."""
    completeness = report.total.completeness
    order = report.total.working_order
    built = None
    if goal.completeness is not None and completeness is not None and completeness.required:
        enough = completeness.percent is not None and completeness.percent >= goal.completeness
        built = enough and completeness.is_stated
    works = None
    if goal.working_order is not None and order.percent is not None:
        works = order.percent >= goal.working_order
    return {
        "date": goal.date.isoformat(),
        "due": goal.date <= report.as_of,
        "completeness": goal.completeness,
        "completeness_met": built,
        "working_order": goal.working_order,
        "working_order_met": works,
        "source": goal.source,
    }
