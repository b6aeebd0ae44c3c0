"""Administrative regions: finding them, walking the tree."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import cos, radians

from sqlmodel import col, select

from hydrant import times
from hydrant.errors import AmbiguousCode, InputRefused
from hydrant.model.tables import Region, RegionSuccessor
from hydrant.store.opened.registry import Registry
from hydrant.store.regions.region_outlines import TOLERANCE_DEG
from hydrant.store.regions.region_tree import load_tree
from hydrant.store.sql.state_sql import ALWAYS
from hydrant.vocabulary import RegionLevel


def without_parent(registry: Registry, codes: Iterable[str]) -> list[str]:
    """Of some regions those whose parent is not on record, by code."""
    present = present_regions(registry)
    wanted = (code for code in codes if code in present)
    return sorted(
        code
        for code in set(wanted)
        if present[code].parent_code is not None and present[code].parent_code not in present
    )


def parents_by_row(registry: Registry) -> dict[str, tuple[str, str]]:
    """Code and parent of each row of a region whose parent is on record, by the row's key."""
    rows = registry.connection.execute(
        "SELECT uid, code, parent_code FROM region WHERE parent_code IN (SELECT code FROM region)"
    )
    return {uid: (code, parent) for uid, code, parent in rows}


def present_regions(registry: Registry) -> dict[str, Region]:
    """Every region by its code; of a code with several rows the one that has not ended."""
    query = select(Region).order_by(col(Region.valid_until).is_(None), col(Region.valid_until))
    return {region.code: region for region in registry.session.exec(query)}


def rows_by_code(registry: Registry) -> dict[str, list[Region]]:
    """All rows of every region, by its code."""
    found: dict[str, list[Region]] = defaultdict(list)
    for region in registry.session.exec(select(Region)):
        found[region.code].append(region)
    return found


def find_region(registry: Registry, word: str, *, at: dt.datetime | None = None) -> Region:
    """The region that a person means by a code, else an exact name, else a uid.

    A name counts for regions in force first; one that is no longer (or not yet) in force is
    meant only where none in force bears the name.

    Parameters
    ----------
    at
        Moment at which the name is meant: names move from one region to another. None is now.

    Raises
    ------
    InputRefused
        There is none.
    AmbiguousCode
        Several bear the name; each is listed with its parent.
    """
    session, moment = registry.session, at or times.now()
    coded = session.exec(
        select(Region).where(Region.code == word).order_by(col(Region.valid_from))
    ).all()
    if coded:
        return next((region for region in coded if region.in_force(moment)), coded[-1])
    bearers = session.exec(
        select(Region)
        .where((Region.name_zh == word) | (Region.name_en == word))
        .order_by(col(Region.code))
    ).all()
    bearers = [region for region in bearers if region.in_force(moment)] or list(bearers)
    meant = {region.code: region for region in bearers}
    if len(meant) > 1:
        raise AmbiguousCode(
            "store.ambiguous_region",
            name=word,
            count=len(meant),
            candidates=", ".join(_with_parent(registry, region) for region in meant.values()),
        )
    found = next(iter(meant.values()), None)
    if found is None:
        found = session.exec(select(Region).where(Region.uid == word)).first()
    if found is None:
        raise InputRefused("store.no_region", code=word, file=registry.path)
    return found


def _with_parent(registry: Registry, region: Region) -> str:
    if region.parent_code is None:
        return region.code
    parent = registry.session.exec(select(Region).where(Region.code == region.parent_code)).first()
    name = None if parent is None else parent.name_zh or parent.name_en
    return f"{region.code} ({region.parent_code}{'' if name is None else f' {name}'})"


def subtree(registry: Registry, code: str) -> list[str]:
    """A region's code and those of everything below it, units that it took over included."""
    tree = load_tree(registry, times.to_text(times.now()))
    heirs = {heir for former in tree.nodes for heir in [tree.resolve(former)] if heir != former}
    below = tree.below(code)
    if not heirs & below:
        return sorted(below)
    return sorted(
        below | {former for former in tree.nodes if (tree.resolve(former) or former) in below}
    )


def children_of(registry: Registry, code: str) -> list[str]:
    """Codes of the regions right below a region that have not ended.

    What hung below units that it took over from hangs below it, whatever parent it names.
    """
    tree = load_tree(registry, ALWAYS)
    return sorted(one for one in tree.children.get(code, ()) if not tree.nodes[one].retired)


def known_extent(registry: Registry, code: str) -> tuple[str, tuple[float, ...]] | None:
    """Nearest known box of a region or its ancestors: its code and (min lon … max lat).

    A box that was drawn around an outline is as much wider as the outline may be wrong.
    """
    seen: set[str] = set()
    current: str | None = code
    while current is not None and current not in seen:
        seen.add(current)
        row = registry.connection.execute(
            "SELECT parent_code, min_lon, min_lat, max_lon, max_lat, boundary IS NOT NULL "
            "FROM region WHERE code = ? "
            "ORDER BY valid_until IS NOT NULL LIMIT 1",
            (current,),
        ).fetchone()
        if row is None:
            return None
        if row[1] is not None:
            return current, _widened(row[1:5]) if row[5] else tuple(row[1:5])
        current = row[0]
    return None


def outer_extents(registry: Registry) -> list[tuple[float, float, float, float]]:
    """Boxes that hold all regions in force; none where any outermost region has no known one."""
    rows = registry.connection.execute(
        "SELECT code, parent_code, min_lon, min_lat, max_lon, max_lat FROM region "
        "WHERE valid_until IS NULL ORDER BY code"
    ).fetchall()
    codes = {row[0] for row in rows}
    outermost = [tuple(row[2:6]) for row in rows if row[1] is None or row[1] not in codes]
    return [] if any(None in box for box in outermost) else outermost


def _widened(box: Sequence[float]) -> tuple[float, ...]:
    west, south, east, north = box
    along = TOLERANCE_DEG / max(cos(radians((south + north) / 2)), TOLERANCE_DEG)
    return west - along, south - TOLERANCE_DEG, east + along, north + TOLERANCE_DEG


def list_regions(
    registry: Registry, *, codes: list[str] | None, level: RegionLevel | None
) -> list[dict[str, object]]:
    """Regions in the order of their codes."""
    query = select(Region).order_by(col(Region.code))
    if codes is not None:
        query = query.where(col(Region.code).in_(codes))
    if level is not None:
        query = query.where(Region.level == level)
    heirs: dict[str, list[str]] = {}
    for row in registry.session.exec(
        select(RegionSuccessor).order_by(col(RegionSuccessor.successor_code))
    ):
        heirs.setdefault(row.code, []).append(row.successor_code)
    return [
        {
            "code": region.code,
            "name_zh": region.name_zh,
            "name_en": region.name_en,
            "level": region.level,
            "parent_code": region.parent_code,
            "valid_from": _local_day(registry, region.valid_from),
            "valid_until": _local_day(registry, region.valid_until),
            "successors": heirs.get(region.code, []),
            "outlined": region.boundary is not None,
        }
        for region in registry.session.exec(query)
    ]


def _local_day(registry: Registry, moment: dt.datetime | None) -> str | None:
    return None if moment is None else times.local_day(moment, registry.zone).isoformat()
