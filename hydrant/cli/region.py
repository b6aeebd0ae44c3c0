"""``hydrant region``: administrative units."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hydrant.cli.frame import Result, Settings, command, group, helper
from hydrant.cli.screen import Screen
from hydrant.exchange.region_file import read_regions
from hydrant.messages import label
from hydrant.store import regions
from hydrant.vocabulary import RegionLevel

h = helper("region")
app = group("region")


@command(app, "list")
def list_(
    settings: Settings,
    region: Annotated[str | None, typer.Argument(help=h("region"))] = None,
    *,
    level: Annotated[RegionLevel | None, typer.Option("--level", help=h("level"))] = None,
) -> Result:
    """List regions, or those within one."""
    with settings.registry() as registry:
        codes = None
        if region is not None:
            codes = regions.subtree(registry, regions.find_region(registry, region).code)
        rows = regions.list_regions(registry, codes=codes, level=level)

    def show(screen: Screen) -> None:
        screen.table(
            [screen.t(f"cli_region.{name}") for name in ("code", "name", "level_title", "until")],
            [
                (
                    row["code"],
                    row[f"name_{screen.lang}"] or row["name_zh"] or row["name_en"],
                    label("level", row["level"], screen.lang),
                    row["valid_until"] or "",
                )
                for row in rows
            ],
        )

    return Result({"regions": rows}, show)


@command(app, "import")
def import_(
    settings: Settings,
    file: Annotated[Path, typer.Argument(help=h("file"))],
    *,
    encoding: Annotated[str | None, typer.Option("--encoding", help=h("encoding"))] = None,
    by: Annotated[str | None, typer.Option("--by", help=h("by"))] = None,
) -> Result:
    """Take in regions from a CSV file, for example townships and villages."""
    rows = read_regions(file, encoding=encoding)
    with (
        settings.registry(write=True) as registry,
        registry.transaction(
            actor=settings.actor(by), origin=f"region import {file.name}"
        ) as writer,
    ):
        counts = regions.put_regions(writer, rows, source=file.stem)

    def show(screen: Screen) -> None:
        screen.line("cli_region.imported", file=file.name, **counts)

    return Result({"read": len(rows), **counts}, show)
