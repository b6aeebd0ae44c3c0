"""How pairs of assets that may be one are told."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from hydrant.cli.screen import Screen
from hydrant.cli.standing_view import show_standing
from hydrant.report.duplicates import Pair
from hydrant.store.evidence.duplicates import Candidate


def pair_json(pair: Pair) -> dict[str, Any]:
    """A pair as scripts see it."""
    return {
        "distance_m": round(pair.distance_m, 2),
        "asset": pair.one.data(),
        "other": pair.other.data(),
        "reasons": list(pair.reasons),
        "doubts": list(pair.doubts),
    }


def show_pairs(
    screen: Screen, pairs: Sequence[Pair], shared: Collection[str], *, more: int
) -> None:
    """Pairs, a line each, and how many; each asset by what names it alone.

    Parameters
    ----------
    shared
        Codes that more than one asset bears.
    more
        How many pairs of one code are not listed.
    """
    names = ("distance", "asset", "other", "code", "kind", "region", "why")
    if pairs:
        screen.table(
            [screen.t(f"cli_duplicates.column_{name}") for name in names],
            [_line(screen, pair, shared) for pair in pairs],
            numeric=(0,),
            whole=(1, 2),
        )
        screen.line("cli_duplicates.listed", count=len(pairs))
    else:
        screen.line("cli_duplicates.none")
    if more:
        screen.line("cli_duplicates.more_same_code", count=more)


def _line(screen: Screen, pair: Pair, shared: Collection[str]) -> tuple[str | None, ...]:
    codes = dict.fromkeys(asset.code for asset in (pair.one, pair.other) if asset.code)
    return (
        f"{pair.distance_m:.1f} m",
        _named(pair.one, shared),
        _named(pair.other, shared),
        " / ".join(codes) or None,
        screen.label("kind", pair.one.kind),
        pair.one.region,
        _why(screen, pair),
    )


def _named(asset: Candidate, shared: Collection[str]) -> str:
    """What is typed to mean an asset: its code, or its uid where others bear the code too."""
    return asset.uid if asset.code is None or asset.code in shared else asset.code


def _why(screen: Screen, pair: Pair) -> str:
    words = [screen.t(f"cli_duplicates.why_{word}") for word in (*pair.reasons, *pair.doubts)]
    return screen.t("cli_duplicates.and").join(words)


def show_merged(screen: Screen, keep: str, lose: str, data: Mapping[str, Any]) -> None:
    """Two assets that are one now, what it got from the other, and what it counts as."""
    screen.line("cli_duplicates.merged", keep=keep, lose=lose)
    if data["filled"]:
        screen.line(
            "cli_duplicates.filled",
            fields=tuple(screen.t(f"fields.{name}") for name in data["filled"]),
        )
    show_standing(screen, keep, data["now"])
