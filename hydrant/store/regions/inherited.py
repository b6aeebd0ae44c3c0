"""What units that ended were required to have: which unit answers for it afterwards.

Numbers stated for a unit with one heir pass to the heir and are added to its own, unless the heir
has a number of that family stated from the day of the succession on: that one is the new whole.
What was part of another number that came there too is required once, see `without_parts`.
What becomes of the numbers of a unit that was split is told in `parted`.
Where numbers that came together require less than they did apart, that is named, and so is a
unit for a part of which nothing is stated any more: the rest must not pass for the whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import takewhile

from hydrant.integrity.required import Numbers, Stated, may_be_same, overlap
from hydrant.store.regions.answering import Dated, cell_of, stays, way, without_parts
from hydrant.store.regions.parted import Fallen, Parted, Place
from hydrant.store.regions.region_tree import RegionTree
from hydrant.vocabulary import family_of


@dataclass(frozen=True, slots=True)
class PassedOn:
    """What each unit answers for at a date, and what fell with a split or a merger."""

    stated: list[Stated]
    fallen: list[Fallen]

    @property
    def partial(self) -> frozenset[Place]:
        """Units, each with a family, of which only a part has numbers.

        For the unit as it was, or for one that went into it, one has ended without another in its
        stead, or nothing was stated for it though it has assets.
        """
        return frozenset((one.region, one.family) for one in self.fallen if one.cause == "part")


def passed_on(
    stated: Iterable[Dated],
    ended: Iterable[Dated],
    tree: RegionTree,
    before: Callable[[str], list[Stated]],
    tree_at: Callable[[str], RegionTree],
    above: Callable[[str], set[str]],
    recorded: Iterable[Place] = (),
) -> PassedOn:
    """What each unit answers for at the date of the tree.

    Parameters
    ----------
    stated, ended
        Numbers that hold at that date, and those that held before it and do not then.
    above
        Gives a unit and all that it lay in on one day or another.
    before
        Gives what each unit answered for just before a moment, stored text.
    tree_at
        Gives the tree just before a moment.
    recorded
        Units in which assets are recorded, and their families.
    """
    rows_of = _holding(list(stated), tree)
    parts = _Parts(rows_of, tree)
    holding = {
        place: without_parts(rows, partial(stays, tree=tree), tree_at)
        if _lay_within(place[0], {row.region for row in rows}, tree, above)
        else rows
        for place, rows in rows_of.items()
    }
    parted = Parted(holding, tree, before, tree_at)
    found = [number for place in list(parted.holding) for number in parted.left(place)]
    in_part = {*parts.ended(ended), *parts.silent(recorded, before, tree_at, above)}
    fallen = [*parted.fallen, *_joined(parted.holding, found, tree, above)]
    for region, family in in_part:
        held = [
            one.number for one in found if (one.region, family_of(one.kind)) == (region, family)
        ]
        fallen.append(Fallen(region, family, sum(held), sum(held), "part"))
    return PassedOn(
        sorted(found, key=lambda one: (one.region, one.kind, one.service or "")), sorted(fallen)
    )


class _Parts:
    """Units of which numbers are stated for a part only: what is left passes for the whole.

    Parameters
    ----------
    holding
        Numbers that hold, by the unit that answers for them and by family.
    """

    def __init__(self, holding: Mapping[Place, Sequence[Dated]], tree: RegionTree) -> None:
        self._holding, self._tree = holding, tree
        #: Units that went into another whole, by the one that answers for them.
        self._went: dict[str, set[str]] = defaultdict(set)
        for code in tree.heirs:
            if (unit := self._answers(code)) != code:
                self._went[unit].add(code)

    def ended(self, gone: Iterable[Dated]) -> Iterator[Place]:
        """Where units became one, and a number of one has ended without another in its stead."""
        found: dict[Place, list[Dated]] = defaultdict(list)
        for row in gone:
            found[self._answers(row.region), family_of(row.kind)].append(row)
        for place, rows in found.items():
            held = self._holding.get(place, ())
            joined = any(row.region != place[0] for row in (*held, *rows))
            if joined and any(self._alone(row, held) for row in rows):
                yield place

    def _alone(self, gone: Dated, held: Iterable[Dated]) -> bool:
        """Whether what overlaps a number that ended stands for other parts alone."""
        beside = [row for row in held if overlap(cell_of(row), cell_of(gone))]
        again = any(row.region == gone.region for row in beside)
        return bool(beside) and not again and not self._whole(beside, gone.region)

    def silent(
        self,
        recorded: Iterable[Place],
        before: Callable[[str], list[Stated]],
        tree_at: Callable[[str], RegionTree],
        above: Callable[[str], set[str]],
    ) -> Iterator[Place]:
        """Where assets came whose unit had no number, as it went into one that had.

        Parameters
        ----------
        recorded
            Where assets are recorded, and their families.
        """
        for code, family in recorded:
            here = self._tree.codes(self._tree.resolve(code) or code)
            unit = next((up for up in here if self._holding.get((up, family))), None)
            if unit not in self._went:
                continue
            for old in self._went[unit] & above(code):
                ended, _ = next(way(old, self._tree))
                then = tree_at(ended).codes(code)
                if old not in then or self._whole(self._holding[unit, family], old):
                    continue
                had = (one for one in before(ended) if family_of(one.kind) == family)
                if not any(one.region in then for one in had):
                    yield unit, family

    def _answers(self, region: str) -> str:
        return next((heir for _, heir in reversed(list(way(region, self._tree)))), region)

    def _whole(self, rows: Iterable[Dated], part: str) -> bool:
        """Whether a number was stated for a unit once another had gone into it."""
        since = {heir: ended for ended, heir in way(part, self._tree)}
        return any(row.region in since and (row.since or "") >= since[row.region] for row in rows)


def _joined(
    holding: Mapping[Place, Sequence[Dated]],
    settled: Sequence[Stated],
    tree: RegionTree,
    above: Callable[[str], set[str]],
) -> Iterator[Fallen]:
    """Where numbers take in, once added up, what none of them took in before.

    That is what units below were required to have beside the number of the unit they lay in: for
    another service, or more than it.
    """
    took_over = {tree.resolve(code) for code in tree.heirs}
    for (region, family), rows in holding.items():
        below = tree.below(region) - {region} if region in took_over else set()
        inside = [one for one in settled if one.region in below and family_of(one.kind) == family]
        if not inside or len(tree.heirs.get(region, ())) > 1:
            continue
        own = [one for one in settled if (one.region, family_of(one.kind)) == (region, family)]
        came = [Stated(row.region, row.kind, row.number, row.service) for row in rows]
        apart = _required([*came, *inside], _Apart(region, rows, tree, above))
        together = _required([*own, *inside], tree.codes)
        if together < apart:
            yield Fallen(region, family, apart, together, "joined")


class _Apart:
    """Paths of units below one to which others came, as if numbers still stood for their units.

    A unit that lay in none of these comes under the number that was stated once it had come.
    """

    def __init__(
        self,
        region: str,
        rows: Sequence[Dated],
        tree: RegionTree,
        above: Callable[[str], set[str]],
    ) -> None:
        self._region, self._tree, self._above = region, tree, above
        self._origins = {row.region for row in rows}
        self._newest = max((row.since or "" for row in rows if row.region == region), default=None)

    def __call__(self, code: str) -> Sequence[str]:
        if code in self._origins:
            return [code]
        path = list(takewhile(lambda up: up != self._region, self._tree.codes(code)))
        return [*path, *self._stood_for(code)]

    def _stood_for(self, code: str) -> list[str]:
        """The unit with a number in which another lay; none where it lay in none."""
        lay_in = self._above(code)
        stated = lay_in & self._origins
        if stated:
            return sorted(stated - {self._region} or stated)[:1]
        ended = (self._tree.nodes[up].ended or "" for up in lay_in if self._came(up))
        known = self._newest is not None and max(ended, default="") <= self._newest
        return [self._region] if known else []

    def _came(self, code: str) -> bool:
        return code in self._tree.nodes and self._tree.resolve(code) == self._region


def _required(stated: Iterable[Stated], path: Callable[[str], Sequence[str]]) -> int:
    return sum(line.required for line in Numbers(stated, path).lines.values())


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
