"""What other programs' changes say of each row, as the triggers wrote them down, in their order."""

from __future__ import annotations

import json
from dataclasses import dataclass

from hydrant import times
from hydrant.errors import StoreError
from hydrant.model.geopoint import encode_point, from_ewkb
from hydrant.store.opened import raw_rows
from hydrant.store.opened.registry import Registry

_BLOBS = ("geom", "boundary")


@dataclass(slots=True)
class Track:
    """A row as it is followed from change to change."""

    fid: int
    at: str
    before: raw_rows.Row | None
    alive: bool = True


def tracks(registry: Registry, entity: str) -> list[Track]:
    """Rows of a table as they were before the first change of each, in the order of these."""
    following: dict[int, Track] = {}
    found = []
    for at, number, action, text in registry.connection.execute(
        'SELECT at, "row", action, before FROM outside_edit WHERE entity = ? ORDER BY fid',
        (entity,),
    ):
        before = _legible(entity, at, number, action, text)
        if before is None:
            continue  # no trigger of ours wrote it: it speaks for no row, whose seal will
        track = following.get(number)
        if action == "insert":
            if track is not None and track.alive and _unstamped(track.before):
                track.before = None  # the trigger that stamps a new row came first
                continue
            if track is not None:
                track.alive = False  # replaced: found again by its key, if at all
            track = Track(number, at, None)
        elif track is None or not track.alive:
            track = Track(number, at, before)
        else:
            track.alive = action != "delete"
            continue
        track.alive = action != "delete"
        following[number] = track
        found.append(track)
    return found


def _legible(
    entity: str, at: str, number: object, action: object, text: str
) -> raw_rows.Row | None:
    """The row before a change, empty for a new one; None for what our triggers never write."""
    if not isinstance(number, int) or action not in ("insert", "update", "delete"):
        return None
    try:
        times.from_text(at)
        before = {} if action == "insert" else _parsed(entity, text)
    except (StoreError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    whole = action == "insert" or (before["fid"] == number and isinstance(before["uid"], str))
    plain = all(isinstance(value, str | int | float | bytes | None) for value in before.values())
    return before if whole and plain else None


def _unstamped(before: raw_rows.Row | None) -> bool:
    return before is not None and before["uid"] == ""


def _parsed(entity: str, text: str) -> raw_rows.Row:
    told = json.loads(text)
    row: raw_rows.Row = {name: _stored(told[name]) for name in ("fid", *raw_rows.columns(entity))}
    for name in _BLOBS:
        if name in row:
            row[name] = _blob(row[name])
    return row


def _stored(value: object) -> object:
    """A value as both stores give it: a server's JSON knows truth values, a file's does not."""
    return int(value) if isinstance(value, bool) else value


def _blob(text: str) -> bytes | None:
    point = from_ewkb(text)
    return encode_point(*point) if point is not None else bytes.fromhex(text) or None
