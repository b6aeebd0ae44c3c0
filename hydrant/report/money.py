"""Money: what is recorded as spent, by source, project and year, and what the gap would cost.

A cost that nobody stated is counted and never taken for nothing; sums are exact to the cent.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hydrant import times
from hydrant.integrity.policy import WORKS
from hydrant.report.integrity import IntegrityReport
from hydrant.report.question import Basis
from hydrant.report.todo import Step
from hydrant.store.views.spending import Spending, spendings, without_event
from hydrant.vocabulary import LifecycleEvent, kind_within

#: What costs are summed by.
DIMENSIONS = ("source", "project", "year")
REPAIR = "repair"


def recorded(
    basis: Basis,
    report: IntegrityReport,
    span: tuple[dt.date | None, dt.date | None],
    by: Sequence[str],
) -> dict[str, Any]:
    """What is on record within the region and kind of a report, in a span of local days."""
    zone, cut = basis.cut.zone, basis.cut
    first = None if span[0] is None else times.start_of_day(span[0], zone)
    end = None if span[1] is None else times.end_of_day(span[1], zone)
    every = spendings(basis.registry, cut)
    entries, undated = within([e for e in every if _meant(report, e.region, e.kind)], first, end)
    bare = [pair for pair in without_event(basis.registry, cut) if _meant(report, *pair)]
    return {
        "rows": ledger(entries, zone, by),
        "total": totals(entries),
        "undated_left_out": undated,
        "assets_without_event": len(bare),
    }


def _meant(report: IntegrityReport, region: str | None, kind: str) -> bool:
    """Whether an asset is asked for; private ones are, where somebody recorded their cost."""
    if report.scope.kind is not None and not kind_within(kind, report.scope.kind):
        return False
    inside = None if report.region is None else report.tree.below(report.region)
    return inside is None or report.tree.resolve(region) in inside


def within(
    entries: Iterable[Spending], first: dt.datetime | None, end: dt.datetime | None
) -> tuple[list[Spending], int]:
    """Entries of a span, and how many were left out because their date is not known.

    Parameters
    ----------
    first, end
        First moment of the span and the first after it; None leaves that side open.
    """
    every = list(entries)
    if first is None and end is None:
        return every, 0
    low = "" if first is None else times.to_text(first)
    high = None if end is None else times.to_text(end)
    dated = [entry for entry in every if entry.at is not None]
    kept = [e for e in dated if e.at is not None and e.at >= low and (high is None or e.at < high)]
    return kept, len(every) - len(dated)


def ledger(
    entries: Iterable[Spending], zone: ZoneInfo, by: Sequence[str] = DIMENSIONS
) -> list[dict[str, Any]]:
    """A row for every combination of `by`, in the order of years; not stated comes last.

    Parameters
    ----------
    zone
        Local zone of the registry: a year is a year there.
    by
        Some of `DIMENSIONS`.
    """
    values: dict[str, Callable[[Spending], Any]] = {
        "source": lambda entry: entry.source,
        "project": lambda entry: entry.project,
        "year": lambda entry: _year(entry, zone),
    }
    grouped: dict[tuple[Any, ...], list[Spending]] = defaultdict(list)
    for entry in entries:
        grouped[tuple(values[name](entry) for name in by)].append(entry)
    rows = [dict(zip(by, key, strict=True)) | totals(members) for key, members in grouped.items()]
    order = [name for name in ("year", "source", "project") if name in by]
    return sorted(rows, key=lambda row: [(row[n] is None, row[n] or 0) for n in order])


def totals(entries: Iterable[Spending]) -> dict[str, Any]:
    """Sums of some entries.

    Returns
    -------
    dict
        For ``events`` (what was done), ``repairs`` and ``planned`` (not spent yet): how many,
        with ``_cost`` what those with a stated cost come to, with ``_unstated`` how many state
        none. ``cost`` is what events and repairs come to. A cost is null where none is stated.
    """
    parts: dict[str, list[Spending]] = {"events": [], "repairs": [], "planned": []}
    for entry in entries:
        parts[_part(entry)].append(entry)
    told: dict[str, Any] = {"cost": _sum([*parts["events"], *parts["repairs"]])}
    for name, members in parts.items():
        told[name] = len(members)
        told[f"{name}_cost"] = _sum(members)
        told[f"{name}_unstated"] = sum(member.cost is None for member in members)
    return told


def gap(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """The steps to 100 % by work: how many, what those with a unit cost come to, the rest.

    Returns
    -------
    list of dict
        ``work``, ``count``, ``cost`` (null where no unit cost is known) and ``unpriced``: how
        many of the count have no unit cost.
    """
    every = list(steps)
    rows = []
    for work in WORKS:
        mine = [step for step in every if step.work == work]
        priced = [step for step in mine if step.unit_cost is not None]
        cost = sum((_exact(s.unit_cost or 0.0) * s.count for s in priced), Decimal())
        rows.append(
            {
                "work": work,
                "count": sum(step.count for step in mine),
                "cost": float(cost) if priced else None,
                "unpriced": sum(step.count for step in mine if step.unit_cost is None),
            }
        )
    return rows


def _year(entry: Spending, zone: ZoneInfo) -> int | None:
    return None if entry.at is None else times.local_day(times.from_text(entry.at), zone).year


def _part(entry: Spending) -> str:
    if entry.what == REPAIR:
        return "repairs"
    return "planned" if entry.what == LifecycleEvent.PLANNED else "events"


def _sum(entries: Iterable[Spending]) -> float | None:
    stated = [_exact(entry.cost) for entry in entries if entry.cost is not None]
    return float(sum(stated, Decimal())) if stated else None


def _exact(cost: float) -> Decimal:
    """The amount as it was typed: the shortest decimal that the stored number stands for."""
    return Decimal(repr(float(cost)))
