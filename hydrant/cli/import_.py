"""``hydrant import``: assets and their evidence from a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from hydrant.cli import import_notes
from hydrant.cli.frame import Note, Result, Settings, command, helper, single
from hydrant.cli.screen import Screen, printable
from hydrant.errors import InputRefused
from hydrant.exchange.importing import import_table
from hydrant.exchange.outcome import (
    IGNORED,
    NEW,
    REFUSED,
    UNCHANGED,
    UPDATED,
    Options,
    Outcome,
)
from hydrant.exchange.readers import read_headed
from hydrant.exchange.refused import side_path, write_refused
from hydrant.exchange.register_file import read_register
from hydrant.exchange.suggesting import Suggestion, suggest
from hydrant.exchange.visits import Told
from hydrant.messages import text
from hydrant.store.regions.regions import find_region

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
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help=h("by"))] = None,
) -> Result:
    """Take in assets from a table or a GIS file."""
    if suggest_mapping:
        return _suggest(settings, file, encoding, layer)
    table, rules = read_register(file, mapping, layer=layer, encoding=encoding)
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
    with settings.registry(write=not dry_run) as registry:
        if region is not None:
            options = replace(options, region=find_region(registry, region).code)
        with settings.progress("cli_import_.progress", len(table)) as advance:
            outcome = import_table(
                registry, file, table, rules, options, actor=settings.actor(by), advance=advance
            )
    return _result(settings, file, outcome, options)


def _suggest(settings: Settings, file: Path, encoding: str | None, layer: str | None) -> Result:
    """The mapping proposed for a file, ready to be kept as a .toml file."""
    table, header_row = read_headed(file, encoding=encoding, layer=layer)
    found = suggest(table, header_row=header_row, encoding=encoding, layer=layer)
    reasons = [
        {
            "part": line.part,
            "line": line.toml,
            "why": text(line.why.key, settings.lang, **line.why.facts),
        }
        for line in found.lines
    ]
    toml = _toml(found, reasons)

    def show(screen: Screen) -> None:
        if found.known is not None:
            # as a remark, so that what is shown can be saved and used as it is
            key = "cli_import_.known_changed" if found.changed else "cli_import_.known"
            known = text(key, settings.lang, file=printable(file.name), mapping=found.known)
            screen.text(f"# {known}\n")
        screen.text(toml)

    known = None if found.changed else found.known
    return Result({"known": known, "mapping": toml, "reasons": reasons}, show)


def _toml(found: Suggestion, reasons: list[dict[str, Any]]) -> str:
    parts: dict[str, list[str]] = {"": [], "position": [], "fields": [], "inspection": []}
    for reason in reasons:
        # cells stand in it as examples: whatever they hold, a remark is one line
        parts[reason["part"]].append(f"# {printable(' '.join(reason['why'].split()))}")
        if reason["line"] is not None:
            parts[reason["part"]].append(reason["line"])
    if found.known is not None:
        return found.told
    blocks = [
        "\n".join([*([f"[{part}]"] if part else []), *lines])
        for part, lines in parts.items()
        if lines
    ]
    return "\n\n".join(blocks)


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
        "missing": len(outcome.missing),
        "visits": import_notes.visits(outcome),
        "written": outcome.written,
        "rows": _rows(
            outcome,
            import_notes.same_codes(outcome, settings.lang) | reasons | _doubts(settings, outcome),
        ),
    }
    counted = {"moved": outcome.moved, "placed": outcome.placed, "misplaced": outcome.misplaced}
    data |= {name: len(rows) for name, rows in counted.items() if rows}
    data["named"] = import_notes.named(outcome)
    data["unread"] = outcome.unread
    if outcome.missing:
        data["missing_assets"] = [{"asset": uid, "code": code} for uid, code in outcome.missing]
    notes = import_notes.notes(data, settings.lang, assumed_datum=outcome.assumed_datum)
    notes += [*import_notes.ended_regions(outcome), *import_notes.shifts(outcome)]
    notes += import_notes.of_register(outcome, settings.lang, options.source)
    if refused and options.skip_bad and not options.dry_run:
        data["refused_file"] = str(_side_file(settings, file, outcome, refused, reasons))
        notes.append(Note.of("cli_import_.kept_aside", file=data["refused_file"]))
    stopped = bool(refused) and not options.skip_bad

    def show(screen: Screen) -> None:
        _show(screen, file, outcome, counts, reasons)
        _show_doubts(screen, outcome)
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
        keys = {row: outcome.numbered[row] for row in refused if row in outcome.numbered}
        return write_refused(file, outcome.table, refused, reasons, heading, keys=keys)
    except OSError as error:
        raise InputRefused("exchange.side_file", file=side_path(file), why=error.strerror) from None


def _doubts(settings: Settings, outcome: Outcome) -> dict[int, str]:
    """What does not fit the regions that rows state, in words."""
    return {
        row: text(doubt.key, settings.lang, **doubt.facts)
        for row, doubt in outcome.misplaced.items()
    }


def _show_doubts(screen: Screen, outcome: Outcome) -> None:
    """Rows outside the regions they state, the first of them one by one."""
    for row, doubt in sorted(outcome.misplaced.items())[:_SHOWN]:
        code = outcome.codes[row]
        screen.line(
            "cli_import_.misplaced_row",
            line=outcome.table.lines[row],
            code=f" ({code})" if code else "",
            reason=doubt,
        )


def _rows(outcome: Outcome, reasons: dict[int, str]) -> list[dict[str, Any]]:
    """Everything that is not plainly new or unchanged, and new rows that were flagged."""
    told = []
    for row, action in enumerate(outcome.actions):
        flagged = row in outcome.duplicates
        visit = outcome.visits.get(row)
        withdrawn = visit is not None and visit.told is Told.WITHDRAWN
        told_of = flagged or withdrawn or row in outcome.misplaced
        if action in (NEW, UNCHANGED) and not told_of:
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
        if visit is not None and visit.told in (Told.CORRECTED, Told.WITHDRAWN):
            entry["visit"] = visit.told
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
    if near := len(outcome.duplicates) - len(outcome.apart):
        screen.line("cli_import_.duplicates", count=near)
