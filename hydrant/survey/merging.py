"""Brings a bundle back: what the crew changed is applied, disputed or refused, nothing lost.

The rule of a cell does not ask who came first, so the order in which crews are merged decides
nothing: the sides' wishes are kept, and what the cell says follows from all of them. Where they
agree the cell says so; where they differ it keeps its base value until somebody resolves it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from hydrant import times
from hydrant.errors import InputRefused, Phrase
from hydrant.store.facts.merging import present_key
from hydrant.store.opened import raw_rows
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.opened.versions import put_in_order
from hydrant.store.opened.writer import Writer
from hydrant.store.outside import proposals
from hydrant.store.outside.proposals import WHOLE, Wanted
from hydrant.store.proofs.verifying import Finding
from hydrant.store.sides import bundle_file
from hydrant.store.sides.bundle_chain import BundleChain, read_chain
from hydrant.store.sides.bundle_file import GUARDED, Packed, RowChange
from hydrant.store.sides.bundle_sides import Side, take_in
from hydrant.survey import clock, found_twice
from hydrant.survey.photos import carry_photos
from hydrant.survey.row_rules import named_photos, problem_of
from hydrant.survey.settling import cells, from_row_json, row_json, settle_row
from hydrant.survey.unsealed_rows import UnsealedRow, set_apart


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
    older
        A later state of the same work was merged before; nothing was done.
    forked
        The file is a copy of the bundle that was worked on by itself, beside another.
    unsealed
        Rows that were changed outside the crew's program, and what of them waits.
    chain
        What else does not agree with the bundle's chain: its seals, and rows that stay with it.
    """

    packed: Packed
    applied: int = 0
    conflicts: int = 0
    refused: list[tuple[RowChange, Phrase]] = field(default_factory=list)
    clock: list[Phrase] = field(default_factory=list)
    photos_missing: int = 0
    older: bool = False
    forked: bool = False
    unsealed: list[UnsealedRow] = field(default_factory=list)
    chain: list[Finding] = field(default_factory=list)


def merge(
    registry: Registry, bundle: Path, *, actor: str, clock_ahead: dt.timedelta | None = None
) -> Merged:
    """Merge a bundle in one transaction; merging it again changes nothing.

    Parameters
    ----------
    clock_ahead
        By how much the laptop's clock was ahead; what it said is set right by that. None
        leaves what was said at an earlier merge, if anything.

    Raises
    ------
    InputRefused
        The file is no bundle, or not one of this registry.
    StoreError
        It cannot be read, or is of a newer schema version.
    """
    with bundle_file.brought_back(bundle):
        packed = bundle_file.packed_in(bundle)
    base = bundle_file.base_path(registry.path, packed.uid)
    if not base.is_file():
        raise InputRefused("store.not_ours", file=bundle, registry=registry.path)
    with bundle_file.brought_back(bundle):
        side = take_in(registry.path, packed.uid, bundle)
    merged = Merged(replace(packed, uid=side.uid), older=side.kept is None, forked=side.forked)
    if side.kept is None:
        return merged
    entries = bundle_file.crew_entries(side.kept)
    ahead = _clock_ahead(registry, side) if clock_ahead is None else clock_ahead
    changes = clock.set_right(bundle_file.changes_since(base, side.kept), entries, ahead)
    merged.clock = [] if ahead else clock.doubts(packed, entries)
    merged.photos_missing = carry_photos(bundle, registry.path, _photos(changes))
    with transaction(registry, actor=actor, origin=f"survey merge {bundle.name}") as writer:
        before = [proposals.standing(registry, one) for one in (side.uid, proposals.OUTSIDE)]
        _Merge(writer, merged, read_chain(base, side.kept)).run(changes)
        after = [proposals.standing(registry, one) for one in (side.uid, proposals.OUTSIDE)]
        if after != before:
            if not side.forked:  # two copies' entries do not make one chain; the file has them
                bundle_file.keep_entries(registry, entries)
            _note(writer, merged, ahead)
    return merged


def _clock_ahead(registry: Registry, side: Side) -> dt.timedelta:
    row = raw_rows.fetch(registry, "bundle", side.uid) or {}
    told = json.loads(row.get("clock") or "{}")
    return dt.timedelta(minutes=told.get("ahead_minutes", 0))


