"""One thing entered twice becomes one asset that keeps both histories."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from itertools import pairwise

from hydrant import times
from hydrant.errors import InputRefused, Phrase
from hydrant.model.inputs import AssetInput
from hydrant.model.tables import Asset, AssetAlias
from hydrant.model.values import Record
from hydrant.store.facts.assets import history, in_order, lifecycle_state
from hydrant.store.opened import raw_rows, versions
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Entry, Writer
from hydrant.vocabulary import LifecycleEvent, family_of

#: Tables whose rows belong to an asset.
CHILDREN = ("asset_version", "lifecycle", "inspection", "defect", "sensor", "asset_alias")
#: Those that go along when it becomes part of another: what happened to the thing itself. Its
#: former rows stay behind in the audit log, for one thing has one row at any date.
_MOVING = tuple(table for table in CHILDREN if table != "asset_version")
#: Kinds of lifecycle states that a union may not make up by itself.
_UNBUILT = (LifecycleEvent.PLANNED, LifecycleEvent.UNDER_CONSTRUCTION)


def unite(writer: Writer, keep: Asset, lose: Asset, *, reason: str) -> list[str]:
    """Move everything known of one asset to another; names of the fields that it filled.

    What the kept asset does not say is taken from the other; where both say something, the
    kept one stands, and the audit log has what the other said, each row with all its columns:
    what was known before can be told again from there. The former key goes on being understood.

    Raises
    ------
    InputRefused
        Both are the same row, only one of them still exists, or what happened to the one
        contradicts what happened to the other.
    """
    if keep.uid == lose.uid:
        raise InputRefused("store.same_asset", asset=keep.code or keep.uid)
    _refuse_contradiction(writer.registry, keep, lose)
    ahead = announced(writer.registry, lose)
    filled = _fill(writer, keep, lose)
    filled += _fill_ahead(writer, keep, ahead)
    writer.flush()
    move_children(writer, lose.uid, keep.uid)
    settle_flags(writer, lose.uid, keep.uid)
    former = raw_rows.fetch(writer.registry, "asset", lose.uid)
    writer.session.expunge(lose)
    if former is not None:
        raw_rows.delete(writer, "asset", former)
    writer.add(AssetAlias(former_uid=lose.uid, asset_uid=keep.uid, reason=reason))
    writer.flush()
    return sorted(set(filled))


def announced(registry: Registry, asset: Asset) -> list[tuple[dt.datetime, Record]]:
    """What an asset is to become: the columns that change on days to come, the earliest first."""
    spans = versions.spans_of(registry, asset)
    now = times.now()
    return [
        (span.start, {n: v for n, v in span.values.items() if v != before.values[n]})
        for before, span in pairwise(spans)
        if span.start is not None and span.start > now
    ]


def _fill_ahead(
    writer: Writer, keep: Asset, ahead: Sequence[tuple[dt.datetime, Record]]
) -> list[str]:
    """What the other was to become, where the kept one says nothing of it on that day."""
    filled: list[str] = []
    for since, changes in ahead:
        held = versions.spans_of(writer.registry, keep)
        then = next((span.values for span in held if span.holds_at(since)), held[0].values)
        values = {
            name: value
            for name, value in changes.items()
            if name in AssetInput.model_fields and then[name] is None
        }
        filled += versions.revise(writer, keep, since=since, **values)
    return filled


def _refuse_contradiction(registry: Registry, keep: Asset, lose: Asset) -> None:
    """Refuse a union that would say of the thing what is better than either row, or neither's.

    A removal that only one of them knows, a plan that is younger than the other's commissioning
    and a suspension that the other's events would end wait for somebody's decision.
    """
    events = [history(registry, asset).events for asset in (keep, lose)]
    states = [lifecycle_state(own) for own in events]
    removed = [state is LifecycleEvent.REMOVED for state in states]
    if removed[0] != removed[1]:
        gone = (keep, lose)[removed.index(True)]
        raise InputRefused("store.unite_removed", asset=gone.code or gone.uid)
    both = lifecycle_state(in_order([*events[0], *events[1]]))
    for asset, state, other in zip((keep, lose), states, reversed(states), strict=True):
        ended = state is LifecycleEvent.SUSPENDED and both is not LifecycleEvent.SUSPENDED
        undone = state in _UNBUILT and both is state and other not in _UNBUILT
        if ended or undone:
            raise InputRefused(
                "store.unite_contradicts", asset=asset.code or asset.uid,
                state=Phrase(f"vocabulary.event.{state}"),
            )  # fmt: skip


def _fill(writer: Writer, keep: Asset, lose: Asset) -> list[str]:
    values = {
        name: getattr(lose, name)
        for name in AssetInput.model_fields
        if getattr(keep, name) is None and getattr(lose, name) is not None
    }
    if keep.kind != lose.kind and keep.kind == family_of(lose.kind):
        values["kind"] = lose.kind  # the family alone knew less
    return sorted(versions.revise(writer, keep, since=None, **values))


def move_children(writer: Writer, origin: str, target: str) -> None:
    """Let everything that happened to one asset belong to another.

    Its former rows are taken out: the other has its own for those dates, and with both it would
    count twice.
    """
    for table in _MOVING:
        for row in raw_rows.fetch_all(writer.registry, table, {"asset_uid": origin}):
            raw_rows.update(writer, table, row, {"asset_uid": target})
    for row in raw_rows.fetch_all(writer.registry, "asset_version", {"asset_uid": origin}):
        raw_rows.delete(writer, "asset_version", row)
    moved = writer.registry.connection.execute(
        "UPDATE source_record SET asset_uid = ? WHERE asset_uid = ?", (target, origin)
    ).rowcount
    if moved:
        writer.log(Entry("update", "source_record", target, rows=moved))


def move_back(writer: Writer, kept: str, former: str, *, elsewhere: Collection[str] = ()) -> int:
    """Give back what an asset brought when it became part of another; how many rows.

    The audit log says what was moved from it.

    Parameters
    ----------
    elsewhere
        Keys of rows that belong to the kept one for another reason.
    """
    found = writer.registry.connection.execute(
        f"SELECT DISTINCT entity, entity_uid FROM change WHERE action = 'update' "
        f"AND entity IN ({', '.join('?' * len(_MOVING))}) AND before LIKE ?",
        (*_MOVING, f'%"asset_uid"%"{former}"%'),
    ).fetchall()
    moved = 0
    for table, uid in sorted(found):
        row = raw_rows.fetch(writer.registry, table, uid)
        if row is not None and row["asset_uid"] == kept and uid not in elsewhere:
            moved += raw_rows.update(writer, table, row, {"asset_uid": former})
    return moved


def settle_flags(writer: Writer, origin: str, target: str) -> None:
    """Close the flag between two assets that became one; others now mean the kept one."""
    for column, other in (("asset_uid", "other_uid"), ("other_uid", "asset_uid")):
        for row in raw_rows.fetch_all(writer.registry, "duplicate_flag", {column: origin}):
            values = {column: target}
            if row[other] == target:
                values["state"] = "merged"
            raw_rows.update(writer, "duplicate_flag", row, values)


def present_key(registry: Registry, uid: str) -> str:
    """The key under which an asset stands now; the same where it was never united."""
    seen = {uid}
    while True:
        found = registry.connection.execute(
            "SELECT asset_uid FROM asset_alias WHERE former_uid = ?", (uid,)
        ).fetchone()
        if found is None or found[0] in seen:
            return uid
        uid = found[0]
        seen.add(uid)
