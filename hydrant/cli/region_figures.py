"""Which figures a table of regions may change: of units on record of which it says otherwise."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from hydrant import times
from hydrant.cli.decided import Asked, on_days
from hydrant.model.tables import Region
from hydrant.store.opened.registry import Registry
from hydrant.store.regions.region_rows import RegionRow
from hydrant.store.regions.regions import rows_by_code
from hydrant.store.regions.succession import heirs_of
from hydrant.survey.unit_days import Days


def restated(registry: Registry, rows: Iterable[RegionRow]) -> Iterator[Asked]:
    """Units and days of which figures may change as units on record are stated otherwise.

    Days are the first and the last of each time between those on which a unit begins, ends, moves
    or is taken over, as it stands and as it is stated.
    """
    on_record = rows_by_code(registry)
    asked: dict[int, list[Asked]] = defaultdict(list)
    for row in rows:
        standing = on_record.get(row.code)
        if standing and _differs(registry, row, standing):
            # what every unit is first asked for comes before what follows from it
            for place, one in enumerate(_of_unit(registry, row, standing)):
                asked[place].append(one)
    for place in sorted(asked):
        yield from asked[place]


def _differs(registry: Registry, row: RegionRow, standing: list[Region]) -> bool:
    """Whether figures may follow another way than they do; another name changes none."""
    said: Mapping[str, object] = {
        "level": str(row.level), "parent_code": row.parent_code,
        "valid_from": _start(registry, row.valid_from),
        "valid_until": _start(registry, row.valid_until),
    }  # fmt: skip
    heirs = set(heirs_of(registry, row.code))
    return (bool(row.successors) and {*row.successors} != heirs) or not any(
        all(value is None or getattr(one, name) == value for name, value in said.items())
        for one in standing
    )


def _of_unit(registry: Registry, row: RegionRow, standing: list[Region]) -> Iterator[Asked]:
    """The unit itself, who takes over from it and what it lies in; the times between come first."""
    begins, ends = (_start(registry, day) for day in (row.valid_from, row.valid_until))
    moments = {
        begins,
        ends,
        *(end for one in standing for end in (one.valid_from, one.valid_until)),
    }
    bounds = [None, *sorted(times.to_text(one) for one in moments if one is not None), None]
    first, *between = (Days(*pair) for pair in pairwise(bounds))
    heirs = dict.fromkeys((*row.successors, *heirs_of(registry, row.code)))
    parents = dict.fromkeys((row.parent_code, *(one.parent_code for one in standing)))
    for span in (*between, first):
        for unit in (row.code, *heirs, *parents):
            yield from on_days(registry, [unit], [span])


def _start(registry: Registry, day: dt.date | None) -> dt.datetime | None:
    return None if day is None else times.start_of_day(day, registry.zone)
