"""A person decides what a disputed cell or row says."""

from __future__ import annotations

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.store.opened import raw_rows
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Writer
from hydrant.store.outside import proposals
from hydrant.store.outside.proposals import OFFICE, WHOLE, Wanted
from hydrant.store.regions.overlapping import overlapping
from hydrant.survey.settling import (
    drop_removal,
    propose_removal,
    proposed_removals,
    put,
    settle_row,
)

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
        There is no such side, the row is gone, or a number would stand twice.
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
    proposals.close(writer, conflict, value)
    if value is None:
        _remove(writer, entity, row)
    elif name == WHOLE:
        if entity == "asset":
            drop_removal(writer, uid)
        settle_row(writer, entity, uid)  # wishes for its cells are not disputed any more
    else:
        put(writer, entity, row, name, value)
        decided = Wanted(OFFICE, value, value, times.to_text(writer.moment))
        proposals.propose(writer, entity, uid, name, decided)
        proposals.note_written(writer, entity, uid, name, value)
    if entity == "requirement":
        _refuse_twice(registry, row["region_code"])


def _refuse_twice(registry: Registry, region: str) -> None:
    """Refuse a decision after which the region requires one asset twice."""
    for one, other in overlapping(registry, region):
        raise InputRefused("survey.required_twice", region=region, one=one.name, other=other.name)


def _remove(writer: Writer, entity: str, row: raw_rows.Row) -> None:
    """End an asset from today on; take any other row out, which the audit log keeps."""
    _drop_cells(writer, entity, row["uid"])
    if entity != "asset":
        raw_rows.delete(writer, entity, row)
        return
    propose_removal(writer, row["uid"])
    for event in proposed_removals(writer, row["uid"]):
        now = times.to_text(writer.moment)
        raw_rows.update(writer, "lifecycle", event, {"confirmed": 1, "at": now})


def _drop_cells(writer: Writer, entity: str, uid: str) -> None:
    """Whoever wanted something of a cell wanted it of a row that is gone."""
    for name in proposals.fields_known(writer.registry, entity, uid):
        standing = proposals.open_conflict(writer.registry, entity, uid, name)
        if standing is not None:
            proposals.close(writer, standing, standing["base"])
        proposals.settle(writer, entity, uid, name)
