"""Names rows that lie far from every other asset of the county that they state."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from hydrant.errors import Phrase
from hydrant.exchange.changes import POSITION
from hydrant.exchange.outcome import NEW, UPDATED, Outcome
from hydrant.exchange.placing import Located
from hydrant.exchange.rows import ReadRows
from hydrant.geo.distance import metres_apart
from hydrant.store.opened.registry import Registry
from hydrant.store.regions.region_neighbours import FAR_M, counties, named, places_of

#: So many rows of a county that lie apart are looked at one by one; more are no exceptions.
_MOST = 1000


def doubt_far_from_county(
    outcome: Outcome, rows: ReadRows, registry: Registry, located: Located
) -> None:
    """Name new and moved rows far from all others of their county, where no outline tells."""
    codes = rows.fields.get("region_code")
    if codes is None:
        return
    updated = [
        row for row in outcome.rows(UPDATED) if {POSITION, "region_code"} & {*outcome.fields[row]}
    ]
    here: dict[str, list[int]] = defaultdict(list)
    for row in (*outcome.rows(NEW), *updated):
        if codes[row] is not None and np.isfinite(rows.lons[row]):
            here[codes[row]].append(row)
    if not here:
        return
    known = located.known
    outlined = set() if known is None else known.with_outline(here)
    of_county: dict[str, list[int]] = defaultdict(list)
    for code, county in counties(registry, here.keys() - outlined).items():
        of_county[county] += here[code]
    for county, placing in of_county.items():
        _doubt(outcome, rows, registry, county, placing)


def _doubt(
    outcome: Outcome, rows: ReadRows, registry: Registry, county: str, placing: list[int]
) -> None:
    own = {outcome.assets[row] for row in placing if row in outcome.assets}
    places = np.array(places_of(registry, county, own), float).reshape(-1, 2)
    lons = np.concatenate([rows.lons[placing], places[:, 0]])
    lats = np.concatenate([rows.lats[placing], places[:, 1]])
    away = metres_apart(lons, lats, np.median(lons), np.median(lats))
    # two places, neither of which is nearer to the middle, are both looked at
    apart = np.flatnonzero(away[: len(placing)] > FAR_M / 2).tolist()
    for place in apart if len(apart) <= _MOST else ():
        others = np.delete(np.arange(len(lons)), place)
        if not len(others):
            continue
        metres = float(metres_apart(lons[place], lats[place], lons[others], lats[others]).min())
        if metres > FAR_M:
            facts = {"region": named(registry, county), "kilometres": round(metres / 1000)}
            outcome.misplaced.setdefault(placing[place], Phrase("store.far_from_county", facts))
