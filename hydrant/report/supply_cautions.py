"""What may make the answer about a supply wrong: told beside it, each with its sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hydrant.report.near import Source
from hydrant.report.supply import ON_MAINS, Offer, Supply, why_left
from hydrant.vocabulary import OF_LIMITED_VOLUME, Condition, MainsType, family_of, kind_within

#: Why a source does not count, in the order in which it is told; "one_main" is told by the mains.
_HELD = ("design", "season", "season_unknown", "no_place", "no_water")


@dataclass(frozen=True, slots=True)
class Caution:
    """A caution: worded as ``cli_supply.<key>`` with its facts.

    Attributes
    ----------
    sources
        Which sources it is about.
    """

    key: str
    sources: tuple[Source, ...]
    facts: Mapping[str, object] = field(default_factory=dict)


def cautions(found: Supply, residual_kpa: float | None) -> list[Caution]:
    """Everything to be said beside an answer, the gravest first.

    Parameters
    ----------
    residual_kpa
        Residual pressure at which the policy means a flow; None where it states none.
    """
    told = [*_mains(found)]
    if not found.enough:
        told += _held(found.left)
    told += _measurements(found.chosen, residual_kpa)
    told += _places(found)
    told += _volumes(found)
    told += _about("stale", found.chosen, lambda offer: _condition(offer) is Condition.STALE)
    if found.unknown:
        told.append(Caution("unknown", found.unknown))
    return told


def _mains(found: Supply) -> Iterator[Caution]:
    """Flows of mains that were tested one at a time."""
    looked_at = found.chosen if found.enough else (*found.chosen, *found.left)
    on_mains = [offer for offer in looked_at if offer.on_mains]
    if len(on_mains) < 2:  # one alone shares with nobody
        return
    yield from _about("branch", on_mains, lambda o: o.facts.mains_type == MainsType.BRANCH)
    yield from _about("mains_unknown", on_mains, lambda o: o.facts.mains_type is None)
    tested = [offer for offer in on_mains if offer.measured]
    if len(tested) > 1:
        yield Caution("no_joint_test", tuple(offer.source for offer in tested))


def _held(left: Sequence[Offer]) -> Iterator[Caution]:
    for key in _HELD:
        offers = [offer for offer in left if key in why_left(offer)]
        if key == "season":
            for offer in offers:
                yield Caution(key, (offer.source,), {"season": offer.facts.season})
        elif offers:
            yield Caution(key, tuple(offer.source for offer in offers))


def _measurements(chosen: Sequence[Offer], residual_kpa: float | None) -> Iterator[Caution]:
    on_mains = [offer for offer in chosen if offer.on_mains]
    if residual_kpa is not None:
        yield from _about("residual_unknown", on_mains, lambda offer: _residual(offer) is None)
        yield from _about(
            "residual_low",
            on_mains,
            lambda offer: (_residual(offer) or 0.0) < residual_kpa and _residual(offer) is not None,
            limit=f"{residual_kpa:g}",
        )
    yield from _about("undated", chosen, lambda offer: offer.source.flow_day is None)


def _places(found: Supply) -> Iterator[Caution]:
    """Whether there is room for the engines that draw what is counted."""
    for offer in found.chosen:
        slots, flow = offer.facts.truck_slots, offer.source.flow_l_s
        if slots is None:
            continue
        if found.engine_l_s is None:
            yield Caution("places", (offer.source,), {"slots": slots, "flow": f"{flow:g}"})
        elif offer.flow_l_s != flow:
            facts = {"slots": slots, "flow": f"{flow:g}", "counted": f"{offer.flow_l_s:g}"}
            yield Caution("places_few", (offer.source,), facts)
    yield from _about(
        "places_unknown",
        found.chosen,
        lambda offer: (
            offer.facts.truck_slots is None and family_of(offer.source.asset.kind) not in ON_MAINS
        ),
    )


def _volumes(found: Supply) -> Iterator[Caution]:
    for offer in found.chosen:
        if offer.lasts_min is not None:
            flow = min(offer.flow_l_s, found.wanted_l_s)
            yield Caution(
                "lasts",
                (offer.source,),
                {
                    "capacity": f"{offer.facts.capacity_m3:g}",
                    "minutes": f"{offer.lasts_min:g}",
                    "flow": f"{flow:g}",
                },
            )
    yield from _about(
        "volume_unknown",
        found.chosen,
        lambda offer: (
            offer.lasts_min is None
            and any(kind_within(offer.source.asset.kind, kind) for kind in OF_LIMITED_VOLUME)
        ),
    )


def _about(
    key: str, offers: Iterable[Offer], concerned: Callable[[Offer], bool], **facts: object
) -> Iterator[Caution]:
    sources = tuple(offer.source for offer in offers if concerned(offer))
    if sources:
        yield Caution(key, sources, facts)


def _condition(offer: Offer) -> Condition | None:
    return offer.source.asset.verdict.condition


def _residual(offer: Offer) -> float | None:
    return None if offer.source.flow is None else offer.source.flow.residual_kpa
