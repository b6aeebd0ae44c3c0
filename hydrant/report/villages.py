"""Villages with and without water: every one of the tree, whether or not a number was stated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from hydrant.store.regions.region_tree import RegionTree
from hydrant.vocabulary import RegionLevel


class Water(StrEnum):
    """What a village has: a source in working order, sources none of which is proven, none."""

    WORKING = "working"
    UNPROVEN = "unproven"
    WITHOUT = "without"


def water(existing: int, intact: int) -> Water:
    """What so many existing and intact sources are."""
    if intact:
        return Water.WORKING
    return Water.UNPROVEN if existing else Water.WITHOUT


@dataclass(frozen=True, slots=True)
class VillageCount:
    """How many villages have what; `not_stated` are those without a number of their own."""

    working: int
    unproven: int
    without: int
    not_stated: int

    @property
    def all(self) -> int:
        """All villages."""
        return self.working + self.unproven + self.without


def villages(tree: RegionTree, scope: set[str] | None) -> list[str]:
    """Codes of the villages of a date among some regions (None: among all)."""
    return sorted(
        node.code
        for node in tree.nodes.values()
        if node.level == RegionLevel.VILLAGE
        and not node.retired
        and (scope is None or node.code in scope)
    )


def stated_villages(tree: RegionTree, regions: Iterable[str]) -> set[str]:
    """Villages for which, or for a part of which, a number is stated."""
    found = {tree.at_level(code, RegionLevel.VILLAGE) for code in regions}
    return {code for code in found if code is not None}


def count_villages(
    tree: RegionTree, found: Iterable[tuple[str, int, int]], stated: set[str]
) -> VillageCount:
    """Villages by what they have, from code, existing and intact sources of each."""
    counts = dict.fromkeys(Water, 0)
    lacking = 0
    for code, existing, intact in found:
        if tree.nodes[code].retired:
            continue
        counts[water(existing, intact)] += 1
        lacking += code not in stated
    return VillageCount(
        counts[Water.WORKING], counts[Water.UNPROVEN], counts[Water.WITHOUT], lacking
    )