def _photos(changes: Sequence[RowChange]) -> list[str]:
    """Photos that the crew's inspections name."""
    rows = [c.row for c in changes if c.entity == "inspection" and c.row is not None]
    return [digest for row in rows for digest in named_photos(row["photos"]) or ()]


def _note(writer: Writer, merged: Merged, ahead: dt.timedelta) -> None:
    """Write down at the bundle's row what came of it; a copy that forked gets its own row."""
    uid = merged.packed.uid
    row = raw_rows.fetch(writer.registry, "bundle", uid)
    if row is None:
        origin = raw_rows.fetch(writer.registry, "bundle", uid.partition("~")[0]) or {}
        row = origin | {"uid": uid, "merged_at": None, "counts": None, "clock": None}
        raw_rows.insert(writer, "bundle", row)
    counts = {
        "applied": merged.applied,
        "conflicts": merged.conflicts,
        "refused": len(merged.refused),
    }
    found = {
        "doubts": [phrase.key for phrase in merged.clock],
        "ahead_minutes": round(ahead.total_seconds() / 60),
    }
    values = {
        "merged_at": times.to_text(writer.moment),
        "counts": json.dumps(counts),
        "clock": json.dumps(found) if any(found.values()) else None,
    }
    raw_rows.update(writer, "bundle", row, values)


Cell = tuple[str, str, str]


