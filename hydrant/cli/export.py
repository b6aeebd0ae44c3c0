"""``hydrant export``: assets as a file for others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from hydrant.cli.cuts import KindOption, RegionOption
from hydrant.cli.frame import Note, Result, Settings, command, helper, single
from hydrant.cli.whole_file import not_the_registry, written_whole
from hydrant.errors import InputRefused
from hydrant.exchange.exporting import forms, holds_visits, placed_only, write_assets
from hydrant.report.better_elsewhere import Better, better_elsewhere, better_note
from hydrant.report.question import Question, ask
from hydrant.store.evidence.evidence import today
from hydrant.store.opened.registry import Registry
from hydrant.store.regions.regions import find_region, subtree
from hydrant.store.views.export_rows import COUNTS_AS, export_rows

h = helper("export")
app = single("export")


#: What an asset counts as that does not exist at all.
_NOT_THERE = "none"


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
        rows = list(export_rows(registry, today(registry), regions=codes, kind=kind))
        zone = registry.zone
        held = [row for row in rows if row["lon"] is not None or not placed_only(file)]
        better = _better(settings, registry, file, held)
        if better:
            here = {one.uid: one.here or _NOT_THERE for one in better}
            rows = [row | {COUNTS_AS: here.get(str(row["uid"]))} for row in rows]
    written_whole(file, lambda path: write_assets(path, rows, zone=zone))
    left_out, written = len(rows) - len(held), len(held)
    data = {"file": str(file), "assets": written, "left_out": left_out, **_better_json(better)}
    return Result(
        data,
        lambda screen: screen.line("cli_export.written", file=file, count=written),
        tuple(_notes(left_out, better)),
    )


def _better(
    settings: Settings, registry: Registry, file: Path, rows: list[dict[str, Any]]
) -> list[Better] | None:
    """Assets that count as better for who has the file alone; None where no policy can be read."""
    try:
        basis = ask(registry, Question(), settings.notes.append)
    except InputRefused as error:
        settings.notes.append(Note.of(error.key, **error.facts).warning())
        return None
    uids, pressures = [row["uid"] for row in rows], basis.sensors.pressures
    return better_elsewhere(
        registry, basis.cut, basis.policy, uids, pressures=pressures, visits=holds_visits(file)
    )


def _better_json(better: list[Better] | None) -> dict[str, Any]:
    if better is None:
        return {"overstated": None, "better_there": None}
    return {"overstated": len(better), "better_there": [one.json() for one in better]}


def _notes(left_out: int, better: list[Better] | None) -> Iterator[Note]:
    if left_out:
        yield Note.of("cli_export.unplaced", count=left_out)
    if better:
        yield better_note(better)
