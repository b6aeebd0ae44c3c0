"""Rows of a bundle that another program than the crew's changed: named, taken as outside edits.

What such a row describes may stand as the crew's wish like any other. What decides what an asset
counts as waits in the list of outside edits, since nobody who looked at a hydrant wrote it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hydrant import times
from hydrant.store.facts.merging import present_key
from hydrant.store.opened import raw_rows
from hydrant.store.opened.writer import Writer
from hydrant.store.outside import reviews
from hydrant.store.outside.proposals import WHOLE
from hydrant.store.sides.bundle_chain import BundleChain
from hydrant.store.sides.bundle_file import RowChange
from hydrant.survey import outside_rules as rules
from hydrant.survey.settling import cell_values, cells, from_row_json, row_json


@dataclass(frozen=True, slots=True)
class UnsealedRow:
    """A row of a bundle that its chain does not prove to be the crew's.

    Attributes
    ----------
    asset
        Code of the asset it is or belongs to, else that one's key.
    action
        ``added``, ``removed``, ``changed``, or ``unproven`` where its seal itself was changed.
    pending
        Its cells that wait for a decision, ``*`` for the row; none where all may stand.
    """

    entity: str
    uid: str
    asset: str
    action: str
    pending: tuple[str, ...] = ()


def set_apart(
    writer: Writer,
    changes: Sequence[RowChange],
    chain: BundleChain,
    former: Mapping[tuple[str, str], str],
) -> tuple[list[RowChange], list[UnsealedRow]]:
    """Changes as the crew's program is proven to have made them, and the unsealed rows.

    Parameters
    ----------
    former
        Rows that this bundle brought before, as they came then.
    """
    kept: list[RowChange] = []
    found: list[UnsealedRow] = []
    for change in changes:
        if chain.is_crews(change.entity, change.uid):
            kept.append(change)
            continue
        seen = chain.proves(change.entity, change.uid)
        left, waits = _apart(writer, change, former.get((change.entity, change.uid)), seen=seen)
        kept += left
        if seen and not waits:
            continue  # what describes, or adds, is what such a program is taken along for
        asset = _asset(writer, change)
        found.append(UnsealedRow(change.entity, change.uid, asset, _action(change, chain), waits))
    return kept, found


def _asset(writer: Writer, change: RowChange) -> str:
    row = change.base or change.row or {}
    uid = change.uid if change.entity == "asset" else str(row.get("asset_uid"))
    here = raw_rows.fetch(writer.registry, "asset", present_key(writer.registry, uid))
    own = row.get("code") if change.entity == "asset" else None
    return str((here or {}).get("code") or own or uid)


def _action(change: RowChange, chain: BundleChain) -> str:
    if change.row is None:
        return "removed"
    kind = chain.kinds.get((change.entity, change.uid), "seals")
    return _ACTIONS.get(kind, "changed")


#: What is said of a finding's kind, where it is not that the row was changed.
_ACTIONS = {"added": "added", "seals": "unproven"}


def _apart(
    writer: Writer, change: RowChange, former: str | None, *, seen: bool
) -> tuple[list[RowChange], tuple[str, ...]]:
    """What remains of another program's change as the crew's wish, and the cells that wait.

    Parameters
    ----------
    seen
        Whether the triggers saw it: such a program may add what it may add in the registry.
    """
    entity, uid = change.entity, change.uid
    if change.row is None:  # a deletion is a proposal, whoever makes it
        return [change], ()
    known = change.base if former is None else from_row_json(former)
    if known is not None:
        row, waits = _cells(writer, entity, known, change.row)
        return [replace(change, row=row)], waits
    if seen and rules.row_doubt(entity, change.row) is None:
        return [change], ()
    if entity == "asset":  # it is there, and nothing vouches for it
        return [change], ()
    row = change.row | {"asset_uid": present_key(writer.registry, change.row["asset_uid"])}
    _wait(writer, entity, uid, WHOLE, reviews.UNPROVEN, row_json(row))
    return [], (WHOLE,)


def _cells(
    writer: Writer, entity: str, known: raw_rows.Row, row: raw_rows.Row
) -> tuple[raw_rows.Row, tuple[str, ...]]:
    """A row without its unsealed cells that must wait, and those."""
    was, now = cells(entity, known), cells(entity, row)
    kept, waits = dict(row), []
    for name in (name for name in now if now[name] != was[name]):
        if rules.cell_doubt(writer.registry, entity, name, known, row) is not None:
            kept |= cell_values(name, was[name])
            _wait(writer, entity, row["uid"], name, was[name], now[name])
            waits.append(name)
    return kept, tuple(waits)


def _wait(writer: Writer, entity: str, uid: str, field: str, base: str | None, value: str) -> None:
    """Put a cell up for a decision, unless that was done with this value before."""
    if reviews.was_put_up(writer.registry, entity, uid, field, value):
        return
    at = times.to_text(writer.moment)
    reviews.put_up(writer, entity, uid, field, base=base, value=value, at=at)
