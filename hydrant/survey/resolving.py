"""A person decides what a disputed cell or row says."""

from __future__ import annotations

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.store import proposals, raw_rows
from hydrant.store.proposals import OFFICE, WHOLE
from hydrant.store.registry import Registry
from hydrant.store.writer import Writer
from hydrant.survey.settling import cell_values, propose_removal

KEEP, DELETE, BASE, REGISTRY = "keep", "delete", "base", "registry"


def crew_names(registry: Registry) -> dict[str, str]:
    """Name of the crew of each bundle."""
    return {row["uid"]: row["crew"] for row in raw_rows.fetch_all(registry, "bundle", {})}


def choices(registry: Registry, conflict: raw_rows.Row) -> dict[str, str | None]:
    """What may be taken: a word for each side, and its value as JSON text."""
    if conflict["field"] == WHOLE:
        return {KEEP: conflict["base"], DELETE: None}
    names = crew_names(registry)
    found: dict[str, str | None] = {BASE: conflict["base"]}
    for side in conflict["sides"]:
        word = REGISTRY if side.bundle == OFFICE else names.get(side.bundle, side.bundle)
        if word in found:
            word = side.bundle
        found[word] = side.value
    return found


def resolve(writer: Writer, conflict: raw_rows.Row, take: str) -> None:
    """Let a conflict end with one of its sides.

    Raises
    ------
    InputRefused
        There is no such side, or the row is gone.
    """
    registry = writer.registry
    offered = choices(registry, conflict)
    if take not in offered:
        raise InputRefused("survey.no_side", side=take, known=", ".join(offered))
    value = offered[take]
    entity, uid, name = conflict["entity"], conflict["entity_uid"], conflict["field"]
    row = raw_rows.fetch(registry, entity, uid)
    if row is None:
        raise InputRefused("survey.row_gone", entity=entity, uid=uid)
    proposals.settle(writer, entity, uid, name)
    if value is None:
        _remove(writer, entity, row)
    elif name != WHOLE:
        raw_rows.update(writer, entity, row, cell_values(name, value))
    elif entity == "asset":
        _drop_removal(writer, uid)
    proposals.close(writer, conflict, value)


def _remove(writer: Writer, entity: str, row: raw_rows.Row) -> None:
    """End an asset from today on; take any other row out, which the audit log keeps."""
    if entity != "asset":
        raw_rows.delete(writer, entity, row)
        return
    propose_removal(writer, row["uid"])
    for event in _proposed(writer, row["uid"]):
        now = times.to_text(writer.moment)
        raw_rows.update(writer, "lifecycle", event, {"confirmed": 1, "at": now})


def _drop_removal(writer: Writer, uid: str) -> None:
    for event in _proposed(writer, uid):
        raw_rows.delete(writer, "lifecycle", event)


def _proposed(writer: Writer, uid: str) -> list[raw_rows.Row]:
    where = {"asset_uid": uid, "event": "removed", "confirmed": 0}
    return list(raw_rows.fetch_all(writer.registry, "lifecycle", where))
