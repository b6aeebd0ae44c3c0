"""How saved results and their recomputation are told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hydrant import times
from hydrant.cli.screen import Screen
from hydrant.model.books import Assessment


def saved_json(row: Assessment) -> dict[str, Any]:
    """A saved result as scripts see it."""
    return {
        "uid": row.uid,
        "as_of": row.as_of,
        "region": row.region_code,
        "policy": row.policy,
        "saved_at": times.to_text(row.recorded_at),
        "saved_by": row.recorded_by,
        "digest": row.digest,
    }


def show_saved(screen: Screen, rows: Sequence[dict[str, Any]]) -> None:
    """Saved results, a line each."""
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


def show_found(screen: Screen, found: Sequence[dict[str, Any]]) -> None:
    """What each recomputation gave, with the figures that differ."""
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
