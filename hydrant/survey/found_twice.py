"""Two crews that found the same new asset: it is one, whoever comes back first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from hydrant import times
from hydrant.geo.distance import neighbours_within
from hydrant.ids import new_uid
from hydrant.model.geopoint import decode_point
from hydrant.store import proposals, raw_rows
from hydrant.store.proposals import Wanted
from hydrant.store.uniting import CHILDREN, move_children, settle_flags
from hydrant.store.writer import Writer
from hydrant.survey.settling import cell_values, cells, from_row_json, settle_row
from hydrant.vocabulary import family_of

#: Two crews' positions of one thing lie within this distance; hydrants stand 120 m apart.
NEAR_M = 10.0
#: With the same plate number the positions may differ more.
SAME_CODE_M = 50.0
_REASON = "found twice"


@dataclass(frozen=True, slots=True)
class Find:
    """A new asset as a crew brought it."""

    bundle: str
    uid: str
    row: raw_rows.Row
    lon: float
    lat: float

    @property
    def code(self) -> str | None:
        """Plate number without what crews write differently."""
        code = self.row["code"]
        return None if code is None else str(code).strip().casefold()


def regroup(writer: Writer) -> None:
    """Unite what several crews found, from all that they brought so far.

    The groups follow from the finds alone, so they are the same in whatever order the crews
    came back; a group that turns out ambiguous is taken apart again.
    """
    for group in _groups(_finds(writer)):
        target = group[0].uid if _is_one(group) and len(group) > 1 else None
        for find in group:
            if _left_alone(writer, find):
                target = None
        for find in group:
            _place(writer, find, target or find.uid)
        if target is None:
            for find in group:
                _restore(writer, find)
        else:
            _wish(writer, target, group)
            settle_row(writer, "asset", target, incoming=None)


def _finds(writer: Writer) -> list[Find]:
    found = []
    for bundle, uid, text in proposals.born(writer.registry, "asset"):
        row = from_row_json(text)
        point = decode_point(row["geom"])
        if point is not None:
            found.append(Find(bundle, uid, row, *point))
    return found


def _groups(finds: Sequence[Find]) -> list[list[Find]]:
    """Finds that are linked directly or through others, each group by key."""
    home = list(range(len(finds)))

    def root(index: int) -> int:
        while home[index] != index:
            index = home[index]
        return index

    if len(finds) > 1:
        lons = np.array([find.lon for find in finds])
        lats = np.array([find.lat for find in finds])
        pairs = neighbours_within(lons, lats, np.zeros(len(finds), int), SAME_CODE_M)
        for i, j, metres in zip(*(part.tolist() for part in pairs), strict=True):
            if _linked(finds[i], finds[j], metres):
                home[max(root(i), root(j))] = min(root(i), root(j))
    made: dict[int, list[Find]] = {}
    for index, find in enumerate(finds):
        made.setdefault(root(index), []).append(find)
    return list(made.values())


def _linked(one: Find, other: Find, metres: float) -> bool:
    if one.bundle == other.bundle or not _compatible(one.row["kind"], other.row["kind"]):
        return False
    if one.code is not None and one.code == other.code:
        return True
    return metres <= NEAR_M and (one.code is None or other.code is None)


def _compatible(one: str, other: str) -> bool:
    return one == other or (family_of(one) in (one, other) and family_of(one) == family_of(other))


def _is_one(group: Sequence[Find]) -> bool:
    """Whether a group can be one thing: one find a crew, one code, kinds that go together."""
    codes = {find.code for find in group} - {None}
    bundles = {find.bundle for find in group}
    kinds = {find.row["kind"] for find in group}
    return (
        len(codes) <= 1
        and len(bundles) == len(group)
        and all(_compatible(one, other) for one, other in combinations(kinds, 2))
    )


def _left_alone(writer: Writer, find: Find) -> bool:
    """Whether a person decided on this asset since: then it stays as it is."""
    for alias in raw_rows.fetch_all(writer.registry, "asset_alias", {"former_uid": find.uid}):
        if alias["reason"] != _REASON:
            return True
    return False


def _place(writer: Writer, find: Find, target: str) -> None:
    """Let a find stand by itself, or be part of another."""
    registry = writer.registry
    stands = raw_rows.fetch(registry, "asset", find.uid)
    aliases = list(raw_rows.fetch_all(registry, "asset_alias", {"former_uid": find.uid}))
    if target == find.uid:
        if stands is None and all(alias["reason"] == _REASON for alias in aliases):
            now = times.to_text(writer.moment)
            raw_rows.insert(writer, "asset", find.row | {"recorded_at": now})
            for alias in aliases:
                raw_rows.delete(writer, "asset_alias", alias)
            _bring_back(writer, find.uid)
    elif stands is not None:
        move_children(writer, find.uid, target)
        settle_flags(writer, find.uid, target)
        raw_rows.delete(writer, "asset", stands)
        _name(writer, find.uid, target)
    else:
        for alias in aliases:
            if alias["asset_uid"] != target:
                _bring_back(writer, find.uid, target)
                raw_rows.update(writer, "asset_alias", alias, {"asset_uid": target})


def _name(writer: Writer, former: str, target: str) -> None:
    raw_rows.insert(
        writer,
        "asset_alias",
        {
            "uid": new_uid(),
            "recorded_at": times.to_text(writer.moment),
            "recorded_by": writer.actor,
            "former_uid": former,
            "asset_uid": target,
            "reason": _REASON,
        },
    )


def _bring_back(writer: Writer, uid: str, target: str | None = None) -> None:
    """Give the facts that crews recorded of a find to it, or to what it is part of."""
    for table in CHILDREN:
        for _, key, text in proposals.born(writer.registry, table):
            if from_row_json(text).get("asset_uid") == uid:
                row = raw_rows.fetch(writer.registry, table, key)
                if row is not None:
                    raw_rows.update(writer, table, row, {"asset_uid": target or uid})


def _restore(writer: Writer, find: Find) -> None:
    """What a find said by itself, after a group was taken apart; nothing where it was none."""
    proposals.forget_united(writer, find.uid)
    row = raw_rows.fetch(writer.registry, "asset", find.uid)
    if row is None:
        return
    own = cells("asset", find.row)
    wanted = set(proposals.fields_wanted(writer.registry, "asset", find.uid))
    was_united = next(
        raw_rows.fetch_all(
            writer.registry, "merge_conflict", {"entity": "asset", "entity_uid": find.uid}
        ),
        None,
    )
    if was_united is not None:
        for name, value in own.items():
            if name not in wanted:
                raw_rows.update(writer, "asset", row, cell_values(name, value))


def _wish(writer: Writer, target: str, group: Sequence[Find]) -> None:
    """Each crew's description of the one thing is its wish; where it stands is the first one's."""
    specific = max((find.row["kind"] for find in group), key=len)
    for find in group:
        for name, value in cells("asset", find.row | {"kind": specific}).items():
            if name in ("position", "source", "external_key") or value == "null":
                continue
            base = value if name in ("kind", "service") else "null"
            wish = Wanted(find.bundle, base, value, "")
            proposals.propose(writer, "asset", target, name, wish)
