"""Figures over time: a row of dates, and every asset that changed between two of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from hydrant.errors import CommandLineError
from hydrant.integrity.policy import Policy
from hydrant.integrity.required import Key
from hydrant.report.changed_units import ChangedUnit, changed_units
from hydrant.report.integrity import IntegrityReport, assess
from hydrant.report.listing import JudgedAsset, counted, on_record
from hydrant.report.question import Basis
from hydrant.store.evidence.evidence import Cut
from hydrant.store.evidence.sensor_facts import sensor_facts
from hydrant.store.opened.registry import Registry
from hydrant.vocabulary import kind_within

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
    regions
        Units in which it counts on each of the days, where the one it had was succeeded.
    outside
        What it was on the day on which it did not count; None where it counts on both, or where
        nothing was on record of it.
    kept_out
        Why it did not count on that day, see `why`.
    """

    before: JudgedAsset | None
    after: JudgedAsset | None
    regions: tuple[str | None, str | None]
    outside: JudgedAsset | None = None
    kept_out: tuple[str, ...] = ()

    @property
    def known(self) -> JudgedAsset:
        """Its last state that is known."""
        found = self.after or self.before
        assert found is not None  # noqa: S101  one of both is what makes a change
        return found

    @property
    def sides(self) -> tuple[JudgedAsset | None, JudgedAsset | None]:
        """What it was on each of the days, counting or not."""
        return self.before or self.outside, self.after or self.outside

    @property
    def kinds_of_change(self) -> tuple[str, ...]:
        """``appeared``, ``gone``, or any of those that `why` names."""
        if self.before is None:
            return ("appeared",)
        if self.after is None:
            return ("gone",)
        return tuple(
            name
            for name, differs in (
                ("condition", self.before.verdict.condition != self.after.verdict.condition),
                ("region", self.regions[0] != self.regions[1]),
                ("kind", self.before.kind != self.after.kind),
                ("service", self.before.service != self.after.service),
                ("built", self.before.verdict.built != self.after.verdict.built),
                ("duty", self.before.fields != self.after.fields),
            )
            if differs
        )

    @property
    def why(self) -> tuple[str, ...]:
        """What of it changed so that it counts otherwise.

        ``condition``, ``region``, ``kind``, ``service`` (private ones are in no figure),
        ``built`` (whether it stands against a required number), ``duty``; of one that appeared
        or is gone also ``existence`` (planned, removed) and ``record`` (nothing on record).
        """
        return self.kept_out or self.kinds_of_change


@dataclass(frozen=True, slots=True)
class RestatedNumber:
    """A required number that is another on the later date; None where none is stated."""

    region: str
    kind: str
    service: str | None
    before: int | None
    after: int | None

    @property
    def change(self) -> str:
        """``added``, ``ended`` or ``changed``."""
        if self.before is None:
            return "added"
        return "ended" if self.after is None else "changed"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two reports and what lies between them: assets, required numbers and units."""

    before: IntegrityReport
    after: IntegrityReport
    changed: tuple[ChangedAsset, ...]
    restated: tuple[RestatedNumber, ...]
    units: tuple[ChangedUnit, ...]


def compare(
    registry: Registry,
    cuts: tuple[Cut, Cut],
    policy: Policy,
    *,
    region: str | None,
    kind: str | None,
) -> Comparison:
    """Two dates of one registry, and all that counts otherwise, by region and code.

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
    before, after = reports
    # what the assets of one side were on the other, where they did not count there
    outside = [
        on_record(registry, cut, policy, other.keys() - own.keys())
        for cut, own, other in zip(cuts, assets, reversed(assets), strict=True)
    ]
    changed = [
        _changed(assets[0].get(uid), assets[1].get(uid), outside, (before, after))
        for uid in dict.fromkeys((*assets[0], *assets[1]))
    ]
    changed = [found for found in changed if found.kinds_of_change]
    changed.sort(key=lambda c: (c.known.region or "", c.known.code or "", c.known.uid))
    return Comparison(
        before, after, tuple(changed), tuple(_restated(before, after)),
        tuple(changed_units((before, after), tuple(assets))),
    )  # fmt: skip


def _changed(
    before: JudgedAsset | None,
    after: JudgedAsset | None,
    outside: Sequence[Mapping[str, JudgedAsset]],
    reports: tuple[IntegrityReport, IntegrityReport],
) -> ChangedAsset:
    one, other = _unit(before, reports[0]), _unit(after, reports[1])
    if before is not None and after is not None:
        return ChangedAsset(before, after, (one, other))
    side = 0 if before is None else 1
    known = after if before is None else before
    aside = None if known is None else outside[side].get(known.uid)
    where = _unit(aside, reports[side])
    regions = (where, other) if before is None else (one, where)
    return ChangedAsset(before, after, regions, aside, _kept_out(aside, where, reports[side]))


def _unit(asset: JudgedAsset | None, report: IntegrityReport) -> str | None:
    """Region in which an asset counts: its own, or the one that took over from it."""
    return None if asset is None else report.tree.resolve(asset.region)


def _kept_out(
    asset: JudgedAsset | None, region: str | None, report: IntegrityReport
) -> tuple[str, ...]:
    """Why an asset is not among those that a report counts."""
    if asset is None:
        return ("record",)
    if asset.verdict.condition is None:
        return ("existence",)
    scope = report.scope
    tests = {
        "region": replace(scope, kind=None, apart=False),
        "kind": replace(scope, regions=None, apart=False),
        "service": replace(scope, regions=None, kind=None),
    }
    place = region, asset.kind, asset.service, None
    return tuple(name for name, alone in tests.items() if not alone.holds(place))


def _restated(before: IntegrityReport, after: IntegrityReport) -> Iterator[RestatedNumber]:
    """Numbers of what is asked for that differ, by region, kind and service."""
    old, new = _numbers(before), _numbers(after)
    for key in sorted(old.keys() | new.keys(), key=lambda k: (k[0], k[1][0], k[1][1] or "")):
        if old.get(key) != new.get(key):
            region, (kind, service) = key
            yield RestatedNumber(region, kind, service, old.get(key), new.get(key))


def _numbers(report: IntegrityReport) -> dict[Key, int]:
    scope = report.scope
    return {
        (region, cell): count
        for (region, cell), count in report.numbers.all().items()
        if (scope.regions is None or region in scope.regions)
        and (scope.kind is None or kind_within(cell[0], scope.kind))
    }
