"""``hydrant duplicates``: assets that may have been entered twice."""

from __future__ import annotations

from typing import Annotated

import typer

from hydrant.cli.frame import Result, Settings, command, group, helper
from hydrant.cli.screen import Screen
from hydrant.store.duplicates import open_pairs
from hydrant.store.regions import find_region, subtree

h = helper("duplicates")
app = group("duplicates")


@command(app, "list")
def list_(
    settings: Settings,
    *,
    region: Annotated[str | None, typer.Option("--region", help=h("region"))] = None,
) -> Result:
    """List flagged pairs, closest first."""
    with settings.registry() as registry:
        codes = None if region is None else subtree(registry, find_region(registry, region).code)
        pairs = open_pairs(registry, regions=codes)

    def show(screen: Screen) -> None:
        names = ("distance", "asset", "other", "kind", "region")
        screen.table(
            [screen.t(f"cli_duplicates.column_{name}") for name in names],
            [
                (
                    f"{pair['distance_m']:.1f} m",
                    pair["asset"]["code"] or pair["asset"]["uid"],
                    pair["other"]["code"] or pair["other"]["uid"],
                    screen.label("kind", pair["asset"]["kind"]),
                    pair["asset"]["region"],
                )
                for pair in pairs
            ],
            numeric=(0,),
        )
        screen.line("cli_duplicates.listed", count=len(pairs))

    return Result({"duplicates": pairs}, show)