class _Merge:
    """One merge in its transaction."""

    def __init__(self, writer: Writer, merged: Merged, chain: BundleChain) -> None:
        self.writer, self.merged, self.chain = writer, merged, chain
        self.registry = writer.registry
        self.packed = merged.packed
        self.touched: set[Cell] = set()
        self.found_assets: set[str] = set()

    def run(self, changes: Sequence[RowChange]) -> None:
        former = proposals.births(self.registry, self.packed.uid)
        taken = self._sift(changes)
        taken, self.merged.unsealed = set_apart(self.writer, taken, self.chain, former)
        self._name_rest()
        added = [change for change in taken if change.base is None]
        for change in added:
            if change.entity == "asset":
                self._found(change, former.get((change.entity, change.uid)))
        self._take_back(former, {(change.entity, change.uid) for change in added})
        if self.found_assets:
            found_twice.regroup(self.writer, self.found_assets)
        for change in added:
            if change.entity != "asset":
                self._added(change, former.get((change.entity, change.uid)))
        self._wish(taken)
        for entity, uid in sorted({cell[:2] for cell in self.touched}):
            settle_row(self.writer, entity, uid)
        self._order_versions(changes)
        self._count()

    def _order_versions(self, changes: Sequence[RowChange]) -> None:
        """Let the rows of assets follow each other that several crews changed."""
        assets = {
            present_key(self.registry, row["asset_uid"])
            for change in changes
            for row in (change.row, change.base)
            if change.entity == "asset_version" and row is not None
        }
        for uid in sorted(assets):
            put_in_order(self.writer, uid)

    def _name_rest(self) -> None:
        """Findings of the chain that are about no row which the crew changed and brings."""
        told = {(one.entity, one.uid) for one in self.merged.unsealed}
        self.merged.chain = [
            one
            for one in self.chain.findings
            if one.uid is None or (one.table, one.uid) not in told
        ]

    def _sift(self, changes: Sequence[RowChange]) -> list[RowChange]:
        """The changes without those that are refused."""
        coming = {c.uid for c in changes if c.entity == "asset" and c.row is not None}
        refused: set[str] = set()
        taken = []
        for change in changes:
            reason = self._refusal(change, refused, coming)
            if reason is None:
                taken.append(change)
            else:
                refused.add(change.uid)
                self.merged.refused.append((change, reason))
        return taken

    def _refusal(self, change: RowChange, refused: set[str], coming: set[str]) -> Phrase | None:
        if change.entity in GUARDED:
            return Phrase("survey.refused_guarded", {"entity": change.entity})
        row = change.row
        if row is None:
            return None
        problem = problem_of(change.entity, row, now=times.now() + clock.SLACK)
        return problem or self._homeless(change.entity, row, refused, coming)

    def _homeless(
        self, entity: str, row: raw_rows.Row, refused: set[str], coming: set[str]
    ) -> Phrase | None:
        """What a row refers to and is not there: its asset, or a region."""
        if entity == "asset":
            region = row["region_code"]
            if region is None or raw_rows.exists(self.registry, "region", "code", region):
                return None
            return Phrase("survey.refused_region", {"region": region})
        asset = row["asset_uid"]
        if raw_rows.exists(self.registry, "asset", "uid", present_key(self.registry, asset)):
            return None
        if asset in coming - refused:
            return None
        why = "refused_parent" if asset in refused else "refused_orphan"
        return Phrase(f"survey.{why}")

    def _propose_whole(self, change: RowChange) -> bool:
        whole = Wanted(self.packed.uid, None, row_json(change.row or {}), self.packed.packed_at)
        return proposals.propose(self.writer, change.entity, change.uid, WHOLE, whole)

    def _found(self, change: RowChange, former: str | None) -> None:
        """A new asset; what it becomes follows from all found_assets."""
        if self._propose_whole(change):
            self.found_assets.add(change.uid)
            self.merged.applied += former is None

    def _added(self, change: RowChange, former: str | None) -> None:
        """A new fact of an asset, or one that came before and was changed by its crew since."""
        entity, uid = change.entity, change.uid
        row = dict(change.row or {})
        if not self._propose_whole(change):
            return
        own = row["asset_uid"]
        row["asset_uid"] = present_key(self.registry, own)
        if entity == "asset_version" and row["asset_uid"] != own:
            return  # the find is part of another, which has rows of its own for those dates
        if former is not None:
            was = from_row_json(former)
            was["asset_uid"] = present_key(self.registry, was["asset_uid"])
            self._differ(entity, uid, cells(entity, was), cells(entity, row))
        elif (standing := raw_rows.fetch(self.registry, entity, uid)) is not None:
            # a copy of the same bundle brought it already
            self._differ(entity, uid, cells(entity, standing), cells(entity, row))
        else:
            now = times.to_text(self.writer.moment)
            raw_rows.insert(self.writer, entity, row | {"recorded_at": now})
            self.merged.applied += 1

    def _differ(self, entity: str, uid: str, was: dict[str, str], now: dict[str, str]) -> None:
        for name, value in now.items():
            if was[name] != value:
                wish = Wanted(self.packed.uid, was[name], value, self.packed.packed_at)
                proposals.propose(self.writer, entity, uid, name, wish)
                self.touched.add((entity, uid, name))

    def _take_back(self, former: Mapping[tuple[str, str], str], kept: set[tuple[str, str]]) -> None:
        """Rows that the crew brought and has taken out since, children before their assets."""
        gone = sorted(former.keys() - kept, key=lambda key: (key[0] == "asset", key))
        for entity, uid in gone:
            proposals.drop(self.writer, entity, uid, WHOLE, self.packed.uid)
            if entity == "asset":
                self.found_assets.add(uid)
                continue
            row = raw_rows.fetch(self.registry, entity, uid)
            own = {**from_row_json(former[entity, uid]), "asset_uid": row and row["asset_uid"]}
            if row is not None and cells(entity, row) == cells(entity, own):
                raw_rows.delete(self.writer, entity, row)

    def _wish(self, taken: Sequence[RowChange]) -> None:
        """Note what the crew wants of rows that it took along; what it wants no longer goes."""
        wanted: set[Cell] = set()
        for change in taken:
            if change.base is None:
                continue
            if change.row is None:
                wanted.add(self._want(change, WHOLE, '"row"', None))
                continue
            base = cells(change.entity, change.base)
            for name, value in cells(change.entity, change.row).items():
                if base[name] != value:
                    wanted.add(self._want(change, name, base[name], value))
        self.touched.update(proposals.withdraw(self.writer, self.packed.uid, wanted))

    def _want(self, change: RowChange, name: str, base: str, value: str | None) -> Cell:
        uid = present_key(self.registry, change.uid) if change.entity == "asset" else change.uid
        cell = (change.entity, uid, name)
        proposals.supersede(self.writer, *cell, self.packed.packed_at)
        wish = Wanted(self.packed.uid, base, value, self.packed.packed_at)
        if proposals.propose(self.writer, *cell, wish):
            self.touched.add(cell)
        return cell

    def _count(self) -> None:
        """Count what is disputed of this bundle, and of its fresh wishes what is not."""
        mine = self.packed.uid
        conflicts = proposals.open_conflicts(self.registry)
        disputed = {(c["entity"], c["entity_uid"], c["field"]) for c in conflicts}
        self.merged.conflicts = sum(
            any(side.bundle == mine for side in conflict["sides"]) for conflict in conflicts
        )
        self.merged.applied += len(self.touched - disputed)
