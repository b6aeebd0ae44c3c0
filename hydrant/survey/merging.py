"""Brings a bundle back: what the crew changed is applied, disputed or refused, nothing lost.

The rule of a cell does not ask who came first, so the order in which crews are merged decides
nothing: the sides' wishes are kept, and what the cell says follows from all of them. Where they
agree the cell says so; where they differ it keeps its base value until somebody resolves it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from hydrant import times
from hydrant.errors import InputRefused, Phrase
from hydrant.ids import new_uid
from hydrant.store import bundle_file, proposals, raw_rows
from hydrant.store.bundle_file import GUARDED, Packed, RowChange
from hydrant.store.connection import connect, sqlite_errors
from hydrant.store.proposals import WHOLE, Wanted
from hydrant.store.registry import Registry
from hydrant.store.uniting import present_key
from hydrant.store.writer import Writer
from hydrant.survey import found_twice
from hydrant.survey.photos import carry_photos
from hydrant.survey.row_rules import named_photos, problem_of
from hydrant.survey.settling import cell_values, cells, from_row_json, row_json, settle_row

#: A laptop's clock may be off by this much before its times are doubted.
CLOCK_SLACK = dt.timedelta(minutes=10)


@dataclass(slots=True)
class Merged:
    """What became of a bundle.

    Attributes
    ----------
    applied
        Cells and rows that say now what the crew said.
    conflicts
        Cells and rows of this bundle that are disputed.
    refused
        Rows that were not taken, with the reason.
    clock
        What is wrong with the laptop's clock, as messages.
    photos_missing
        Photos that inspections name and that did not come along.
    """

    packed: Packed
    applied: int = 0
    conflicts: int = 0
    refused: list[tuple[RowChange, Phrase]] = field(default_factory=list)
    clock: list[Phrase] = field(default_factory=list)
    photos_missing: int = 0


def merge(registry: Registry, bundle: Path, *, actor: str) -> Merged:
    """Merge a bundle in one transaction; merging it again changes nothing.

    Raises
    ------
    InputRefused
        The file is no bundle, or not one of this registry.
    StoreError
        It cannot be read, or is of another schema version.
    """
    packed = _identify(bundle)
    base = bundle_file.base_path(registry.path, packed.uid)
    if not base.is_file():
        raise InputRefused("store.not_ours", file=bundle, registry=registry.path)
    # kept whole before anything is decided
    changes, entries = _kept(bundle, base)
    merged = Merged(packed, clock=_clock(packed, entries))
    merged.photos_missing = carry_photos(bundle, registry.path, _photos(changes))
    with registry.transaction(actor=actor, origin=f"survey merge {bundle.name}") as writer:
        before = proposals.standing(registry, packed.uid)
        _Merge(writer, merged).run(changes)
        if proposals.standing(registry, packed.uid) != before:
            bundle_file.keep_entries(registry, entries)
            _note(writer, merged)
    return merged


def _kept(bundle: Path, base: Path) -> tuple[list[RowChange], list[tuple[Any, ...]]]:
    """Keep a bundle as it came back; its changes, and its crew's audit entries.

    One that cannot be read leaves nothing behind, nor does it displace an earlier one.
    """
    kept = base.with_name(base.name.replace(".base.", ".back."))
    aside = kept.with_name(f".{kept.name}.{new_uid()}.part")
    try:
        bundle_file.copy_file(bundle, aside)
        found = bundle_file.changes_since(base, aside), bundle_file.crew_entries(aside)
        aside.replace(kept)
    except InputRefused as error:
        raise InputRefused(error.key, **{**error.facts, "file": bundle}) from None
    finally:
        aside.unlink(missing_ok=True)
    return found


def _photos(changes: Sequence[RowChange]) -> list[str]:
    """Photos that the crew's inspections name."""
    rows = [c.row for c in changes if c.entity == "inspection" and c.row is not None]
    return [digest for row in rows for digest in named_photos(row["photos"]) or ()]


def _identify(bundle: Path) -> Packed:
    with sqlite_errors(bundle), closing(connect(bundle, write=False)) as connection:
        return bundle_file.packed_in(connection, bundle)


def _note(writer: Writer, merged: Merged) -> None:
    row = raw_rows.fetch(writer.registry, "bundle", merged.packed.uid)
    counts = {
        "applied": merged.applied,
        "conflicts": merged.conflicts,
        "refused": len(merged.refused),
    }
    values = {
        "merged_at": times.to_text(writer.moment),
        "counts": json.dumps(counts),
        "clock": json.dumps([p.key for p in merged.clock]) if merged.clock else None,
    }
    if row is not None:
        raw_rows.update(writer, "bundle", row, values)


def _clock(packed: Packed, entries: Sequence[tuple[Any, ...]]) -> list[Phrase]:
    """What the laptop's own times give away: behind, ahead, or set back on the way."""
    moments = [times.from_text(entry[1]) for entry in entries]
    if not moments:
        return []
    left, now = times.from_text(packed.packed_at), times.now()
    found = []
    if min(moments) < left - CLOCK_SLACK:
        found.append(_clock_phrase("behind", left - min(moments)))
    if max(moments) > now + CLOCK_SLACK:
        found.append(_clock_phrase("ahead", max(moments) - now))
    back = max((a - b for a, b in pairwise(moments)), default=dt.timedelta())
    if back > CLOCK_SLACK:
        found.append(_clock_phrase("back", back))
    return found


