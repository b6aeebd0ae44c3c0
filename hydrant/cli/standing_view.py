"""Says what an asset counts as after a correction, the same at every command that corrects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hydrant.cli.screen import Screen
from hydrant.report.present_verdict import CountsAs


def show_standing(screen: Screen, code: str, now: CountsAs) -> None:
    """The condition in which the asset counts now, and why, and what must be said beside it."""
    screen.line(
        "cli_common.counts_now",
        code=code,
        condition=screen.label("condition", now["condition"] or "not_existing"),
        reason=screen.t(f"integrity.reason_{now['reason']}"),
    )
    show_remarks(screen, now["remarks"])


def show_remarks(screen: Screen, remarks: Sequence[Mapping[str, str]]) -> None:
    """What must be said beside a class, a line each."""
    for one in remarks:
        facts = {name: value for name, value in one.items() if name != "remark"}
        screen.line(f"integrity.remark_{one['remark']}", **facts)
