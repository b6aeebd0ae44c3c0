"""What phones send back: the part of ``hydrant survey import`` that takes form submissions."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydrant.cli.frame import Note, Result, Settings
from hydrant.cli.screen import Screen
from hydrant.cli.survey_beside import named, named_standing, notes_on, standing_notes
from hydrant.errors import InputRefused
from hydrant.exchange.export_files import Export, read_export
from hydrant.exchange.left_standing import Standing, left_standing
from hydrant.exchange.refused import side_path, write_refused
from hydrant.exchange.submission_notes import unread_columns, weigh_submissions
from hydrant.exchange.submission_tables import (
    Submissions,
    flattened,
    is_labelled,
    main_table,
    read_submissions,
)
from hydrant.exchange.submissions import Judged, judge, refused_assets
from hydrant.exchange.table import Table
from hydrant.exchange.visit_notes import Beside
from hydrant.messages import text
from hydrant.store.ground.place import Place
from hydrant.store.opened import bulk
from hydrant.store.opened.registry import Registry
from hydrant.store.regions.regions import find_region
from hydrant.survey.photos import keep_picture
from hydrant.survey.submitted import (
    SOURCE,
    Submitted,
    Taken,
    compare,
    flag_found,
    take,
    take_back,
)

EXIT_REFUSED = 3
_FORMS = (".csv", ".zip", ".xlsx", ".xlsm")
_COUNTED = ("new", "unchanged", "corrected", "changed")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says about an import of submissions."""

    region: str | None
    dry_run: bool
    skip_bad: bool
    corrections: bool
    actor: str
    reviewed: bool = False


def is_stopped(asked: Asked, *, refused: int, of: int) -> bool:
    """Whether refused rows keep a file out: any of them, or all where the others are wanted."""
    return refused > 0 and (not asked.skip_bad or refused == of)


def show_stopped(screen: Screen, asked: Asked) -> None:
    """Say that nothing was written, and what to do."""
    screen.line("cli_survey.all_refused" if asked.skip_bad else "cli_import_.stopped")


def find_export(file: Path, encoding: str | None) -> tuple[Export, Table] | None:
    """The export that a path means; None where it is a plain file of observations.

    Raises
    ------
    InputRefused
        It is a folder without submissions, or cannot be read.
    """
    if not file.is_dir() and file.suffix.lower() not in _FORMS:
        return None
    export = read_export(file, encoding=encoding)
    table = main_table(export)
    if table is None:
        if file.is_dir() or (file.suffix.lower() == ".zip" and not export.tables):
            raise InputRefused("exchange.no_submissions", file=file)
        if any(map(is_labelled, export.tables)):
            raise InputRefused("exchange.submission_labels", file=file)
        return None
    return export, table


def take_in(settings: Settings, export: Export, table: Table, asked: Asked) -> Result:
    """Write the submissions of an export; a second time it changes nothing."""
    found = read_submissions(export, table)
    with settings.registry(write=not asked.dry_run) as registry:
        region = None if asked.region is None else find_region(registry, asked.region).code
        judged = judge(registry, found.found, region=region, reviewed=asked.reviewed)
        beside = weigh_submissions(registry, found, judged)
        refused = refused_assets(registry, found.found, judged.problems)
        standing = left_standing(registry, refused)
        stopped = is_stopped(asked, refused=len(judged.problems), of=len(found.table))
        if asked.dry_run or stopped:
            taken, flagged = _foreseen(registry, judged), 0
        else:
            with settings.progress("cli_survey_phone.progress", len(judged.good)) as advance:
                taken, flagged = _write(settings, registry, export, found, judged, asked, advance)
    return _result(settings, export, found, judged, taken, flagged, asked, beside, standing)


def _foreseen(registry: Registry, judged: Judged) -> Taken:
    """What would become of submissions."""
    taken, states = Taken(), bulk.source_states(registry, SOURCE)
    for one in judged.good:
        taken.actions[one.row], taken.fields[one.row] = compare(states, one)
    return taken


def _write(
    settings: Settings,
    registry: Registry,
    export: Export,
    found: Submissions,
    judged: Judged,
    asked: Asked,
    advance: Callable[[int], None],
) -> tuple[Taken, int]:
    def keep(one: Submitted) -> tuple[tuple[str, ...], int]:
        return _kept(export, one, registry.path)

    with settings.transaction(registry, asked.actor, about=export.beside.name) as writer:
        taken = take(writer, judged.good, keep, corrections=asked.corrections, advance=advance)
        reason = text("cli_survey_phone.rejected_why", settings.lang)
        taken.withdrawn = take_back(writer, [one.key for one in judged.rejected], reason)
        if taken.contents:
            cells = "\n".join(content for _, _, content in taken.contents)
            batch = bulk.add_batch(
                writer,
                source=SOURCE,
                file_name=found.table.file,
                file_digest=bulk.text_digest(cells),
                mapping=SOURCE,
                columns=list(found.table.columns),
                counts=json.dumps(_counts(taken)),
            )
            bulk.update_source_records(writer, taken.contents, source=SOURCE, batch=batch)
            flagged = flag_found(writer, taken.added, batch=batch)
            bulk.refresh_extent(registry)
            return taken, flagged
    return taken, 0


