"""``hydrant export``: assets as a file for others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from hydrant.cli.cuts import KindOption, RegionOption
from hydrant.cli.frame import Note, Result, Settings, command, helper, single
from hydrant.cli.whole_file import not_the_registry, written_whole
from hydrant.errors import InputRefused
from hydrant.exchange.exporting import forms, placed_only, write_assets
from hydrant.store.evidence.evidence import today
from hydrant.store.regions.regions import find_region, subtree
from hydrant.store.views.export_rows import export_rows, overstated

h = helper("export")
app = single("export")


@command(app, "export")
def export(
    settings: Settings,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=h("file"))],
    *,
    region: RegionOption = None,
    kind: KindOption = None,
) -> Result:
    """Write assets with their last visit as a file; its ending says the form."""
    if file.suffix.lower() not in forms():
        raise InputRefused("document.form", file=file, known=", ".join(forms()))
    with settings.progress("cli_common.working"), settings.registry() as registry:
        not_the_registry(registry.path, file)
        codes = None if region is None else subtree(registry, find_region(registry, region).code)
        cut = today(registry)
        rows = list(export_rows(registry, cut, regions=codes, kind=kind))
        better = overstated(registry, cut, regions=codes, kind=kind)
        zone = registry.zone
    written_whole(file, lambda path: write_assets(path, rows, zone=zone))
    unplaced = sum(row["lon"] is None for row in rows)
    left_out = unplaced if placed_only(file) else 0
    written = len(rows) - left_out
    return Result(
        {"file": str(file), "assets": written, "left_out": left_out, "overstated": better},
        lambda screen: screen.line("cli_export.written", file=file, count=written),
        tuple(_notes(left_out, better)),
    )


def _notes(left_out: int, better: int) -> Iterator[Note]:
    if left_out:
        yield Note.of("cli_export.unplaced", count=left_out)
    if better:
        yield Note.of("cli_export.overstated", count=better).warning()
