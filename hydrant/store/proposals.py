"""What each side wants of a cell, and the conflicts that follow from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.ids import new_uid
from hydrant.store import raw_rows
from hydrant.store.registry import Registry
from hydrant.store.writer import Writer

#: Bundle of the registry's own side.
OFFICE = ""
#: Bundle of changes made by other programs to the live file.
OUTSIDE = "outside"
#: Field that stands for a row as a whole.
WHOLE = "*"
LIVE, SETTLED = "live", "settled"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One side's value of a cell, as JSON text; a null value of a whole row deletes it."""

    bundle: str
    base: str | None
    value: str | None
    packed_at: str


_CELL = "entity = ? AND entity_uid = ? AND field = ?"


def live(registry: Registry, entity: str, uid: str, field: str) -> list[Wanted]:
    """What sides want of a cell, the earliest packed first."""
    return [
        Wanted(*row)
        for row in registry.connection.execute(
            f"SELECT bundle_uid, base, value, packed_at FROM proposal WHERE {_CELL} "
            "AND state = 'live' ORDER BY packed_at, bundle_uid",
            (entity, uid, field),
        )
    ]


def standing(registry: Registry, bundle: str) -> list[tuple[Any, ...]]:
    """Everything a bundle wants or wanted, to see whether a merge changed it."""
    return registry.connection.execute(
        "SELECT entity, entity_uid, field, value, state FROM proposal WHERE bundle_uid = ? "
        "ORDER BY entity, entity_uid, field",
        (bundle,),
    ).fetchall()


def born(registry: Registry, entity: str) -> list[tuple[str, str, str]]:
    """Rows that bundles added: bundle, key, and the row as it came."""
    return registry.connection.execute(
        "SELECT bundle_uid, entity_uid, value FROM proposal WHERE entity = ? AND field = '*' "
        "AND value IS NOT NULL AND state = 'live' ORDER BY entity_uid",
        (entity,),
    ).fetchall()


def forget_united(writer: Writer, uid: str) -> None:
    """Forget wishes that came from uniting rows with an asset, and what was disputed of them."""
    connection = writer.registry.connection
    connection.execute(
        "DELETE FROM proposal WHERE entity = 'asset' AND entity_uid = ? AND field <> '*' "
        "AND base = 'null'",
        (uid,),
    )
    where = {"entity": "asset", "entity_uid": uid, "state": "open", "reason": "differ"}
    for conflict in raw_rows.fetch_all(writer.registry, "merge_conflict", where):
        if not live(writer.registry, "asset", uid, conflict["field"]):
            close(writer, conflict, None)


def fields_wanted(registry: Registry, entity: str, uid: str) -> list[str]:
    """Cells of a row of which some side wants something."""
    return [
        field
        for (field,) in registry.connection.execute(
            "SELECT DISTINCT field FROM proposal WHERE entity = ? AND entity_uid = ? "
            "AND state = 'live' ORDER BY field",
            (entity, uid),
        )
    ]


def propose(writer: Writer, entity: str, uid: str, field: str, wanted: Wanted) -> bool:
    """Note what a side wants; False where it wanted just that already."""
    connection = writer.registry.connection
    key = (entity, uid, field, wanted.bundle)
    standing = connection.execute(
        f"SELECT value, state FROM proposal WHERE {_CELL} AND bundle_uid = ?", key
    ).fetchone()
    if standing is not None and standing[0] == wanted.value:
        return False
    connection.execute(
        "INSERT INTO proposal (entity, entity_uid, field, bundle_uid, base, value, packed_at, "
        "state) VALUES (?, ?, ?, ?, ?, ?, ?, 'live') "
        "ON CONFLICT (entity, entity_uid, field, bundle_uid) DO UPDATE SET "
        "value = excluded.value, state = 'live'",
        (*key, wanted.base, wanted.value, wanted.packed_at),
    )
    return True