def _kept(export: Export, one: Submitted, registry: Place) -> tuple[tuple[str, ...], int]:
    """Photos of a submission that could be kept, and how many could not."""
    digests: list[str] = []
    missing = 0
    for name in one.photos:
        medium = export.medium(name, key=one.key)
        try:
            if medium is None:
                missing += 1
            else:
                digests.append(keep_picture(medium.read(), registry, name=name))
        except InputRefused:
            missing += 1
    return tuple(dict.fromkeys(digests)), missing


def _counts(taken: Taken) -> dict[str, int]:
    actions = list(taken.actions.values())
    return {name: actions.count(name) for name in _COUNTED}


def _result(
    settings: Settings,
    export: Export,
    found: Submissions,
    judged: Judged,
    taken: Taken,
    flagged: int,
    asked: Asked,
    beside: Beside,
    standing: dict[int, Standing],
) -> Result:
    lang = settings.lang
    reasons = {row: text(why.key, lang, **why.facts) for row, why in judged.problems.items()}
    rows = _rows(settings, found, judged, taken, reasons)
    data: dict[str, Any] = {
        "file": str(export.beside),
        "read": len(found.table),
        **_counts(taken),
        "refused": len(reasons),
        "rejected": len(judged.rejected),
        "held_back": len(judged.held_back),
        "not_reviewed": judged.not_reviewed,
        "withdrawn": len(taken.withdrawn),
        "assets_new": len(taken.added),
        "assets_flagged": flagged,
        "photos_missing": taken.missing,
        "orphans": found.orphans,
        "unread": [*unread_columns(found), *found.beside],
        "named": named(found.table, beside) | named_standing(found.table, standing),
        "rows": rows,
    }
    notes = [
        Note.of(f"cli_survey_phone.{name}", count=data[name])
        for name in (
            "rejected",
            "withdrawn",
            "held_back",
            "not_reviewed",
            "photos_missing",
            "orphans",
        )
        if data[name]
    ]
    notes += notes_on(found.table, beside, unread_columns(found), lang)
    notes += standing_notes(standing, lang)
    if found.beside:
        names = ", ".join(found.beside)
        notes.append(Note.of("cli_survey_phone.beside", count=len(found.beside), names=names))
    if reasons and asked.skip_bad and not asked.dry_run:
        data["refused_file"] = str(_side_file(settings, export, found, reasons))
        notes.append(Note.of("cli_survey_phone.kept_aside", file=data["refused_file"]))
    stopped = is_stopped(asked, refused=len(reasons), of=len(found.table))

    def show(screen: Screen) -> None:
        for row in rows:
            _show_row(screen, row)
        shown = {name: data[name] for name in ("read", *_COUNTED, "refused")}
        screen.line("cli_survey_phone.imported", file=export.beside.name, **shown)
        if taken.added:
            screen.line("cli_survey_phone.added", count=len(taken.added), flagged=flagged)
        if asked.dry_run:
            screen.line("cli_import_.dry")
        elif stopped:
            show_stopped(screen, asked)

    return Result(data, show, tuple(notes), EXIT_REFUSED if stopped or standing else 0)


def _rows(
    settings: Settings,
    found: Submissions,
    judged: Judged,
    taken: Taken,
    reasons: dict[int, str],
) -> list[dict[str, Any]]:
    """Every submission that is not plainly new or known already."""
    lines = found.table.lines
    told: list[dict[str, Any]] = [
        {
            "line": lines[row],
            "key": found.found[row].key,
            "code": "",
            "action": "refused",
            "reason": why,
        }
        for row, why in reasons.items()
    ]
    for one in judged.good:
        action = taken.actions[one.row]
        remarks = [text(phrase.key, settings.lang, **phrase.facts) for phrase in one.remarks]
        if action in ("changed", "corrected") or (remarks and action == "new"):
            code = one.asset.code if one.asset is not None else one.content.get("code")
            told.append(
                {
                    "line": lines[one.row],
                    "key": one.key,
                    "code": code or (one.asset.uid if one.asset is not None else ""),
                    "action": action,
                    "fields": taken.fields[one.row],
                    "remarks": remarks,
                }
            )
    told += [
        {"line": lines[one.row], "key": one.key, "code": "", "action": action}
        for action, ones in (("rejected", judged.rejected), ("held_back", judged.held_back))
        for one in ones
    ]
    return sorted(told, key=lambda row: int(row["line"]))


def _show_row(screen: Screen, row: dict[str, Any]) -> None:
    if row["action"] == "refused":
        screen.line("cli_import_.refused", line=row["line"], code="", reason=row["reason"])
        return
    if row["action"] == "changed":
        fields = ", ".join(row["fields"])
        screen.line(
            "cli_survey_phone.changed_row", line=row["line"], code=row["code"], fields=fields
        )
    for remark in row.get("remarks", ()):
        screen.line("cli_survey_phone.remark", line=row["line"], code=row["code"], remark=remark)


def _side_file(
    settings: Settings, export: Export, found: Submissions, reasons: dict[int, str]
) -> Path:
    """Keep refused submissions beside their table, with what their repeats say."""
    beside = export.beside
    if beside.is_dir():
        beside = beside / found.table.file
    heading = text("cli_import_.reason", settings.lang)
    table = flattened(found.table, found.found)
    try:
        return write_refused(beside, table, sorted(reasons), reasons, heading)
    except OSError as error:
        raise InputRefused(
            "exchange.side_file", file=side_path(beside), why=error.strerror
        ) from None
