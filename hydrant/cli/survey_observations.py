"""A plain file of observations: the part of ``hydrant survey import`` that takes tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hydrant.cli.frame import Note, Result, Settings
from hydrant.cli.screen import Screen
from hydrant.cli.survey_beside import left_out, named, named_standing, notes_on, standing_notes
from hydrant.cli.survey_submissions import EXIT_REFUSED, Asked, is_stopped, show_stopped
from hydrant.exchange.left_standing import left_standing
from hydrant.exchange.observation_file import ReadObservations, read_observations
from hydrant.exchange.refused import register_name, write_refused
from hydrant.exchange.table import Table
from hydrant.messages import text
from hydrant.model.tables import Asset
from hydrant.store.evidence.inspections import same_inspection
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Writer
from hydrant.survey.record import Observation, Recorded, record, visit_values

_COUNTS = ("read", "new", "unchanged", "refused")


def recorded_json(asset: Asset, written: Recorded) -> dict[str, Any]:
    """One recorded observation as scripts see it."""
    return {
        "asset": asset.uid,
        "code": asset.code,
        "inspection": written.inspection,
        "defects": list(written.defects),
        "action": "new" if written.new else "unchanged",
    }


def take_in(settings: Settings, file: Path, table: Table, asked: Asked) -> Result:
    """Write the observations of a table; a second time it changes nothing."""
    with settings.registry(write=not asked.dry_run) as registry:

        def known(asset: Asset, seen: Observation) -> bool:
            values = visit_values(seen, registry.zone)
            return same_inspection(registry, asset, values) is not None

        read = read_observations(registry, table, known=known)
        counts = {"new": 0, "unchanged": 0}
        stopped = is_stopped(asked, refused=len(read.problems), of=len(table))
        if asked.dry_run and not stopped:
            counts = _tried(registry, read)
        elif not stopped:
            with settings.transaction(registry, asked.actor, about=file.name) as writer:
                counts = _write(writer, read, register_name(file))
        standing = left_standing(registry, read.refused)  # also by what was written just now
    reasons = {row: text(why.key, settings.lang, **why.facts) for row, why in read.problems.items()}
    data: dict[str, Any] = {
        "read": len(table),
        **counts,
        "refused": len(reasons),
        "unread": read.unread,
        "named": named(table, read.beside) | named_standing(table, standing),
        "rows": [
            {"line": table.lines[row], "action": "refused", "reason": reason}
            for row, reason in sorted(reasons.items())
        ],
    }
    sums = tuple(str(table.lines[row]) for row in read.sums)
    notes = notes_on(table, read.beside, read.unread, settings.lang) + left_out(sums)
    notes += standing_notes(standing, settings.lang)
    if reasons and asked.skip_bad and not asked.dry_run:
        heading = text("cli_import_.reason", settings.lang)
        kept = write_refused(file, table, sorted(reasons), reasons, heading)
        data["refused_file"] = str(kept)
        notes.append(Note.of("cli_import_.kept_aside", file=str(kept)))

    def show(screen: Screen) -> None:
        _show(screen, file, data)
        if asked.dry_run:
            screen.line("cli_import_.dry")
        elif stopped:
            show_stopped(screen, asked)

    return Result(data, show, tuple(notes), exit_code=EXIT_REFUSED if stopped or standing else 0)


def _tried(registry: Registry, read: ReadObservations) -> dict[str, int]:
    """What `_write` would count, with nothing written; a row that says another again is known."""
    said: set[tuple[str, str]] = set()
    counts = {"new": 0, "unchanged": 0}
    for asset, seen in read.observations:
        values = visit_values(seen, registry.zone)
        row = asset.uid, repr(values)
        known = row in said or same_inspection(registry, asset, values) is not None
        counts["unchanged" if known else "new"] += 1
        said.add(row)
    return counts


def _write(writer: Writer, read: ReadObservations, source: str) -> dict[str, int]:
    counts = {"new": 0, "unchanged": 0}
    for asset, seen in read.observations:
        written = record(writer, asset, seen, source=source)
        writer.flush()
        counts["new" if written.new else "unchanged"] += 1
    return counts


def _show(screen: Screen, file: Path, data: Mapping[str, Any]) -> None:
    for row in data["rows"]:
        screen.line("cli_import_.refused", line=row["line"], code="", reason=row["reason"])
    screen.line("cli_survey.imported", file=file.name, **{name: data[name] for name in _COUNTS})
