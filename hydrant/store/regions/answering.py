"""Which unit answers for the number of one that ended, and what numbers come to together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from hydrant.integrity.required import Cell, Stated, overlap, takes_in, width
from hydrant.store.regions.region_tree import RegionTree
from hydrant.vocabulary import family_of


class Dated(NamedTuple):
    """A number that somebody stated; `since` is stored text, None is since ever."""

    region: str
    kind: str
    number: int
    service: str | None
    since: str | None


def way(code: str, tree: RegionTree) -> Iterator[tuple[str, str]]:
    """When a unit and each that took over from it whole ended, and the heir of each."""
    seen = {code}
    while (node := tree.nodes.get(code)) is not None and node.ended is not None:
        heirs = tree.heirs.get(code, [])
        if len(heirs) != 1 or heirs[0] in seen:
            return
        code = heirs[0]
        seen.add(code)
        yield node.ended, code


#: A unit that ended, and when.
Ended = tuple[str, str]


def stays(code: str, tree: RegionTree) -> Iterator[Ended]:
    """The units in which a unit counted, itself the first, and when each of them ended."""
    for ended, heir in way(code, tree):
        yield code, ended
        code = heir


def without_parts(
    rows: Sequence[Dated],
    stood: Callable[[str], Iterable[Ended]],
    tree_at: Callable[[str], RegionTree],
) -> list[Dated]:
    """Numbers that come together, each less those that were part of it before they came.

    What lay in a unit when it went into another, and had a number that the unit's took in, was
    required once; it stays so where both go into the same.

    Parameters
    ----------
    stood
        Gives the units in which a unit counted, and when each of them ended.
    tree_at
        Gives the tree just before a moment.
    """
    left = [row.number for row in rows]
    taken: Counter[tuple[int, int]] = Counter()
    narrow = sorted(range(len(rows)), key=lambda n: (*width(cell_of(rows[n])), rows[n].region))
    steps = [(*ended, n) for n in narrow for ended in stood(rows[n].region)]
    for unit, moment, part in sorted(steps, key=lambda step: _finest(step[0], step[1], tree_at)):
        then = tree_at(moment)
        for above in then.codes(unit)[1:]:
            inside = [
                n
                for n in narrow
                if n != part
                and then.resolve(rows[n].region) == above
                and (rows[n].since or "") < moment
                and takes_in(cell_of(rows[n]), cell_of(rows[part]))
            ]
            rest = left[part] - sum(taken[part, n] for n in inside)
            for n in inside:
                done = max(min(rest, left[n]), 0)
                left[n] -= done
                rest -= done
                taken[part, n] += done
    return [row._replace(number=count) for row, count in zip(rows, left, strict=True)]


def cell_of(row: Dated | Stated) -> Cell:
    """Kind and service that a number is stated for."""
    return row.kind, row.service


def _finest(unit: str, moment: str, tree_at: Callable[[str], RegionTree]) -> tuple[int, str, str]:
    """What successions are in order by: the unit with most others above it first."""
    return -len(tree_at(moment).codes(unit)), moment, unit


def added_up(region: str, rows: Sequence[Dated | Stated]) -> Iterator[Stated]:
    """Numbers of one family; what overlaps (a kind and its family, a service and both) is one.

    One of 0, or of which nothing is left, makes none of the others wider: it is left out instead.
    """
    if all(row.region == region for row in rows):  # nothing came from elsewhere
        yield from (Stated(region, row.kind, row.number, row.service) for row in rows)
        return
    some = [cell_of(row) for row in rows if row.number]
    rows = [
        row for row in rows if row.number or not any(overlap(cell_of(row), cell) for cell in some)
    ]
    family = family_of(rows[0].kind)
    whole = {row.service for row in rows if row.kind == family}
    both = any(row.service is None for row in rows)
    cells: dict[tuple[str, str | None], int] = defaultdict(int)
    for row in rows:
        service = None if both else row.service
        kind = family if whole and (both or row.service in whole) else row.kind
        cells[kind, service] += row.number
    yield from (Stated(region, kind, count, service) for (kind, service), count in cells.items())
