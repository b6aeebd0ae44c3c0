"""What stands beside every figure of a level above: what packages did not bring."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from hydrant.store.evidence.unit_days import otherwise
from hydrant.store.ground.backend import one_row
from hydrant.store.opened.registry import Registry
from hydrant.store.regions.claims import NO_REGION, key_of, region_of
from hydrant.store.regions.region_tree import Ever, load_ever
from hydrant.store.views.absent import units_not_here
from hydrant.store.views.went_over import Went, not_brought

#: What a package says of the readings of sensors that says nothing of them.
NOT_STATED = "not_stated"
#: Of a package's record: the figures that came out better, ``[name, stated, here]`` by day.
BETTER = "better"
#: Of a package's record: refused assets that another registry speaks for.
WENT = "went"
_SENSORS = "SELECT count(*) FROM source_record WHERE source = ? AND external_key LIKE 'sensor/%'"
_TAKEN = """
SELECT source, counts FROM import_batch WHERE fid IN (
  SELECT max(fid) FROM import_batch WHERE source LIKE 'package:%' GROUP BY source) ORDER BY fid
"""
_HERE = """
SELECT code, sum(assets), sum(numbers) FROM (
  SELECT region_code AS code, 1 AS assets, 0 AS numbers FROM asset UNION ALL
  SELECT a.region_code, 1, 0 FROM asset a JOIN asset_alias l ON l.asset_uid = a.uid
  WHERE NOT EXISTS (SELECT 1 FROM source_record r
    WHERE r.source LIKE 'package:%' AND r.external_key = 'asset_alias/' || l.uid) UNION ALL
  SELECT region_code, 0, 1 FROM requirement WHERE withdrawn_at IS NULL) held
WHERE code IN (SELECT value FROM json_each(:codes)) GROUP BY code
"""


class Unheard(NamedTuple):
    """Sensors of a package, and those of which its sender had no readings."""

    sensors: int
    without: int


class Lacking(NamedTuple):
    """How much more a sender holds than stands here, and in which units, where it says so."""

    more: int
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HandedUp:
    """What packages from below did not bring; each is told by region, with a count.

    Attributes
    ----------
    in_part
        Regions of packages whose senders hold more than stands here, and how much more.
    only_moved
        Regions of which a sender handed up no more than the assets that moved there.
    left_out
        Regions of packages of which rows were refused, how many, and which units they are of.
    unheard
        Regions of packages whose senders had not the readings of all sensors at hand.
    unstated
        Regions of packages that do not say whether they had, and how many sensors they have.
    absent
        Of a region of which packages of parts were taken: the units of which nothing is here.
    parts_only
        Regions of which no more is known here than the parts that were handed up, and how many.
    better
        Regions of packages of which figures are better here than their sender stated, by day:
        name, as stated, as it was here when something last changed it.
    other_days
        Regions of packages whose senders say of some units that they lay there on other days.
    went
        Assets that a sender says went to where another speaks, by the region they went to, and
        which nobody brought.
    """

    in_part: dict[str, Lacking] = field(default_factory=dict)
    only_moved: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, Lacking] = field(default_factory=dict)
    unheard: dict[str, Unheard] = field(default_factory=dict)
    unstated: dict[str, int] = field(default_factory=dict)
    absent: dict[str, list[str]] = field(default_factory=dict)
    parts_only: dict[str, int] = field(default_factory=dict)
    better: dict[str, Mapping[str, Sequence[Sequence[object]]]] = field(default_factory=dict)
    other_days: dict[str, list[str]] = field(default_factory=dict)
    went: dict[str, list[str]] = field(default_factory=dict)


def handed_up(registry: Registry, region: str | None) -> HandedUp:
    """What packages did not bring of a region.

    Parameters
    ----------
    region
        What concerns it is asked for; None asks for all.
    """
    taken = registry.connection.execute(_TAKEN).fetchall()
    if not taken:
        return HandedUp()
    ever = load_ever(registry)
    senders: dict[str, dict[str, dict[str, object]]] = {}
    for source, counts in taken:
        packages = senders.setdefault(key_of(source), {})
        packages[region_of(source)] = json.loads(counts) | {"source": source}
    for packages in senders.values():
        _count_sensors(registry, packages)
    found = HandedUp()
    roots = {code for packages in senders.values() for code in packages}
    every = [(code, one) for each in senders.values()
             for code, one in _latest(each, ever.now).items()]  # fmt: skip
    for key, packages in senders.items():
        _add_went(registry, found, (key, _latest(packages, ever.now)), ever, region)
    for code, units in otherwise(registry, ever, every).items():
        if near := [u for u in units if region is None or _concerns(ever, region, u, code)]:
            found.other_days[code] = near
    for packages in senders.values():
        _add(found, packages, ever, region)
        _add_elsewhere(registry, found, packages, ever, region)
    if not roots & {NO_REGION, *_above(ever.now, region)}:
        units_not_here(registry, roots, region, (found.absent, found.parts_only))
    return found


def _count_sensors(registry: Registry, packages: Mapping[str, dict[str, object]]) -> None:
    """Note how many sensors those packages have that an earlier version took."""
    for counts in packages.values():
        if "sensors" not in counts:
            (count,) = one_row(registry.connection.execute(_SENSORS, (counts["source"],)))
            counts["sensors"] = {"sensors": int(count), "readings": NOT_STATED}


def _add_sensors(found: HandedUp, code: str, stated: object) -> None:
    """Add what a package says, or does not, of the readings of its sensors."""
    if not isinstance(stated, dict) or not stated.get("sensors"):
        return
    if stated["readings"] == NOT_STATED:
        found.unstated[code] = int(stated["sensors"])
    elif stated["readings"] in ("missing", "in_part"):
        found.unheard[code] = Unheard(int(stated["sensors"]), int(stated["without"]))


def _add(
    found: HandedUp,
    packages: Mapping[str, Mapping[str, object]],
    ever: Ever,
    region: str | None,
) -> None:
    """Add what one sender did not bring by its last package of each region."""
    parents = ever.now
    latest = _latest(packages, parents)
    told_by_region = isinstance(_last(packages).get("elsewhere"), dict)
    for code, counts in latest.items():
        path = _above(parents, code)
        wider = latest.keys() & {NO_REGION, *path[1:]}
        more = 0 if told_by_region or wider else _number(counts, "beyond")
        if more and region in (None, *path[1:]):
            found.in_part[code] = Lacking(more)
        near = code == NO_REGION or region in (None, *path) or code in _above(parents, region)
        within, above = _codes(counts, "left_out_in"), _codes(counts, "left_out_above")
        if near:
            _add_sensors(found, code, counts.get("sensors"))
        near = near or any(_related(ever, region, one) for one in within)
        near = near or any(region in ever.above(one) for one in above)
        if (refused := _number(counts, "left_out")) and near:
            more, units = found.left_out.get(code, Lacking(0))
            found.left_out[code] = Lacking(more + refused, tuple(dict.fromkeys((*units, *within))))
        better = counts.get(BETTER)
        if isinstance(better, dict) and better and (region is None or _related(ever, region, code)):
            found.better[code] = better
        moved = counts.get("moved")
        for place, count in moved.items() if isinstance(moved, dict) else ():
            path = _above(parents, place)
            if not packages.keys() & {NO_REGION, *path} and region in (None, *path):
                found.only_moved[place] = int(count)


def _add_went(
    registry: Registry,
    found: HandedUp,
    sent: tuple[str, Mapping[str, Mapping[str, object]]],
    ever: Ever,
    region: str | None,
) -> None:
    """Add assets that a sender says went to another's region and that nobody brought."""
    key, packages = sent
    for root, counts in packages.items():
        stated = counts.get(WENT)
        went = [Went(*one) for one in stated] if isinstance(stated, list) else []
        for one in not_brought(registry, key, went):
            units = [code for code in (root, one.region) if code is not None]
            if region is None or region in ever.counts_in(units) or (
                one.region is not None and _related(ever, region, one.region)
            ):  # fmt: skip
                found.went.setdefault(one.region or "–", []).append(one.code or one.uid)


