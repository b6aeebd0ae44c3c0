"""``hydrant supply``: whether enough water can be drawn at a place."""

from __future__ import annotations

from math import inf
from typing import Annotated

import typer

from hydrant.cli.cuts import PolicyOption
from hydrant.cli.frame import Result, Settings, command, helper, single
from hydrant.cli.spot import Spot
from hydrant.cli.supply_view import caution_note, show_supply, supply_json
from hydrant.errors import CommandLineError
from hydrant.integrity.policy import Policy
from hydrant.report.near import Wish, nearest_to
from hydrant.report.question import Question
from hydrant.report.supply import supply
from hydrant.report.supply_cautions import cautions
from hydrant.store.views.near import drawing_facts

h = helper("supply")
app = single("supply")

EXIT_SHORT = 1


@command(app, "supply", numbers=True)
def supply_(
    settings: Settings,
    lon: Annotated[str, typer.Argument(metavar="LON", help=h("lon"))],
    lat: Annotated[str | None, typer.Argument(metavar="LAT", help=h("lat"))] = None,
    *,
    flow: Annotated[float | None, typer.Option("--flow", metavar="L_PER_S", help=h("flow"))] = None,
    station: Annotated[
        str | None, typer.Option("--station", metavar="CLASS", help=h("station"))
    ] = None,
    within: Annotated[float, typer.Option("--within", metavar="M", help=h("within"))] = 500.0,
    engine: Annotated[
        float | None, typer.Option("--engine-flow", metavar="L_PER_S", help=h("engine"))
    ] = None,
    crs: Annotated[str | None, typer.Option("--crs", metavar="CODE", help=h("crs"))] = None,
    policy: PolicyOption = None,
) -> Result:
    """Say whether a flow can be drawn within a distance, and from which sources."""
    amounts = [given for given in (flow, within, engine) if given is not None]
    if (flow is None) == (station is None) or not all(0 < one < inf for one in amounts):
        raise CommandLineError("cli_supply.which")
    spot = Spot.typed(lon, lat, crs)
    with settings.asking(Question(policy=policy)) as basis:
        wanted = flow if flow is not None else _chain(basis.policy, str(station))
        sources = nearest_to(basis, spot.lon, spot.lat, Wish(None, within, None, working=True))
        facts = drawing_facts(basis.registry, [source.asset.uid for source in sources])
    found = supply(sources, facts, wanted, engine_l_s=engine)
    told = cautions(found, basis.policy.limits["flow_l_s"].at_kpa)
    data = supply_json(spot, within, found, told, settings.lang)
    # people read the cautions below the table, wherever that is sent
    cautious = [caution_note(caution, settings.lang) for caution in told] if settings.json else []
    notes = [*spot.doubts, *cautious]
    return Result(
        data,
        lambda screen: show_supply(screen, spot, found, told, within_m=within),
        tuple(notes),
        0 if found.enough else EXIT_SHORT,
    )


def _chain(policy: Policy, station: str) -> float:
    """Flow that the supply chain of a class of station must reach, L/s."""
    if station not in policy.supply:
        known = ", ".join(policy.supply)
        raise CommandLineError("cli_supply.station_unknown", station=station, known=known)
    return policy.supply[station].value
