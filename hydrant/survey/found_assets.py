"""Which of the assets that crews found are one thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from hydrant.geo.distance import neighbours_within
from hydrant.model.geopoint import decode_point
from hydrant.store.opened import raw_rows
from hydrant.store.opened.registry import Registry
from hydrant.store.outside import proposals
from hydrant.store.outside.proposals import Born
from hydrant.survey.settling import from_row_json
from hydrant.vocabulary import family_of

#: Two crews' positions of one thing lie within this distance; hydrants stand 120 m apart.
NEAR_M = 10.0
#: With the same plate number the positions may differ more.
SAME_CODE_M = 50.0


@dataclass(frozen=True, slots=True)
class Find:
    """A new asset as a crew brought it; lon and lat in degrees."""

    born: Born
    row: raw_rows.Row
    lon: float
    lat: float

    @property
    def uid(self) -> str:
        """Key that the crew's program gave it."""
        return self.born.uid

    @property
    def code(self) -> str | None:
        """Plate number without what crews write differently."""
        code = self.row["code"]
        return None if code is None else str(code).strip().casefold()


def read_found(registry: Registry) -> list[Find]:
    """Everything that crews found, by key."""
    found = []
    for born in proposals.born(registry, "asset"):
        row = from_row_json(born.text)
        point = decode_point(row["geom"])
        if point is not None:
            found.append(Find(born, row, *point))
    return found


def group_found(found_assets: Sequence[Find]) -> list[list[Find]]:
    """Finds that are one thing, by key; one that is like several is left by itself.

    The groups follow from the finds alone, so they are the same in whatever order the crews
    came back.
    """
    groups = []
    for linked in _linked_groups(found_assets):
        if _is_one(linked):
            groups.append(linked)
        else:
            alone: dict[str, list[Find]] = {}
            for find in linked:
                alone.setdefault(find.uid, []).append(find)
            groups.extend(alone.values())
    return groups


def _linked_groups(found_assets: Sequence[Find]) -> list[list[Find]]:
    """Finds that are linked directly or through others."""
    home = list(range(len(found_assets)))

    def root(index: int) -> int:
        while home[index] != index:
            index = home[index]
        return index

    if len(found_assets) > 1:
        lons = np.array([find.lon for find in found_assets])
        lats = np.array([find.lat for find in found_assets])
        pairs = neighbours_within(lons, lats, np.zeros(len(found_assets), int), SAME_CODE_M)
        for i, j, metres in zip(*(part.tolist() for part in pairs), strict=True):
            if _linked(found_assets[i], found_assets[j], metres):
                home[max(root(i), root(j))] = min(root(i), root(j))
        for i in range(1, len(found_assets)):  # copies of one bundle hold the same find, also moved
            if found_assets[i].uid == found_assets[i - 1].uid:
                home[max(root(i), root(i - 1))] = min(root(i), root(i - 1))
    made: dict[int, list[Find]] = {}
    for index, find in enumerate(found_assets):
        made.setdefault(root(index), []).append(find)
    return list(made.values())


def _linked(one: Find, other: Find, metres: float) -> bool:
    if one.born.bundle == other.born.bundle or _knew(one, other) or _knew(other, one):
        return False
    if not _compatible(one.row["kind"], other.row["kind"]):
        return False
    if one.code is not None and one.code == other.code:
        return True
    return metres <= NEAR_M and (one.code is None or other.code is None)


def _knew(one: Find, other: Find) -> bool:
    """Whether a crew had the other's find in its own file and added one all the same."""
    return other.born.merged_at is not None and other.born.merged_at < one.born.packed_at


def _compatible(one: str, other: str) -> bool:
    return one == other or (family_of(one) in (one, other) and family_of(one) == family_of(other))


def _is_one(group: Sequence[Find]) -> bool:
    """Whether a group can be one thing: one find a crew, one code, kinds that go together."""
    codes = {find.code for find in group} - {None}
    bundles = {find.born.bundle for find in group}
    kinds = {find.row["kind"] for find in group}
    return (
        len(codes) <= 1
        and len(bundles) == len(group)
        and all(_compatible(one, other) for one, other in combinations(kinds, 2))
    )
