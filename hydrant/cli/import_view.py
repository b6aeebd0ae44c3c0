"""What an import is shown as: its counts, and every row that is not plainly new or unchanged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hydrant.cli import import_notes
from hydrant.cli.frame import Note, Result, Settings
from hydrant.cli.screen import Screen
from hydrant.errors import InputRefused
from hydrant.exchange.imported import reason_of
from hydrant.exchange.outcome import (
    IGNORED,
    NEW,
    REFUSED,
    UNCHANGED,
    UPDATED,
    Options,
    Outcome,
)
from hydrant.exchange.refused import side_path, write_refused
from hydrant.exchange.visits import Visited
from hydrant.messages import text

_SHOWN = 20
EXIT_REFUSED = 3


def counts_of(outcome: Outcome) -> dict[str, int]:
    """How many rows each action befell."""
    return {a: outcome.count(a) for a in (NEW, UPDATED, UNCHANGED, REFUSED, IGNORED)}


def reasons_of(settings: Settings, outcome: Outcome) -> dict[int, str]:
    """Why rows were refused, in words."""
    return {row: reason_of(outcome, row, settings.lang) for row in outcome.problems}


def result_of(settings: Settings, file: Path, outcome: Outcome, options: Options) -> Result:
    """The result of an import; refused rows are written aside where that was asked for."""
    reasons, counts = reasons_of(settings, outcome), counts_of(outcome)
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
    if outcome.answers:
        data["answers_unread"] = list(outcome.answers)
    if outcome.missing:
        data["missing_assets"] = [{"asset": uid, "code": code} for uid, code in outcome.missing]
    notes = import_notes.notes(outcome, data, settings.lang)
    notes += [*import_notes.ended_regions(outcome), *import_notes.shifts(outcome)]
    notes += import_notes.of_register(outcome, settings.lang, options.source)
    if refused and options.skip_bad and not options.dry_run:
        data["refused_file"] = str(_side_file(settings, file, outcome, refused, reasons))
        notes.append(Note.of("cli_import_.kept_aside", file=data["refused_file"]))
    notes += import_notes.ways_on(outcome)
    stopped = bool(refused) and not options.skip_bad
    # what a refused row said is lost on the figures, so no script takes it for done
    ends_refused = stopped or bool(outcome.held_on)

    def show(screen: Screen) -> None:
        show_rows(screen, file, outcome, counts, reasons)
        _show_doubts(screen, outcome)
        if options.dry_run:
            screen.line("cli_import_.dry")
        elif stopped:
            screen.line("cli_import_.stopped")

    return Result(data, show, tuple(notes), EXIT_REFUSED if ends_refused else 0)


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
    plain = {*outcome.actions} <= {NEW, UNCHANGED}
    some = {*outcome.duplicates, *outcome.visits, *outcome.misplaced}
    for row in sorted(some) if plain else range(len(outcome.actions)):
        action = outcome.actions[row]
        flagged = row in outcome.duplicates
        visit = outcome.visits.get(row)
        withdrawn = visit is not None and visit.state is Visited.WITHDRAWN
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
        if visit is not None and visit.state in (Visited.CORRECTED, Visited.WITHDRAWN):
            entry["visit"] = visit.state
        told.append(entry)
    return told


def show_rows(
    screen: Screen, file: Path, outcome: Outcome, counts: dict[str, int], reasons: dict[int, str]
) -> None:
    """Show the first refused rows and the counts."""
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
