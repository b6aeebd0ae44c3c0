"""``hydrant near``: water for an incident.

Nothing here may load SQLModel: the whole command takes less time than importing it.
"""

from __future__ import annotations

from typing import Annotated

import typer

from hydrant import times
from hydrant.cli.frame import Note, Result, Settings, command, helper, single
from hydrant.cli.near_view import show_sources
from hydrant.cli.sensed import sensed
from hydrant.geo import datum
from hydrant.integrity.policy_reader import load_policy
from hydrant.report.near import Wish, nearest
from hydrant.store.evidence import Cut

h = helper("near")
app = single("near")

_DEFAULT_COUNT = 5


@command(app, "near", numbers=True)
def near(
    settings: Settings,
    lon: Annotated[float, typer.Argument(metavar="LON", help=h("lon"))],
    lat: Annotated[float, typer.Argument(metavar="LAT", help=h("lat"))],
    *,
    count: Annotated[int | None, typer.Option("-n", metavar="N", help=h("count"))] = None,
    within: Annotated[float | None, typer.Option("--within", metavar="M", help=h("within"))] = None,
    flow: Annotated[float | None, typer.Option("--flow", metavar="L_PER_S", help=h("flow"))] = None,
    working: Annotated[bool, typer.Option("--working", help=h("working"))] = False,
    kind: Annotated[str | None, typer.Option("--kind", help=h("kind"))] = None,
    crs: Annotated[str | None, typer.Option("--crs", metavar="CODE", help=h("crs"))] = None,
) -> Result:
    """Find the nearest sources."""
    stated = datum.parse_crs(crs or "wgs84")
    place = datum.to_registry_point(lon, lat, stated)
    if count is None and within is None:
        count = _DEFAULT_COUNT
    wish = Wish(count, within, flow, working, kind)
    with settings.registry(hurry=True) as registry:
        cut = Cut(times.local_day(times.now(), registry.zone), registry.zone)
        policy = load_policy(registry.policy)
        facts = sensed(settings, registry, cut, policy)
        sources = nearest(
            registry,
            place.lon,
            place.lat,
            wish,
            cut=cut,
            policy=policy,
            pressures=facts.pressures,
        )
    data = {
        "lon": place.lon,
        "lat": place.lat,
        "crs": stated.name,
        "crs_stated": crs is not None,
        "sources": [source.json() for source in sources],
    }
    notes: tuple[Note, ...] = ()
    if crs is None:
        inside = datum.in_china(lon, lat)
        notes = (Note.of("cli_near.assumed_china" if inside else "cli_near.assumed"),)
    return Result(data, lambda screen: show_sources(screen, sources), notes)
