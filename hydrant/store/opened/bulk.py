"""Writes many assets at once, and knows what a source said last time.

Rows go in chunks through plain SQL; the audit log gets one entry with the digest of all of
them. The R-tree is packed anew when a large part of it is new (`bulk_load`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from hydrant import times
from hydrant.ids import new_uid, new_uids
from hydrant.model.books import ImportBatch
from hydrant.model.geopoint import decode_point, encode_points
from hydrant.model.inputs import AssetInput
from hydrant.model.values import Column, Numbers
from hydrant.store.ground.backend import Connection, one_row
from hydrant.store.ground.bulk_columns import Same, constants_once
from hydrant.store.opened.bulk_events import insert_events
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Entry, Writer
from hydrant.vocabulary import LifecycleEvent

_PLACE_COLUMNS = ("orig_x", "orig_y", "orig_crs", "accuracy_m")
#: Under what the coordinates of a file's own geometry are remembered, behind its columns.
POINT_COLUMNS = ("\x1dx", "\x1dy")
ASSET_COLUMNS = (*AssetInput.model_fields, *_PLACE_COLUMNS)


@dataclass(frozen=True, slots=True)
class SourceState:
    """What a source said of a row last time, and to which asset it belongs."""

    asset_uid: str
    cells: str
    columns: tuple[str, ...]
    batch: str

    def cells_by_column(self) -> dict[str, str]:
        """What it said under each heading."""
        return dict(zip(self.columns, self.cells.split("\x1f"), strict=False))


@dataclass(frozen=True, slots=True)
class Known:
    """Assets already in the registry, as far as matching and flagging need them.

    Attributes
    ----------
    uids, kinds, codes
        Of every asset with a position.
    lons, lats
        Degrees, shape (n,).
    """

    uids: list[str]
    kinds: list[str]
    codes: list[str | None]
    lons: Numbers
    lats: Numbers


@dataclass(frozen=True, slots=True)
class NewAssets:
    """Columns of new assets, all of one length.

    Attributes
    ----------
    columns
        Values by name of the asset's column, sequences or arrays; absent ones are null.
    lons, lats
        Degrees, shape (n,).
    keys
        External keys.
    cells
        Raw cells that fed each row, joined.
    begun
        What is known of their commissioning, by column of the event; times are stored text.
    ended
        Events of those that are no more, not yet or suspended: by event the number of the asset
        among them and when, as stored text, if that is known.
    """

    uids: list[str]
    columns: dict[str, Column]
    lons: Numbers
    lats: Numbers
    keys: list[str]
    cells: list[str]
    begun: Mapping[str, Sequence[object]]
    ended: Mapping[LifecycleEvent, Mapping[int, str | None]] = field(default_factory=dict)


def source_states(registry: Registry, source: str) -> dict[str, SourceState]:
    """What a source said last time, by external key."""
    columns = {
        # registries of old have a character here that PostgreSQL cannot hold
        uid: tuple(text.replace("\x00", "\x1d").split("\x1f"))
        for uid, text in registry.connection.execute("SELECT uid, columns FROM import_batch")
    }
    return {
        key: SourceState(asset, cells, columns[batch], batch)
        for key, asset, cells, batch in registry.connection.execute(
            "SELECT external_key, asset_uid, cells, batch_uid FROM source_record WHERE source = ?",
            (source,),
        )
    }


def present_uids(registry: Registry) -> dict[str, str]:
    """Keys under which assets stand now, by the keys they had before they were merged."""
    sql = "SELECT former_uid, asset_uid FROM asset_alias"
    into: dict[str, str] = dict(registry.connection.execute(sql))
    found = {}
    for former, into_one in into.items():
        uid, seen = into_one, {former}
        while uid in into and uid not in seen:
            seen.add(uid)
            uid = into[uid]
        found[former] = uid
    return found


def known_assets(registry: Registry) -> Known:
    """Every asset with a position."""
    uids, kinds, codes, lons, lats = [], [], [], [], []
    rows = registry.connection.execute("SELECT uid, kind, code, geom FROM asset")
    for uid, kind, code, geom in rows:
        point = decode_point(geom)
        if point is not None:
            uids.append(uid)
            kinds.append(kind)
            codes.append(code)
            lons.append(point[0])
            lats.append(point[1])
    return Known(uids, kinds, codes, np.array(lons, float), np.array(lats, float))


def text_digest(text: str) -> str:
    """SHA-256 of text, for what was taken in from more than one file."""
    return hashlib.sha256(text.encode()).hexdigest()


def add_batch(
    writer: Writer,
    *,
    source: str,
    file_name: str,
    file_digest: str,
    mapping: str,
    columns: Sequence[str],
    counts: str,
) -> str:
    """Record that a file was taken in; uid of the batch."""
    batch = ImportBatch(
        uid=new_uid(),
        source=source,
        file_name=file_name,
        file_digest=file_digest,
        mapping=mapping,
        columns="\x1f".join(columns),
        counts=counts,
    )
    writer.add(batch)
    writer.flush()
    return batch.uid


def insert_assets(
    writer: Writer, new: NewAssets, *, source: str, batch: str, advance: Callable[[int], None]
) -> None:
    """Write new assets, their commissioning and what the source said of them.

    Parameters
    ----------
    advance
        Called with the number of rows written so far in each step.
    """
    if not new.uids:
        return
    backend = writer.registry.backend
    first = one_row(backend.connection.execute("SELECT coalesce(max(fid), 0) + 1 FROM asset"))[0]
    count = len(new.uids)
    recorded = (times.to_text(writer.moment), writer.actor)
    with backend.loading("asset", count) as unindexed:
        _insert_rows(writer, new, first, recorded, source, advance)
        if unindexed:
            backend.repack(first, new.lons, new.lats)
    assets = (new.uids, new.keys)
    insert_events(backend, LifecycleEvent.COMMISSIONED, assets, new.begun, recorded, source)
    for event, since in new.ended.items():
        meant = ([new.uids[n] for n in since], [new.keys[n] for n in since])
        at = {"at": list(since.values())}
        insert_events(backend, event, meant, at, recorded, source, every=True)
    records = {
        "source": Same(source, count),
        "external_key": new.keys,
        "asset_uid": new.uids,
        "batch_uid": Same(batch, count),
        "cells": new.cells,
    }
    backend.insert_columns("source_record", records)
    writer.log(Entry("import", "asset", batch, rows=count, digest=_digest(new.uids, new.cells)))


def _insert_rows(
    writer: Writer,
    new: NewAssets,
    first: int,
    recorded: tuple[str, str],
    source: str,
    advance: Callable[[int], None],
) -> None:
    count = len(new.uids)
    columns: dict[str, Column] = {
        "uid": new.uids,
        "recorded_at": Same(recorded[0], count),
        "recorded_by": Same(recorded[1], count),
        "source": Same(source, count),
        "external_key": new.keys,
        "geom": encode_points(new.lons, new.lats),
        **{name: new.columns[name] for name in ASSET_COLUMNS if name in new.columns},
    }
    columns = constants_once(columns)
    numbered = {"fid": range(first, first + count), **columns}
    writer.registry.backend.insert_columns("asset", numbered, advance)
    writer.hashed("asset", first, columns)


def _digest(*columns: Sequence[str]) -> str:
    """SHA-256 over columns of text, which stands in the audit log for all their rows."""
    digest = hashlib.sha256()
    for column in columns:
        digest.update("\x1e".join(column).encode())
        digest.update(b"\x1d")
    return digest.hexdigest()


_INSPECTION_COLUMNS = (
    *("at", "outcome", "inspector", "form_version", "static_kpa", "residual_kpa", "flow_l_s"),
    *("level_m", "lift_m", "note"),
)


def insert_inspections(
    writer: Writer,
    columns: dict[str, Sequence[object]],
    *,
    asset_uids: Sequence[str],
    keys: Sequence[str],
    source: str,
    batch: str,
) -> None:
    """Write inspections that a file tells of; columns by name, times as stored text."""
    if not asset_uids:
        return
    count = len(asset_uids)
    whole = {
        "uid": new_uids(count),
        "recorded_at": Same(times.to_text(writer.moment), count),
        "recorded_by": Same(writer.actor, count),
        "source": Same(source, count),
        "external_key": keys,
        "asset_uid": asset_uids,
        **{name: columns[name] for name in _INSPECTION_COLUMNS if name in columns},
    }
    backend = writer.registry.backend
    with backend.loading("inspection", count):
        backend.insert_columns("inspection", whole)
    digest = _digest(asset_uids, keys)
    writer.log(Entry("import", "inspection", batch, rows=count, digest=digest))


def update_source_records(
    writer: Writer, rows: Sequence[tuple[str, str, str]], *, source: str, batch: str
) -> None:
    """Remember what the source says now; rows are external key, asset uid and cells."""
    writer.registry.connection.executemany(
        "INSERT INTO source_record (source, external_key, asset_uid, batch_uid, cells) "
        "VALUES (?, ?, ?, ?, ?) ON CONFLICT (source, external_key) DO UPDATE SET "
        "asset_uid = excluded.asset_uid, batch_uid = excluded.batch_uid, cells = excluded.cells",
        [(source, key, uid, batch, cells) for key, uid, cells in rows],
    )


#: Assets whose flags are looked up by their keys instead of reading all.
_FEW = 50


def flag_duplicates(
    writer: Writer,
    pairs: Sequence[tuple[str, str, float]],
    *,
    source: str,
    batch: str,
    reason: str = "near",
) -> None:
    """Flag pairs of assets that may be one thing: uid, other uid, distance in metres.

    Parameters
    ----------
    reason
        ``near``, or ``same_code`` where the places are apart.
    """
    if not pairs:
        return
    connection = writer.registry.connection
    present = _flagged(connection, {uid for pair in pairs for uid in pair[:2]})
    fresh = [pair for pair in pairs if frozenset(pair[:2]) not in present]
    moment = times.to_text(writer.moment)
    connection.executemany(
        "INSERT INTO duplicate_flag (uid, recorded_at, recorded_by, source, asset_uid, other_uid, "
        "distance_m, reason, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'open')",
        (
            (uid, moment, writer.actor, source, one, other, metres, reason)
            for uid, (one, other, metres) in zip(new_uids(len(fresh)), fresh, strict=True)
        ),
    )
    writer.log(Entry("flag", "duplicate_flag", batch, rows=len(fresh)))


def _flagged(connection: Connection, uids: set[str]) -> set[frozenset[str]]:
    """Pairs that are flagged already: at least those among the given assets."""
    sql, values = "SELECT asset_uid, other_uid FROM duplicate_flag", []
    if len(uids) <= _FEW:
        marks = ", ".join("?" * len(uids))
        sql += f" WHERE asset_uid IN ({marks})"
        values = [*uids]
    return {frozenset(pair) for pair in connection.execute(sql, values)}


def refresh_extent(registry: Registry) -> None:
    """Bring the layer's extent up to date, for GIS programs that trust it."""
    registry.backend.refresh_extent()