def withdraw(
    writer: Writer, bundle: str, kept: Iterable[tuple[str, str, str]]
) -> list[tuple[str, str, str, str | None, str | None]]:
    """Forget what a bundle wanted once and wants no longer: the cells, base and value of each."""
    wanted = set(kept)
    connection = writer.registry.connection
    gone = [
        row
        for row in connection.execute(
            "SELECT entity, entity_uid, field, base, value FROM proposal WHERE bundle_uid = ? "
            "AND state = 'live' AND NOT (field = '*' AND value IS NOT NULL) "
            "AND NOT EXISTS (SELECT 1 FROM proposal w WHERE w.bundle_uid = proposal.bundle_uid "
            "AND w.entity_uid = proposal.entity_uid AND w.field = '*' AND w.value IS NOT NULL)",
            (bundle,),
        ).fetchall()
        if row[:3] not in wanted
    ]
    connection.executemany(
        f"DELETE FROM proposal WHERE {_CELL} AND bundle_uid = ?",
        [(*row[:3], bundle) for row in gone],
    )
    return gone


def supersede(writer: Writer, entity: str, uid: str, field: str, packed_at: str) -> None:
    """Settle what was merged, and not disputed, before a bundle left: that crew knew of it."""
    if open_conflict(writer.registry, entity, uid, field) is not None:
        return
    writer.registry.connection.execute(
        f"UPDATE proposal SET state = 'settled' WHERE {_CELL} AND state = 'live' AND EXISTS ("
        "SELECT 1 FROM bundle b WHERE b.uid = proposal.bundle_uid AND b.merged_at < ?)",
        (entity, uid, field, packed_at),
    )


def settle(writer: Writer, entity: str, uid: str, field: str) -> None:
    """Nothing more is wanted of a cell."""
    writer.registry.connection.execute(
        f"UPDATE proposal SET state = 'settled' WHERE {_CELL}", (entity, uid, field)
    )


def open_conflict(registry: Registry, entity: str, uid: str, field: str) -> raw_rows.Row | None:
    """The unresolved conflict of a cell."""
    where = {"entity": entity, "entity_uid": uid, "field": field, "state": "open"}
    return next(raw_rows.fetch_all(registry, "merge_conflict", where), None)


def dispute(
    writer: Writer, entity: str, uid: str, field: str, base: str | None, *, reason: str
) -> None:
    """Open a conflict, unless it is open."""
    if open_conflict(writer.registry, entity, uid, field) is not None:
        return
    raw_rows.insert(
        writer,
        "merge_conflict",
        {
            "uid": new_uid(),
            "recorded_at": times.to_text(writer.moment),
            "recorded_by": writer.actor,
            "entity": entity,
            "entity_uid": uid,
            "field": field,
            "base": base,
            "reason": reason,
            "state": "open",
        },
    )


def close(writer: Writer, conflict: raw_rows.Row, resolution: str | None) -> None:
    """Mark a conflict as resolved."""
    raw_rows.update(
        writer,
        "merge_conflict",
        conflict,
        {
            "state": "resolved",
            "resolution": resolution,
            "resolved_at": times.to_text(writer.moment),
            "resolved_by": writer.actor,
        },
    )


def open_conflicts(registry: Registry) -> list[raw_rows.Row]:
    """Every unresolved conflict, oldest first, with what each side wants."""
    found = list(raw_rows.fetch_all(registry, "merge_conflict", {"state": "open"}))
    for conflict in found:
        cell = conflict["entity"], conflict["entity_uid"], conflict["field"]
        conflict["sides"] = live(registry, *cell)
        if conflict["field"] != WHOLE:
            whole = live(registry, *cell[:2], WHOLE)
            conflict["sides"] += [side for side in whole if side.value is None]
    return found


def find_conflict(registry: Registry, uid: str) -> raw_rows.Row:
    """An open conflict by its key or the beginning of it.

    Raises
    ------
    InputRefused
        None begins so, or several do.
    """
    found = [c for c in open_conflicts(registry) if c["uid"].startswith(uid)]
    if len(found) != 1:
        raise InputRefused("store.no_conflict", conflict=uid, count=len(found))
    return found[0]
