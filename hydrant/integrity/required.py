"""Which required numbers count, what a region keeps beyond those below it, what stands for each.

A number is stated for a region, a family or kind, and one service or none. An asset stands
against one number only: the nearest, going up from its own region, that takes it in.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from hydrant.vocabulary import family_of, kind_within

#: Kind or family, and service (None: both public ones), that a number is stated for.
Cell = tuple[str, str | None]
#: Region and cell: what a number is told apart by.
Key = tuple[str, Cell]


class Stated(NamedTuple):
    """A number as stated for a region."""

    region: str
    kind: str
    number: int
    service: str | None = None


class Line(NamedTuple):
    """A number that counts.

    Attributes
    ----------
    beyond
        Whether it is what the region's number has beyond those of the regions below it.
    """

    region: str
    kind: str
    service: str | None
    required: int
    beyond: bool


class Disagreeing(NamedTuple):
    """A region's number that does not fit those below it.

    Attributes
    ----------
    below
        Sum of the numbers below it that are meant.
    beside
        Whether both count, because those below are stated for more than this one is; else
        those below count and nothing is left of this one.
    """

    region: str
    kind: str
    service: str | None
    stated: int
    below: int
    beside: bool


def takes_in(wide: Cell, narrow: Cell) -> bool:
    """Whether all that belongs to `narrow` belongs to `wide`."""
    return kind_within(narrow[0], wide[0]) and wide[1] in (None, narrow[1])


def overlap(one: Cell, other: Cell) -> bool:
    """Whether an asset can belong to both."""
    kinds = kind_within(one[0], other[0]) or kind_within(other[0], one[0])
    return kinds and may_be_same(one[1], other[1])


def may_be_same(one: str | None, other: str | None) -> bool:
    """Whether an asset of one service can be of the other; None is both."""
    return one == other or None in (one, other)


def width(cell: Cell) -> tuple[bool, bool, str, str]:
    """What cells are in order by: a kind before its family, a service before both."""
    kind, service = cell
    return kind == family_of(kind), service is None, kind, service or ""


class Numbers:
    """The numbers of all regions, settled against each other.

    Parameters
    ----------
    stated
        Numbers that hold; several of one region and cell are added up.
    path
        Codes of a region and its ancestors, from fine to coarse; a region that nobody knows
        is a path of its own.
    """

    def __init__(self, stated: Iterable[Stated], path: Callable[[str], Sequence[str]]) -> None:
        self._path = path
        self._own: dict[str, Counter[Cell]] = defaultdict(Counter)
        for one in stated:
            self._own[one.region][one.kind, one.service] += one.number
        self.lines: dict[Key, Line] = {}
        self.disagreeing: list[Disagreeing] = []
        self._settle()

    @property
    def regions(self) -> list[str]:
        """Regions for which a number is stated."""
        return list(self._own)

    def all(self) -> dict[Key, int]:
        """Every number as it was stated, by region and cell."""
        return {
            (region, cell): count
            for region, own in self._own.items()
            for cell, count in own.items()
        }

    def stated(self, key: Key) -> int:
        """The number as it was stated."""
        region, cell = key
        return self._own[region][cell]

    def stands_for(self, region: str, kind: str, service: str) -> Key | None:
        """The number against which an asset stands: the nearest, and there the narrowest."""
        family = family_of(kind)
        cells = (kind, service), (kind, None), (family, service), (family, None)
        for code in self._path(region):
            if (own := self._own.get(code)) is not None:
                for cell in cells:
                    if cell in own:
                        return code, cell
        return None

    def _settle(self) -> None:
        """From the finest regions up: each passes on what is required within it."""
        below: dict[str, Counter[Cell]] = defaultdict(Counter)
        for region in sorted(self._own, key=lambda code: (-len(self._path(code)), code)):
            inside = below[region]
            kept = self._kept(region, inside)
            nearest = next((c for c in self._path(region)[1:] if c in self._own), None)
            if nearest is not None:
                below[nearest].update(inside)
                below[nearest].update(kept)
        self.lines = dict(sorted(self.lines.items(), key=_by_text))
        self.disagreeing.sort(key=lambda d: (d.region, d.kind, d.service or ""))

    def _kept(self, region: str, below: Counter[Cell]) -> Counter[Cell]:
        """What a region requires itself, when so much is required below it."""
        kept: Counter[Cell] = Counter()
        left = dict(below)
        # the narrow ones first, so that no number below is taken off twice
        for cell, count in sorted(self._own[region].items(), key=lambda item: width(item[0])):
            inside = [other for other in left if takes_in(cell, other)]
            beside = [o for o in left if overlap(cell, o) and not takes_in(cell, o)]
            if beside:
                summed = sum(left[other] for other in beside)
                self.disagreeing.append(Disagreeing(region, *cell, count, summed, beside=True))
            summed = sum(left.pop(other) for other in inside)
            if inside and summed > count:
                self.disagreeing.append(Disagreeing(region, *cell, count, summed, beside=False))
            if not inside or summed < count:
                line = Line(region, *cell, count - summed, beyond=bool(inside))
                self.lines[region, cell] = line
                kept[cell] = line.required
        return kept


def _by_text(item: tuple[Key, Line]) -> tuple[str, str, str]:
    (region, (kind, service)), _ = item
    return region, kind, service or ""
