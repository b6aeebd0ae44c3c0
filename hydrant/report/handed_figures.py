"""Figures here held against those that the levels below stated of their own regions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.integrity.condition import Verdict, condition
from hydrant.integrity.policy_reader import load_policy
from hydrant.integrity.rates import WorkingOrder, tally
from hydrant.model.values import Record
from hydrant.report.differing import Differing
from hydrant.report.integrity import IntegrityReport, assess
from hydrant.report.totals import differing, totals
from hydrant.store.evidence.evidence import Cut, list_evidence
from hydrant.store.evidence.sensor_facts import sensor_facts
from hydrant.store.opened.registry import Registry
from hydrant.store.sides.stated_figures import (
    Stated,
    beside,
    has_number_beside,
    last_stated,
)

#: Rates of working order that are better where they are higher.
_RATES = ("percent", "high")

#: Figures that are better here, ``[name, stated, here]``, by day.
Better = dict[str, list[list[object]]]


class Held(NamedTuple):
    """Figures of a region held against those that its sender stated.

    Attributes
    ----------
    differ
        Those that come out differently here, by each day that was stated.
    better
        Those that are better here than by all that is known; days without any are left out.
    """

    differ: Mapping[str, list[Differing]]
    better: Better


def held_against(registry: Registry, source: str, region: str, stated: Record) -> Held | None:
    """Figures of a region held against those that its sender stated.

    None where they cannot be compared: the sender follows a policy of its own.
    """
    differ: dict[str, list[Differing]] = {}
    better: Better = {}
    try:
        policy = load_policy(stated["policy"])
        for day, rates in stated["days"].items():
            cut = Cut(times.parse_date(day), registry.zone)
            report = assess(registry, cut, policy, region=region)
            found = differing({**stated, **rates}, totals(report))
            if found is None:
                return None  # the policy of that name is another one here
            differ[day] = found
            if found:
                higher = _better(_Beside(registry, source, cut, report), rates)
                better |= {day: told} if (told := [list(one) for one in higher]) else {}
    except InputRefused:
        return None
    return Held(differ, better)


class _Beside:
    """What stands here of a region beside what its sender handed up, as of a day.

    Attributes
    ----------
    number
        Whether a required number does.
    built
        How many assets do that may stand against a number.
    """

    def __init__(self, registry: Registry, source: str, cut: Cut, report: IntegrityReport) -> None:
        tree, self._scope = report.tree, report.scope
        self._policy, self.total, self._tree = report.policy, report.total, tree
        codes = [one for one in tree.nodes if self._scope.regions is None
                 or (tree.resolve(one) or one) in self._scope.regions]  # fmt: skip
        found = beside(registry, source, codes)
        self.number = has_number_beside(registry, source, codes, cut.end)
        every = dict(self._judged(registry, cut, {*found.own, *found.others}))
        self.built = sum(one.built and one.condition is not None for one in every.values())
        own = [verdict for uid, verdict in every.items() if uid in found.own]
        #: Working order of all that came from below, and of what the sender handed up.
        self.orders = self._without(own), self._without(every.values())

    def _judged(
        self, registry: Registry, cut: Cut, uids: set[str]
    ) -> Iterator[tuple[str, Verdict]]:
        if not uids:
            return
        sensed = sensor_facts(registry, cut, self._policy).pressures
        for row in list_evidence(registry, cut, self._policy, uids=sorted(uids), sensors=sensed):
            place = self._tree.resolve(row.region_code), row.kind, row.service, None
            if self._scope.holds(place):
                yield row.uid, condition(row.evidence, self._policy)

    def _without(self, verdicts: Iterable[Verdict]) -> WorkingOrder:
        headline, every = self._policy.headline, self.total.working_order
        some = tally(((one, 1) for one in verdicts), headline=headline)
        intact, stale, defective, untested = (
            getattr(every, name) - getattr(some, name)
            for name in ("intact", "stale", "defective", "untested")
        )
        return WorkingOrder(intact, stale, defective, untested, headline=headline)


def _better(others: _Beside, rates: Mapping[str, Record]) -> Iterator[Differing]:
    """Figures that are better here than stated, but for what stands beside it here.

    Working order is that of what came from below, and is higher for what the sender handed up,
    too. Of what is missing, assets of others may make less; a rate is higher for a cause that is
    known where an asset or a number of others counts in it.
    """
    stated = rates["working_order"]
    for name in _RATES:
        every, handed_up = (
            Differing(f"working_order.{name}", stated.get(name), getattr(order, name))
            for order in others.orders
        )
        if _is_higher(every) and _is_higher(handed_up):
            yield every
    here, below = others.total.completeness, rates["completeness"] or {}
    shortfall, missing = below.get("shortfall", 0), 0 if here is None else here.shortfall
    if missing + others.built < shortfall:
        yield Differing("completeness.shortfall", shortfall, here and here.shortfall)
    rate = Differing("completeness.percent", below.get("percent"), here and here.percent)
    if _is_higher(rate) and not others.number and not others.built:
        yield rate


def _is_higher(one: Differing) -> bool:
    return one.ours is not None and (one.stated is None or one.ours > one.stated)


def better_anew(
    registry: Registry, codes: Iterable[str], own: tuple[str, Held | None] | None = None
) -> list[tuple[Stated, Better]]:
    """Of every sender whose figures may have changed which are better here.

    What is noted of a sender already is left out.

    Parameters
    ----------
    codes
        Units of which something was told.
    own
        The sender of a package that told it, and what `held_against` gave of that.
    """
    source, mine = own or (None, None)
    found = []
    for stated in last_stated(registry, codes, source):
        held = mine
        if stated.source != source:
            held = held_against(registry, stated.source, stated.region, stated.figures)
        if held is not None and held.better != stated.better:
            found.append((stated, held.better))
    return found
