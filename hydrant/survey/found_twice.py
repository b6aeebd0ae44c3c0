"""Two crews that found the same new asset: it is one, whoever comes back first."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from hydrant import times
from hydrant.ids import new_uid
from hydrant.store.facts.merging import CHILDREN, move_children, present_key, settle_flags
from hydrant.store.opened import raw_rows
from hydrant.store.opened.writer import Writer
from hydrant.store.outside import proposals
from hydrant.store.outside.proposals import DERIVED, OFFICE, WHOLE, Born, Wanted
from hydrant.survey.found_assets import Find, group_found, read_found
from hydrant.survey.settling import (
    base_of,
    cell_values,
    cells,
    decide,
    from_row_json,
    put,
    row_json,
)

_REASON = "found twice"
#: What a find's row says for itself, when several are united.
_FIRST_ONLY = ("position", "source", "external_key")
#: Columns that cannot be empty.
_FILLED = ("kind", "service")


def regroup(writer: Writer, changed: Collection[str]) -> None:
    """Let every find that changed, and what it is one with, say what follows from all crews.

    A group that turns out ambiguous is taken apart again; finds on which a person decided
    since stay as they are.

    Parameters
    ----------
    changed
        Keys of finds that came, changed, or are gone from their bundles.
    """
    found_assets = [find for find in read_found(writer.registry) if not _decided(writer, find.uid)]
    placed: dict[str, list[Find]] = {}
    for group in group_found(found_assets):
        if any(find.uid in changed for find in group) or _moved(writer, group):
            placed[_target(writer, group)] = group
    for target, group in placed.items():
        _stand(writer, target, group)
    for target, group in placed.items():
        for find in group:
            if find.uid != target:
                _join(writer, find.uid, target)
    _clear_away(writer, set(changed) - {find.uid for find in found_assets})
    _send_home(writer)
    for target, group in placed.items():
        _settle(writer, target, group)


def _decided(writer: Writer, uid: str) -> bool:
    """Whether a person united this find with something since: then it stays so."""
    aliases = raw_rows.fetch_all(writer.registry, "asset_alias", {"former_uid": uid})
    return any(alias["reason"] != _REASON for alias in aliases)


def _moved(writer: Writer, group: Sequence[Find]) -> bool:
    """Whether finds that are one now stand apart, or the other way round."""
    uids = {find.uid for find in group}
    homes = {present_key(writer.registry, uid) for uid in uids}
    guests = {
        alias["former_uid"]
        for home in homes
        for alias in raw_rows.fetch_all(
            writer.registry, "asset_alias", {"asset_uid": home, "reason": _REASON}
        )
    }
    return len(homes) > 1 or not (homes | guests) <= uids


def _target(writer: Writer, group: Sequence[Find]) -> str:
    """Key under which a group stands: the first, or the one on which somebody decided."""
    for find in group:
        where = {"entity": "asset", "entity_uid": find.uid, "state": "resolved"}
        conflicts = raw_rows.fetch_all(writer.registry, "merge_conflict", where)
        if any(conflict["resolution"] is not None for conflict in conflicts):
            return find.uid
    return group[0].uid


def _stand(writer: Writer, target: str, group: Sequence[Find]) -> None:
    """Let a find stand by itself, if it does not."""
    for alias in _aliases(writer, target):
        raw_rows.delete(writer, "asset_alias", alias)
    if raw_rows.fetch(writer.registry, "asset", target) is None:
        row = next(find.row for find in group if find.uid == target)
        now = times.to_text(writer.moment)
        raw_rows.insert(writer, "asset", row | {"recorded_at": now})
        proposals.note_written(writer, "asset", target, WHOLE, row_json(row))


def _join(writer: Writer, uid: str, target: str) -> None:
    """Let a find be part of another."""
    registry = writer.registry
    row = raw_rows.fetch(registry, "asset", uid)
    if row is not None:
        _give_way(writer, row, target)
    for alias in _aliases(writer, uid):
        raw_rows.update(writer, "asset_alias", alias, {"asset_uid": target})
        return
    raw_rows.insert(
        writer,
        "asset_alias",
        {
            "uid": new_uid(),
            "recorded_at": times.to_text(writer.moment),
            "recorded_by": writer.actor,
            "former_uid": uid,
            "asset_uid": target,
            "reason": _REASON,
        },
    )


def _aliases(writer: Writer, uid: str) -> list[raw_rows.Row]:
    where = {"former_uid": uid, "reason": _REASON}
    return list(raw_rows.fetch_all(writer.registry, "asset_alias", where))


def _give_way(writer: Writer, row: raw_rows.Row, target: str) -> None:
    """Take a find's own row out; what belongs to it belongs to another."""
    uid = row["uid"]
    move_children(writer, uid, target)
    settle_flags(writer, uid, target)
    raw_rows.delete(writer, "asset", row)
    _forget(writer, uid)


def _forget(writer: Writer, uid: str) -> None:
    """Forget what was derived for a find that does not stand by itself any more."""
    for name in proposals.fields_known(writer.registry, "asset", uid):
        _drop_wishes(writer, uid, name)
        standing = proposals.open_conflict(writer.registry, "asset", uid, name)
        if standing is not None:
            proposals.close(writer, standing, None)
    proposals.drop(writer, "asset", uid, WHOLE, proposals.MERGED)


