"""``hydrant near``: water for an incident.

Nothing here may load SQLModel: the whole command takes less time than importing it.
"""

from __future__ import annotations

from typing import Annotated

import typer

from hydrant.cli.frame import Result, Settings, command, helper, single
from hydrant.cli.near_view import show_sources
from hydrant.cli.spot import Spot
from hydrant.report.near import Wish, nearest_to
from hydrant.report.question import Question

h = helper("near")
app = single("near")

_DEFAULT_COUNT = 5


@command(app, "near", numbers=True)
def near(
    settings: Settings,
    lon: Annotated[str, typer.Argument(metavar="LON", help=h("lon"))],
    lat: Annotated[str | None, typer.Argument(metavar="LAT", help=h("lat"))] = None,
    *,
    count: Annotated[int | None, typer.Option("-n", metavar="N", help=h("count"))] = None,
    within: Annotated[float | None, typer.Option("--within", metavar="M", help=h("within"))] = None,
    flow: Annotated[float | None, typer.Option("--flow", metavar="L_PER_S", help=h("flow"))] = None,
    working: Annotated[bool, typer.Option("--working", help=h("working"))] = False,
    kind: Annotated[str | None, typer.Option("--kind", help=h("kind"))] = None,
    crs: Annotated[str | None, typer.Option("--crs", metavar="CODE", help=h("crs"))] = None,
) -> Result:
    """Find the nearest sources."""
    spot = Spot.typed(lon, lat, crs)
    if count is None and within is None:
        count = _DEFAULT_COUNT
    wish = Wish(count, within, flow, working, kind)
    with settings.asking(Question(), hurry=True) as basis:
        sources = nearest_to(basis, spot.lon, spot.lat, wish)
    data = {
        **spot.json(),
        "crs_stated": crs is not None,
        "sources": spot.sources_data(source.json() for source in sources),
    }
    return Result(data, lambda screen: show_sources(screen, sources, spot), spot.doubts)
