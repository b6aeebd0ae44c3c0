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

from hydrant.integrity.required import Stated
from hydrant.store.region_tree import RegionTree
from hydrant.vocabulary import family_of, kind_within


class Dated(NamedTuple):
    """A number that somebody stated; `since` is stored text, None is since ever."""

    region: str
    kind: str
    number: int
    service: str | None
    since: str | None

    @property
    def family(self) -> str:
        """Family of what is required."""
        return family_of(self.kind)


def passed_on(stated: Iterable[Dated], tree: RegionTree) -> list[Stated]:
    """What each unit answers for at the date of the tree."""
    rows = list(stated)
    at: dict[tuple[str, str], list[Dated]] = defaultdict(list)
    for row in rows:
        at[row.region, row.family].append(row)
    holding: dict[tuple[str, str], list[Dated]] = defaultdict(list)
    for row in rows:
        ways = list(_way(row.region, tree))
        if not any(_newer(at[heir, row.family], row.service, ended) for ended, heir in ways):
            holding[ways[-1][1] if ways else row.region, row.family].append(row)
    found: list[Stated] = []
    for (region, _), group in holding.items():
        kept = _left_of_split(region, group, holding, tree)
        found += _summed(region, kept)
    return sorted(found, key=lambda one: (one.region, one.kind, one.service or ""))


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


def _newer(rows: Iterable[Dated], service: str | None, ended: str) -> bool:
    return any(
        row.since is not None and row.since >= ended and _may_be_same(row.service, service)
        for row in rows
    )


def _may_be_same(one: str | None, other: str | None) -> bool:
    return one == other or one is None or other is None


def _summed(region: str, rows: list[Dated]) -> Iterator[Stated]:
    """Numbers of one family; what overlaps (a kind and its family, a service and both) is one."""
    if all(row.region == region for row in rows):  # nothing came from elsewhere
        yield from (Stated(region, row.kind, row.number, row.service) for row in rows)
        return
    family = rows[0].family
    whole = {row.service for row in rows if row.kind == family}
    both = any(row.service is None for row in rows)
    cells: dict[tuple[str, str | None], int] = defaultdict(int)
    for row in rows:
        service = None if both else row.service
        kind = family if whole and (both or row.service in whole) else row.kind
        cells[kind, service] += row.number
    yield from (Stated(region, kind, count, service) for (kind, service), count in cells.items())


def _left_of_split(
    region: str,
    rows: list[Dated],
    holding: dict[tuple[str, str], list[Dated]],
    tree: RegionTree,
) -> list[Dated]:
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
            kinds = kind_within(new.kind, row.kind) or new.kind == row.family
            if kinds and _may_be_same(new.service, row.service):
                done = min(rest, left[place])
                left[place] -= done
                rest -= done
    return [row._replace(number=number) for row, number in zip(rows, left, strict=True) if number]


def _stated_since(
    heir: str,
    family: str,
    ended: str,
    holding: dict[tuple[str, str], list[Dated]],
    tree: RegionTree,
) -> list[Dated]:
    """Numbers of a family stated for an heir or below it from a day on."""
    return [
        row
        for code in tree.below(heir)
        for row in holding.get((code, family), ())
        if row.since is not None and row.since >= ended
    ]
