"""What each side wants of a cell, and the conflicts that follow from it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.ids import new_uid
from hydrant.model.values import Row
from hydrant.store.opened import raw_rows
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Writer

#: Bundle of the registry's own side.
OFFICE = ""
#: Bundle of changes made by other programs to the live file.
OUTSIDE = "outside"
#: What the merge itself wrote last, to tell it from what the office wrote.
MERGED = "merged"
#: Field that stands for a row as a whole.
WHOLE = "*"
#: Field that stands for a number of the level below where this level states one itself.
STATED = "stated"
#: Time of packing of a wish that follows from a row as a whole.
DERIVED = ""


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
            "AND state = 'live' AND bundle_uid <> 'merged' ORDER BY packed_at, bundle_uid",
            (entity, uid, field),
        )
    ]


def standing(registry: Registry, bundle: str) -> list[Row]:
    """Everything a bundle wants or wanted, to see whether a merge changed it."""
    return registry.connection.execute(
        "SELECT entity, entity_uid, field, value, state FROM proposal WHERE bundle_uid = ? "
        "ORDER BY entity, entity_uid, field",
        (bundle,),
    ).fetchall()


@dataclass(frozen=True, slots=True)
class Born:
    """A row that a bundle added, as it came; times are stored text.

    Attributes
    ----------
    merged_at
        When the bundle was merged last; None while it is being merged for the first time.
    """

    bundle: str
    uid: str
    text: str
    packed_at: str
    merged_at: str | None


def born(registry: Registry, entity: str) -> list[Born]:
    """Rows of a table that bundles added, by key."""
    return [
        Born(*row)
        for row in registry.connection.execute(
            "SELECT p.bundle_uid, p.entity_uid, p.value, p.packed_at, b.merged_at "
            "FROM proposal p LEFT JOIN bundle b ON b.uid = p.bundle_uid "
            "WHERE p.entity = ? AND p.field = '*' AND p.value IS NOT NULL "
            "AND p.bundle_uid <> 'merged' ORDER BY p.entity_uid, p.bundle_uid",
            (entity,),
        )
    ]


def births(registry: Registry, bundle: str) -> dict[tuple[str, str], str]:
    """Rows that a bundle added, as they came: table and key to the row."""
    return {
        (entity, uid): text
        for entity, uid, text in registry.connection.execute(
            "SELECT entity, entity_uid, value FROM proposal WHERE bundle_uid = ? "
            "AND field = '*' AND value IS NOT NULL",
            (bundle,),
        )
    }


def fields_known(registry: Registry, entity: str, uid: str) -> list[str]:
    """Cells of a row of which some side wants something, or which the merge wrote."""
    return [
        field
        for (field,) in registry.connection.execute(
            "SELECT DISTINCT field FROM proposal WHERE entity = ? AND entity_uid = ? "
            "AND field <> '*' AND (state = 'live' OR bundle_uid = 'merged') ORDER BY field",
            (entity, uid),
        )
    ]


def wanted_by(registry: Registry, like: str) -> list[tuple[str, tuple[str, str, str]]]:
    """Cells of which sides want something whose names fit a pattern of SQL, with the side."""
    return [
        (bundle, (entity, uid, field))
        for bundle, entity, uid, field in registry.connection.execute(
            "SELECT bundle_uid, entity, entity_uid, field FROM proposal "
            "WHERE bundle_uid LIKE ? AND state = 'live' ORDER BY entity, entity_uid, field",
            (like,),
        ).fetchall()
    ]


def settled(registry: Registry, entity: str, uid: str, field: str) -> dict[str, str | None]:
    """What sides wanted of a cell when somebody decided on it."""
    return dict(
        registry.connection.execute(
            f"SELECT bundle_uid, value FROM proposal WHERE {_CELL} AND state = 'settled' "
            "AND bundle_uid <> 'merged'",
            (entity, uid, field),
        )
    )


def written(registry: Registry, entity: str, uid: str, field: str) -> str | None:
    """What a merge wrote into a cell last, or the whole row; None where none did."""
    found = registry.connection.execute(
        f"SELECT value FROM proposal WHERE {_CELL} AND bundle_uid = 'merged'", (entity, uid, field)
    ).fetchone()
    return None if found is None else found[0]


def note_written(writer: Writer, entity: str, uid: str, field: str, value: str) -> None:
    """Remember what a merge wrote; its base is what the first of the sides started from."""
    wishes = live(writer.registry, entity, uid, field)
    base = next((w.base for w in wishes if w.bundle != OFFICE), None)
    writer.registry.connection.execute(
        "INSERT INTO proposal (entity, entity_uid, field, bundle_uid, base, value, packed_at, "
        "state) VALUES (?, ?, ?, 'merged', ?, ?, '', 'settled') "
        "ON CONFLICT (entity, entity_uid, field, bundle_uid) DO UPDATE SET "
        "value = excluded.value",
        (entity, uid, field, base, value),
    )


def forget_written(writer: Writer, entity: str, uid: str, field: str) -> str | None:
    """Forget what a merge wrote; the base it had."""
    found = writer.registry.connection.execute(
        f"SELECT base FROM proposal WHERE {_CELL} AND bundle_uid = 'merged'", (entity, uid, field)
    ).fetchone()
    drop(writer, entity, uid, field, MERGED)
    return None if found is None else found[0]


def drop(writer: Writer, entity: str, uid: str, field: str, bundle: str) -> None:
    """Forget a side's wish."""
    writer.registry.connection.execute(
        f"DELETE FROM proposal WHERE {_CELL} AND bundle_uid = ?", (entity, uid, field, bundle)
    )


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
    writer: Writer, bundle: str, kept: Collection[tuple[str, str, str]]
) -> list[tuple[str, str, str]]:
    """Forget what a bundle wanted of rows it did not add and wants no longer; the cells."""
    added = births(writer.registry, bundle)
    wishes = writer.registry.connection.execute(
        "SELECT entity, entity_uid, field FROM proposal WHERE bundle_uid = ? "
        "AND state = 'live' AND packed_at <> ?",
        (bundle, DERIVED),
    ).fetchall()
    gone = [cell for cell in wishes if cell[:2] not in added and cell not in kept]
    for cell in gone:
        drop(writer, cell[0], cell[1], cell[2], bundle)
    return gone


