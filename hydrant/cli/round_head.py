"""What a crew sees of an asset before it is asked about it."""

from __future__ import annotations

from dataclasses import dataclass

from hydrant import times
from hydrant.cli.near_view import towards
from hydrant.cli.screen import Screen
from hydrant.cli.spot import pair_in
from hydrant.geo import datum
from hydrant.geo.distance import distance_bearing
from hydrant.model.tables import Asset
from hydrant.store.facts import withdrawing
from hydrant.store.facts.defects import list_defects
from hydrant.store.opened.registry import Registry
from hydrant.survey.form import defect_names

Position = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Heading:
    """Where in the round an asset stands.

    Attributes
    ----------
    number
        Its number among the due ones; None where it is not one of them.
    count
        How many are due.
    before
        Where the crew comes from, lon and lat; None where that is not known.
    crs
        System in which positions are told.
    """

    number: int | None
    count: int
    before: Position | None
    crs: datum.Crs


def show_asset(screen: Screen, registry: Registry, asset: Asset, heading: Heading) -> None:
    """Code, kind and address; position and way there; last visit; open defects."""
    screen.text()
    place = "+" if heading.number is None else f"{heading.number}/{heading.count}"
    told = (place, name_of(asset), screen.label("kind", asset.kind), asset.address or "")
    screen.styled("  ".join(filter(None, told)), "bold")
    where = position_line(screen, asset.geom, heading)
    if where:
        screen.text("  " + where)
    screen.line(
        "cli_survey.last",
        last=_last_visit(screen, registry, asset),
        defects=_open_defects(screen, registry, asset) or screen.t("cli_survey.no_defects"),
    )


def name_of(asset: Asset) -> str:
    """What people call an asset: its code, else its uid."""
    return asset.code or asset.uid


def position_line(screen: Screen, position: Position | None, heading: Heading) -> str:
    """Coordinates with their datum, and how far from the last asset in which direction."""
    if position is None:
        return screen.t("cli_survey.no_position")
    told = pair_in(heading.crs, position)
    if heading.before is None:
        return told
    metres, bearing = distance_bearing(*heading.before, *position)
    way = screen.t(
        "cli_survey.way", metres=f"{metres:.0f}", towards=towards(screen, metres, bearing)
    )
    return f"{told}  {way}"


def _last_visit(screen: Screen, registry: Registry, asset: Asset) -> str:
    visit = withdrawing.last_visit(registry, asset)
    if visit is None:
        return screen.t("cli_survey.never")
    day = "–"
    if visit.at is not None:
        day = times.local_day(visit.at, registry.zone).isoformat()
    return f"{day} {screen.label('outcome', visit.outcome)}"


def _open_defects(screen: Screen, registry: Registry, asset: Asset) -> str:
    found = list_defects(registry, regions=None, asset=asset, open_only=True)
    codes = [row["code"] for row in found if row["state"] == "confirmed"]
    return screen.t("cli_survey.named", names=defect_names(codes, screen.lang))
