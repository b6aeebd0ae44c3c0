"""Writes what an import decided, within one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hydrant import times
from hydrant.exchange.changes import INSPECTION, LIFECYCLE, POSITION
from hydrant.exchange.encoding import read_bytes
from hydrant.exchange.mapping import COMMISSIONING_TARGETS, Mapping
from hydrant.exchange.matching import Matches
from hydrant.exchange.outcome import NEW, REFUSED, UNCHANGED, UPDATED, Outcome
from hydrant.exchange.rows import ReadRows, file_digest
from hydrant.exchange.visits import Visited, corrected_values, tells_of_visit
from hydrant.ids import new_uids
from hydrant.model.inputs import AssetInput, LifecycleInput
from hydrant.store.facts.assets import assets_by_uid, record_event
from hydrant.store.facts.visits import correct_visit
from hydrant.store.ground.bulk_columns import Same
from hydrant.store.opened import bulk, versions
from hydrant.store.opened.writer import Writer
from hydrant.store.regions import region_rows
from hydrant.vocabulary import LifecycleEvent, RegionLevel, Service


def write(
    writer: Writer,
    outcome: Outcome,
    rows: ReadRows,
    matches: Matches,
    mapping: Mapping,
    path: Path,
    advance: Callable[[int], None],
) -> None:
    """Write the rows of an import; a file that says nothing new leaves its new name at most.

    Parameters
    ----------
    advance
        Called with the number of rows just written.
    """
    new = outcome.rows(NEW)
    touched = [
        row
        for row in rows.kept
        if outcome.actions[row] in (UPDATED, UNCHANGED)
        and (row in outcome.gone or not matches.unchanged(rows, row))
    ]
    if not new and not touched:
        if outcome.continues is not None:
            _add_batch(writer, outcome, rows, mapping, path)
        return
    _make_regions(writer, mapping)
    batch = _add_batch(writer, outcome, rows, mapping, path)
    source = outcome.source
    uids = dict(zip(new, new_uids(len(new)), strict=True))
    assets = _new_assets(rows, new, list(uids.values()))
    bulk.insert_assets(writer, assets, source=source, batch=batch, advance=advance)
    updated = outcome.rows(UPDATED)
    changed = {row: outcome.fields[row] for row in updated}
    _update(writer, rows, matches, changed, outcome)
    uids |= {row: matches.assets[row] for row in touched}
    visits = [*new, *outcome.visited(Visited.NEW)]
    _insert_visits(writer, rows, visits, uids, source=source, batch=batch)
    for row in outcome.visited(Visited.CORRECTED):
        visit = outcome.visits[row].visit
        assert visit is not None  # noqa: S101  what is corrected is on record
        correct_visit(writer, visit, corrected_values(rows, row, outcome.visits[row]))
    told = [(rows.keys[row], matches.assets[row], rows.cells[row]) for row in touched]
    bulk.update_source_records(writer, told, source=source, batch=batch)
    for reason, flagged in (("near", outcome.pairs), ("same_code", outcome.same_code)):
        pairs = [
            (uids[one], other if isinstance(other, str) else uids[other], metres)
            for one, other, metres in flagged
        ]
        bulk.flag_duplicates(writer, pairs, source=source, batch=batch, reason=reason)
    bulk.refresh_extent(writer.registry)


def _make_regions(writer: Writer, mapping: Mapping) -> None:
    if not mapping.regions:
        return
    rows = [
        region_rows.RegionRow(r.code, r.name_zh, r.name_en, RegionLevel(r.level), r.parent)
        for r in mapping.regions
    ]
    region_rows.put_regions(writer, rows, source=mapping.source or mapping.name)


def _add_batch(
    writer: Writer, outcome: Outcome, rows: ReadRows, mapping: Mapping, path: Path
) -> str:
    counts: dict[str, Any] = {a: outcome.count(a) for a in (NEW, UPDATED, UNCHANGED, REFUSED)}
    counts |= {"follows": sorted(outcome.follows), "continues": outcome.continues}
    return bulk.add_batch(
        writer,
        source=outcome.source,
        file_name=path.name,
        file_digest=file_digest(read_bytes(path)),
        mapping=mapping.name,
        columns=rows.columns,
        counts=json.dumps(counts),
    )


def _new_assets(rows: ReadRows, new: list[int], uids: list[str]) -> bulk.NewAssets:
    columns: dict[str, Any] = {
        name: _picked(values, new)
        for name, values in rows.fields.items()
        if name in AssetInput.model_fields
    }
    if "service" in columns:
        columns["service"] = [value or Service.MUNICIPAL.value for value in columns["service"]]
    count = len(new)
    columns["orig_x"] = rows.xs[new]
    columns["orig_y"] = rows.ys[new]
    columns["orig_crs"] = Same(rows.crs.stored, count)
    columns["accuracy_m"] = rows.accuracies(new)
    return bulk.NewAssets(
        uids=uids,
        columns=columns,
        lons=rows.lons[new],
        lats=rows.lats[new],
        keys=_picked(rows.keys, new),
        cells=_picked(rows.cells, new),
        begun=_commissioning(rows, new),
        ended=_ended(rows, new),
    )


def _ended(rows: ReadRows, new: list[int]) -> dict[LifecycleEvent, dict[int, str | None]]:
    """Events of new assets that are no more, not yet or suspended."""
    found: dict[LifecycleEvent, dict[int, str | None]] = {}
    for number, row in enumerate(new if rows.ended else ()):
        one = rows.ended.get(row)
        if one is not None:
            (at,) = _stored_times([one.at])
            found.setdefault(one.event, {})[number] = at
    return found


def _commissioning(rows: ReadRows, new: list[int]) -> dict[str, list[Any]]:
    """What the file says of the commissioning of new assets, by column of the event."""
    names = ("built", *COMMISSIONING_TARGETS)
    told = {name: _picked(rows.fields[name], new) for name in names if name in rows.fields}
    if "built" in told:
        told["at"] = _stored_times(told.pop("built"))
    return told


def _update(
    writer: Writer,
    rows: ReadRows,
    matches: Matches,
    changed: dict[int, list[str]],
    outcome: Outcome,
) -> None:
    """Change known assets; what was seen of one that went far ends with the move."""
    apart = (POSITION, INSPECTION, LIFECYCLE)
    stored = assets_by_uid(writer.registry, {matches.assets[row] for row in changed})
    for row, names in changed.items():
        values: dict[str, Any] = {
            name: rows.fields[name][row] for name in names if name not in apart
        }
        if "service" in values:
            values["service"] = values["service"] or Service.MUNICIPAL.value
        if POSITION in names:
            values |= {
                "geom": (float(rows.lons[row]), float(rows.lats[row])),
                "orig_x": float(rows.xs[row]),
                "orig_y": float(rows.ys[row]),
                "orig_crs": rows.crs.stored,
                "accuracy_m": rows.accuracies([row])[0],
            }
        asset = stored[matches.assets[row]]
        if values:
            versions.revise(writer, asset, since=writer.moment, **values)
        if row in outcome.moved:
            at = outcome.moved_bad.get(row) or writer.moment
            event = LifecycleInput(event=LifecycleEvent.RELOCATED, at=at)
            record_event(writer, asset, event)
        if row in outcome.gone:
            event = LifecycleInput(event=LifecycleEvent.REMOVED, at=rows.ended[row].at)
            key = rows.keys[row]
            record_event(writer, asset, event, source=outcome.source, external_key=key)
    writer.flush()


def _insert_visits(
    writer: Writer,
    rows: ReadRows,
    visits: list[int],
    uids: dict[int, str],
    *,
    source: str,
    batch: str,
) -> None:
    stated = "outcome" in rows.inspection
    told = [row for row in visits if tells_of_visit(rows, row)] if stated else []
    if not told:
        return
    columns: dict[str, Sequence[Any]] = {
        name: _picked(values, told) for name, values in rows.inspection.items()
    }
    if "at" in columns:
        columns["at"] = _stored_times(columns["at"])
    bulk.insert_inspections(
        writer,
        columns,
        asset_uids=[uids[row] for row in told],
        keys=_picked(rows.keys, told),
        source=source,
        batch=batch,
    )


def _stored_times(moments: Sequence[Any]) -> list[str | None]:
    return [None if moment is None else times.to_text(moment) for moment in moments]


def _picked(values: Sequence[Any], rows: Sequence[int]) -> list[Any]:
    """Values of some rows, in the order of the rows; quicker where that is all of the file."""
    if len(rows) == len(values) and list(rows) == list(range(len(values))):
        return list(values)
    return [values[row] for row in rows]
