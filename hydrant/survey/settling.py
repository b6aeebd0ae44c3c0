"""What a cell says when several sides want something of it.

Where all sides agree the cell says so; where they differ it keeps its base value. The rule looks
at the wishes alone, never at who came first. What the merge itself wrote last is remembered, so
that a value put in by the office since is seen and counts as a side of its own.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping

from hydrant import times
from hydrant.store.facts.assets import POSITION
from hydrant.store.opened import raw_rows
from hydrant.store.opened.writer import Writer
from hydrant.store.outside import proposals
from hydrant.store.outside.proposals import OFFICE, WHOLE, Wanted
from hydrant.store.sides.bundle_file import from_stored_json, stored_json

#: What a row is known by and when it came here; no side's wish.
_OWN = ("uid", "recorded_at", "recorded_by", "valid_from")


def cells(entity: str, row: raw_rows.Row | None) -> dict[str, str]:
    """Cells of a row as JSON text; the position is one cell."""
    row = row or {}
    found = {
        name: stored_json(value)
        for name, value in row.items()
        if name not in _OWN and not (entity == "asset" and name in POSITION)
    }
    if entity == "asset":
        found["position"] = json.dumps([stored_json(row.get(name)) for name in POSITION])
    return found


def cell_values(name: str, text: str) -> raw_rows.Row:
    """Columns that a cell's JSON text stands for."""
    if name == "position":
        parts = json.loads(text)
        return {c: from_stored_json(p) for c, p in zip(POSITION, parts, strict=True)}
    return {name: from_stored_json(text)}


def row_json(row: raw_rows.Row) -> str:
    """A whole row as the JSON text of a wish."""
    return json.dumps({name: stored_json(value) for name, value in sorted(row.items())})


def from_row_json(text: str) -> raw_rows.Row:
    """The row of a whole-row wish."""
    return {name: from_stored_json(value) for name, value in json.loads(text).items()}


def put(writer: Writer, entity: str, row: raw_rows.Row, name: str, text: str) -> None:
    """Let a cell of a row say something, in the store and in `row`."""
    values = cell_values(name, text)
    raw_rows.update(writer, entity, row, values)
    row |= values


def settle_row(writer: Writer, entity: str, uid: str) -> None:
    """Let every wished cell of a row say what follows from all wishes."""
    registry = writer.registry
    row = raw_rows.fetch(registry, entity, uid)
    if row is None:
        return
    deleted = any(w.value is None for w in proposals.live(registry, entity, uid, WHOLE))
    for name in proposals.fields_known(registry, entity, uid):
        _settle_cell(writer, entity, row, name, deleted=deleted)
    _settle_whole(writer, entity, uid, deleted=deleted)


def _settle_cell(
    writer: Writer, entity: str, row: raw_rows.Row, name: str, *, deleted: bool
) -> None:
    registry, uid = writer.registry, row["uid"]
    now = cells(entity, row)[name]
    wishes = proposals.live(registry, entity, uid, name)
    last = proposals.written(registry, entity, uid, name)
    if not wishes:
        _let_go(writer, entity, row, name, last)
        return
    newest = max((w for w in wishes if w.bundle != OFFICE), key=_age, default=wishes[0])
    if now != (newest.base if last is None else last):
        mine = Wanted(OFFICE, newest.base, now, times.to_text(writer.moment))
        proposals.propose(writer, entity, uid, name, mine)
        wishes = proposals.live(registry, entity, uid, name)
    wanted = decide(
        writer, (entity, uid, name), {w.bundle: w.value for w in wishes},
        base=base_of(wishes, newest.base), deleted=deleted,
    )  # fmt: skip
    put(writer, entity, row, name, wanted)
    proposals.note_written(writer, entity, uid, name, wanted)


def _age(wish: Wanted) -> tuple[str, str]:
    return wish.packed_at, wish.bundle


def base_of(wishes: list[Wanted], base: str | None) -> str | None:
    """What a disputed cell keeps: what a person decided before, else what all sides started from.

    A decision is the office's wish whose base is its own value.
    """
    decided = next((w for w in wishes if w.bundle == OFFICE and w.base == w.value), None)
    return base if decided is None else decided.value


def decide(
    writer: Writer,
    cell: tuple[str, str, str],
    sides: Mapping[str, str | None],
    *,
    base: str | None,
    deleted: bool = False,
) -> str:
    """What a cell says: what all sides say, else its base, which opens a conflict.

    Parameters
    ----------
    deleted
        A side deleted the whole row, so that every wish for a cell of it is disputed.
    """
    disputed = deleted or len(set(sides.values())) > 1
    if disputed:
        proposals.dispute(writer, *cell, base, reason="differ")
        return "null" if base is None else base
    (wanted,) = set(sides.values())
    standing = proposals.open_conflict(writer.registry, *cell)
    if standing is not None:
        proposals.close(writer, standing, wanted)
    return "null" if wanted is None else wanted


def _let_go(writer: Writer, entity: str, row: raw_rows.Row, name: str, last: str | None) -> None:
    """Nobody wants anything of a cell any more: it says again what it said before."""
    cell = entity, row["uid"], name
    standing = proposals.open_conflict(writer.registry, *cell)
    if standing is not None:
        proposals.close(writer, standing, standing["base"])
    base = proposals.forget_written(writer, *cell)
    if base is not None and cells(entity, row)[name] == last:
        put(writer, entity, row, name, base)


def _settle_whole(writer: Writer, entity: str, uid: str, *, deleted: bool) -> None:
    if deleted:
        proposals.dispute(writer, entity, uid, WHOLE, '"row"', reason="deleted")
        if entity == "asset":
            propose_removal(writer, uid)
        return
    standing = proposals.open_conflict(writer.registry, entity, uid, WHOLE)
    if standing is not None:
        proposals.close(writer, standing, standing["base"])
        if entity == "asset":
            drop_removal(writer, uid)


def proposed_removals(writer: Writer, uid: str) -> list[raw_rows.Row]:
    """Removals of an asset that wait for a decision."""
    where = {"asset_uid": uid, "event": "removed", "confirmed": 0}
    return list(raw_rows.fetch_all(writer.registry, "lifecycle", where))


def drop_removal(writer: Writer, uid: str) -> None:
    """Take back that an asset was removed."""
    for event in proposed_removals(writer, uid):
        raw_rows.delete(writer, "lifecycle", event)


def propose_removal(writer: Writer, uid: str) -> None:
    """A row deleted in a GIS program is a proposal to remove, never a loss."""
    key = str(uuid.uuid5(uuid.NAMESPACE_OID, f"removed {uid}"))
    if raw_rows.fetch(writer.registry, "lifecycle", key) is None:
        raw_rows.insert(
            writer,
            "lifecycle",
            {
                "uid": key,
                "recorded_at": times.to_text(writer.moment),
                "recorded_by": writer.actor,
                "asset_uid": uid,
                "event": "removed",
                "at": None,
                "confirmed": 0,
            },
        )
