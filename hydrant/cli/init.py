"""``hydrant init``: a new registry with regions and a policy."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hydrant import times
from hydrant.cli.frame import Result, Settings, command, helper, single
from hydrant.cli.screen import Screen
from hydrant.report.followed import to_follow
from hydrant.resources import resource
from hydrant.store.file.migrate import create
from hydrant.store.opened.kept_policy import properties
from hydrant.store.opened.registry import open_registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.regions.region_rows import load_shipped

h = helper("init")
app = single("init")


@command(app, "init")
def init(
    settings: Settings,
    *,
    policy: Annotated[str, typer.Option("--policy", help=h("policy"))] = "zhejiang",
    zone: Annotated[str, typer.Option("--zone", help=h("zone"))] = times.DEFAULT_ZONE,
    empty: Annotated[bool, typer.Option("--no-regions", help=h("no_regions"))] = False,
) -> Result:
    """Make an empty registry at the chosen place."""
    times.zone(zone)
    followed = properties(*to_follow(policy))
    path = settings.path
    create(path, settings={**followed, "zone": zone}, lang=settings.lang)
    regions = 0 if empty else _load_regions(settings)
    data: dict[str, Any] = {
        "path": str(path),
        "policy": policy,
        "zone": zone,
        "regions": regions,
    }

    def show(screen: Screen) -> None:
        screen.line("cli_init.done", **data)
        screen.line("cli_init.next")

    return Result(data, show)


def _load_regions(settings: Settings) -> int:
    with (
        open_registry(settings.path, write=True) as registry,
        transaction(registry, actor=settings.actor(), origin="init") as writer,
    ):
        return load_shipped(writer, resource("data", "regions", "zhejiang.json"))