def _add_elsewhere(
    registry: Registry,
    found: HandedUp,
    packages: Mapping[str, Mapping[str, object]],
    ever: Ever,
    region: str | None,
) -> None:
    """Add what a sender holds, by its last package, in regions of which less stands here.

    A package speaks of its region as that was below when it was made. Whether it, or one of
    another registry, told a unit that lies in that region by what stands here cannot be seen from
    where the unit lies: what stands here is counted.
    """
    last = list(packages)[-1]
    stated = _last(packages).get("elsewhere")
    if not isinstance(stated, dict) or not stated:
        return
    wider = set(_above(ever.now, last)[1:])
    here = _stand_here(registry, stated)
    lacking: dict[str, int] = {}
    for code, held in stated.items():
        if not code and NO_REGION in packages:
            continue
        assets, numbers = here.get(code, (0, 0))
        there = (held["assets"], held["numbers"]) if isinstance(held, dict) else (int(held), 0)
        missing = max(0, there[0] - assets) + (0 if numbers else there[1])
        if missing and (region is None or region in wider | ever.counts_in((code,))):
            lacking[code] = missing
    if lacking:
        found.in_part[last] = Lacking(sum(lacking.values()), tuple(filter(None, lacking)))


def _stand_here(registry: Registry, codes: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Assets and numbers of regions that stand here; what was united here counts as it came."""
    rows = registry.connection.execute(_HERE, {"codes": json.dumps(list(codes))})
    return {code: (int(assets), int(numbers)) for code, assets, numbers in rows}


def _last(packages: Mapping[str, Mapping[str, object]]) -> Mapping[str, object]:
    return packages[list(packages)[-1]]


def _latest(
    packages: Mapping[str, Mapping[str, object]], parents: Mapping[str, str | None]
) -> dict[str, Mapping[str, object]]:
    """Packages of one sender without those that a later one of a wider region tells anew."""
    found: dict[str, Mapping[str, object]] = {}
    for code, counts in packages.items():
        for part in [part for part in found if code == NO_REGION or code in _above(parents, part)]:
            del found[part]
        found[code] = counts
    return found


def _codes(counts: Mapping[str, object], name: str) -> list[str]:
    """Regions that refused rows are of; earlier versions did not note them."""
    found = counts.get(name, [])
    return found if isinstance(found, list) else []


def _related(ever: Ever, one: str | None, other: str) -> bool:
    """Whether one of two regions counts in the other, on any day."""
    within = ever.counts_in(() if one is None else (one,))
    return one in ever.counts_in((other,)) or other in within


def _concerns(ever: Ever, region: str, unit: str, root: str) -> bool:
    """Whether a region's figures have something of a unit on any day, by either level."""
    return region in ever.counts_in((unit, root)) or unit in ever.counts_in((region,))


def _number(counts: Mapping[str, object], name: str) -> int:
    found = counts.get(name, 0)
    return found if isinstance(found, int) else 0


def _above(parents: Mapping[str, str | None], code: str | None) -> list[str]:
    """A region and its ancestors."""
    path: list[str] = []
    while code is not None and code not in path:
        path.append(code)
        code = parents.get(code)
    return path
