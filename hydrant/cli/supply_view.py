"""How a supply is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hydrant.cli.frame import Note
from hydrant.cli.near_view import flow_cell, head_cells, position_cell, position_heading
from hydrant.cli.screen import Screen
from hydrant.cli.spot import Spot
from hydrant.messages import text
from hydrant.report.supply import Offer, Supply, why_left
from hydrant.report.supply_cautions import Caution
from hydrant.vocabulary import Language

#: So many sources are named in a sentence; the JSON names all.
_NAMED = 5
#: So many sources that do not count are listed on the screen, the nearest.
_LISTED = 10
_HEAD = ("distance", "bearing", "code", "kind", "condition", "flow")


def caution_note(caution: Caution, lang: Language) -> Note:
    """A caution as a remark beside the answer."""
    return Note(f"cli_supply.{caution.key}", {"names": _names(caution, lang), **caution.facts})


#: Parts of the answer that are sources.
_SOURCES = ("sources", "not_counted", "unknown_flow")


def supply_json(
    spot: Spot, within_m: float, found: Supply, cautions: Sequence[Caution], lang: Language
) -> dict[str, Any]:
    """The answer and its cautions as scripts see them."""
    return {
        **spot.json(),
        "within_m": within_m,
        **found.json(),
        **{name: spot.sources_data(found.json()[name]) for name in _SOURCES},
        "cautions": [_caution_json(caution, lang) for caution in cautions],
    }


def _caution_json(caution: Caution, lang: Language) -> dict[str, object]:
    note = caution_note(caution, lang)
    return {
        "key": caution.key,
        "text": text(note.key, lang, **note.facts),
        "sources": [source.name for source in caution.sources],
    }


def show_supply(
    screen: Screen, spot: Spot, found: Supply, cautions: Sequence[Caution], *, within_m: float
) -> None:
    """The answer, the sources to draw from, what is not counted, and the cautions."""
    screen.line(
        f"cli_supply.{found.verdict}",
        wanted=f"{found.wanted_l_s:g}",
        drawn=f"{found.drawn_l_s:g}",
        within=f"{within_m:g}",
        count=len(found.chosen),
        most=f"{found.with_design_l_s:g}",
    )
    screen.line(
        "cli_supply.figures",
        single=_flow(screen, found.largest_single_l_s, "none_known"),
        sum=_flow(screen, found.sum_l_s, "none_known"),
        design=_flow(screen, found.with_design_l_s, "none_known"),
        joint=_flow(screen, found.joint_test_l_s, "not_recorded"),
    )
    if found.chosen:
        _show_offers(screen, spot, found.chosen)
    if found.left and not found.enough:
        screen.line("cli_supply.left")
        _show_offers(screen, spot, found.left[:_LISTED], why=True)
        if len(found.left) > _LISTED:
            screen.line("cli_supply.left_more", count=len(found.left) - _LISTED)
    if cautions:
        screen.line("cli_supply.cautions")
    for caution in cautions:
        note = caution_note(caution, screen.lang)
        screen.text("  - " + screen.t(note.key, **note.facts))


def _show_offers(screen: Screen, spot: Spot, offers: Sequence[Offer], *, why: bool = False) -> None:
    own = ("why", "tested", "mains") if why else ("tested", "mains")
    headings = [
        *(screen.t(f"cli_near.column_{name}") for name in _HEAD),
        *(screen.t(f"cli_supply.column_{name}") for name in own),
        position_heading(screen, spot),
    ]
    rows = [
        (
            *head_cells(screen, offer.source),
            flow_cell(screen, offer.source),
            *([_why(screen, offer)] if why else []),
            _tested(screen, offer),
            _mains(screen, offer),
            position_cell(offer.source, spot),
        )
        for offer in offers
    ]
    screen.table(headings, rows, numeric=(0, 5), whole=(0, 1, 2, 4, 5))


def _why(screen: Screen, offer: Offer) -> str:
    return ", ".join(screen.t(f"cli_supply.why_{reason}") for reason in why_left(offer))


def _tested(screen: Screen, offer: Offer) -> str | None:
    """When the flow was measured, and at which residual pressure."""
    flow, day = offer.source.flow, offer.source.flow_day
    if flow is None or not offer.measured:
        return None
    told = screen.t("cli_supply.no_day") if day is None else day.isoformat()
    if flow.residual_kpa is None:
        return told
    return screen.t("cli_supply.at_residual", day=told, residual=f"{flow.residual_kpa:g}")


def _mains(screen: Screen, offer: Offer) -> str | None:
    if not offer.on_mains:
        return None
    kind, diameter = offer.facts.mains_type, offer.facts.mains_dn_mm
    told = screen.t("cli_supply.mains_open") if kind is None else screen.label("mains_type", kind)
    return told if diameter is None else f"{told} DN {diameter:g}"


def _flow(screen: Screen, flow_l_s: float | None, none: str) -> str:
    if flow_l_s is None:
        return screen.t(f"cli_supply.{none}")
    return f"{flow_l_s:g} L/s"


def _names(caution: Caution, lang: Language) -> str:
    """Names of the sources of a caution; of many the first."""
    joint = "、" if lang is Language.ZH else ", "
    names = joint.join(source.name for source in caution.sources[:_NAMED])
    more = len(caution.sources) - _NAMED
    return names if more <= 0 else text("cli_supply.more", lang, names=names, count=more)