def supersede(writer: Writer, entity: str, uid: str, field: str, packed_at: str) -> None:
    """Settle what was merged, and not disputed, before a bundle left: that crew knew of it."""
    if open_conflict(writer.registry, entity, uid, field) is not None:
        return
    writer.registry.connection.execute(
        f"UPDATE proposal SET state = 'settled' WHERE {_CELL} AND state = 'live' AND "
        "(bundle_uid = '' AND packed_at < ? OR EXISTS ("
        "SELECT 1 FROM bundle b WHERE b.uid = proposal.bundle_uid AND b.merged_at < ?))",
        (entity, uid, field, packed_at, packed_at),
    )
    if not live(writer.registry, entity, uid, field):
        drop(writer, entity, uid, field, MERGED)


def settle(writer: Writer, entity: str, uid: str, field: str) -> None:
    """Nothing more is wanted of a cell."""
    writer.registry.connection.execute(
        f"UPDATE proposal SET state = 'settled' WHERE {_CELL}", (entity, uid, field)
    )
    drop(writer, entity, uid, field, MERGED)


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


def forget_row(writer: Writer, entity: str, uid: str) -> None:
    """Whoever wanted something of a cell of a row wanted it of a row that is gone."""
    where = {"entity": entity, "entity_uid": uid, "state": "open"}
    for standing in list(raw_rows.fetch_all(writer.registry, "merge_conflict", where)):
        close(writer, standing, standing["base"])
        settle(writer, entity, uid, standing["field"])
    for name in fields_known(writer.registry, entity, uid):
        settle(writer, entity, uid, name)


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
        key = "several_conflicts" if found else "no_conflict"
        raise InputRefused(f"store.{key}", conflict=uid, count=len(found))
    return found[0]
