"""``hydrant supply``: whether enough water can be drawn at a place."""

from __future__ import annotations

from typing import Annotated

import typer

from hydrant import times
from hydrant.cli.cuts import PolicyOption
from hydrant.cli.frame import Note, Result, Settings, command, helper, single
from hydrant.cli.near_view import show_sources
from hydrant.cli.screen import Screen
from hydrant.cli.sensed import sensed
from hydrant.errors import CommandLineError
from hydrant.geo import datum
from hydrant.integrity.policy_reader import load_policy
from hydrant.report.near import Wish, nearest
from hydrant.report.supply import supply
from hydrant.store.evidence import Cut
from hydrant.vocabulary import Condition

h = helper("supply")
app = single("supply")

EXIT_SHORT = 1


@command(app, "supply", numbers=True)
def supply_(
    settings: Settings,
    lon: Annotated[float, typer.Argument(metavar="LON", help=h("lon"))],
    lat: Annotated[float, typer.Argument(metavar="LAT", help=h("lat"))],
    *,
    flow: Annotated[float | None, typer.Option("--flow", metavar="L_PER_S", help=h("flow"))] = None,
    station: Annotated[
        str | None, typer.Option("--station", metavar="CLASS", help=h("station"))
    ] = None,
    within: Annotated[float, typer.Option("--within", metavar="M", help=h("within"))] = 500.0,
    crs: Annotated[str | None, typer.Option("--crs", metavar="CODE", help=h("crs"))] = None,
    policy: PolicyOption = None,
) -> Result:
    """Say whether a flow can be drawn within a distance, and from which sources."""
    if (flow is None) == (station is None) or within <= 0 or (flow is not None and flow <= 0):
        raise CommandLineError("cli_supply.which")
    stated = datum.parse_crs(crs or "wgs84")
    place = datum.to_registry_point(lon, lat, stated)
    with settings.registry() as registry:
        cut = Cut(times.local_day(times.now(), registry.zone), registry.zone)
        rules = load_policy(policy or registry.policy)
        if station is not None and station not in rules.supply:
            known = ", ".join(rules.supply)
            raise CommandLineError("cli_supply.station_unknown", station=station, known=known)
        wanted = rules.supply[station].value if station is not None else flow or 0.0
        facts = sensed(settings, registry, cut, rules)
        wish = Wish(None, within, None, working=True)
        sources = nearest(
            registry, place.lon, place.lat, wish, cut=cut, policy=rules, pressures=facts.pressures
        )
    found = supply(sources, wanted)
    data = {
        "lon": place.lon,
        "lat": place.lat,
        "within_m": within,
        "wanted_l_s": wanted,
        "drawn_l_s": found.drawn_l_s,
        "enough": found.enough,
        "sources": [source.json() for source in found.chosen],
        "unknown_flow": [source.json() for source in found.unknown],
    }

    def show(screen: Screen) -> None:
        key = "cli_supply.enough" if found.enough else "cli_supply.short"
        screen.line(
            key,
            wanted=f"{wanted:g}",
            drawn=f"{found.drawn_l_s:g}",
            within=f"{within:g}",
            count=len(found.chosen),
        )
        if found.chosen:
            show_sources(screen, list(found.chosen))

    notes = []
    if crs is None:
        inside = datum.in_china(lon, lat)
        notes.append(Note.of("cli_near.assumed_china" if inside else "cli_near.assumed"))
    stale = sum(source.asset.verdict.condition is Condition.STALE for source in found.chosen)
    if stale:
        notes.append(Note.of("cli_supply.stale", count=stale))
    if found.unknown:
        notes.append(Note.of("cli_supply.unknown", count=len(found.unknown)))
    return Result(data, show, tuple(notes), 0 if found.enough else EXIT_SHORT)
