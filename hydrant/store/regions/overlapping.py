"""Numbers of one region that would count the same asset twice.

`hydrant.store.regions.requirements.set_requirement` refuses them; rows that come from elsewhere or
are decided between sides are held to the same here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from hydrant.integrity.required import overlap
from hydrant.store.opened.registry import Registry

_EVER, _NEVER = "", "9999"
#: When something begins and ends.
Span = tuple[str | None, str | None]


class Number(NamedTuple):
    """A number that is stated; moments are stored text, empty and null mean ever and for ever."""

    uid: str
    region_code: str
    kind: str
    service: str | None
    valid_from: str | None
    valid_until: str | None

    @property
    def name(self) -> str:
        """Its kind and service."""
        return self.kind if self.service is None else f"{self.kind} ({self.service})"


def overlapping(registry: Registry, region: str | None = None) -> list[tuple[Number, Number]]:
    """Pairs of numbers of one region that hold at one time and take in the same asset.

    Parameters
    ----------
    region
        Its code; None looks through all.
    """
    by_region: dict[str, list[Number]] = defaultdict(list)
    for number in _numbers(registry, region):
        by_region[number.region_code].append(number)
    return [
        pair
        for _, numbers in sorted(by_region.items())
        for pair in combinations(numbers, 2)
        if at_one_time(*((one.valid_from, one.valid_until) for one in pair))
        and overlap(*((one.kind, one.service) for one in pair))
    ]


def _numbers(registry: Registry, region: str | None) -> Iterator[Number]:
    rows = registry.connection.execute(
        "SELECT uid, region_code, kind, service, valid_from, valid_until FROM requirement "
        "WHERE withdrawn_at IS NULL AND (? IS NULL OR region_code = ?) ORDER BY region_code, fid",
        (region, region),
    )
    yield from (Number(*row) for row in rows)


def at_one_time(one: Span, other: Span) -> bool:
    """Whether two spans meet; stored text, None and empty mean ever and for ever."""
    spans = [(since or _EVER, until or _NEVER) for since, until in (one, other)]
    return max(since for since, _ in spans) < min(until for _, until in spans)
