"""Which unit answers for the number of one that ended, and what numbers come to together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hydrant.integrity.required import Stated
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


def added_up(region: str, rows: Sequence[Dated | Stated]) -> Iterator[Stated]:
    """Numbers of one family; what overlaps (a kind and its family, a service and both) is one."""
    if all(row.region == region for row in rows):  # nothing came from elsewhere
        yield from (Stated(region, row.kind, row.number, row.service) for row in rows)
        return
    family = family_of(rows[0].kind)
    whole = {row.service for row in rows if row.kind == family}
    both = any(row.service is None for row in rows)
    cells: dict[tuple[str, str | None], int] = defaultdict(int)
    for row in rows:
        service = None if both else row.service
        kind = family if whole and (both or row.service in whole) else row.kind
        cells[kind, service] += row.number
    yield from (Stated(region, kind, count, service) for (kind, service), count in cells.items())
