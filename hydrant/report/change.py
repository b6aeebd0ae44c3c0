"""Figures over time: a row of dates, and every asset that changed between two of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from hydrant.errors import CommandLineError
from hydrant.integrity.policy import Policy
from hydrant.report.integrity import IntegrityReport, assess
from hydrant.report.listing import JudgedAsset, counted
from hydrant.report.question import Basis
from hydrant.store.evidence.evidence import Cut
from hydrant.store.evidence.sensor_facts import sensor_facts
from hydrant.store.opened.registry import Registry

#: More dates than anybody reads.
_MOST = 400


class Step(StrEnum):
    """Distance between the dates of a trend."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


_DAYS = {Step.DAY: 1, Step.WEEK: 7}
_MONTHS = {Step.MONTH: 1, Step.QUARTER: 3, Step.YEAR: 12}


def dates(first: dt.date, last: dt.date, step: Step) -> list[dt.date]:
    """Days from `first` to `last`, which is always among them.

    Months, quarters and years are meant to their last day, as reviews count.

    Raises
    ------
    CommandLineError
        `last` lies before `first`, or there would be too many.
    """
    if last < first:
        raise CommandLineError("report.span", first=first, last=last)
    found = []
    for day in _days(first, step):
        if day >= last:
            break
        found.append(day)
        if len(found) > _MOST:
            raise CommandLineError("report.too_many", most=_MOST)
    return [*found, last]


def _days(first: dt.date, step: Step) -> Iterator[dt.date]:
    if step in _DAYS:
        day = first
        while True:
            yield day
            day += dt.timedelta(days=_DAYS[step])
    months = _MONTHS[step]
    # the end of the period that the first day lies in
    ordinal = first.year * 12 + (first.month - 1) // months * months + months
    while True:
        yield dt.date(ordinal // 12, ordinal % 12 + 1, 1) - dt.timedelta(days=1)
        ordinal += months


def trend(basis: Basis, days: list[dt.date]) -> Iterator[IntegrityReport]:
    """The report of each day by the rules of a question; no groups are looked at."""
    for cut in basis.on_days(*days):
        yield assess(basis.registry, cut, basis.policy, region=basis.region, kind=basis.kind)


@dataclass(frozen=True, slots=True)
class ChangedAsset:
    """An asset that counts otherwise on a later date than on an earlier one.

    Attributes
    ----------
    before, after
        None where it did not exist, or did not belong to the report.
    """

    before: JudgedAsset | None
    after: JudgedAsset | None

    @property
    def known(self) -> JudgedAsset:
        """Its last state that is known."""
        found = self.after or self.before
        assert found is not None  # noqa: S101  one of both is what makes a change
        return found

    @property
    def kinds_of_change(self) -> tuple[str, ...]:
        """``appeared``, ``gone``, or any of ``condition``, ``region``, ``kind``, ``duty``."""
        if self.before is None:
            return ("appeared",)
        if self.after is None:
            return ("gone",)
        return tuple(
            name
            for name, differs in (
                ("condition", self.before.verdict.condition != self.after.verdict.condition),
                ("region", self.before.region != self.after.region),
                ("kind", self.before.kind != self.after.kind),
                ("duty", self.before.fields != self.after.fields),
            )
            if differs
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two reports and what lies between them."""

    before: IntegrityReport
    after: IntegrityReport
    changed: tuple[ChangedAsset, ...]


def compare(
    registry: Registry,
    cuts: tuple[Cut, Cut],
    policy: Policy,
    *,
    region: str | None,
    kind: str | None,
) -> Comparison:
    """Two dates of one registry, and every asset that counts otherwise, by region and code.

    Raises
    ------
    CommandLineError
        The second date lies before the first.
    """
    if cuts[1].as_of < cuts[0].as_of:
        raise CommandLineError("report.span", first=cuts[0].as_of, last=cuts[1].as_of)
    reports, assets = [], []
    for cut in cuts:
        facts = sensor_facts(registry, cut, policy)
        report = assess(registry, cut, policy, region=region, kind=kind, facts=facts)
        found = counted(registry, cut, report, pressures=facts.pressures)
        reports.append(report)
        assets.append({asset.uid: asset for asset in found})
    changed = [
        ChangedAsset(assets[0].get(uid), assets[1].get(uid))
        for uid in dict.fromkeys((*assets[0], *assets[1]))
    ]
    changed = [found for found in changed if found.kinds_of_change]
    changed.sort(key=lambda c: (c.known.region or "", c.known.code or "", c.known.uid))
    return Comparison(reports[0], reports[1], tuple(changed))
