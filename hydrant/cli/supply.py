"""``hydrant supply``: whether enough water can be drawn at a place."""

from __future__ import annotations

from math import inf
from typing import Annotated

import typer

from hydrant import times
from hydrant.cli.cuts import PolicyOption
from hydrant.cli.frame import Note, Result, Settings, command, helper, single
from hydrant.cli.sensed import sensed
from hydrant.cli.supply_view import caution_note, show_supply
from hydrant.errors import CommandLineError
from hydrant.geo import datum
from hydrant.integrity.policy import Policy
from hydrant.integrity.policy_reader import load_policy
from hydrant.messages import text
from hydrant.report.near import Wish, nearest
from hydrant.report.supply import supply
from hydrant.report.supply_cautions import Caution, cautions
from hydrant.store.evidence import Cut
from hydrant.store.near import drawing_facts

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
    stated = datum.parse_crs(crs or "wgs84")
    place = datum.to_registry_point(lon, lat, stated)
    with settings.registry() as registry:
        cut = Cut(times.local_day(times.now(), registry.zone), registry.zone)
        rules = load_policy(policy or registry.policy)
        wanted = flow if flow is not None else _chain(rules, str(station))
        pressures = sensed(settings, registry, cut, rules).pressures
        wish = Wish(None, within, None, working=True)
        sources = nearest(
            registry, place.lon, place.lat, wish, cut=cut, policy=rules, pressures=pressures
        )
        facts = drawing_facts(registry, [source.asset.uid for source in sources])
    found = supply(sources, facts, wanted, engine_l_s=engine)
    told = cautions(found, rules.limits["flow_l_s"].at_kpa)
    data = {
        "lon": place.lon,
        "lat": place.lat,
        "within_m": within,
        **found.json(),
        "cautions": [_json(settings, caution) for caution in told],
    }
    notes = []
    if crs is None:
        inside = datum.in_china(lon, lat)
        notes.append(Note.of("cli_near.assumed_china" if inside else "cli_near.assumed"))
    if settings.json:  # people read them below the table, wherever that is sent
        notes += [caution_note(caution, settings.lang) for caution in told]
    return Result(
        data,
        lambda screen: show_supply(screen, found, told, within_m=within),
        tuple(notes),
        0 if found.enough else EXIT_SHORT,
    )


def _chain(policy: Policy, station: str) -> float:
    """Flow that the supply chain of a class of station must reach, L/s."""
    if station not in policy.supply:
        known = ", ".join(policy.supply)
        raise CommandLineError("cli_supply.station_unknown", station=station, known=known)
    return policy.supply[station].value


def _json(settings: Settings, caution: Caution) -> dict[str, object]:
    note = caution_note(caution, settings.lang)
    return {
        "key": caution.key,
        "text": text(note.key, settings.lang, **note.facts),
        "sources": [source.name for source in caution.sources],
    }
