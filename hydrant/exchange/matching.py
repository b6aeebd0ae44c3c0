"""Holds rows against the registry: regions, assets that are meant, a datum mix-up."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hydrant import times
from hydrant.errors import InputRefused, Phrase
from hydrant.exchange.cells import Problem
from hydrant.exchange.mapping import Mapping
from hydrant.exchange.rows import ReadRows
from hydrant.geo import datum
from hydrant.geo.offset import constant_offset
from hydrant.store.opened import bulk
from hydrant.store.opened.registry import Registry
from hydrant.store.regions import in_force, regions
from hydrant.store.regions.region_tree import RegionTree, load_tree


@dataclass(slots=True)
class Matches:
    """Which asset each row means.

    Attributes
    ----------
    assets
        Row to uid; a row that is not in it is new.
    states
        What the source said last time, by external key.
    """

    assets: dict[int, str] = field(default_factory=dict)
    states: dict[str, bulk.SourceState] = field(default_factory=dict)

    def state(self, rows: ReadRows, row: int) -> bulk.SourceState | None:
        """What the source said of a row last time."""
        return self.states.get(rows.keys[row])

    def unchanged(self, rows: ReadRows, row: int) -> bool:
        """Whether the source says of a row what it said last time."""
        state = self.state(rows, row)
        return state is not None and state.cells == rows.cells[row]


def refuse_regions(registry: Registry, rows: ReadRows, mapping: Mapping) -> dict[int, Phrase]:
    """Refuse rows of regions unknown or not begun, and rows outside their region's known extent.

    A region may be named by its name or uid, too; then its code takes the place of that.

    Returns
    -------
    dict
        What is to be said of rows whose region has ended, by row.
    """
    codes = rows.fields.get("region_code")
    ended: dict[int, Phrase] = {}
    if codes is None:
        return ended
    now = times.now()
    tree = load_tree(registry, times.to_text(now))
    made = {region.code for region in mapping.regions}
    array = np.array([code or "" for code in codes])
    for word in set(codes) - {None}:
        here, code = np.flatnonzero(array == word), word
        if word not in tree.nodes and word not in made:
            try:
                code = regions.find_region(registry, word).code
            except InputRefused as error:
                why = Phrase(error.key, error.facts)
                _refuse(rows, here.tolist(), "region_code", why)
                continue
            for row in here.tolist():
                codes[row] = code
        if code not in made and (
            told := _out_of_force(registry, rows, here.tolist(), code, (now, tree))
        ):
            ended |= dict.fromkeys(here.tolist(), told)
        known = regions.known_extent(registry, code)
        if known is not None:
            _refuse_outside(rows, here, *known)
    return ended


def _out_of_force(
    registry: Registry,
    rows: ReadRows,
    here: list[int],
    code: str,
    at: tuple[dt.datetime, RegionTree],
) -> Phrase | None:
    """Refuse rows of a region that has not begun; what is to be said of one that has ended."""
    found = in_force.out_of_force(registry, code, *at)
    if found is None:
        return None
    if not found.begun:
        _refuse(rows, here, "region_code", found.why)
        return None
    return found.why


def _refuse_outside(rows: ReadRows, here: Any, region: str, box: tuple[float, ...]) -> None:
    lon, lat = rows.lons[here], rows.lats[here]
    inside = (lon >= box[0]) & (lon <= box[2]) & (lat >= box[1]) & (lat <= box[3])
    for row in here[~inside & ~np.isnan(lon)].tolist():
        pair = float(rows.xs[row]), float(rows.ys[row])
        position = datum.Position(float(rows.lons[row]), float(rows.lats[row]), None)
        reason = datum.outside_extent(pair, position, rows.crs, box)
        facts = {
            "x": pair[0],
            "y": pair[1],
            "lon": f"{position.lon:.6f}",
            "lat": f"{position.lat:.6f}",
            "region": region,
            "reason": Phrase(f"geo.reason_{reason}"),
        }
        _refuse(rows, [row], "position", Phrase("geo.outside", facts))


def _refuse(rows: ReadRows, found: list[int], name: str, why: Phrase) -> None:
    for row in found:
        rows.problems.setdefault(int(row), Problem(name, "", why))


def match(registry: Registry, rows: ReadRows, source: str, located: dict[int, str]) -> Matches:
    """Match rows by source and key, else by a code that is unique in its region.

    Parameters
    ----------
    located
        Regions in which rows lie that state none.
    """
    matches = Matches(states=bulk.source_states(registry, source))
    bearers = bulk.codes_by_region(registry)
    if not matches.states and not bearers:
        return matches  # the first import of a register finds nothing to match
    nothing: list[Any] = [None] * len(rows.table)
    codes = rows.fields.get("code") or nothing
    homes = rows.fields.get("region_code") or nothing
    in_file = Counter((codes[row], homes[row]) for row in rows.kept)
    for row in rows.kept:
        state = matches.state(rows, row)
        if state is not None:
            matches.assets[row] = state.asset_uid
            continue
        place = codes[row], homes[row]
        if codes[row] is None or in_file[place] > 1 or row in rows.numbered:
            continue
        uids = bearers.get(place) or bearers.get((codes[row], located.get(row)), [])
        if len(uids) == 1:
            matches.assets[row] = uids[0]
    return matches


def refuse_offset(rows: ReadRows, matches: Matches, known: bulk.Known) -> None:
    """Name the datum mix-up when matched rows lie a constant distance off.

    Raises
    ------
    InputRefused
        They do.
    """
    index = {uid: place for place, uid in enumerate(known.uids)}
    pairs = [
        (row, index[uid])
        for row, uid in matches.assets.items()
        if uid in index and row not in rows.problems
    ]
    if not pairs:
        return
    here, there = (list(part) for part in zip(*pairs, strict=True))
    found = constant_offset(rows.lons[here], rows.lats[here], known.lons[there], known.lats[there])
    if found is None:
        return
    likely = Phrase("geo.offset_unknown")
    if found.likely is not None:
        likely = Phrase("geo.offset_likely", {"datum": found.likely})
    raise InputRefused(
        "geo.offset",
        file=rows.table.file,
        pairs=found.pairs,
        metres=round(found.metres),
        likely=likely,
    )
