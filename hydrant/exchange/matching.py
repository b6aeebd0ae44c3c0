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
from hydrant.exchange.repeated import settle_repeated
from hydrant.exchange.rows import ReadRows
from hydrant.exchange.twins import SAME_THING_M, alike_by_content, pairs_near, recognise
from hydrant.geo import datum
from hydrant.geo.distance import distance_bearing
from hydrant.geo.offset import constant_offset
from hydrant.ids import as_uid
from hydrant.store.facts.assets import merged_names
from hydrant.store.opened import bulk
from hydrant.store.opened.registry import Registry
from hydrant.store.regions import in_force, regions
from hydrant.store.regions.region_tree import RegionTree, load_tree
from hydrant.vocabulary import family_of


@dataclass(slots=True)
class Matches:
    """Which asset each row means.

    Attributes
    ----------
    assets
        Row to uid; a row that is not in it is new.
    states
        What the source said last time, by external key.
    merged
        Rows of assets that were merged into the one that they mean: it keeps what it says.
    namesakes
        Rows of no known asset, with the code of one that was merged into another elsewhere.
    alike
        Rows without a key, and the asset of which their register said the same elsewhere.
    """

    assets: dict[int, str] = field(default_factory=dict)
    states: dict[str, bulk.SourceState] = field(default_factory=dict)
    merged: set[int] = field(default_factory=set)
    namesakes: set[int] = field(default_factory=set)
    alike: dict[int, str] = field(default_factory=dict)

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


def match(
    registry: Registry, rows: ReadRows, source: str, mapping: Mapping, known: bulk.Known
) -> Matches:
    """Match rows by source and key, our own by their uid, else by code, kind and place."""
    matches = Matches(states=bulk.source_states(registry, source))
    settle_repeated(registry, rows, matches.states)
    matches.assets = recognise(rows, mapping, matches.states, known)
    if not known.uids:
        return matches  # the first import of a register finds nothing to match
    if mapping.own and mapping.bears_uids:
        _match_own(registry, rows, matches, known)
    here, places, numbers = _of_one_code(rows, matches, known)
    if here and places:
        taken = set(matches.assets.values())
        for _, one, other in pairs_near(rows, here, known, places, numbers, SAME_THING_M):
            row, uid = here[one], known.uids[places[other]]
            if row not in matches.assets and uid not in taken:
                matches.assets[row] = uid
                taken.add(uid)
    _match_merged(registry, rows, matches, known)
    if rows.keyless:
        matches.alike = alike_by_content(rows, mapping, matches.states, matches.assets)
    return matches


def _match_merged(registry: Registry, rows: ReadRows, matches: Matches, known: bulk.Known) -> None:
    """Rows with the code of an asset that was merged mean the one beside them that took it over."""
    heirs = merged_names(registry)
    if not heirs:
        return
    index = {uid: place for place, uid in enumerate(known.uids)}
    codes = rows.fields.get("code") or [None] * len(rows.table)
    for row in rows.kept:
        if row in matches.assets or row in rows.problems or codes[row] not in heirs:
            continue
        kind = family_of(rows.fields["kind"][row])
        near = [
            place
            for uid in sorted(heirs[codes[row]])
            if (place := index.get(uid)) is not None
            and family_of(known.kinds[place]) == kind
            and _metres(rows, row, known, place) <= SAME_THING_M
        ]
        if near:
            matches.assets[row] = known.uids[near[0]]
            matches.merged.add(row)
        else:
            matches.namesakes.add(row)


def _metres(rows: ReadRows, row: int, known: bulk.Known, place: int) -> float:
    """Distance of a row from a known asset; endless where the row has no position."""
    here = float(rows.lons[row]), float(rows.lats[row])
    there = float(known.lons[place]), float(known.lats[place])
    return distance_bearing(*here, *there)[0] if np.isfinite(here).all() else np.inf


def _match_own(registry: Registry, rows: ReadRows, matches: Matches, known: bulk.Known) -> None:
    """Rows of our own export mean the assets whose keys they bear; of copies the nearest one.

    The other copies are refused: a new asset has no visit and no commissioning of another one.
    """
    index = {uid: place for place, uid in enumerate(known.uids)}
    present = bulk.present_uids(registry)
    wanted: dict[str, list[tuple[float, int]]] = {}
    for row in rows.kept:
        stated = as_uid(rows.stated[row])
        uid = present.get(stated, stated)
        place = index.get(uid)
        if uid != stated and matches.assets.get(row, uid) == uid and place is not None:
            matches.assets[row] = uid
            matches.merged.add(row)
        elif row not in matches.assets and place is not None:
            metres = _metres(rows, row, known, place)
            wanted.setdefault(uid, []).append((metres, row))
    taken = {uid for row, uid in matches.assets.items() if row not in matches.merged}
    for uid, found in wanted.items():
        meant = None if uid in taken else min(found)[1]
        if meant is not None:
            matches.assets[meant] = uid
        for _, row in found:
            if row != meant:
                _refuse(rows, [row], "uid", Phrase("exchange.uid_twice", {"uid": uid}))


def _of_one_code(
    rows: ReadRows, matches: Matches, known: bulk.Known
) -> tuple[list[int], list[int], list[int]]:
    """Rows without an asset, assets that no row means, and numbers of the codes they share."""
    codes = rows.fields.get("code") or [None] * len(rows.table)
    taken = set(matches.assets.values())
    free = [row for row in rows.kept if row not in matches.assets and codes[row] is not None
            and np.isfinite(rows.lons[row])]  # fmt: skip
    numbers = {code: n for n, code in enumerate({codes[row] for row in free})}
    places = [place for place, code in enumerate(known.codes)
              if code in numbers and known.uids[place] not in taken]  # fmt: skip
    there = {known.codes[place] for place in places}
    here = [row for row in free if codes[row] in there]
    told = [codes[row] for row in here] + [known.codes[place] for place in places]
    return here, places, [numbers[code] for code in told]


def refuse_offset(rows: ReadRows, matches: Matches, known: bulk.Known) -> None:
    """Name the datum mix-up when rows lie a constant distance off what they mean.

    Held against it are the rows that were matched, all whose number one asset of their family
    bears, and those without one that say what one record says: a register in another datum lies
    too far off to be matched.

    Raises
    ------
    InputRefused
        They do.
    """
    if not known.uids:
        return
    index = {uid: place for place, uid in enumerate(known.uids)}
    matched, alike = (
        [(row, index[uid]) for row, uid in of.items() if uid in index and row not in rows.problems]
        for of in (matches.assets, matches.alike)
    )
    here, places, numbers = _of_one_code(rows, matches, known)
    row_of = dict(zip(numbers[: len(here)], here, strict=True))
    borne = Counter(numbers)
    numbered = [
        (row_of[number], place)
        for number, place in zip(numbers[len(here) :], places, strict=True)
        if borne[number] == 2 and row_of[number] not in rows.problems
        and family_of(known.kinds[place]) == family_of(rows.fields["kind"][row_of[number]])
    ]  # fmt: skip
    for pairs in (matched, matched + numbered, matched + alike):
        if not pairs:
            continue
        ours, theirs = (list(part) for part in zip(*pairs, strict=True))
        found = constant_offset(
            rows.lons[ours], rows.lats[ours], known.lons[theirs], known.lats[theirs]
        )
        if found is None:
            continue
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
