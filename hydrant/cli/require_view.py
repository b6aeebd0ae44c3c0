"""How required numbers are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hydrant.cli.require_after import After, show_after
from hydrant.cli.screen import Screen
from hydrant.messages import Note, label
from hydrant.report.remarks import fallen_note
from hydrant.report.required_name import kind_name
from hydrant.store.regions.claims import is_sender_name
from hydrant.store.regions.restating import FallenNumbers
from hydrant.vocabulary import Language


def show_set(
    screen: Screen,
    *,
    region: str,
    data: Mapping[str, Any],
    replaced: int | None,
    then: After | None,
) -> None:
    """A number that was stated.

    Parameters
    ----------
    replaced
        The number that was stated for the same day before; None where there was none.
    then
        What is stated from the day on which it ends; None where it does not.
    """
    changed = data["action"] == "updated" and replaced is not None
    screen.line(
        f"cli_require.{'replaced' if changed else data['action']}",
        region=region,
        kind=kind_name(data["kind"], data["service"], screen.lang),
        count=data["count"],
        since=data["from"],
        former=replaced,
    )
    if then is not None:
        show_after(screen, then, region)


def fallen_notes(numbers: FallenNumbers, lang: Language) -> tuple[Note, ...]:
    """A remark for each number that fell with a split, beside the number that was stated."""
    return tuple(fallen_note(fell, numbers.tree, lang) for fell in numbers.fallen)


def show_required(
    screen: Screen, rows: Sequence[Mapping[str, Any]], *, everything: bool = False
) -> None:
    """Numbers, a line each, and what of them was withdrawn.

    Parameters
    ----------
    everything
        Also which of them hold no more: withdrawn, or replaced on the day of their own.
    """
    titles = (
        *("region_title", "kind_title", "service_title", "count_title"),
        *("from", "until", "origin_title"),
        *(("state_title",) if everything else ()),
    )
    screen.table(
        [screen.t(f"cli_require.{title}") for title in titles],
        [
            (
                row["region"],
                label("kind", row["kind"], screen.lang),
                row["service"] and label("service", row["service"], screen.lang),
                row["count"],
                row["from"],
                row["until"],
                row["origin"] and label("origin", row["origin"], screen.lang),
                *((screen.t(f"cli_require.state_{row['state']}"),) if everything else ()),
            )
            for row in rows
        ],
        numeric=(3,),
    )
    _show_elsewhere(screen, rows)
    for row in rows:
        if row["withdrawn"] is not None:
            gave_way = is_sender_name(row["withdrawn_why"] or "")
            screen.line(
                f"cli_require.{'gave_way' if gave_way else 'withdrawn'}",
                region=row["region"],
                kind=label("kind", row["kind"], screen.lang),
                count=row["count"],
                since=row["from"],
                day=row["withdrawn"],
                reason=row["withdrawn_why"],
            )


def _show_elsewhere(screen: Screen, rows: Sequence[Mapping[str, Any]]) -> None:
    """A line for each unit that ended: which one answers for its numbers today."""
    open_rows = [row for row in rows if row["until"] is None and row["withdrawn"] is None]
    ended = {row["region"]: row["counts_in"] for row in open_rows}
    for region, heir in ended.items():
        if heir != region:
            screen.line("cli_require.counts_in", region=region, heir=heir)
