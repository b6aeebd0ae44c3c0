"""Rows of an asset over time: at any moment exactly one holds.

The feature table holds the row of today. What held before it and what is announced for later are
versions; together they follow each other without gap or overlap, whatever the order in which
they were entered. A change holds from its date until the next change of the same value that is
on record.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlmodel import col, select

from hydrant import times
from hydrant.ids import new_uid
from hydrant.model.spans import (
    COLUMNS,
    EARLIEST,
    END_OF_TIME,
    Span,
    Statement,
    corrected,
    edited,
    in_order,
)
from hydrant.model.tables import Asset, AssetVersion
from hydrant.model.values import Record
from hydrant.store.opened.due_rows import rows_due
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Entry, Writer, jsonable

#: What the log calls that values were stated for a day on.
STATED = "state"
_STATEMENTS = """
SELECT after FROM change WHERE entity = 'asset' AND entity_uid = ? AND action = 'state' ORDER BY fid
"""


def spans_of(registry: Registry, asset: Asset) -> list[Span]:
    """Rows of an asset, the earliest first, as they are stored."""
    found = [_of_version(version) for version in versions_of(registry, asset)]
    lon, lat = asset.geom or (None, None)
    values = {name: getattr(asset, name) for name in COLUMNS} | {"lon": lon, "lat": lat}
    ahead = [s.start for s in found if s.start and s.start >= (asset.valid_from or EARLIEST)]
    present = Span(values, asset.valid_from, min(ahead, default=END_OF_TIME))
    return sorted([*found, present], key=lambda span: span.start or EARLIEST)


def versions_of(registry: Registry, asset: Asset) -> list[AssetVersion]:
    """Versions of an asset, the earliest first."""
    query = (
        select(AssetVersion)
        .where(AssetVersion.asset_uid == asset.uid)
        .order_by(col(AssetVersion.valid_until), col(AssetVersion.fid))
        .execution_options(populate_existing=True)
    )
    return list(registry.session.exec(query))


def _of_version(version: AssetVersion) -> Span:
    values = {name: getattr(version, name) for name in (*COLUMNS, "lon", "lat")}
    return Span(values, version.valid_from, version.valid_until, version.uid)


def revise(
    writer: Writer, asset: Asset, *, since: dt.datetime | None, **values: object
) -> dict[str, object]:
    """Change an asset from a date on, or correct it; the former values that differed.

    Parameters
    ----------
    since
        From when the new values hold, in any order of dates and also ahead; None corrects a
        mistake that never held.
    values
        Columns of the asset; the position as ``geom``.
    """
    since = None if since is None else times.stored(since)
    wanted = _without_geom(values)
    spans = _spans_touched(writer, asset, since)
    # the row of the feature table stays that, also where a clock was set back since it was written
    now = max(writer.moment, asset.valid_from or EARLIEST)
    at = now if since is None else since
    if since is None:
        result = corrected(spans, at, wanted)
    else:
        result = edited(spans, at, wanted, _statements(writer.registry, asset.uid))
    former = next((s.values for s in spans if s.holds_at(at)), spans[0].values)
    differing = {n: former[n] for n in wanted if former[n] != wanted[n]}
    if not differing:
        return {}
    store(writer, asset, result, now=now)
    return _with_geom(differing)


def note_statement(writer: Writer, asset: Asset, *, since: dt.datetime, **values: object) -> None:
    """Keep that values were stated for a moment on, also where they held already.

    What is entered later of an earlier day holds until then (`hydrant.model.spans.edited`).

    Parameters
    ----------
    values
        As for `revise`.
    """
    told = {"from": times.to_text(since), "values": jsonable(_without_geom(values))}
    writer.log(Entry(STATED, "asset", asset.uid, after=told))


def _statements(registry: Registry, uid: str) -> list[Statement]:
    rows = registry.connection.execute(_STATEMENTS, (uid,)).fetchall()
    told = [json.loads(after) for (after,) in rows]
    return [Statement(times.from_text(one["from"]), one["values"]) for one in told]


def _without_geom(changes: Record) -> Record:
    wanted = {name: value for name, value in changes.items() if name != "geom"}
    if "geom" in changes:
        wanted["lon"], wanted["lat"] = changes["geom"] or (None, None)
    return wanted


def _with_geom(values: Mapping[str, object]) -> dict[str, object]:
    found = {name: value for name, value in values.items() if name not in ("lon", "lat")}
    if found.keys() != values.keys():
        found["geom"] = (values.get("lon"), values.get("lat"))
    return found


def _spans_touched(writer: Writer, asset: Asset, since: dt.datetime | None) -> list[Span]:
    """Rows that a change can touch; most changes hold from now on and touch the last row alone."""
    begun = asset.valid_from
    ordinary = since is not None and since <= writer.moment and (begun is None or begun <= since)
    if ordinary and asset.uid not in _ahead(writer):
        lon, lat = asset.geom or (None, None)
        values = {name: getattr(asset, name) for name in COLUMNS} | {"lon": lon, "lat": lat}
        return [Span(values, begun, END_OF_TIME)]
    return spans_of(writer.registry, asset)


def _ahead(writer: Writer) -> set[str]:
    """Uids of assets of which a row is announced, or due and not yet in the feature table."""
    if writer.ahead is None:
        rows = writer.registry.connection.execute(
            "SELECT DISTINCT asset_uid FROM asset_version WHERE valid_until > ?",
            (times.to_text(writer.moment),),
        )
        writer.ahead = {uid for (uid,) in rows}
    return writer.ahead


def store(writer: Writer, asset: Asset, spans: Sequence[Span], *, now: dt.datetime) -> None:
    """Write the rows of an asset: the one of today into the feature table, the others as versions.

    Parameters
    ----------
    spans
        All that were read, changed: a version that was read and is not among them stays as it is.
    """
    present = next((span for span in spans if span.holds_at(now)), spans[-1])
    stored = {version.uid: version for version in _named(writer, spans)}
    others = [span for span in spans if span is not present]
    for span in others:
        if span.uid is None:
            writer.add(_row(writer, asset, span))
        else:
            writer.update(stored[span.uid], **_columns_of(span))
    if present.uid is not None:
        writer.delete(stored[present.uid])
    lon, lat = present.values["lon"], present.values["lat"]
    geom = None if lon is None or lat is None else (lon, lat)
    values = {name: present.values[name] for name in COLUMNS}
    writer.update(asset, **values, geom=geom, valid_from=present.start)
    if any(span.start is not None and span.start > now for span in spans):
        _ahead(writer).add(asset.uid)


def _named(writer: Writer, spans: Iterable[Span]) -> Iterator[AssetVersion]:
    for span in spans:
        if span.uid is not None:
            query = select(AssetVersion).where(AssetVersion.uid == span.uid)
            yield writer.session.exec(query.execution_options(populate_existing=True)).one()


def _columns_of(span: Span) -> Record:
    return {**span.values, "valid_from": span.start, "valid_until": span.until}


def _row(writer: Writer, asset: Asset, span: Span) -> AssetVersion:
    """A version as it is stored; it keeps when and by whom its asset was recorded."""
    return AssetVersion(
        **_columns_of(span),
        uid=new_uid(),
        asset_uid=asset.uid,
        replaced_at=writer.moment,
        recorded_at=asset.recorded_at,
        recorded_by=asset.recorded_by,
        source=asset.source,
        external_key=asset.external_key,
    )


def bring_up(writer: Writer) -> None:
    """Let the rows whose announced day has come be those of the feature table.

    On a server those of other regions stay until somebody of theirs writes; figures follow the
    dates all the same (`hydrant.store.sql.state_sql.assets_at`).
    """
    registry = writer.registry
    due = rows_due(registry)
    if due:
        due = registry.backend.writable(due)
    for uid in sorted(due):
        asset = writer.session.exec(select(Asset).where(Asset.uid == uid)).one()
        store(writer, asset, spans_of(registry, asset), now=writer.moment)


def put_in_order(writer: Writer, uid: str) -> bool:
    """Let the rows of an asset follow each other again; whether anything had to be changed."""
    asset = writer.session.exec(
        select(Asset).where(Asset.uid == uid).execution_options(populate_existing=True)
    ).first()
    if asset is None:
        return False
    spans = spans_of(writer.registry, asset)
    ordered = in_order(spans, writer.moment)
    if ordered == spans:
        return False
    kept = {span.uid for span in ordered}
    for version in versions_of(writer.registry, asset):
        if version.uid not in kept:
            writer.delete(version)
    store(writer, asset, ordered, now=writer.moment)
    return True
