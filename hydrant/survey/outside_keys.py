"""Rows keep their keys whatever other programs do to them: facts refer to each other by key."""

from __future__ import annotations

import uuid
from dataclasses import replace

from hydrant.ids import new_uid
from hydrant.store.facts.merging import present_key
from hydrant.store.opened import raw_rows
from hydrant.store.opened.writer import Entry, Writer
from hydrant.store.outside import outside_edits as edits
from hydrant.store.outside import reviews
from hydrant.store.outside.outside_edits import NetChange
from hydrant.survey.settling import row_json


def right_keys(writer: Writer, entity: str, renamed: dict[str, str]) -> list[NetChange]:
    """Net changes of a table, with every row under its right key again.

    A row whose key was changed or emptied gets it back; an added row without a key of its own,
    or with the key of another row, gets a new one.

    Parameters
    ----------
    renamed
        Gets the keys that other programs gave to assets, with the right ones.
    """
    changes = edits.net_changes(writer.registry, entity)
    taken = {change.before["uid"] for change in changes if change.before is not None}
    wanted: dict[int, str] = {}
    for change in changes:
        if change.row is not None:
            uid = _right_key(writer, change, taken)
            if uid != change.row["uid"]:
                wanted[change.row["fid"]] = uid
    edits.set_key(writer, entity, wanted)
    return [_renamed(writer, change, wanted, renamed) for change in changes]


def _right_key(writer: Writer, change: NetChange, taken: set[str]) -> str:
    if change.before is not None:
        return str(change.before["uid"])
    uid = (change.row or {}).get("uid")
    if not _is_key(uid) or uid in taken or present_key(writer.registry, str(uid)) != uid:
        return new_uid()
    return str(uid)


def _is_key(value: object) -> bool:
    if not isinstance(value, str) or len(value) != 36:
        return False
    try:
        return str(uuid.UUID(value)) == value
    except ValueError:
        return False


def _renamed(
    writer: Writer, change: NetChange, wanted: dict[int, str], renamed: dict[str, str]
) -> NetChange:
    row = change.row
    if row is None or row["fid"] not in wanted:
        return change
    right, given = wanted[row["fid"]], row["uid"]
    if change.before is not None:
        if change.entity == "asset" and isinstance(given, str):
            renamed[given] = right
        said = {"uid": given if isinstance(given, str) else str(given)}
        writer.log(Entry("update", change.entity, right, before={"uid": right}, after=said))
        writer.log(Entry("put_back", change.entity, right, before=said, after={"uid": right}))
        reviews.put_up(
            writer, change.entity, right, "uid", base=row_json({"uid": right}),
            value=row_json(said), at=change.at,
        )  # fmt: skip
    return replace(change, row=raw_rows.Row(row) | {"uid": right})
