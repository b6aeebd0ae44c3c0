"""Whether enough water can be drawn at a place, from which sources, and over what distance.

Only what is proven counts: a flow that somebody measured, at a source where it can be drawn at
any season. Hydrants that may hang on one branch main share what that main brings, so of them one
counts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hydrant.report.near import Source
from hydrant.report.season import all_year
from hydrant.store.views.near import DrawingFacts
from hydrant.vocabulary import FlowSource, MainsType, Water, families_on, family_of

#: Families that take their water from mains, and from nature; a tank holds its own.
ON_MAINS = families_on(Water.MAINS)
NATURAL = families_on(Water.NATURE)
_LITRES = 1000.0
_MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class Offer:
    """What one source of known flow offers.

    Attributes
    ----------
    flow_l_s
        Its known flow, or less where there are too few places for engines to draw it.
    held
        Why that is not proven, as words that the messages explain; empty where it is.
    lasts_min
        How long its volume lasts at that flow, or at the wanted one where that is less; None
        where no volume is known.
    """

    source: Source
    facts: DrawingFacts
    flow_l_s: float
    held: tuple[str, ...]
    lasts_min: float | None

    @property
    def on_mains(self) -> bool:
        """Whether it takes its water from mains."""
        return family_of(self.source.asset.kind) in ON_MAINS

    @property
    def may_share(self) -> bool:
        """Whether it may hang on the same branch main as others of which that holds."""
        return self.on_mains and self.facts.mains_type != MainsType.RING

    @property
    def measured(self) -> bool:
        """Whether its flow was measured."""
        return self.source.flow is not None and self.source.flow.source is FlowSource.MEASURED

    def json(self, *, counted: bool, why_not: Iterable[str] = ()) -> dict[str, Any]:
        """The source as scripts see it."""
        facts, flow = self.facts, self.source.flow
        return self.source.json() | {
            "static_kpa": None if flow is None else flow.static_kpa,
            "residual_kpa": None if flow is None else flow.residual_kpa,
            "mains_type": facts.mains_type,
            "mains_dn_mm": facts.mains_dn_mm,
            "truck_slots": facts.truck_slots,
            "capacity_m3": facts.capacity_m3,
            "lasts_min": self.lasts_min,
            "season": facts.season,
            "counted_l_s": self.flow_l_s if counted else 0.0,
            "not_counted": list(why_not),
        }


@dataclass(frozen=True, slots=True)
class Supply:
    """What can be drawn at a place.

    Attributes
    ----------
    wanted_l_s
        Flow that is needed, L/s.
    engine_l_s
        Flow that one engine draws, L/s; None when nobody said.
    chosen
        Sources to draw from, nearest first, as few as the nearest allow.
    left
        Sources of known flow that were looked at and do not count: not proven, or perhaps on
        the branch main of one that does.
    unknown
        Sources in reach whose flow nobody knows; they count nothing.
    largest_single_l_s
        Largest proven flow of one source in reach, L/s; None where there is none.
    sum_l_s
        Sum of all measured flows in reach, one of each branch main: an upper bound.
    with_design_l_s
        The same with the design figures of sources that nobody measured.
    """

    wanted_l_s: float
    engine_l_s: float | None
    chosen: tuple[Offer, ...]
    left: tuple[Offer, ...]
    unknown: tuple[Source, ...]
    largest_single_l_s: float | None
    sum_l_s: float
    with_design_l_s: float

    @property
    def drawn_l_s(self) -> float:
        """Sum of the flows of the chosen sources, L/s."""
        return math.fsum(offer.flow_l_s for offer in self.chosen)

    @property
    def enough(self) -> bool:
        """Whether proven flows that may be added reach the wanted one."""
        return self.drawn_l_s >= self.wanted_l_s

    @property
    def joint_test_l_s(self) -> float | None:
        """Flow of the chosen sources opened together: no visit records such a test."""
        return None

    @property
    def verdict(self) -> str:
        """The answer in a word.

        ``enough``; ``enough_by_sum`` where flows of several sources on mains were added that
        nobody tested together; ``not_proven`` where only an upper bound reaches the wanted flow;
        else ``short``.
        """
        if self.enough:
            on_mains = [offer for offer in self.chosen if offer.on_mains]
            return "enough_by_sum" if len(on_mains) > 1 else "enough"
        return "not_proven" if self.with_design_l_s >= self.wanted_l_s else "short"

    def json(self) -> dict[str, Any]:
        """The answer as scripts see it."""
        return {
            "wanted_l_s": self.wanted_l_s,
            "engine_l_s": self.engine_l_s,
            "drawn_l_s": self.drawn_l_s,
            "enough": self.enough,
            "verdict": self.verdict,
            "largest_single_l_s": self.largest_single_l_s,
            "sum_l_s": self.sum_l_s,
            "with_design_l_s": self.with_design_l_s,
            "joint_test_l_s": self.joint_test_l_s,
            "sources": [offer.json(counted=True) for offer in self.chosen],
            "not_counted": [
                offer.json(counted=False, why_not=why_left(offer)) for offer in self.left
            ],
            "unknown_flow": [source.json() for source in self.unknown],
        }


def why_left(offer: Offer) -> tuple[str, ...]:
    """Why a source that was looked at does not count."""
    return offer.held or ("one_main",)


def supply(
    sources: Sequence[Source],
    facts: Mapping[str, DrawingFacts],
    wanted_l_s: float,
    *,
    engine_l_s: float | None = None,
) -> Supply:
    """The nearest sources whose proven flows together give a flow.

    Parameters
    ----------
    sources
        In reach and usable, nearest first.
    facts
        What limits the water drawn at each, by uid.
    wanted_l_s
        Flow that is needed, L/s.
    engine_l_s
        Flow that one engine draws, L/s; None leaves places for engines to the cautions.
    """
    offers = [
        _offer(source, source.flow_l_s, facts[source.asset.uid], wanted_l_s, engine_l_s)
        for source in sources
        if source.flow_l_s is not None
    ]
    proven = [offer for offer in offers if not offer.held]
    chosen = _chosen(proven, wanted_l_s)
    shared = any(offer.may_share for offer in chosen)
    return Supply(
        wanted_l_s,
        engine_l_s,
        tuple(chosen),
        tuple(o for o in offers if o not in chosen and (o.held or (shared and o.may_share))),
        tuple(source for source in sources if source.flow_l_s is None),
        max((offer.flow_l_s for offer in proven), default=None),
        _most(offer for offer in offers if offer.measured),
        _most(offers),
    )


def _offer(
    source: Source,
    flow_l_s: float,
    facts: DrawingFacts,
    wanted_l_s: float,
    engine_l_s: float | None,
) -> Offer:
    if facts.truck_slots is not None and engine_l_s is not None:
        flow_l_s = min(flow_l_s, facts.truck_slots * engine_l_s)
    lasts = None
    if facts.capacity_m3 is not None and flow_l_s > 0:
        seconds = facts.capacity_m3 * _LITRES / min(flow_l_s, wanted_l_s)
        lasts = math.floor(seconds / _MINUTE_S * 10) / 10
    return Offer(source, facts, flow_l_s, tuple(_doubts(source, facts)), lasts)


def _doubts(source: Source, facts: DrawingFacts) -> Iterable[str]:
    """Why the flow of a source is not proven."""
    if source.flow is not None and source.flow.source is FlowSource.DESIGN:
        yield "design"
    if source.flow_l_s == 0 or facts.capacity_m3 == 0:
        yield "no_water"
    if facts.truck_slots == 0:
        yield "no_place"
    if facts.season is not None:
        if not all_year(facts.season):
            yield "season"
    elif family_of(source.asset.kind) in NATURAL and facts.lift_drought_m is None:
        # a lift at drought level says that water was looked for at drought level
        yield "season_unknown"


def _chosen(proven: Iterable[Offer], wanted_l_s: float) -> list[Offer]:
    """The nearest that reach the flow; of those that may share a main the largest passed."""
    chosen: list[Offer] = []
    for offer in proven:
        if math.fsum(one.flow_l_s for one in chosen) >= wanted_l_s:
            break
        rival = next((one for one in chosen if offer.may_share and one.may_share), None)
        if rival is not None and rival.flow_l_s >= offer.flow_l_s:
            continue
        chosen = [*(one for one in chosen if one is not rival), offer]
    return chosen


def _most(offers: Iterable[Offer]) -> float:
    """Sum of flows as an upper bound, all that is known to hang on branch mains taken as one."""
    branch: list[float] = [0.0]
    others: list[float] = []
    for offer in offers:
        shares = offer.on_mains and offer.facts.mains_type == MainsType.BRANCH
        (branch if shares else others).append(offer.flow_l_s)
    return math.fsum([*others, max(branch)])
