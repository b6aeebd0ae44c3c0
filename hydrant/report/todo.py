"""What would bring both rates to 100 %: who has to build, repair or look at what, and its cost."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hydrant import times
from hydrant.integrity.policy import Policy
from hydrant.report.integrity import IntegrityReport
from hydrant.report.listing import JudgedAsset, shortfalls
from hydrant.report.question import Basis
from hydrant.report.villages import Water, stated_villages, villages, water
from hydrant.store.evidence.evidence import Cut
from hydrant.store.evidence.known import as_known
from hydrant.store.regions.region_tree import RegionTree
from hydrant.store.views.todo_facts import (
    OpenDefect,
    PlannedAsset,
    last_checks,
    open_defects,
    planned_assets,
)
from hydrant.vocabulary import Condition, RegionLevel, Service, family_of

#: The lists, in the order in which they are told.
LISTS = (
    *("shortfall", "repairs", "defects", "overdue", "unverified"),
    *("planned", "villages", "duties", "records"),
)
#: What verifying takes, by the reason why an asset is not verified; the cheapest first.
WAYS: dict[str, str] = {
    "undated": "date",
    **dict.fromkeys(("static_absent", "static_old", "flow_absent", "flow_old"), "measure"),
    **dict.fromkeys(("too_old", "never_tested"), "visit"),
}
_ORDER = ("date", "measure", "visit")
DUTIES = ("owner", "maintainer", "supervisor")

#: Costs per asset, typed in: (work, kind or family) to an amount.
Costs = Mapping[tuple[str, str], float]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the lists are made from.

    Attributes
    ----------
    last
        When each asset last worked, stored text, by uid.
    finished
        Projects that somebody says are finished.
    """

    assets: Sequence[JudgedAsset]
    last: Mapping[str, str]
    defects: Sequence[OpenDefect]
    planned: Sequence[PlannedAsset]
    finished: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of work on the way to 100 %.

    Attributes
    ----------
    work
        ``build``, ``repair`` or ``verify``.
    funding
        Who paid for the assets, where that is known; None for new ones.
    unit_cost
        Per asset; None where nobody stated one, and then `cost` is None too.
    """

    work: str
    kind: str
    funding: str | None
    count: int
    unit_cost: float | None

    @property
    def cost(self) -> float | None:
        """Cost of the step."""
        return None if self.unit_cost is None else self.unit_cost * self.count

    def json(self) -> dict[str, Any]:
        """The step as scripts see it."""
        return {
            "work": self.work,
            "kind": self.kind,
            "funding": self.funding,
            "count": self.count,
            "unit_cost": self.unit_cost,
            "cost": self.cost,
        }


def facts_of(basis: Basis, report: IntegrityReport, finished: Iterable[str]) -> Facts:
    """What the lists of a report are made from.

    Parameters
    ----------
    finished
        Projects that somebody says are finished.
    """
    registry, cut = basis.registry, basis.cut
    assets = basis.counted(report)
    with as_known(registry, cut):
        return Facts(
            assets,
            last_checks(registry, cut),
            open_defects(registry, cut),
            planned_assets(registry, cut),
            frozenset(finished),
        )


def todo(name: str, facts: Facts, report: IntegrityReport, cut: Cut) -> list[dict[str, Any]]:
    """One of `LISTS`: rows with what has to be done, whose duty it is, and since when."""
    made: dict[str, Callable[[], list[dict[str, Any]]]] = {
        "shortfall": lambda: _shortfall(report),
        "repairs": lambda: _repairs(facts),
        "defects": lambda: _defects(facts, cut),
        "overdue": lambda: _overdue(facts, report.policy, cut),
        "unverified": lambda: _unverified(facts),
        "planned": lambda: _planned(facts, report, cut),
        "villages": lambda: _villages(facts, report),
        "duties": lambda: _duties(facts),
        "records": lambda: _records(facts),
    }
    return made[name]()


def distance(facts: Facts, report: IntegrityReport, costs: Costs) -> list[Step]:
    """Steps to 100 %: how many to build, repair and verify, by kind and funding source."""
    counts: dict[tuple[str, str, str | None], int] = defaultdict(int)
    for row in _shortfall(report):
        counts["build", row["kind"], None] += row["missing"]
    for asset in facts.assets:
        condition = asset.verdict.condition
        if condition is not Condition.INTACT:
            work = "repair" if condition is Condition.DEFECTIVE else "verify"
            counts[work, asset.kind, asset.fields["funding"]] += 1
    order = ("build", "repair", "verify")
    return [
        Step(work, kind, funding, count, _unit_cost(report.policy, costs, work, kind))
        for (work, kind, funding), count in sorted(
            counts.items(), key=lambda item: (order.index(item[0][0]), item[0][1], str(item[0][2]))
        )
    ]


def _unit_cost(policy: Policy, costs: Costs, work: str, kind: str) -> float | None:
    """Cost of one asset: typed in before the policy's, the kind's before its family's."""
    for name in (kind, family_of(kind)):
        if (work, name) in costs:
            return costs[work, name]
        if name in policy.costs:
            stated: float | None = getattr(policy.costs[name], work)
            if stated is not None:
                return stated
    return None


