"""How pairs of assets that may be one are told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hydrant.cli.screen import Screen
from hydrant.report.duplicates import Pair


def pair_json(pair: Pair) -> dict[str, Any]:
    """A pair as scripts see it."""
    return {
        "distance_m": round(pair.distance_m, 2),
        "asset": pair.one.told(),
        "other": pair.other.told(),
        "reasons": list(pair.reasons),
        "doubts": list(pair.doubts),
    }


def show_pairs(screen: Screen, pairs: Sequence[Pair]) -> None:
    """Pairs, a line each, and how many."""
    if not pairs:
        screen.line("cli_duplicates.none")
        return
    names = ("distance", "asset", "other", "kind", "region", "why")
    screen.table(
        [screen.t(f"cli_duplicates.column_{name}") for name in names],
        [
            (
                f"{pair.distance_m:.1f} m",
                pair.one.code or pair.one.uid,
                pair.other.code or pair.other.uid,
                screen.label("kind", pair.one.kind),
                pair.one.region,
                _why(screen, pair),
            )
            for pair in pairs
        ],
        numeric=(0,),
    )
    screen.line("cli_duplicates.listed", count=len(pairs))


def _why(screen: Screen, pair: Pair) -> str:
    words = [screen.t(f"cli_duplicates.why_{word}") for word in (*pair.reasons, *pair.doubts)]
    return screen.t("cli_duplicates.and").join(words)


def show_merged(screen: Screen, keep: str, lose: str, filled: Sequence[str]) -> None:
    """Two assets that are one now, and what the one that stays got from the other."""
    screen.line("cli_duplicates.merged", keep=keep, lose=lose)
    if filled:
        screen.line("cli_duplicates.filled", fields=", ".join(filled))
