"""What units that ended were required to have: which unit answers for it afterwards.

Numbers stated for a unit with one heir pass to the heir and are added to its own, unless the heir
has a number of that family stated from the day of the succession on: that one is the new whole.
What was part of another number that came there too is required once, see `without_parts`.
What becomes of the numbers of a unit that was split is told in `parted`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from hydrant.integrity.required import Stated, may_be_same
from hydrant.store.regions.answering import Dated, stays, way, without_parts
from hydrant.store.regions.parted import Fallen, Parted, Place
from hydrant.store.regions.region_tree import RegionTree
from hydrant.vocabulary import family_of


@dataclass(frozen=True, slots=True)
class PassedOn:
    """What each unit answers for at a date, and what fell away with a split."""

    stated: list[Stated]
    fallen: list[Fallen]


def passed_on(
    stated: Iterable[Dated],
    tree: RegionTree,
    before: Callable[[str], list[Stated]],
    tree_at: Callable[[str], RegionTree],
    above: Callable[[str], set[str]],
) -> PassedOn:
    """What each unit answers for at the date of the tree.

    Parameters
    ----------
    above
        Gives a unit and all that it lay in on one day or another.
    before
        Gives what each unit answered for just before a moment, stored text.
    tree_at
        Gives the tree just before a moment.
    """
    holding = {
        place: without_parts(rows, partial(stays, tree=tree), tree_at)
        if _lay_within(place[0], {row.region for row in rows}, tree, above)
        else rows
        for place, rows in _holding(list(stated), tree).items()
    }
    parted = Parted(holding, tree, before, tree_at)
    found = [number for place in list(parted.holding) for number in parted.left(place)]
    return PassedOn(
        sorted(found, key=lambda one: (one.region, one.kind, one.service or "")),
        sorted(parted.fallen),
    )


def _holding(rows: list[Dated], tree: RegionTree) -> dict[Place, list[Dated]]:
    """The numbers that still hold, by the unit that answers for them and by family."""
    at: dict[Place, list[Dated]] = defaultdict(list)
    for row in rows:
        at[row.region, family_of(row.kind)].append(row)
    holding: dict[Place, list[Dated]] = defaultdict(list)
    for row in rows:
        family, ways = family_of(row.kind), list(way(row.region, tree))
        if not any(_newer(at[heir, family], row.service, ended) for ended, heir in ways):
            holding[ways[-1][1] if ways else row.region, family].append(row)
    return dict(holding)


def _lay_within(
    region: str, came: set[str], tree: RegionTree, above: Callable[[str], set[str]]
) -> bool:
    """Whether a unit that came to another may have lain in what came there too, or in it."""
    return any(
        tree.resolve(up) == region for code in came - {region} for up in above(code) - {code}
    )


def _newer(rows: Iterable[Dated], service: str | None, ended: str) -> bool:
    return any(
        row.since is not None and row.since >= ended and may_be_same(row.service, service)
        for row in rows
    )