def _about(asset: JudgedAsset) -> dict[str, Any]:
    return {
        "code": asset.code,
        "uid": asset.uid,
        "kind": asset.kind,
        "region": asset.region,
        "address": asset.address,
        "position": asset.position,
        "holder": asset.fields["maintainer"],
    }


def _shortfall(report: IntegrityReport) -> list[dict[str, Any]]:
    rows = []
    for found in shortfalls(report):
        missing = found.pop("shortfall")
        rows.append(found | {"missing": missing, "holder": None})
    return rows


def _repairs(facts: Facts) -> list[dict[str, Any]]:
    """Assets that are not in working order, with why; also those of which nobody named a defect."""
    return [
        _about(asset) | {"reason": asset.verdict.reason}
        for asset in facts.assets
        if asset.verdict.condition is Condition.DEFECTIVE
    ]


def _days_since(stored: str | None, cut: Cut) -> int | None:
    if stored is None:
        return None
    return (cut.as_of - times.local_day(times.from_text(stored), cut.zone)).days


def _defects(facts: Facts, cut: Cut) -> list[dict[str, Any]]:
    """Open defects, the longest open first; those of unknown age stand in front."""
    known = {asset.uid: asset for asset in facts.assets}
    rows = [
        _about(known[fault.asset_uid])
        | {
            "defect": fault.code,
            "severity": fault.severity,
            "days_open": _days_since(fault.found_at, cut),
            "due": _day(fault.due, cut),
        }
        for fault in facts.defects
        if fault.asset_uid in known
    ]
    return sorted(rows, key=lambda r: (r["days_open"] is not None, -(r["days_open"] or 0)))


def _day(stored: str | None, cut: Cut) -> str | None:
    if stored is None:
        return None
    return times.local_day(times.from_text(stored), cut.zone).isoformat()


def _overdue(facts: Facts, policy: Policy, cut: Cut) -> list[dict[str, Any]]:
    """Assets whose function check is older than the policy allows, the oldest first."""
    allowed = policy.checks["function"].within_days
    rows = []
    for asset in facts.assets:
        days = _days_since(facts.last.get(asset.uid), cut)
        if days is not None and days > allowed:
            last = (cut.as_of - dt.timedelta(days=days)).isoformat()
            rows.append(_about(asset) | {"last": last, "days_overdue": days - allowed})
    return sorted(rows, key=lambda row: -row["days_overdue"])


def _unverified(facts: Facts) -> list[dict[str, Any]]:
    """Assets that are neither proven nor disproven, by the cheapest way to settle it."""
    rows = [
        _about(asset)
        | {"reason": asset.verdict.reason, "way": WAYS.get(asset.verdict.reason, "visit")}
        for asset in facts.assets
        if asset.verdict.condition in (Condition.STALE, Condition.UNTESTED)
    ]
    return sorted(rows, key=lambda row: _ORDER.index(row["way"]))


