"""Recording administrative regions: what a shipped file or a list of a user states of them."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import select

from hydrant.errors import AmbiguousCode, InputRefused, Phrase
from hydrant.model.tables import Region, RegionSuccessor
from hydrant.model.values import Record
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Writer
from hydrant.store.regions import succession
from hydrant.store.regions.regions import find_region
from hydrant.times import DEFAULT_ZONE, local_day, start_of_day, zone
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


def by_codes(registry: Registry, rows: Iterable[RegionRow]) -> list[RegionRow]:
    """Rows whose parents and successors are codes, where they are named as people name them.

    Parameters
    ----------
    rows
        Of one file: units that it brings may be named, too.

    Raises
    ------
    InputRefused
        Nothing is called so, and it can be no code that is still to come.
    AmbiguousCode
        Several are called so.
    """
    stated = list(rows)
    named = {
        word for row in stated for word in (row.parent_code, *row.successors) if word is not None
    }
    codes = {row.code for row in stated}
    named -= codes
    if not named:
        return stated
    meant: dict[str, set[str]] = defaultdict(set)
    for row in stated:
        for name in (row.name_zh, row.name_en):
            meant[name or ""].add(row.code)
    known = {word: _meant_code(registry, word, meant[word]) for word in named}
    return [
        replace(
            row,
            parent_code=known.get(row.parent_code or "", row.parent_code),
            successors=tuple(known.get(word, word) for word in row.successors),
        )
        for row in stated
    ]


def _meant_code(registry: Registry, word: str, brought: set[str]) -> str:
    """The code of a unit that is named; the word where it may be the code of one to come."""
    try:
        found = {find_region(registry, word).code} | brought
    except InputRefused as error:
        if error.key != "store.no_region":
            raise
        if not brought and not word.isascii():
            raise
        found = brought or {word}
    if len(found) > 1:
        raise AmbiguousCode(
            "store.ambiguous_region",
            name=word, count=len(found), candidates=", ".join(sorted(found)),
        )  # fmt: skip
    return found.pop()


def put_regions(writer: Writer, rows: Iterable[RegionRow], *, source: str) -> dict[str, int]:
    """Record regions or bring what is said of them up to date; a blank takes nothing away.

    Returns
    -------
    dict
        How many were ``new``, ``updated`` and ``unchanged``.

    Raises
    ------
    InputRefused
        A successor is not known, or not in force when it takes over; a unit ends before it begins.
    """
    stated = by_codes(writer.registry, rows)
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
    _refuse_levels(on_record, known, {row.code for row in stated})
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
    if begins is None or begins == meant.valid_from or not _changes(meant, values, begins):
        _refuse_backwards(meant, values, writer.registry.zone)
        _follow_up(writer, rows, meant, begins)
        return "updated" if writer.update(meant, **values) else "unchanged"
    rows.append(_moved(writer, meant, begins, values, source))
    return "updated"


def _changes(meant: Region, values: Record, begins: dt.datetime) -> bool:
    """Whether a region lies elsewhere from a day on, or is called otherwise since it began.

    A name that is stated from before its first day on was wrong ever since.
    """
    renamed = meant.valid_from is None or meant.valid_from < begins
    names = ("parent_code", *(("name_zh", "name_en") if renamed else ()))
    before = {name: getattr(meant, name) for name in names}
    return any(old is not None and values.get(name, old) != old for name, old in before.items())


def _refuse_backwards(meant: Region, values: Record, local: ZoneInfo) -> None:
    """Refuse that a unit ends before it begins, by what a file says and what is on record."""
    begins, ends = (
        values.get(name, getattr(meant, name)) for name in ("valid_from", "valid_until")
    )
    if begins is not None and ends is not None and ends <= begins:
        day = local_day(begins, local).isoformat()
        raise InputRefused("store.ends_before_it_begins", code=meant.code, date=day)


def _follow_up(
    writer: Writer, rows: list[Region], meant: Region, begins: dt.datetime | None
) -> None:
    """Let what a region was before hold until the day on which it moved, where that is another."""
    if begins is None or meant.valid_from is None:
        return
    for row in rows:
        if row is not meant and row.valid_until == meant.valid_from:
            writer.update(row, valid_until=begins)


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
    values: Record,
    source: str,
) -> Region:
    """The region from a day on until its next change; what it was stays for earlier dates."""
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


def _refuse_levels(
    on_record: Mapping[str, list[Region]], known: Mapping[str, Region], stated: set[str]
) -> None:
    """Refuse units that lie in one that is no coarser, among those stated and what lies in them."""
    for rows in on_record.values():
        for region in rows:
            above = known.get(region.parent_code or "")
            if above is None or stated.isdisjoint((region.code, above.code)):
                continue
            if not RegionLevel(above.level).coarser(RegionLevel(region.level)):
                raise InputRefused(
                    "store.region_level",
                    code=region.code,
                    level=Phrase(f"vocabulary.level.{region.level}"),
                    parent=above.code,
                    parent_level=Phrase(f"vocabulary.level.{above.level}"),
                )


def _values(row: RegionRow, local: ZoneInfo) -> Record:
    days = {"valid_from": row.valid_from, "valid_until": row.valid_until}
    moments = {name: start_of_day(day, local) for name, day in days.items() if day is not None}
    return moments | {name: value for name in _STATED if (value := getattr(row, name)) is not None}
