"""Administrative regions: loading, finding, walking the tree."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from hydrant import times
from hydrant.errors import AmbiguousCode, InputRefused
from hydrant.model.tables import Region, RegionSuccessor
from hydrant.store import succession
from hydrant.store.region_outlines import TOLERANCE_DEG
from hydrant.store.region_tree import load_tree
from hydrant.store.registry import Registry
from hydrant.store.writer import Writer
from hydrant.times import DEFAULT_ZONE, start_of_day, zone
from hydrant.vocabulary import RegionLevel

#: Level of a code of GB/T 2260 and its extensions by number of digits.
_LEVELS_BY_LENGTH = {9: RegionLevel.TOWNSHIP, 12: RegionLevel.VILLAGE}
_BOX = ("min_lon", "min_lat", "max_lon", "max_lat")


@dataclass(frozen=True, slots=True)
class RegionRow:
    """A region as a file states it, its level and parent settled.

    Attributes
    ----------
    valid_from, valid_until
        First day of the code and first day without it; None where the file does not say.
    successors
        Codes of the units that took over; empty where the file does not say.
    line
        Where it stands in the file, for messages.
    """

    code: str
    name_zh: str | None
    name_en: str | None
    level: RegionLevel
    parent_code: str | None
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    successors: tuple[str, ...] = ()
    line: int | None = None


def level_of(code: str) -> RegionLevel | None:
    """Level that a GB/T 2260 code shows by its form; None for other codes."""
    if not code.isdigit():
        return None
    if len(code) == 6:
        if code.endswith("0000"):
            return RegionLevel.PROVINCE
        return RegionLevel.CITY if code.endswith("00") else RegionLevel.COUNTY
    return _LEVELS_BY_LENGTH.get(len(code))


def parent_of(code: str) -> str | None:
    """Parent that a GB/T 2260 code shows by its form; None for provinces and other codes."""
    level = level_of(code)
    if level is RegionLevel.CITY:
        return f"{code[:2]}0000"
    if level is RegionLevel.COUNTY:
        return f"{code[:4]}00"
    if level is RegionLevel.TOWNSHIP:
        return code[:6]
    return code[:9] if level is RegionLevel.VILLAGE else None


def load_shipped(writer: Writer, path: Path) -> int:
    """Record the regions of a shipped file (``data/regions/*.json``); how many."""
    entries = json.loads(path.read_text(encoding="utf-8"))["regions"]
    for entry in entries:
        box = entry.get("box") or [None] * 4
        writer.add(
            Region(
                code=entry["code"],
                name_zh=entry["name_zh"],
                name_en=entry["name_en"],
                level=entry["level"],
                parent_code=entry["parent_code"],
                valid_from=_day(entry.get("valid_from")),
                valid_until=_day(entry.get("valid_until")),
                **dict(zip(_BOX, box, strict=True)),
                source=path.stem,
                external_key=entry["code"],
            )
        )
        for successor in entry.get("successors", ()):
            writer.add(
                RegionSuccessor(
                    code=entry["code"],
                    successor_code=successor["code"],
                    at=_day(successor.get("at")),
                    confidence=successor.get("confidence") or entry.get("confidence"),
                    source=path.stem,
                )
            )
    return len(entries)


def _day(text: str | None) -> dt.datetime | None:
    if text is None:
        return None
    return start_of_day(dt.date.fromisoformat(text), zone(DEFAULT_ZONE))


_STATED = ("name_zh", "name_en", "level", "parent_code")


def put_regions(writer: Writer, rows: Iterable[RegionRow], *, source: str) -> dict[str, int]:
    """Record regions or bring what is said of them up to date; a blank takes nothing away.

    Returns
    -------
    dict
        How many were ``new``, ``updated`` and ``unchanged``.

    Raises
    ------
    InputRefused
        A successor is not known, or not in force when it takes over.
    """
    stated = list(rows)
    on_record: dict[str, list[Region]] = defaultdict(list)
    for region in writer.session.exec(select(Region)):
        on_record[region.code].append(region)
    found: dict[str, str] = {}
    for row in stated:
        action = _put(writer, on_record[row.code], row, source)
        if found.get(row.code) in (None, "unchanged"):
            found[row.code] = action
    known = {code: max(rows_, key=_last) for code, rows_ in on_record.items()}
    _refuse_circles(known)
    for row in stated:
        if row.successors:
            changed_heirs = succession.put_heirs(writer, known, row.code, row.successors, source)
            if changed_heirs and found[row.code] == "unchanged":
                found[row.code] = "updated"
    counts = Counter(found[row.code] for row in stated)
    return {action: counts[action] for action in ("new", "updated", "unchanged")}


def _last(region: Region) -> tuple[bool, dt.datetime]:
    """What the row of a code is chosen by: the one that has not ended, else the last to end."""
    return region.valid_until is None, region.valid_until or dt.datetime.max.replace(tzinfo=dt.UTC)


def _put(writer: Writer, rows: list[Region], row: RegionRow, source: str) -> str:
    """Let the rows of a code say what is stated: ``new``, ``updated`` or ``unchanged``."""
    values = _values(row, writer.registry.zone)
    if not rows:
        rows.append(Region(code=row.code, source=source, external_key=row.code, **values))
        writer.add(rows[0])
        return "new"
    begins = values.get("valid_from")
    meant = max(rows, key=_last) if begins is None else _row_at(rows, begins)
    parent = values.get("parent_code", meant.parent_code)
    moves = meant.parent_code is not None and parent != meant.parent_code
    if begins is None or begins == meant.valid_from or not moves:
        return "updated" if writer.update(meant, **values) else "unchanged"
    rows.append(_moved(writer, meant, begins, values, source))
    return "updated"


def _row_at(rows: list[Region], begins: dt.datetime) -> Region:
    """The row that holds at a moment; before all of them, the first."""
    early = dt.datetime.min.replace(tzinfo=dt.UTC)
    line = sorted(rows, key=lambda region: region.valid_from or early)
    begun = [region for region in line if (region.valid_from or early) <= begins]
    return begun[-1] if begun else line[0]


def _moved(
    writer: Writer,
    region: Region,
    begins: dt.datetime,
    values: Mapping[str, Any],
    source: str,
) -> Region:
    """The region from a day on until its next move; what it was before stays for earlier dates."""
    names = (*_STATED, *_BOX, "boundary", "code", "external_key")
    kept = {name: getattr(region, name) for name in names}
    if region.valid_from is not None and begins < region.valid_from:
        kept["valid_until"] = region.valid_from
    else:
        kept["valid_until"] = region.valid_until
        writer.update(region, valid_until=begins)
    moved = Region(**(kept | dict(values)), source=source)
    writer.add(moved)
    return moved


def _refuse_circles(known: Mapping[str, Region]) -> None:
    """Refuse regions that lie below themselves."""
    for code in known:
        seen, above = [code], known[code].parent_code
        while above is not None and above in known and above not in seen:
            seen.append(above)
            above = known[above].parent_code
        if above == code:
            raise InputRefused("store.region_circle", codes=" → ".join([*seen, code]))


def without_parent(registry: Registry, codes: Iterable[str]) -> list[str]:
    """Of some regions those whose parent is not on record, by code."""
    present = present_regions(registry)
    wanted = (code for code in codes if code in present)
    return sorted(
        code
        for code in set(wanted)
        if present[code].parent_code is not None and present[code].parent_code not in present
    )


def _values(row: RegionRow, local: ZoneInfo) -> dict[str, Any]:
    days = {"valid_from": row.valid_from, "valid_until": row.valid_until}
    moments = {name: start_of_day(day, local) for name, day in days.items() if day is not None}
    return moments | {name: value for name in _STATED if (value := getattr(row, name)) is not None}


def present_regions(registry: Registry) -> dict[str, Region]:
    """Every region by its code; of a code with several rows the one that has not ended."""
    query = select(Region).order_by(col(Region.valid_until).is_(None), col(Region.valid_until))
    return {region.code: region for region in registry.session.exec(query)}


def find_region(registry: Registry, word: str) -> Region:
    """The region that a person means by a code, else an exact name, else a uid.

    A name counts for regions in force first; one that is no longer (or not yet) in force is
    meant only where none in force bears the name.

    Raises
    ------
    InputRefused
        There is none.
    AmbiguousCode
        Several bear the name; each is listed with its parent.
    """
    session, now = registry.session, times.now()
    coded = session.exec(
        select(Region).where(Region.code == word).order_by(col(Region.valid_from))
    ).all()
    if coded:
        return next((region for region in coded if _in_force(region, now)), coded[-1])
    bearers = session.exec(
        select(Region)
        .where((Region.name_zh == word) | (Region.name_en == word))
        .order_by(col(Region.code))
    ).all()
    bearers = [region for region in bearers if _in_force(region, now)] or list(bearers)
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


def _in_force(region: Region, now: dt.datetime) -> bool:
    begun = region.valid_from is None or region.valid_from <= now
    return begun and (region.valid_until is None or region.valid_until > now)


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
    """Codes of the regions that name a region as their parent and have not ended."""
    return sorted(
        region.code
        for region in present_regions(registry).values()
        if region.parent_code == code and region.valid_until is None
    )


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


def _widened(box: Sequence[float]) -> tuple[float, ...]:
    west, south, east, north = box
    along = TOLERANCE_DEG / max(cos(radians((south + north) / 2)), TOLERANCE_DEG)
    return west - along, south - TOLERANCE_DEG, east + along, north + TOLERANCE_DEG


def list_regions(
    registry: Registry, *, codes: list[str] | None, level: RegionLevel | None
) -> list[dict[str, Any]]:
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