def _clock_phrase(word: str, by: dt.timedelta) -> Phrase:
    return Phrase(f"survey.clock_{word}", {"minutes": round(by.total_seconds() / 60)})


Cell = tuple[str, str, str]


class _Merge:
    """One merge in its transaction."""

    def __init__(self, writer: Writer, merged: Merged) -> None:
        self.writer, self.merged = writer, merged
        self.registry = writer.registry
        self.packed = merged.packed
        self.touched: set[Cell] = set()

    def run(self, changes: Sequence[RowChange]) -> None:
        wanted: list[Cell] = []
        births = False
        refused: set[str] = set()
        for change in changes:
            reason = self._refusal(change, refused)
            if reason is not None:
                refused.add(change.uid)
                self.merged.refused.append((change, reason))
            elif change.base is None and change.row is not None:
                births |= self._added(change)
            elif change.row is None:
                self._want(change, WHOLE, "row", None, wanted)
            else:
                self._changed(change, wanted)
        for *cell, base, value in proposals.withdraw(self.writer, self.packed.uid, wanted):
            self._taken_back((cell[0], cell[1], cell[2]), base, value)
        for entity, uid in sorted({cell[:2] for cell in self.touched}):
            settle_row(self.writer, entity, uid, incoming=self.packed.uid)
        if births:
            found_twice.regroup(self.writer)
        self._count()

    def _taken_back(self, cell: Cell, base: str | None, value: str | None) -> None:
        """A wish the crew gave up: the cell goes back, unless others want something of it."""
        entity, uid, name = cell
        self.touched.add(cell)
        row = raw_rows.fetch(self.registry, entity, uid)
        if row is None or proposals.live(self.registry, *cell):
            return
        standing = proposals.open_conflict(self.registry, *cell)
        if standing is not None:
            proposals.close(self.writer, standing, base)
        if base is not None and cells(entity, row)[name] == value:
            raw_rows.update(self.writer, entity, row, cell_values(name, base))

    def _refusal(self, change: RowChange, refused: set[str]) -> Phrase | None:
        if change.entity in GUARDED:
            return Phrase("survey.refused_guarded", {"entity": change.entity})
        row = change.row
        if row is None:
            return None
        parent = row.get("asset_uid")
        if parent in refused:
            return Phrase("survey.refused_parent")
        return problem_of(change.entity, row, now=times.now() + CLOCK_SLACK)

    def _added(self, change: RowChange) -> bool:
        """Take a new row; whether a new asset came with it."""
        row = dict(change.row or {})
        entity, uid = change.entity, change.uid
        now = times.to_text(self.writer.moment)
        whole = Wanted(self.packed.uid, None, row_json(row), self.packed.packed_at)
        former = next(
            (
                wish
                for wish in proposals.live(self.registry, entity, uid, WHOLE)
                if wish.bundle == self.packed.uid
            ),
            None,
        )
        if not proposals.propose(self.writer, entity, uid, WHOLE, whole):
            return False
        if former is not None and former.value is not None:
            self._amended(entity, uid, from_row_json(former.value), row)
            return False
        if "asset_uid" in row:
            row["asset_uid"] = present_key(self.registry, row["asset_uid"])
        if raw_rows.fetch(self.registry, entity, uid) is None:
            raw_rows.insert(self.writer, entity, row | {"recorded_at": now})
            self.merged.applied += 1
        return entity == "asset"

    def _amended(self, entity: str, uid: str, then: raw_rows.Row, now: raw_rows.Row) -> None:
        """A row that came with an earlier merge and was changed by its crew since."""
        uid = present_key(self.registry, uid) if entity == "asset" else uid
        for name, value in cells(entity, now).items():
            was = cells(entity, then)[name]
            if was != value:
                wish = Wanted(self.packed.uid, was, value, self.packed.packed_at)
                if proposals.propose(self.writer, entity, uid, name, wish):
                    self.touched.add((entity, uid, name))

    def _changed(self, change: RowChange, wanted: list[Cell]) -> None:
        base, row = cells(change.entity, change.base), cells(change.entity, change.row)
        for name, value in row.items():
            if base[name] != value:
                self._want(change, name, base[name], value, wanted)

    def _want(
        self,
        change: RowChange,
        name: str,
        base: str | None,
        value: str | None,
        wanted: list[Cell],
    ) -> None:
        uid = change.uid
        if change.entity == "asset":
            uid = present_key(self.registry, uid)
        cell = (change.entity, uid, name)
        wanted.append(cell)
        proposals.supersede(self.writer, *cell, self.packed.packed_at)
        wish = Wanted(self.packed.uid, base, value, self.packed.packed_at)
        if proposals.propose(self.writer, *cell, wish):
            self.touched.add(cell)

    def _count(self) -> None:
        """Count what is disputed of this bundle, and of its fresh wishes what is not."""
        mine = self.packed.uid
        conflicts = proposals.open_conflicts(self.registry)
        disputed = {(c["entity"], c["entity_uid"], c["field"]) for c in conflicts}
        self.merged.conflicts = sum(
            any(side.bundle == mine for side in conflict["sides"]) for conflict in conflicts
        )
        self.merged.applied += len(self.touched - disputed)
