"""``hydrant import``: assets and their evidence from a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from hydrant.cli.frame import Note, Result, Settings, command, helper, single
from hydrant.cli.screen import Screen
from hydrant.errors import InputRefused
from hydrant.exchange.importing import import_table
from hydrant.exchange.mapping import Mapping, load_mapping, own_mapping
from hydrant.exchange.outcome import (
    IGNORED,
    NEW,
    REFUSED,
    UNCHANGED,
    UPDATED,
    Options,
    Outcome,
)
from hydrant.exchange.readers import read_table
from hydrant.exchange.refused import side_path, write_refused
from hydrant.exchange.table import Table
from hydrant.messages import text
from hydrant.store.regions import find_region

h = helper("import_")
app = single("import_")

_SHOWN = 20
EXIT_REFUSED = 3


@command(app, "import")
def import_(
    settings: Settings,
    file: Annotated[Path, typer.Argument(help=h("file"))],
    *,
    mapping: Annotated[
        str | None, typer.Option("--mapping", metavar="NAME|FILE", help=h("mapping"))
    ] = None,
    crs: Annotated[str | None, typer.Option("--crs", metavar="CODE", help=h("crs"))] = None,
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
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help=h("by"))] = None,
) -> Result:
    """Take in assets from a CSV, XLSX, GeoJSON or GeoPackage file."""
    table, rules = _read(file, mapping, layer=layer, encoding=encoding)
    options = Options(
        crs=crs,
        kind=kind,
        source=source,
        duplicate_m=duplicate_m,
        skip_bad=skip_bad,
        dry_run=dry_run,
        accept_offset=accept_offset,
    )
    with settings.registry(write=not dry_run) as registry:
        if region is not None:
            options = replace(options, region=find_region(registry, region).code)
        with settings.progress("cli_import_.progress", len(table)) as advance:
            outcome = import_table(
                registry, file, table, rules, options, actor=settings.actor(by), advance=advance
            )
    return _result(settings, file, outcome, options)


def _read(
    file: Path, name: str | None, *, layer: str | None, encoding: str | None
) -> tuple[Table, Mapping]:
    rules = Mapping("own") if name is None else load_mapping(name)
    table = read_table(
        file,
        encoding=encoding or rules.encoding,
        header_row=rules.header_row,
        layer=layer or rules.layer,
    )
    return table, own_mapping(list(table.columns)) if name is None else rules


def _result(settings: Settings, file: Path, outcome: Outcome, options: Options) -> Result:
    reasons = {
        row: text(
            "exchange.reason",
            settings.lang,
            field=problem.field,
            why=problem.why,
        )
        for row, problem in outcome.problems.items()
    }
    counts = {a: outcome.count(a) for a in (NEW, UPDATED, UNCHANGED, REFUSED, IGNORED)}
    refused = [row for row, action in enumerate(outcome.actions) if action == REFUSED]
    data: dict[str, Any] = {
        "file": file.name,
        "source": outcome.source,
        "read": len(outcome.table),
        **counts,
        "duplicates": len(outcome.duplicates),
        "written": outcome.written,
        "rows": _rows(outcome, reasons),
    }
    notes: list[Note] = []
    if outcome.assumed_datum:
        notes.append(Note.of("cli_places.assumed"))
    if refused and options.skip_bad and not options.dry_run:
        data["refused_file"] = str(_side_file(settings, file, outcome, refused, reasons))
        notes.append(Note.of("cli_import_.kept_aside", file=data["refused_file"]))
    stopped = bool(refused) and not options.skip_bad

    def show(screen: Screen) -> None:
        _show(screen, file, outcome, counts, reasons)
        if options.dry_run:
            screen.line("cli_import_.dry")
        elif stopped:
            screen.line("cli_import_.stopped")

    return Result(data, show, tuple(notes), EXIT_REFUSED if stopped else 0)


def _side_file(
    settings: Settings, file: Path, outcome: Outcome, refused: list[int], reasons: dict[int, str]
) -> Path:
    heading = text("cli_import_.reason", settings.lang)
    try:
        return write_refused(file, outcome.table, refused, reasons, heading)
    except OSError as error:
        raise InputRefused("exchange.side_file", file=side_path(file), why=error.strerror) from None


def _rows(outcome: Outcome, reasons: dict[int, str]) -> list[dict[str, Any]]:
    """Everything that is not plainly new or unchanged, and new rows that were flagged."""
    told = []
    for row, action in enumerate(outcome.actions):
        flagged = row in outcome.duplicates
        if action in (NEW, UNCHANGED) and not flagged:
            continue
        entry = {
            "line": outcome.table.lines[row],
            "code": outcome.codes[row],
            "action": action,
            "reason": reasons.get(row),
        }
        if flagged:
            entry["duplicate_of"] = outcome.duplicates[row]
        if row in outcome.fields:
            entry["fields"] = outcome.fields[row]
        told.append(entry)
    return told


def _show(
    screen: Screen, file: Path, outcome: Outcome, counts: dict[str, int], reasons: dict[int, str]
) -> None:
    for shown, (row, reason) in enumerate(sorted(reasons.items())):
        if shown == _SHOWN:
            screen.line("cli_import_.more", count=len(reasons) - _SHOWN)
            break
        code = outcome.codes[row]
        screen.line(
            "cli_import_.refused",
            line=outcome.table.lines[row],
            code=f" ({code})" if code else "",
            reason=reason,
        )
    screen.line("cli_import_.summary", file=file.name, read=len(outcome.table), **counts)
    if outcome.duplicates:
        screen.line("cli_import_.duplicates", count=len(outcome.duplicates))
