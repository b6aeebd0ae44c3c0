"""Says what an asset counts as after a correction, the same at every command that corrects."""

from __future__ import annotations

from hydrant.cli.screen import Screen
from hydrant.report.present_verdict import CountsAs


def show_standing(screen: Screen, code: str, now: CountsAs) -> None:
    """One line: the condition in which the asset counts now, and why."""
    screen.line(
        "cli_common.counts_now",
        code=code,
        condition=screen.label("condition", now["condition"] or "not_existing"),
        reason=screen.t(f"integrity.reason_{now['reason']}"),
    )
