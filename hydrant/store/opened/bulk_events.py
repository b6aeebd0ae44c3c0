"""Writes what happened to many new assets as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hydrant.ids import new_uids
from hydrant.store.ground.backend import Backend
from hydrant.store.ground.bulk_columns import Same
from hydrant.vocabulary import LifecycleEvent

#: Columns of an event that a file may tell.
_COLUMNS = ("at", "project", "consent", "funding", "cost")


def insert_events(
    backend: Backend,
    event: LifecycleEvent,
    assets: tuple[Sequence[str], Sequence[str]],
    columns: Mapping[str, Sequence[object]],
    recorded: tuple[str, str],
    source: str,
    *,
    every: bool = False,
) -> None:
    """One event for each asset of which anything is told in its columns.

    Parameters
    ----------
    assets
        Uids, and the keys that the register gives them.
    columns
        Values by column of the event, one for each asset or none at all; times are stored text.
    recorded
        When, as stored text, and by whom.
    every
        Whether each asset has the event, though nothing more be known of it.
    """
    if not every and not any(map(columns.get, _COLUMNS)):
        return
    nothing = [None] * len(assets[0])
    values = [columns.get(name) or nothing for name in _COLUMNS]
    rows = zip(*assets, *values, strict=True)
    told = [row for row in rows if every or any(value is not None for value in row[2:])]
    if not told:
        return
    count = len(told)
    uids, keys, *kept = map(list, zip(*told, strict=True))
    events = {
        "uid": new_uids(count),
        "recorded_at": Same(recorded[0], count),
        "recorded_by": Same(recorded[1], count),
        "source": Same(source, count),
        "external_key": keys,
        "asset_uid": uids,
        "event": Same(event.value, count),
        **dict(zip(_COLUMNS, kept, strict=True)),
        "confirmed": Same(True, count),
    }
    with backend.touched.in_bulk("lifecycle", count):
        backend.insert_columns("lifecycle", events)
