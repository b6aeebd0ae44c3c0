"""``hydrant assessment``: saved results, listed and recomputed."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hydrant import times
from hydrant.cli.frame import Note, Result, Settings, command, group, helper
from hydrant.cli.screen import Screen
from hydrant.cli.sensed import remark_at_hand
from hydrant.report.assessment import recompute
from hydrant.report.question import known_moment
from hydrant.store.assessments import find_assessment, list_assessments

h = helper("assessment")
app = group("assessment")

EXIT_KNOWN_FAILURE = 1


@command(app, "list")
def list_(settings: Settings) -> Result:
    """List saved results, newest first."""
    with settings.registry() as registry:
        rows = [
            {
                "uid": row.uid,
                "as_of": row.as_of,
                "region": row.region_code,
                "policy": row.policy,
                "saved_at": times.to_text(row.recorded_at),
                "saved_by": row.recorded_by,
                "digest": row.digest,
            }
            for row in list_assessments(registry)
        ]

    def show(screen: Screen) -> None:
        if not rows:
            screen.line("cli_assessment.none")
            return
        names = ("uid", "as_of", "region", "policy", "saved_by", "digest")
        screen.table(
            [screen.t(f"cli_assessment.column_{name}") for name in names],
            [
                [(row[name] or "")[:12] if name == "digest" else row[name] for name in names]
                for row in rows
            ],
        )

    return Result({"assessments": rows}, show)


@command(app, "verify")
def verify(
    settings: Settings,
    assessment: Annotated[str | None, typer.Argument(help=h("assessment"))] = None,
) -> Result:
    """Compute saved results again from what was known then, and say what differs."""
    with settings.registry() as registry:
        saved = (
            list_assessments(registry)
            if assessment is None
            else [find_assessment(registry, assessment)]
        )
        found = [recompute(registry, row) for row in saved]
        for row in saved:
            known = row.known_at or times.to_text(row.recorded_at)
            known_moment(registry, known, settings.notes.append)
        if saved:
            remark_at_hand(settings, registry)
    wrong = [row for row in found if row["state"] != "equal"]
    notes = (Note.of("cli_assessment.wrong", count=len(wrong)),) if wrong else ()
    return Result(
        {"assessments": found},
        lambda screen: _show(screen, found),
        notes,
        EXIT_KNOWN_FAILURE if wrong else 0,
    )


def _show(screen: Screen, found: list[dict[str, Any]]) -> None:
    if not found:
        screen.line("cli_assessment.none")
    for row in found:
        screen.line(
            f"cli_assessment.state_{row['state']}",
            uid=row["uid"],
            as_of=row["as_of"],
            policy=row["policy"],
        )
        for change in row["differing"]:
            screen.line("cli_assessment.differing", **change)
