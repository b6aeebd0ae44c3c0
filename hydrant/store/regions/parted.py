"""What still stands for a unit that was split among several.

Its numbers, those that came to it included, stay with it, less what those that took over came to
be required to have beyond what they were just before, and end when each of them has a number
stated anew. What then ends without having been required anew is told.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Literal, NamedTuple

from hydrant.integrity.required import (
    Cell,
    Numbers,
    Stated,
    may_be_same,
    overlap,
    takes_in,
    width,
)
from hydrant.store.regions.answering import Dated, added_up, way, without_parts
from hydrant.store.regions.region_tree import RegionTree
from hydrant.vocabulary import family_of, kind_within

#: A unit and a family of what it is required to have.
Place = tuple[str, str]


class Fallen(NamedTuple):
    """Numbers that ask for less than was stated once, since a unit ended.

    Attributes
    ----------
    stated, gained
        ``split``: what a unit that was split was required to have, and by how much its heirs'
        numbers rose when it ended. ``joined``: what is required in a unit that took over from
        another as if each number still stood for its own unit, and what is as they are added up.
        ``part``: what is required of a unit of which only a part has a number, twice.
    """

    region: str
    family: str
    stated: int
    gained: int
    cause: Literal["split", "joined", "part"] = "split"


def fell_in(tree: RegionTree, fallen: Fallen, codes: Collection[str]) -> bool:
    """Whether figures of some units lack what fell: it was theirs, or they took over from it."""
    if fallen.cause != "split" or fallen.region in codes:
        return fallen.region in codes
    return not tree.took_over(fallen.region).isdisjoint(codes)


class Parted:
    """The numbers that hold at a date, those of units that were split lessened.

    Parameters
    ----------
    holding
        Numbers by the unit that answers for them, and by family.
    before
        Gives what each unit answered for just before a moment, stored text.
    tree_at
        Gives the tree just before a moment.
    """

    def __init__(
        self,
        holding: Mapping[Place, list[Dated]],
        tree: RegionTree,
        before: Callable[[str], list[Stated]],
        tree_at: Callable[[str], RegionTree],
    ) -> None:
        self.holding = holding
        self.fallen: list[Fallen] = []
        self._tree = tree
        self._before, self._tree_at = before, tree_at
        self._left: dict[Place, list[Stated]] = {}
        self._taken: dict[Place, Counter[Cell]] = {}
        self._pools: dict[str, dict[str, str]] = {}
        self._splits = sorted(
            (node.ended, code)
            for code, node in tree.nodes.items()
            if node.ended is not None and len(tree.heirs.get(code, ())) > 1
        )
        self._since: dict[Place, list[str]] = defaultdict(list)
        for (_, family), rows in holding.items():
            for row in rows:
                self._since[row.region, family].append(row.since or "")

    def left(self, place: Place) -> list[Stated]:
        """What a unit is required to have of a family, by kind and service."""
        if place not in self._left:
            region = place[0]
            whole = sorted(added_up(region, self.holding.get(place, [])), key=_narrow_first)
            self._left[place] = whole  # whatever comes round to this unit meets it undivided
            if whole and len(self._heirs(region)) > 1:
                self._left[place] = self._lessened(place, whole)
        return self._left[place]

    def _heirs(self, region: str) -> list[tuple[str, str]]:
        """Who took over from a unit that ended, and when."""
        node = self._tree.nodes.get(region)
        ended = node.ended if node is not None else None
        return [(ended, heir) for heir in self._tree.heirs.get(region, ()) if ended is not None]

    def _stated(self, unit: str, family: str, since: str) -> bool:
        return any(stated >= since for stated in self._since.get((unit, family), ()))

    def _stated_anew(self, unit: str, family: str, since: str, *seen: str) -> bool:
        """Whether a number was stated from a moment on for a unit, or for all who took over."""
        if unit in seen:
            return False
        if any(self._stated(code, family, since) for code in self._tree.below(unit)):
            return True
        heirs = self._heirs(unit)
        return bool(heirs) and all(
            self._stated_anew(heir, family, max(since, ended), *seen, unit) for ended, heir in heirs
        )

    def _lessened(self, place: Place, whole: list[Stated]) -> list[Stated]:
        region, family = place
        pool = self._pool(region)
        within = self._tree_at(self._heirs(region)[0][0]).below(region) - {region}
        anew = any(self._stated(code, family, moment) for code, moment in pool.items())
        if not anew and within.isdisjoint(pool):
            return whole
        gains = self._gained(pool, family, region)
        for other in self._sharing(region):
            self.left((other, family))
            gains.subtract(self._taken.get((other, family), Counter()))
        left, self._taken[place] = _taken_off(whole, _offset(gains))
        heirs = self._heirs(region)
        if not all(self._stated_anew(heir, family, ended) for ended, heir in heirs):
            pairs = zip(left, whole, strict=True)
            return [one for one, stated in pairs if one.number or not stated.number]
        stated = sum(number.number for number in whole)
        gained = self._taken[place].total()
        if gained < stated:
            self.fallen.append(Fallen(*place, stated, gained))
        return []

    def _pool(self, region: str) -> dict[str, str]:
        """Who took over from a unit, from those in turn, what lies below them, and since when."""
        if region not in self._pools:
            found: dict[str, str] = {}
            waiting = self._heirs(region)
            heapq.heapify(waiting)
            while waiting:
                since, unit = heapq.heappop(waiting)
                for code in self._tree.below(unit) - {region, *found}:
                    if self._ended_elsewhere(code, {unit, *found}):
                        continue
                    found[code] = since
                    for ended, heir in self._heirs(code):
                        heapq.heappush(waiting, (max(since, ended), heir))
            self._pools[region] = found
        return self._pools[region]

    def _ended_elsewhere(self, code: str, among: Collection[str]) -> bool:
        """Whether a unit had ended before it came to lie below any of some."""
        ended = self._tree.nodes[code].ended
        if code in among or ended is None:
            return False
        return not any(up in among for up in self._tree_at(ended).codes(code))

    def _sharing(self, region: str) -> list[str]:
        """Units that were split before a unit and partly went to the same ones, in order."""
        pool, ((ended, _), *_) = self._pool(region), self._heirs(region)
        return [
            other
            for at, other in self._splits
            if (at, other) < (ended, region)
            and other not in pool
            and region not in self._pool(other)
            and not pool.keys().isdisjoint(self._pool(other))
        ]

    def _gained(self, pool: Mapping[str, str], family: str, region: str) -> Counter[Cell]:
        """What units require beyond what each did when it took over, or went into one of them.

        What was part of the numbers of the unit that was split was nothing beside them.
        """
        whole = list(added_up(region, self.holding.get((region, family), [])))
        now = [number for code in pool for number in self.left((code, family))]
        change = _required(now, self._tree)
        came = self._came(pool)
        for moment in sorted({at for at, _ in came.values()}):
            then: dict[str, list[Dated]] = defaultdict(list)
            within = self._tree_at(moment).below(region)
            for number in self._before(moment):
                at, code = came.get(number.region, ("", ""))
                part = number.region in within and any(
                    takes_in((one.kind, one.service), (number.kind, number.service))
                    for one in whole
                )
                if family_of(number.kind) == family and at == moment and code and not part:
                    then[code].append(Dated(*number, since=None))
            settled = [
                one
                for code, rows in then.items()
                for one in added_up(code, self._without_parts(rows, moment))
            ]
            change.subtract(_required(settled, self._tree))
        return change

    def _without_parts(self, rows: list[Dated], moment: str) -> list[Dated]:
        """Numbers that come to a unit at one moment; see `without_parts`."""
        return without_parts(rows, lambda code: [(code, moment)], self._tree_at)

    def _came(self, pool: Mapping[str, str]) -> dict[str, tuple[str, str]]:
        """When each came to those that took over, and to which of them."""
        found = {code: (since, code) for code, since in pool.items()}
        for code in self._tree.nodes.keys() - pool.keys():
            for ended, heir in way(code, self._tree):
                if heir in pool:
                    found[code] = max(ended, pool[heir]), heir
                    break
        return found


def _narrow_first(number: Stated) -> tuple[bool, bool, str, str]:
    return width((number.kind, number.service))


def _required(stated: Iterable[Stated], tree: RegionTree) -> Counter[Cell]:
    """What some numbers require together, a unit and those below it settled."""
    found: Counter[Cell] = Counter()
    for line in Numbers(stated, tree.codes).lines.values():
        found[line.kind, line.service] += line.required
    return found


def _offset(change: Counter[Cell]) -> Counter[Cell]:
    """What was gained, less what the same assets were required for under another name."""
    gains = Counter({cell: count for cell, count in change.items() if count > 0})
    for cell in sorted(change, key=width):
        lost = -change[cell]
        for other in sorted(gains, key=width):
            if lost > 0 and overlap(cell, other):
                done = min(lost, gains[other])
                gains[other] -= done
                lost -= done
    return +gains


def _taken_off(numbers: list[Stated], gains: Counter[Cell]) -> tuple[list[Stated], Counter[Cell]]:
    """Numbers less what was gained in their stead, and so much of the gains.

    The narrowest of both come first; a number falls to 0 and no further.
    """
    taken: Counter[Cell] = Counter()
    left = [one.number for one in numbers]
    for (kind, service), count in sorted(gains.items(), key=lambda item: width(item[0])):
        rest = count
        for place, one in enumerate(numbers):
            kinds = kind_within(kind, one.kind) or kind_within(one.kind, kind)
            if kinds and may_be_same(service, one.service):
                done = min(rest, left[place])
                left[place] -= done
                rest -= done
        taken[kind, service] += count - rest
    return [one._replace(number=count) for one, count in zip(numbers, left, strict=True)], taken