def _planned(facts: Facts, report: IntegrityReport, cut: Cut) -> list[dict[str, Any]]:
    """Planned assets whose road or mains project is finished while they are not built."""
    scope, resolve = report.scope, report.tree.resolve
    return [
        {
            "code": asset.code,
            "uid": asset.uid,
            "kind": asset.kind,
            "region": asset.region,
            "address": None,
            "holder": asset.builder,
            "project": asset.project,
            "since": _day(asset.at, cut),
            "sign": "stated" if asset.project in facts.finished else "sibling",
        }
        for asset in facts.planned
        if (asset.project in facts.finished or asset.sibling_stands)
        and scope.holds((resolve(asset.region), asset.kind, Service.MUNICIPAL, None))
    ]


def _villages(facts: Facts, report: IntegrityReport) -> list[dict[str, Any]]:
    """Villages without a source in working order, whether or not a number was stated for them."""
    tree = report.tree
    existing: Counter[str | None] = Counter()
    intact: Counter[str | None] = Counter()
    for asset in facts.assets:
        village = tree.at_level(tree.resolve(asset.region), RegionLevel.VILLAGE)
        existing[village] += 1
        intact[village] += asset.verdict.condition is Condition.INTACT
    numbers = _numbers_in_villages(report)
    stated = stated_villages(tree, report.numbers.regions)
    rows = [
        {
            "region": code,
            "state": water(existing[code], intact[code]),
            "not_stated": code not in stated,
            "existing": existing[code],
            "intact": intact[code],
            **{name: count[code] if code in stated else None for name, count in numbers.items()},
            "holder": None,
        }
        for code in villages(tree, report.scope.regions)
        if water(existing[code], intact[code]) is not Water.WORKING
    ]
    order = (Water.WITHOUT, Water.UNPROVEN)
    return sorted(rows, key=lambda r: (order.index(r["state"]), -(r["missing"] or 0), r["region"]))


def _numbers_in_villages(report: IntegrityReport) -> dict[str, Counter[str]]:
    """What is required, built towards that and missing in each village."""
    found: dict[str, Counter[str]] = {n: Counter() for n in ("required", "built", "missing")}
    completeness = report.total.completeness
    for need in () if completeness is None else completeness.needs:
        village = report.tree.at_level(need.region, RegionLevel.VILLAGE)
        if village is not None:
            found["required"][village] += need.required
            found["built"][village] += need.built
            found["missing"][village] += need.shortfall
    return found


def _duties(facts: Facts) -> list[dict[str, Any]]:
    """Assets with a duty that nobody holds."""
    return [
        _about(asset) | {"vacant": vacant}
        for asset in facts.assets
        if (vacant := [duty for duty in DUTIES if not asset.fields[duty]])
    ]


def _records(facts: Facts) -> list[dict[str, Any]]:
    """Assets whose record lacks what every record must have."""
    rows = []
    for asset in facts.assets:
        stated: dict[str, object] = {
            "code": asset.code,
            "position": asset.position,
            "region": asset.region,
            "kind": "." in asset.kind or None,
            **{duty: asset.fields[duty] for duty in DUTIES},
            "check": facts.last.get(asset.uid),
        }
        missing = [name for name, value in stated.items() if value is None]
        if missing:
            rows.append(_about(asset) | {"missing_fields": missing})
    return sorted(rows, key=lambda row: -len(row["missing_fields"]))


def record_shares(facts: Facts, tree: RegionTree) -> list[dict[str, Any]]:
    """Complete records and all records, for the whole (region None) and for every region."""
    lacking = {row["uid"] for row in _records(facts)}
    counts: dict[str | None, list[int]] = defaultdict(lambda: [0, 0])
    for asset in facts.assets:
        path = [node.code for node in tree.path(tree.resolve(asset.region))]
        for code in (None, *path):
            counts[code][0] += asset.uid not in lacking
            counts[code][1] += 1
    return [
        {"region": code, "complete": complete, "all": every}
        for code, (complete, every) in sorted(counts.items(), key=lambda item: item[0] or "")
    ]


def holders(rows: Iterable[Mapping[str, Any]]) -> dict[str | None, list[Mapping[str, Any]]]:
    """Rows by who has to see to them."""
    found: dict[str | None, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["holder"]].append(row)
    return dict(sorted(found.items(), key=lambda item: (item[0] is None, item[0] or "")))
