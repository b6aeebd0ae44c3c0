"""Rows of an asset over time: at any moment exactly one holds.

The feature table holds the row of today. What held before it and what is announced for later are
versions; together they follow each other without gap or overlap, whatever the order in which
they were entered. A change holds from its date until the next change of the same value that is
on record.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import col, select

from hydrant import times
from hydrant.ids import new_uid
from hydrant.model.tables import Asset, AssetColumns, AssetVersion
from hydrant.model.values import Record
from hydrant.store.opened.due_rows import rows_due
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Writer
from hydrant.store.sql.state_sql import ALWAYS

#: Until when the last announced row holds.
END_OF_TIME = times.from_text(ALWAYS)
#: Columns that say one thing together: where an asset is.
POSITION = ("lon", "lat", "orig_x", "orig_y", "orig_crs", "accuracy_m")
#: Columns that are changed from a date on; the position is ``lon`` and ``lat`` beside them.
COLUMNS = tuple(name for name in AssetColumns.model_fields if name != "valid_from")
#: What of a row is changed as a whole.
_CELLS: tuple[tuple[str, ...], ...] = (
    POSITION,
    *((name,) for name in COLUMNS if name not in POSITION),
)

Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Span:
    """One row and the time for which it holds.

    Attributes
    ----------
    values
        Columns of an asset with ``lon`` and ``lat``.
    start
        First moment; None where nobody knows since when.
    until
        First moment after it.
    uid
        Key of the version; None for the row of the feature table, or one not stored yet.
    """

    values: Values
    start: dt.datetime | None
    until: dt.datetime
    uid: str | None = None

    def holds_at(self, moment: dt.datetime) -> bool:
        """Whether it holds at a moment."""
        return (self.start is None or self.start <= moment) and moment < self.until


def edited(spans: Sequence[Span], since: dt.datetime, changes: Values) -> list[Span]:
    """Spans after some values change from a moment on.

    Each value holds until the next change of it that is on record; the others stay.
    """
    spans = _reaching(spans, since)
    place = next(n for n, span in enumerate(spans) if span.holds_at(since))
    target = spans[place]
    found = list(spans[:place])
    if target.start is None or target.start < since:
        found.append(replace(target, until=since))
        target = replace(target, start=since, uid=None)
    found.append(_changed(target, changes))
    found.extend(_carried(spans[place + 1 :], spans[place].values, changes))
    return found


def corrected(spans: Sequence[Span], at: dt.datetime, changes: Values) -> list[Span]:
    """Spans after some values turn out never to have held: wherever they follow each other."""
    place = next(n for n, span in enumerate(spans) if span.holds_at(at))
    wrong = spans[place].values
    earlier = list(_carried(spans[:place][::-1], wrong, changes))[::-1]
    later = _carried(spans[place + 1 :], wrong, changes)
    return [*earlier, _changed(spans[place], changes), *later]


def _reaching(spans: Sequence[Span], since: dt.datetime) -> Sequence[Span]:
    """Spans of which the first reaches back to a moment before all that is on record."""
    first = spans[0]
    if first.start is None or first.start <= since:
        return spans
    return [replace(first, start=since), *spans[1:]]


def _changed(span: Span, changes: Values) -> Span:
    return replace(span, values={**span.values, **changes})


def _carried(spans: Iterable[Span], former: Values, changes: Values) -> Iterator[Span]:
    """Neighbours with the changed values, as far as they said the same as what was changed."""
    live = [cell for cell in _CELLS if any(name in changes for name in cell)]
    for span in spans:
        live = [cell for cell in live if all(span.values[n] == former[n] for n in cell)]
        wanted = {n: changes[n] for cell in live for n in cell if n in changes}
        yield _changed(span, wanted) if wanted else span


def in_order(spans: Iterable[Span], now: dt.datetime) -> list[Span]:
    """Spans that follow each other, from rows that may overlap, end too early or leave gaps.

    Of former rows it is known until when they held, of announced ones from when; the row of the
    feature table lies between. A row without a position gets that of the row after it. The same
    rows give the same spans in whatever order they come.
    """
    rows = sorted(spans, key=lambda span: span.uid or "")
    (present,) = (span for span in rows if span.uid is None)
    others = [span for span in rows if span is not present]
    ahead = [span for span in others if _is_ahead(span, present.start, now)]
    while True:
        past = _once([s for s in others if s not in ahead], lambda span: span.until)
        today = past[-1].until if past else present.start
        kept = [span for span in ahead if _is_ahead(span, today, now)]
        if kept == ahead:
            break
        ahead = kept
    future = _once(ahead, lambda span: span.start or END_OF_TIME)
    return _placed([*_chained(past, present), *future])


def _is_ahead(span: Span, today: dt.datetime | None, now: dt.datetime) -> bool:
    """Whether a row holds after the one of the feature table, which holds from `today`."""
    start = span.start
    return start is not None and (today is None or start > today) and max(start, now) < span.until


def _once(rows: Iterable[Span], when: Callable[[Span], dt.datetime]) -> list[Span]:
    """Rows by a moment, one for each."""
    found: dict[dt.datetime, Span] = {}
    for span in rows:
        found.setdefault(when(span), span)
    return [found[moment] for moment in sorted(found)]


def _chained(past: list[Span], present: Span) -> list[Span]:
    """Former rows and the present one, each from where the one before it ends."""
    if not past:
        return [present]
    first = past[0]
    begins = first.start if first.start is not None and first.start < first.until else None
    starts = [begins, *(span.until for span in past)]
    return [replace(s, start=start) for s, start in zip([*past, present], starts, strict=True)]


def _placed(spans: list[Span]) -> list[Span]:
    """Spans each of which ends where the next begins and has a position, if any has."""
    found: list[Span] = []
    until = END_OF_TIME
    for span in reversed(spans):
        found.append(replace(span, until=until))
        until = span.start or END_OF_TIME
    return _filled(_filled(found)[::-1])


def _filled(spans: list[Span]) -> list[Span]:
    """Spans of which one without a position has that of the one before it in the list."""
    found = spans[:1]
    for span in spans[1:]:
        beside = found[-1].values
        lacks = span.values["lon"] is None and beside["lon"] is not None
        where = {name: beside[name] for name in POSITION} if lacks else {}
        found.append(replace(span, values={**span.values, **where}))
    return found


def spans_of(registry: Registry, asset: Asset) -> list[Span]:
    """Rows of an asset, the earliest first, as they are stored."""
    found = [_of_version(version) for version in versions_of(registry, asset)]
    lon, lat = asset.geom or (None, None)
    values = {name: getattr(asset, name) for name in COLUMNS} | {"lon": lon, "lat": lat}
    ahead = [s.start for s in found if s.start and s.start >= (asset.valid_from or _EARLIEST)]
    present = Span(values, asset.valid_from, min(ahead, default=END_OF_TIME))
    return sorted([*found, present], key=lambda span: span.start or _EARLIEST)


_EARLIEST = dt.datetime.min.replace(tzinfo=dt.UTC)


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
    now = max(writer.moment, asset.valid_from or _EARLIEST)
    at = now if since is None else since
    result = (corrected if since is None else edited)(spans, at, wanted)
    former = next((s.values for s in spans if s.holds_at(at)), spans[0].values)
    differing = {n: former[n] for n in wanted if former[n] != wanted[n]}
    if not differing:
        return {}
    store(writer, asset, result, now=now)
    return _with_geom(differing)


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
