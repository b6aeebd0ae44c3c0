"""What a cell says when several sides want something of it.

Where all sides agree the cell says so; where they differ it keeps its base value. The rule looks
at the wishes alone, never at who came first.
"""

from __future__ import annotations

import json
import uuid

from hydrant import times
from hydrant.store import proposals, raw_rows
from hydrant.store.bundle_file import from_stored_json, stored_json
from hydrant.store.proposals import OFFICE, WHOLE, Wanted
from hydrant.store.writer import Writer

#: Columns of which the position consists; they change together or not at all.
POSITION = ("geom", "orig_x", "orig_y", "orig_crs", "accuracy_m")
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


def settle_row(writer: Writer, entity: str, uid: str, *, incoming: str | None) -> None:
    """Let every disputed or wished cell of a row say what follows from all wishes.

    Parameters
    ----------
    incoming
        Bundle that is being merged; the others' wishes tell what the cell should say now, so
        that an edit made here in between is seen and counts as a side. None sees none.
    """
    registry = writer.registry
    row = raw_rows.fetch(registry, entity, uid)
    if row is None:
        return
    deleting = [w for w in proposals.live(registry, entity, uid, WHOLE) if w.value is None]
    for name in proposals.fields_wanted(registry, entity, uid):
        if name != WHOLE:
            _settle_cell(writer, entity, row, name, deleting, incoming)
    if deleting:
        proposals.dispute(writer, entity, uid, WHOLE, '"row"', reason="deleted")
        if entity == "asset":
            propose_removal(writer, uid)


def _settle_cell(
    writer: Writer,
    entity: str,
    row: raw_rows.Row,
    name: str,
    deleting: list[Wanted],
    incoming: str | None,
) -> None:
    registry, uid = writer.registry, row["uid"]
    now = cells(entity, row)[name]
    wishes = proposals.live(registry, entity, uid, name)
    standing = proposals.open_conflict(registry, entity, uid, name)
    first = wishes[0]
    if incoming is not None and now != _expected(wishes, standing, incoming):
        office = Wanted(OFFICE, first.base, now, first.packed_at)
        proposals.propose(writer, entity, uid, name, office)
        wishes = proposals.live(registry, entity, uid, name)
    base = next((w.base for w in wishes if w.bundle != OFFICE), first.base)
    others = {w.bundle for w in deleting}
    disputed = len({w.value for w in wishes}) > 1 or bool(others - {w.bundle for w in wishes})
    wanted = base if disputed else wishes[0].value
    if disputed:
        proposals.dispute(writer, entity, uid, name, base, reason="differ")
    elif standing is not None:
        proposals.close(writer, standing, wanted)
    if wanted is not None:
        raw_rows.update(writer, entity, row, cell_values(name, wanted))
        row |= cell_values(name, wanted)


def _expected(wishes: list[Wanted], standing: raw_rows.Row | None, incoming: str) -> str | None:
    """What a cell says if nobody edited it here since the last merge."""
    if standing is not None:
        base: str | None = standing["base"]
        return base
    before = {w.value for w in wishes if w.bundle not in (incoming, OFFICE)}
    office = next((w for w in wishes if w.bundle == OFFICE), None)
    if office is not None:
        return office.value
    if before:
        return before.pop() if len(before) == 1 else None
    return wishes[0].base


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
