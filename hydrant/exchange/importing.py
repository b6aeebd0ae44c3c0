"""Takes a file into a registry: match, refuse, compare with last time, write, flag."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from sqlmodel import select

from hydrant import times
from hydrant.errors import InputRefused, Phrase
from hydrant.exchange.cells import Problem
from hydrant.exchange.encoding import read_bytes
from hydrant.exchange.mapping import Mapping
from hydrant.exchange.rows import ReadRows, file_digest, read_rows
from hydrant.exchange.table import Table
from hydrant.geo import datum
from hydrant.geo.distance import neighbours_within
from hydrant.geo.offset import constant_offset
from hydrant.ids import new_uids
from hydrant.model.inputs import AssetInput
from hydrant.model.tables import Asset
from hydrant.store import bulk, regions
from hydrant.store.region_tree import load_tree
from hydrant.store.registry import Registry
from hydrant.store.writer import Writer
from hydrant.vocabulary import RegionLevel

NEW, UPDATED, UNCHANGED, REFUSED, IGNORED = "new", "updated", "unchanged", "refused", "ignored"


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says about an import."""

    crs: str | None = None
    kind: str | None = None
    region: str | None = None
    source: str | None = None
    duplicate_m: float = 10.0
    skip_bad: bool = False
    dry_run: bool = False
    accept_offset: bool = False


@dataclass(slots=True)
class Outcome:
    """What became of each row.

    Attributes
    ----------
    actions
        One of new, updated, unchanged, refused, ignored per row of the file.
    problems
        Why a row was refused.
    duplicates
        Rows among new and updated that were flagged: row and the uid of the other asset.
    fields
        Fields that an updated row changed.
    """

    table: Table
    source: str
    actions: list[str]
    problems: dict[int, Problem]
    codes: list[Any]
    assumed_datum: bool
    duplicates: dict[int, str] = field(default_factory=dict)
    fields: dict[int, list[str]] = field(default_factory=dict)
    written: bool = False

    def count(self, action: str) -> int:
        """How many rows an action befell."""
        return self.actions.count(action)


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep Python's cycle collector from walking hundreds of thousands of live rows."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def import_table(
    registry: Registry,
    path: Path,
    table: Table,
    mapping: Mapping,
    options: Options,
    *,
    actor: str,
    advance: Callable[[int], None] = lambda _steps: None,
) -> Outcome:
    """Take a table into a registry, or only say what would become of it.

    Nothing is written when a row is refused, unless ``skip_bad``; everything is written in
    one transaction.

    Raises
    ------
    InputRefused
        The file as a whole cannot be taken: unknown columns, no datum, a constant offset.
    """
    with collector_paused():
        rows = read_rows(
            table,
            mapping,
            crs=options.crs,
            kind=options.kind,
            region=options.region,
            zone=registry.zone,
        )
        source = options.source or mapping.source or path.stem
        work = _Import(registry, rows, mapping, options, source)
        outcome = work.decide()
        stopped = options.dry_run or (outcome.problems and not options.skip_bad)
        if not stopped:
            with registry.transaction(actor=actor, origin=f"import {path.name}") as writer:
                work.write(writer, outcome, path, advance)
            outcome.written = True
        return outcome


