"""``hydrant import``: assets and their evidence from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hydrant.cli.frame import Result, Settings, command, helper, single
from hydrant.cli.import_proposal import suggested, unmapped
from hydrant.cli.import_run import Run
from hydrant.errors import CommandLineError
from hydrant.exchange.outcome import Options
from hydrant.exchange.register_file import read_register

h = helper("import_")
app = single("import_")


@command(app, "import")
def import_(
    settings: Settings,
    file: Annotated[Path, typer.Argument(help=h("file"))],
    *,
    mapping: Annotated[
        str | None, typer.Option("--mapping", metavar="NAME|FILE", help=h("mapping"))
    ] = None,
    crs: Annotated[str | None, typer.Option("--crs", metavar="CODE", help=h("crs"))] = None,
    axes: Annotated[str | None, typer.Option("--axes", metavar="en|ne", help=h("axes"))] = None,
    areas: Annotated[str | None, typer.Option("--areas", metavar="within", help=h("areas"))] = None,
    lines: Annotated[str | None, typer.Option("--lines", metavar="middle", help=h("lines"))] = None,
    kind: Annotated[str | None, typer.Option("--kind", help=h("kind"))] = None,
    region: Annotated[str | None, typer.Option("--region", help=h("region"))] = None,
    layer: Annotated[str | None, typer.Option("--layer", help=h("layer"))] = None,
    encoding: Annotated[str | None, typer.Option("--encoding", help=h("encoding"))] = None,
    source: Annotated[str | None, typer.Option("--source", help=h("source"))] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=h("dry_run"))] = False,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help=h("skip_bad"))] = False,
    duplicate_m: Annotated[
        float, typer.Option("--duplicate-m", metavar="M", help=h("duplicate_m"))
    ] = 10.0,
    accept_offset: Annotated[
        bool, typer.Option("--accept-offset", help=h("accept_offset"))
    ] = False,
    suggest_mapping: Annotated[bool, typer.Option("--suggest", help=h("suggest"))] = False,
    save_mapping: Annotated[
        Path | None, typer.Option("--save-mapping", metavar="FILE", help=h("save_mapping"))
    ] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help=h("by"))] = None,
) -> Result:
    """Take in assets from a table or a GIS file."""
    options = Options(
        crs=crs,
        kind=kind,
        source=source,
        duplicate_m=duplicate_m,
        skip_bad=skip_bad,
        dry_run=dry_run,
        accept_offset=accept_offset,
        axes=axes,
        areas=areas,
        lines=lines,
    )
    run = Run(settings, file, options, region=region, by=by, layer=layer, encoding=encoding)
    if suggest_mapping:
        return suggested(run)
    if mapping is None:
        return unmapped(run, save_mapping)
    if save_mapping is not None:
        raise CommandLineError("cli_import_.save_beside_mapping")
    table, rules = read_register(file, mapping, layer=layer, encoding=encoding)
    return run.taken(table, rules)
