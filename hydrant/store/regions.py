"""Administrative regions: loading, finding, walking the tree."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.model.tables import Region, RegionSuccessor
from hydrant.store.registry import Registry
from hydrant.store.writer import Writer
from hydrant.times import DEFAULT_ZONE, start_of_day, zone
from hydrant.vocabulary import RegionLevel

#: Level of a code of GB/T 2260 and its extensions by number of digits.
_LEVELS_BY_LENGTH = {9: RegionLevel.TOWNSHIP, 12: RegionLevel.VILLAGE}
_BOX = ("min_lon", "min_lat", "max_lon", "max_lat")


@dataclass(frozen=True, slots=True)
class RegionRow:
    """A region as a file states it, its level and parent settled."""

    code: str
    name_zh: str | None
    name_en: str | None
    level: RegionLevel
    parent_code: str | None


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


def put_regions(writer: Writer, rows: Iterable[RegionRow], *, source: str) -> dict[str, int]:
    """Record regions or bring their names up to date.

    Returns
    -------
    dict
        How many were ``new``, ``updated`` and ``unchanged``.
    """
    known = {region.code: region for region in writer.session.exec(select(Region))}
    counts = {"new": 0, "updated": 0, "unchanged": 0}
    for row in rows:
        values = {
            name: value
            for name in ("name_zh", "name_en", "level", "parent_code")
            if (value := getattr(row, name)) is not None
        }
        if row.code not in known:
            known[row.code] = Region(code=row.code, source=source, external_key=row.code, **values)
            writer.add(known[row.code])
            counts["new"] += 1
        else:
            changed = writer.update(known[row.code], **values)
            counts["updated" if changed else "unchanged"] += 1
    return counts


def find_region(registry: Registry, code: str) -> Region:
    """The region of a code or of an exact name; raises `InputRefused` when there is none."""
    found = registry.session.exec(
        select(Region)
        .where((Region.code == code) | (Region.name_zh == code) | (Region.name_en == code))
        .order_by(col(Region.valid_until).is_not(None), col(Region.code))
    ).first()
    if found is None:
        raise InputRefused("store.no_region", code=code, file=registry.path)
    return found


def subtree(registry: Registry, code: str) -> list[str]:
    """A region's code and those of everything below it."""
    children: dict[str, list[str]] = defaultdict(list)
    for child, parent in registry.connection.execute("SELECT code, parent_code FROM region"):
        if parent is not None:
            children[parent].append(child)
    found, waiting = [], [code]
    while waiting:
        current = waiting.pop()
        found.append(current)
        waiting.extend(children[current])
    return sorted(set(found))


def known_extent(registry: Registry, code: str) -> tuple[str, tuple[float, ...]] | None:
    """Nearest known box of a region or its ancestors: its code and (min lon … max lat)."""
    seen: set[str] = set()
    current: str | None = code
    while current is not None and current not in seen:
        seen.add(current)
        row = registry.connection.execute(
            "SELECT parent_code, min_lon, min_lat, max_lon, max_lat FROM region WHERE code = ? "
            "ORDER BY valid_until IS NOT NULL LIMIT 1",
            (current,),
        ).fetchone()
        if row is None:
            return None
        if row[1] is not None:
            return current, tuple(row[1:])
        current = row[0]
    return None


def list_regions(
    registry: Registry, *, codes: list[str] | None, level: RegionLevel | None
) -> list[dict[str, Any]]:
    """Regions in the order of their codes."""
    query = select(Region).order_by(col(Region.code))
    if codes is not None:
        query = query.where(col(Region.code).in_(codes))
    if level is not None:
        query = query.where(Region.level == level)
    return [
        {
            "code": region.code,
            "name_zh": region.name_zh,
            "name_en": region.name_en,
            "level": region.level,
            "parent_code": region.parent_code,
            "valid_until": _local_day(registry, region.valid_until),
        }
        for region in registry.session.exec(query)
    ]


def _local_day(registry: Registry, moment: dt.datetime | None) -> str | None:
    return None if moment is None else times.local_day(moment, registry.zone).isoformat()
