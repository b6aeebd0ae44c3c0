"""What units that ended were required to have: which unit answers for it afterwards.

Numbers stated for a unit with one heir pass to the heir and are added to its own, unless the heir
has a number of that family stated from the day of the succession on: that one is the new whole.
Numbers of a unit that was split stay with it, less what its heirs came to be required to have
beyond what they were just before, and end when every heir has a number stated anew; what then ends
without having been required anew is told.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from hydrant.integrity.required import Cell, Numbers, Stated, overlap
from hydrant.store.regions.region_tree import RegionTree
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


class Fallen(NamedTuple):
    """Numbers of a unit that was split, which ended with those of its heirs and were more.

    Attributes
    ----------
    stated, gained
        What the unit was required to have, and by how much its heirs' numbers rose.
    """

    region: str
    family: str
    stated: int
    gained: int


@dataclass(frozen=True, slots=True)
class PassedOn:
    """What each unit answers for at a date, and what fell away with a split."""

    stated: list[Stated]
    fallen: list[Fallen]


def passed_on(
    stated: Iterable[Dated], tree: RegionTree, held_before: Callable[[str], list[Dated]]
) -> PassedOn:
    """What each unit answers for at the date of the tree.

    Parameters
    ----------
    held_before
        Gives the numbers that held just before a moment, stored text.
    """
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
    fallen: list[Fallen] = []
    for (region, family), group in holding.items():
        node, heirs = tree.nodes.get(region), tree.heirs.get(region, [])
        kept, gained = group, None
        if node is not None and node.ended is not None and len(heirs) > 1:
            before = held_before(node.ended)
            split = _Split(node.ended, heirs, family, tree, holding, before)
            kept, gained = _left_of_split(group, split)
        lost = sum(row.number for row in group)
        if gained is not None and gained < lost:
            fallen.append(Fallen(region, family, lost, gained))
        found += _summed(region, kept)
    return PassedOn(
        sorted(found, key=lambda one: (one.region, one.kind, one.service or "")), sorted(fallen)
    )


def _home(code: str, tree: RegionTree) -> str:
    """The unit that answers for another at the date of the tree."""
    ways = list(_way(code, tree))
    return ways[-1][1] if ways else code


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


@dataclass(frozen=True, slots=True)
class _Split:
    """A unit that ended and was split, seen from one family of what it required."""

    ended: str
    heirs: list[str]
    family: str
    tree: RegionTree
    holding: Mapping[tuple[str, str], list[Dated]]
    before: list[Dated]

    def stated_anew(self, heir: str) -> bool:
        """Whether a number was stated for an heir or below it from the day of the split on."""
        return any(
            row.since is not None and row.since >= self.ended
            for code in self.tree.below(heir)
            for row in self.holding.get((code, self.family), ())
        )

    def gained(self, heir: str) -> Counter[Cell]:
        """What an heir came to be required to have beyond what it was just before the split."""
        within = self.tree.below(heir)
        now = [
            Stated(code, row.kind, row.number, row.service)
            for code in within
            for row in self.holding.get((code, self.family), ())
        ]
        then = [
            Stated(home, row.kind, row.number, row.service)
            for row in self.before
            if row.family == self.family and (home := _home(row.region, self.tree)) in within
        ]
        change = _required(now, self.tree)
        change.subtract(_required(then, self.tree))
        return _offset(change)


def _required(stated: list[Stated], tree: RegionTree) -> Counter[Cell]:
    """What some numbers require together, a unit and those below it settled."""
    found: Counter[Cell] = Counter()
    for line in Numbers(stated, tree.codes).lines.values():
        found[line.kind, line.service] += line.required
    return found


def _offset(change: Counter[Cell]) -> Counter[Cell]:
    """What was gained, less what the same assets were required for under another name."""
    gains = Counter({cell: count for cell, count in change.items() if count > 0})
    for cell, count in sorted(change.items(), key=_by_text):
        lost = -count
        for other in [other for other, _ in sorted(gains.items(), key=_by_text)]:
            if lost > 0 and overlap(cell, other):
                done = min(lost, gains[other])
                gains[other] -= done
                lost -= done
    return +gains


def _by_text(item: tuple[Cell, int]) -> tuple[str, str]:
    (kind, service), _ = item
    return kind, service or ""


def _left_of_split(rows: list[Dated], split: _Split) -> tuple[list[Dated], int | None]:
    """What still stands for a unit that was split, after what was stated for its heirs.

    Returns
    -------
    tuple
        The numbers that are left; and where they ended, what the heirs gained in their stead.
    """
    anew = [split.stated_anew(heir) for heir in split.heirs]
    if not any(anew):
        return rows, None
    rows = sorted(rows, key=lambda row: (row.kind, row.service or "", row.since or "", row.number))
    left = [row.number for row in rows]
    for heir in split.heirs:
        for (kind, service), count in sorted(split.gained(heir).items(), key=_by_text):
            rest = count
            for place, row in enumerate(rows):
                kinds = kind_within(kind, row.kind) or kind == row.family
                if kinds and _may_be_same(service, row.service):
                    done = min(rest, left[place])
                    left[place] -= done
                    rest -= done
    if all(anew):
        return [], sum(row.number for row in rows) - sum(left)
    kept = [row._replace(number=count) for row, count in zip(rows, left, strict=True) if count]
    return kept, None
