"""``hydrant assessment``: saved results, listed and recomputed."""

from __future__ import annotations

from typing import Annotated

import typer

from hydrant import times
from hydrant.cli.assessment_view import saved_json, show_found, show_saved
from hydrant.cli.frame import Note, Result, Settings, command, group, helper
from hydrant.cli.sensed import remark_at_hand
from hydrant.model.books import Assessment
from hydrant.report.assessment import recompute
from hydrant.report.question import known_moment
from hydrant.store.facts.assessments import find_assessment, list_assessments
from hydrant.store.opened.registry import Registry

h = helper("assessment")
app = group("assessment")

EXIT_KNOWN_FAILURE = 1


@command(app, "list")
def list_(settings: Settings) -> Result:
    """List saved results, newest first."""
    with settings.registry() as registry:
        rows = [saved_json(row) for row in list_assessments(registry)]
    return Result({"assessments": rows}, lambda screen: show_saved(screen, rows))


@command(app, "verify")
def verify(
    settings: Settings,
    assessment: Annotated[str | None, typer.Argument(help=h("assessment"))] = None,
) -> Result:
    """Compute saved results again from what was known then, and say what differs."""
    with settings.registry() as registry:
        saved = _meant(registry, assessment)
        found = [recompute(registry, row) for row in saved]
        _remark(settings, registry, saved)
    wrong = [row for row in found if row["state"] != "equal"]
    notes = (Note.of("cli_assessment.wrong", count=len(wrong)),) if wrong else ()
    code = EXIT_KNOWN_FAILURE if wrong else 0
    return Result({"assessments": found}, lambda screen: show_found(screen, found), notes, code)


def _meant(registry: Registry, assessment: str | None) -> list[Assessment]:
    """The saved result that is named, else all."""
    if assessment is None:
        return list_assessments(registry)
    return [find_assessment(registry, assessment)]


def _remark(settings: Settings, registry: Registry, saved: list[Assessment]) -> None:
    """Say what makes it doubtful whether these were computed from what was known then."""
    for row in saved:
        known = row.known_at or times.to_text(row.recorded_at)
        known_moment(registry, known, settings.notes.append)
    if saved:
        remark_at_hand(settings, registry)