class _Import:
    """One import while it is under way."""

    def __init__(
        self, registry: Registry, rows: ReadRows, mapping: Mapping, options: Options, source: str
    ) -> None:
        self.registry, self.rows, self.mapping = registry, rows, mapping
        self.options, self.source = options, source
        self.matched: dict[int, str] = {}
        self.states: dict[str, bulk.SourceState] = {}
        self.known = bulk.known_assets(registry.connection)

    def decide(self) -> Outcome:
        """What becomes of each row; reads the registry and writes nothing."""
        rows = self.rows
        self._check_regions()
        self._match()
        self._check_offset()
        actions = [IGNORED] * len(rows.table)
        for row in rows.kept:
            if row in rows.problems:
                actions[row] = REFUSED
            elif row not in self.matched:
                actions[row] = NEW
            else:
                state = self.states.get(rows.keys[row])
                same = state is not None and state.cells == rows.cells[row]
                actions[row] = UNCHANGED if same else UPDATED
        codes = rows.fields.get("code") or [None] * len(rows.table)
        outcome = Outcome(rows.table, self.source, actions, rows.problems, codes, rows.assumed)
        self._find_changes(outcome)
        self._find_duplicates(outcome)
        return outcome

    def _check_regions(self) -> None:
        """Refuse rows of unknown regions and rows outside their region's known extent."""
        codes = self.rows.fields.get("region_code")
        if codes is None:
            return
        end = times.to_text(times.now())
        tree = load_tree(self.registry.connection, end)
        made = {region.code for region in self.mapping.regions}
        array = np.array([code or "" for code in codes])
        for code in set(codes) - {None}:
            here = np.flatnonzero(array == code)
            if code not in tree.nodes and code not in made:
                why = Phrase("store.no_region", {"code": code, "file": self.registry.path})
                self._refuse(here.tolist(), "region_code", why)
                continue
            known = regions.known_extent(self.registry, code)
            if known is not None:
                self._check_extent(here, *known)

    def _check_extent(self, here: Any, region: str, box: tuple[float, ...]) -> None:
        rows = self.rows
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
            self._refuse([row], "position", Phrase("geo.outside", facts))

    def _refuse(self, found: list[int], name: str, why: Phrase) -> None:
        for row in found:
            self.rows.problems.setdefault(int(row), Problem(name, "", why))

    def _match(self) -> None:
        """Match rows by source and key, else by a code that is unique in its region."""
        rows = self.rows
        self.states = bulk.source_states(self.registry.connection, self.source)
        bearers = bulk.codes_by_region(self.registry.connection)
        in_file: dict[tuple[Any, Any], int] = {}
        codes = rows.fields.get("code") or [None] * len(rows.table)
        homes = rows.fields.get("region_code") or [None] * len(rows.table)
        for row in rows.kept:
            in_file[(codes[row], homes[row])] = in_file.get((codes[row], homes[row]), 0) + 1
        for row in rows.kept:
            state = self.states.get(rows.keys[row])
            if state is not None:
                self.matched[row] = state.asset_uid
                continue
            place = codes[row], homes[row]
            if codes[row] is None or in_file[place] > 1:
                continue
            uids = bearers.get(place, [])
            if len(uids) == 1:
                self.matched[row] = uids[0]

    def _check_offset(self) -> None:
        """Name the datum mix-up when matched rows lie a constant distance off."""
        if self.options.accept_offset or not self.matched:
            return
        index = {uid: place for place, uid in enumerate(self.known.uids)}
        pairs = [
            (row, index[uid])
            for row, uid in self.matched.items()
            if uid in index and row not in self.rows.problems
        ]
        if not pairs:
            return
        here, there = (list(part) for part in zip(*pairs, strict=True))
        found = constant_offset(
            self.rows.lons[here],
            self.rows.lats[here],
            self.known.lons[there],
            self.known.lats[there],
        )
        if found is not None:
            likely = Phrase("geo.offset_unknown")
            if found.likely is not None:
                likely = Phrase("geo.offset_likely", {"datum": found.likely})
            raise InputRefused(
                "geo.offset",
                file=self.rows.table.file,
                pairs=found.pairs,
                metres=round(found.metres),
                likely=likely,
            )

    def _find_changes(self, outcome: Outcome) -> None:
        """For rows that a source changed: the fields that its changed cells feed."""
        rows = self.rows
        updated = [row for row, action in enumerate(outcome.actions) if action == UPDATED]
        if not updated:
            return
        uids = {self.matched[row] for row in updated}
        stored = self._stored(uids)
        for row in updated:
            state = self.states.get(rows.keys[row])
            fed = self._fed_fields(row, state)
            asset = stored[self.matched[row]]
            outcome.fields[row] = [
                name for name in fed if self._differs(asset, name, row, first=state is None)
            ]
            visit = "inspection" in fed and self._visit_outcome(row) is not None
            if visit:
                outcome.fields[row].append("inspection")
            if not outcome.fields[row] and state is None:
                outcome.fields[row] = []
            if not outcome.fields[row]:
                outcome.actions[row] = UNCHANGED

    def _stored(self, uids: set[str]) -> dict[str, Asset]:
        session = self.registry.session
        found: dict[str, Asset] = {}
        for chunk in np.array_split(sorted(uids), max(1, len(uids) // 500)):
            query = select(Asset).where(Asset.uid.in_(chunk.tolist()))  # type: ignore[attr-defined]
            found |= {asset.uid: asset for asset in session.exec(query)}
        return found

    def _fed_fields(self, row: int, state: bulk.SourceState | None) -> list[str]:
        """Targets whose cells differ from last time; all of them when there was none."""
        now = dict(zip(self.rows.used, self.rows.cells[row].split("\x1f"), strict=False))
        then: dict[str, str] = {}
        if state is not None:
            then = dict(zip(state.columns, state.cells.split("\x1f"), strict=False))
        changed = {name for name, cell in now.items() if then.get(name) != cell}
        fed = [
            name
            for name, spec in self.mapping.fields.items()
            if changed & set(spec.columns) and name in AssetInput.model_fields
        ]
        placed = {self.mapping.x, self.mapping.y, self.mapping.latlon, self.mapping.lonlat}
        placed |= {self.mapping.wkt}
        if changed & placed or (self.rows.table.points is not None and self._moved(row, state)):
            fed.append("position")
        if any(changed & set(spec.columns) for spec in self.mapping.inspection.values()):
            fed.append("inspection")
        return fed

    def _moved(self, row: int, state: bulk.SourceState | None) -> bool:
        if state is None:
            return True
        return state.cells.split("\x1f")[-2:] != self.rows.cells[row].split("\x1f")[-2:]

    def _differs(self, asset: Asset, name: str, row: int, *, first: bool) -> bool:
        if name == "inspection":
            return False
        if name == "position":
            return asset.geom != (float(self.rows.lons[row]), float(self.rows.lats[row]))
        value = self.rows.fields[name][row]
        if value is None and first:
            return False  # a second source that says nothing takes nothing away
        return bool(getattr(asset, name) != value)

    def _visit_outcome(self, row: int) -> str | None:
        outcomes = self.rows.inspection.get("outcome")
        return None if outcomes is None else outcomes[row]

    def _find_duplicates(self, outcome: Outcome) -> None:
        """New and moved rows with a same-kind neighbour, old or new."""
        rows = self.rows
        moved = [
            row
            for row, action in enumerate(outcome.actions)
            if action == NEW or (action == UPDATED and "position" in outcome.fields[row])
        ]
        if not moved:
            return
        own = {self.matched[row] for row in moved if row in self.matched}
        others = [place for place, uid in enumerate(self.known.uids) if uid not in own]
        kinds = [rows.fields["kind"][row] for row in moved]
        kinds += [self.known.kinds[place] for place in others]
        _, groups = np.unique(np.array(kinds), return_inverse=True)
        lons = np.concatenate([rows.lons[moved], self.known.lons[others]])
        lats = np.concatenate([rows.lats[moved], self.known.lats[others]])
        first, second, metres = neighbours_within(lons, lats, groups, self.options.duplicate_m)
        self.pairs: list[tuple[int, int | str, float]] = []
        for one, other, distance in zip(
            first.tolist(), second.tolist(), metres.tolist(), strict=True
        ):
            if one >= len(moved):
                continue
            if other < len(moved):
                self.pairs.append((moved[one], moved[other], distance))
                outcome.duplicates.setdefault(moved[one], rows.keys[moved[other]])
                outcome.duplicates.setdefault(moved[other], rows.keys[moved[one]])
            else:
                uid = self.known.uids[others[other - len(moved)]]
                self.pairs.append((moved[one], uid, distance))
                outcome.duplicates.setdefault(moved[one], uid)

    def write(
        self, writer: Writer, outcome: Outcome, path: Path, advance: Callable[[int], None]
    ) -> None:
        """Write what `decide` found, within the caller's transaction."""
        rows = self.rows
        new = [row for row, action in enumerate(outcome.actions) if action == NEW]
        touched = [
            row
            for row in rows.kept
            if outcome.actions[row] in (UPDATED, UNCHANGED)
            and (
                rows.keys[row] not in self.states
                or self.states[rows.keys[row]].cells != rows.cells[row]
            )
        ]
        if not new and not touched:
            return
        self._make_regions(writer)
        used = rows.used if rows.table.points is None else (*rows.used, "\x00x", "\x00y")
        batch = bulk.add_batch(
            writer,
            source=self.source,
            file_name=path.name,
            file_digest=file_digest(read_bytes(path)),
            mapping=self.mapping.name,
            columns=used,
            counts=json.dumps({a: outcome.count(a) for a in (NEW, UPDATED, UNCHANGED, REFUSED)}),
        )
        uids = dict(zip(new, new_uids(len(new)), strict=True))
        bulk.insert_assets(
            writer,
            self._new_assets(new, list(uids.values())),
            source=self.source,
            batch=batch,
            advance=advance,
        )
        updated = [row for row in touched if outcome.actions[row] == UPDATED]
        self._update(writer, updated, outcome)
        for row in touched:
            uids[row] = self.matched[row]
        visits = [*new, *(row for row in updated if "inspection" in outcome.fields[row])]
        self._insert_visits(writer, visits, uids, batch)
        bulk.update_source_records(
            writer,
            [(rows.keys[row], self.matched[row], rows.cells[row]) for row in touched],
            source=self.source,
            batch=batch,
        )
        if outcome.duplicates:
            pairs = [
                (uids[one], other if isinstance(other, str) else uids[other], metres)
                for one, other, metres in self.pairs
            ]
            bulk.flag_duplicates(writer, pairs, source=self.source, batch=batch)
        bulk.refresh_extent(writer.registry.connection)

    def _make_regions(self, writer: Writer) -> None:
        if not self.mapping.regions:
            return
        rows = [
            regions.RegionRow(r.code, r.name_zh, r.name_en, RegionLevel(r.level), r.parent)
            for r in self.mapping.regions
        ]
        regions.put_regions(writer, rows, source=self.source)

    def _new_assets(self, new: list[int], uids: list[str]) -> bulk.NewAssets:
        rows = self.rows
        columns: dict[str, Sequence[Any]] = {
            name: _picked(values, new)
            for name, values in rows.fields.items()
            if name in AssetInput.model_fields
        }
        if "service" in columns:
            columns["service"] = [value or "municipal" for value in columns["service"]]
        count = len(new)
        columns["orig_x"] = rows.xs[new].tolist()
        columns["orig_y"] = rows.ys[new].tolist()
        columns["orig_crs"] = [rows.crs.name] * count
        columns["accuracy_m"] = [rows.crs.accuracy_m] * count
        built = rows.fields.get("built")
        return bulk.NewAssets(
            uids=uids,
            columns=columns,
            lons=rows.lons[new].tolist(),
            lats=rows.lats[new].tolist(),
            keys=_picked(rows.keys, new),
            cells=_picked(rows.cells, new),
            built=[None] * count
            if built is None
            else [None if built[row] is None else times.to_text(built[row]) for row in new],
        )

    def _update(self, writer: Writer, updated: list[int], outcome: Outcome) -> None:
        stored = self._stored({self.matched[row] for row in updated}) if updated else {}
        rows = self.rows
        for row in updated:
            names = outcome.fields[row]
            values: dict[str, Any] = {
                name: rows.fields[name][row]
                for name in names
                if name not in ("position", "inspection")
            }
            if values.get("service", "municipal") is None:
                values["service"] = "municipal"
            if "position" in names:
                values |= {
                    "geom": (float(rows.lons[row]), float(rows.lats[row])),
                    "orig_x": float(rows.xs[row]),
                    "orig_y": float(rows.ys[row]),
                    "orig_crs": rows.crs.name,
                    "accuracy_m": rows.crs.accuracy_m,
                }
            if values:
                writer.revise(stored[self.matched[row]], since=writer.moment, **values)
        writer.flush()

    def _insert_visits(
        self, writer: Writer, visits: list[int], uids: dict[int, str], batch: str
    ) -> None:
        outcomes = self.rows.inspection.get("outcome")
        if outcomes is None:
            return
        told = [row for row in visits if outcomes[row] is not None]
        columns: dict[str, Sequence[Any]] = {
            name: _picked(values, told) for name, values in self.rows.inspection.items()
        }
        if "at" in columns:
            columns["at"] = [None if m is None else times.to_text(m) for m in columns["at"]]
        bulk.insert_inspections(
            writer,
            columns,
            asset_uids=[uids[row] for row in told],
            keys=_picked(self.rows.keys, told),
            source=self.source,
            batch=batch,
        )


def _picked(values: Sequence[Any], rows: Sequence[int]) -> list[Any]:
    """Values of some rows; all of them at once when every row is meant."""
    if len(rows) == len(values):
        return list(values)
    return [values[row] for row in rows]
