"""A person decides what a disputed cell or row says."""

from __future__ import annotations

from collections.abc import Collection

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.store.opened import raw_rows
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Writer
from hydrant.store.outside import proposals
from hydrant.store.outside.proposals import OFFICE, STATED, WHOLE, Wanted
from hydrant.store.regions.claims import PREFIX
from hydrant.store.regions.region_tree import load_tree
from hydrant.survey.numbers import let_stand, refuse_twice, take_number
from hydrant.survey.settling import (
    drop_removal,
    from_row_json,
    propose_removal,
    proposed_removals,
    put,
    settle_row,
)
from hydrant.survey.unit_days import Said, put_on_days, said_in

KEEP, DELETE, BASE, REGISTRY = "keep", "delete", "base", "registry"
#: The side of the level below, whichever package it is.
PACKAGE = "package"


def crew_names(registry: Registry) -> dict[str, str]:
    """Name of the crew of each bundle."""
    return {row["uid"]: row["crew"] for row in raw_rows.fetch_all(registry, "bundle", {})}


def choices(registry: Registry, conflict: raw_rows.Row) -> dict[str, str | None]:
    """What may be taken: a word for each side, and its value as JSON text."""
    if conflict["field"] == WHOLE:
        return {KEEP: conflict["base"], DELETE: None}
    names = crew_names(registry)
    if conflict["field"] == STATED:
        return {REGISTRY: None} | {side.bundle: side.value for side in conflict["sides"]}
    found: dict[str, str | None] = {BASE: conflict["base"]}
    for side in conflict["sides"]:
        word = REGISTRY if side.bundle == OFFICE else names.get(side.bundle, side.bundle)
        if word in found:
            word = side.bundle
        found[word] = side.value
    return found


def side_named(offered: Collection[str], word: str) -> str | None:
    """The side that a word means: its name, or ``package`` where one is of a package."""
    if word in offered:
        return word
    if word == BASE:  # where there is none, what stood before is what the registry says
        return REGISTRY if REGISTRY in offered else None
    packages = [side for side in offered if side.startswith(PREFIX)]
    return packages[0] if word == PACKAGE and len(packages) == 1 else None


def resolve(writer: Writer, conflict: raw_rows.Row, take: str) -> list[raw_rows.Row]:
    """Let a conflict end with one of its sides.

    Returns
    -------
    list
        Required numbers of this level that gave way, as they were.

    Raises
    ------
    InputRefused
        There is no such side, the row is gone, or a number would stand twice.
    """
    registry = writer.registry
    offered = choices(registry, conflict)
    side = side_named(offered, take)
    if side is None:
        raise InputRefused("survey.no_side", side=take, known=", ".join(offered))
    value = offered[side]
    entity, uid, name = conflict["entity"], conflict["entity_uid"], conflict["field"]
    if name == STATED:
        return _decide_number(writer, conflict, side, value)
    row = raw_rows.fetch(registry, entity, uid)
    if row is None and name == WHOLE:  # it became part of another meanwhile
        proposals.settle(writer, entity, uid, name)
        proposals.close(writer, conflict, value)
        return []
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
        _decide_cell(writer, (entity, uid, name), row, value)
    if entity == "requirement":
        return let_stand(writer, row, side)
    if entity == "region" and name == "parent_code":
        _refuse_loop(registry, row["code"], said_in(value))
    return []


def _decide_cell(writer: Writer, cell: tuple[str, str, str], row: raw_rows.Row, value: str) -> None:
    """Let a cell say something; one of a unit on the days that were disputed."""
    entity, _, name = cell
    if entity == "region" and (said := said_in(value)):
        put_on_days(writer, row["code"], name, said)
        return
    put(writer, entity, row, name, value)
    decided = Wanted(OFFICE, value, value, times.to_text(writer.moment))
    proposals.propose(writer, *cell, decided)
    proposals.note_written(writer, *cell, value)


def _decide_number(
    writer: Writer, conflict: raw_rows.Row, side: str, text: str | None
) -> list[raw_rows.Row]:
    """Let a number of the level below stand here, or not; what gave way to it."""
    cell = conflict["entity"], conflict["entity_uid"], conflict["field"]
    proposals.settle(writer, *cell)
    proposals.close(writer, conflict, text)
    if text is None:
        return []
    gave_way = take_number(writer, side, text)
    refuse_twice(writer.registry, from_row_json(text)["region_code"])
    return gave_way


def _refuse_loop(registry: Registry, code: str, said: Collection[Said]) -> None:
    """Refuse a decision after which a region belongs to none on record, or to itself on some day.

    Parameters
    ----------
    said
        What was decided, and on which days.
    """
    now = times.to_text(times.now())
    ends = (one.days.ends or (one.days.begins or now) for one in said)
    for moment in {now, *ends}:
        tree = load_tree(registry, moment)
        path = [node.code for node in tree.path(code)]
        top = tree.nodes[path[-1]].parent if path else None
        if top is not None and (moment == now or top in path):
            raise InputRefused("survey.refused_parent", region=code, parent=top)


def _remove(writer: Writer, entity: str, row: raw_rows.Row) -> None:
    """End an asset from today on; take any other row out, which the audit log keeps."""
    proposals.forget_row(writer, entity, row["uid"])
    if entity != "asset":
        raw_rows.delete(writer, entity, row)
        return
    propose_removal(writer, row["uid"])
    for event in proposed_removals(writer, row["uid"]):
        now = times.to_text(writer.moment)
        raw_rows.update(writer, "lifecycle", event, {"confirmed": 1, "at": now})