def _clear_away(writer: Writer, gone: Collection[str]) -> None:
    """Take out finds that their crews took back, unless somebody worked with them since."""
    for uid in sorted(gone):
        row = raw_rows.fetch(writer.registry, "asset", uid)
        if row is None:
            for alias in _aliases(writer, uid):
                raw_rows.delete(writer, "asset_alias", alias)
            continue
        last = proposals.written(writer.registry, "asset", uid, WHOLE)
        untouched = last is not None and cells("asset", row) == cells("asset", from_row_json(last))
        if untouched and not any(
            raw_rows.exists(writer.registry, table, "asset_uid", uid) for table in CHILDREN
        ):
            raw_rows.delete(writer, "asset", row)
        _forget(writer, uid)


def _send_home(writer: Writer) -> None:
    """Give what crews recorded of a find to the asset that it is now."""
    for table in CHILDREN:
        for born in proposals.born(writer.registry, table):
            row = raw_rows.fetch(writer.registry, table, born.uid)
            own = from_row_json(born.text).get("asset_uid")
            if own is None:
                continue
            home = present_key(writer.registry, own)
            if table == "asset_version":
                _keep_former(writer, born, row, apart=home == own)
            elif row is not None:
                raw_rows.update(writer, table, row, {"asset_uid": home})


def _keep_former(writer: Writer, born: Born, row: raw_rows.Row | None, *, apart: bool) -> None:
    """Keep a find's former row while the find stands by itself, and only then.

    One thing has one row at any date; what the crew brought is still known from its bundle.
    """
    if row is not None and not apart:
        raw_rows.delete(writer, "asset_version", row)
    elif row is None and apart:
        now = times.to_text(writer.moment)
        former = from_row_json(born.text)
        raw_rows.insert(writer, "asset_version", former | {"recorded_at": now})


def _settle(writer: Writer, target: str, group: Sequence[Find]) -> None:
    """Let each cell say what the crews say of it."""
    row = raw_rows.fetch(writer.registry, "asset", target)
    last = proposals.written(writer.registry, "asset", target, WHOLE)
    if row is None or last is None:
        return
    then = cells("asset", from_row_json(last))
    said = {name: _said(name, target, group) for name in then}
    for name, sides in said.items():
        then[name] = _settle_cell(writer, row, name, sides, then[name])
    whole = {name: row[name] for name in from_row_json(last)}
    for name, text in then.items():
        whole |= cell_values(name, text)
    proposals.note_written(writer, "asset", target, WHOLE, row_json(whole))


def _said(name: str, target: str, group: Sequence[Find]) -> dict[str, str]:
    """What each crew says of a cell; nobody's word for it is an empty one by all."""
    own = [find for find in group if find.uid == target]
    if name in _FIRST_ONLY and len(own) == 1:
        return {own[0].born.bundle: cells("asset", own[0].row)[name]}
    if name == "kind":
        specific = json.dumps(max((find.row["kind"] for find in group), key=lambda k: (len(k), k)))
        return {find.born.bundle: specific for find in group}
    all_say = {find.born.bundle: cells("asset", find.row)[name] for find in group}
    say = {bundle: value for bundle, value in all_say.items() if value != "null"}
    return say or all_say


def _settle_cell(
    writer: Writer, row: raw_rows.Row, name: str, sides: dict[str, str], last: str
) -> str:
    """Write what follows for one cell; gives what it says, as far as crews are concerned."""
    registry, uid = writer.registry, row["uid"]
    if sides.items() <= proposals.settled(registry, "asset", uid, name).items():
        return last  # somebody decided just this
    standing = proposals.open_conflict(registry, "asset", uid, name)
    agreed = set(sides.values()) == {last}
    if agreed and standing is None:
        return last
    base = min(sides.items())[1] if name in _FILLED or name == "position" else "null"
    wishes = {bundle: Wanted(bundle, base, value, DERIVED) for bundle, value in sides.items()}
    office = next((w for w in proposals.live(registry, "asset", uid, name)
                   if w.bundle == OFFICE), None)  # fmt: skip
    now = cells("asset", row)[name]
    if now != last:
        office = Wanted(OFFICE, base, now, times.to_text(writer.moment))
    if office is not None:
        wishes[OFFICE] = office
    wanted = decide(
        writer, ("asset", uid, name), {w.bundle: w.value for w in wishes.values()},
        base=base_of(list(wishes.values()), base),
    )  # fmt: skip
    _drop_wishes(writer, uid, name)
    if proposals.open_conflict(registry, "asset", uid, name) is not None:
        for wish in wishes.values():
            proposals.propose(writer, "asset", uid, name, wish)
    put(writer, "asset", row, name, wanted)
    return wanted


def _drop_wishes(writer: Writer, uid: str, name: str) -> None:
    for wish in proposals.live(writer.registry, "asset", uid, name):
        if wish.packed_at == DERIVED or wish.bundle == OFFICE:
            proposals.drop(writer, "asset", uid, name, wish.bundle)
