"""What units that ended were required to have: which unit answers for it afterwards.

Numbers stated for a unit with one heir pass to the heir and are added to its own, unless the heir
has a number of that family stated from the day of the succession on: that one is the new whole.
Numbers of a unit that was split stay with it, less what its heirs were newly required to have,
and end when every heir has a number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from hydrant.store.region_tree import RegionTree
from hydrant.vocabulary import family_of, kind_within


class Stated(NamedTuple):
    """A number that somebody stated; `since` is stored text, None is since ever."""

    region: str
    kind: str
    number: int
    since: str | None

    @property
    def family(self) -> str:
        """Family of what is required."""
        return family_of(self.kind)


def passed_on(stated: Iterable[Stated], tree: RegionTree) -> list[tuple[str, str, int]]:
    """Region, kind and number of what each unit answers for at the date of the tree."""
    rows = list(stated)
    at: dict[tuple[str, str], list[Stated]] = defaultdict(list)
    for row in rows:
        at[row.region, row.family].append(row)
    holding: dict[tuple[str, str], list[Stated]] = defaultdict(list)
    for row in rows:
        ways = list(_way(row.region, tree))
        if not any(_newer(at[heir, row.family], ended) for ended, heir in ways):
            holding[ways[-1][1] if ways else row.region, row.family].append(row)
    found = []
    for (region, _), group in holding.items():
        kept = _left_of_split(region, group, holding, tree)
        found += [(region, kind, count) for kind, count in _summed(region, kept)]
    return sorted(found)


def _way(code: str, tree: RegionTree) -> Iterator[tuple[str, str]]:
    """When a unit and each that took over from it ended, and the heir of each."""
    seen = {code}
    while (node := tree.nodes.get(code)) is not None and node.ended is not None:
        heirs = tree.heirs.get(code, [])
        if len(heirs) != 1 or heirs[0] in seen:
            return
        code = heirs[0]
        seen.add(code)
        yield node.ended, code


def _newer(rows: Iterable[Stated], ended: str) -> bool:
    return any(row.since is not None and row.since >= ended for row in rows)


def _summed(region: str, rows: list[Stated]) -> Iterator[tuple[str, int]]:
    """Kinds and numbers of one family; a kind beside its family is counted in the family."""
    if all(row.region == region for row in rows):  # nothing came from elsewhere
        yield from ((row.kind, row.number) for row in rows)
        return
    kinds: dict[str, int] = defaultdict(int)
    for row in rows:
        kinds[row.kind] += row.number
    family = rows[0].family
    if family in kinds:
        kinds = {family: sum(kinds.values())}
    yield from kinds.items()


def _left_of_split(
    region: str,
    rows: list[Stated],
    holding: dict[tuple[str, str], list[Stated]],
    tree: RegionTree,
) -> list[Stated]:
    """What still stands for a unit that was split, after what was stated for its heirs."""
    node, heirs = tree.nodes.get(region), tree.heirs.get(region, [])
    if node is None or node.ended is None or len(heirs) < 2:
        return rows
    anew = [_stated_since(heir, rows[0].family, node.ended, holding, tree) for heir in heirs]
    if all(anew):
        return []
    left = [row.number for row in rows]
    for new in (row for heir in anew for row in heir):
        rest = new.number
        for place, row in enumerate(rows):
            if kind_within(new.kind, row.kind) or new.kind == row.family:
                done = min(rest, left[place])
                left[place] -= done
                rest -= done
    return [row._replace(number=number) for row, number in zip(rows, left, strict=True) if number]


def _stated_since(
    heir: str,
    family: str,
    ended: str,
    holding: dict[tuple[str, str], list[Stated]],
    tree: RegionTree,
) -> list[Stated]:
    """Numbers of a family stated for an heir or below it from a day on."""
    return [
        row
        for code in tree.below(heir)
        for row in holding.get((code, family), ())
        if row.since is not None and row.since >= ended
    ]
