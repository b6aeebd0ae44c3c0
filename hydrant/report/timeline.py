"""Everything recorded of an asset in the order in which it happened, sensors included.

What a fact says is every column of its table that holds something, so that nothing that was
recorded can be forgotten here; `LEFT_OUT` names the few that say nothing more, and why.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from hydrant import times
from hydrant.model.rows import Fact
from hydrant.model.spans import END_OF_TIME
from hydrant.model.tables import (
    Asset,
    AssetColumns,
    AssetVersion,
    Defect,
    Inspection,
    Lifecycle,
    Sensor,
)
from hydrant.report import corrections
from hydrant.store.facts.assets import History, history
from hydrant.store.facts.sensors import list_sensors
from hydrant.store.ground.location import readings_path
from hydrant.store.opened.registry import Registry
from hydrant.store.readings.alarm_proof import ended_at, proofless, removed_under
from hydrant.store.readings.readings_alarms import list_alarms
from hydrant.store.readings.readings_care import Pause, recorded_pauses
from hydrant.store.readings.readings_file import view_readings

#: Columns that are no value of a fact, and why.
LEFT_OUT = {
    "fid": "a number of the file, which means nothing elsewhere",
    "uid": "told beside the values",
    "asset_uid": "the asset that is asked about",
    "recorded_at": "told beside the values",
    "recorded_by": "told beside the values, as `by`",
    "source": "told beside the values",
    "external_key": "told beside the values",
    "geom": "told as lon and lat",
    "effective_at": "follows from at, outcome and recorded_at",
}
#: What becomes known of a defect when it is repaired; the rest is told where it was found.
_REPAIR = frozenset({"cleared_at", "cleared_by", "cost"})
#: Columns that hold a list or an object as JSON text.
_JSON = frozenset({"checks", "photos", "parameters"})
#: What a row is of: its columns are told as the values of the fact.
_TABLES: dict[str, type[Fact]] = {
    "added": Asset,
    "version": AssetVersion,
    "event": Lifecycle,
    "inspection": Inspection,
    "defect": Defect,
    "cleared": Defect,
    "sensor": Sensor,
    "sensor_ended": Sensor,
}


class _Dated(NamedTuple):
    """A fact with the moment by which it is ordered."""

    at: dt.datetime | None
    fact: dict[str, Any]


def columns_of(fact: str) -> tuple[str, ...]:
    """Columns whose values a fact tells where they hold something.

    Parameters
    ----------
    fact
        ``added``, ``version``, ``event``, ``inspection``, ``defect``, ``cleared``, ``sensor`` or
        ``sensor_ended``.
    """
    names = [name for name in _TABLES[fact].model_fields if name not in LEFT_OUT]
    if fact == "added":
        return ("lon", "lat", *names)
    if fact == "cleared":
        return ("code", *(name for name in names if name in _REPAIR and name != "cleared_at"))
    if fact == "defect":
        names = [name for name in names if name not in _REPAIR]
    if fact == "sensor_ended":
        return ("quantity", "profile", "url", "unit_id")
    # the time of an event or a visit is told beside the values
    return tuple(name for name in names if name not in ("at", "found_at", "cleared_at"))


def timeline(
    registry: Registry,
    asset: Asset,
    *,
    before: dt.datetime | None = None,
    known: dt.datetime | None = None,
) -> list[dict[str, Any]]:
    """Every fact about an asset, undated ones first, JSON-able.

    Parameters
    ----------
    before
        Leave out what happened at this moment or later; None keeps everything.
    known
        Leave out what was recorded after this moment; the tables say what was known then (see
        `hydrant.store.evidence.known.as_known`). None keeps everything.

    Returns
    -------
    list of dict
        ``at`` (local day, local time with offset, or null), ``fact`` (added, version, event,
        inspection, defect, cleared, reopened, corrected, merged, stated, sensor, sensor_ended,
        sensor_rest, alarm, alarm_cleared), ``by``, ``recorded_at``, ``source``,
        ``external_key``, ``uid`` and ``values``: what the fact says, by field, known ones only; a
        version also has ``changed``: what took each value's place.
    """
    told = [*_recorded(registry, asset, known), *_sensed(registry, asset)]
    kept = [one for one in told if before is None or one.at is None or one.at < before]
    if known is not None:
        kept = [one for one in kept if _recorded_at(one, registry) <= known]
    never = dt.datetime.min.replace(tzinfo=dt.UTC)
    return [one.fact for one in sorted(kept, key=lambda one: one.at or never)]


def _recorded_at(one: _Dated, registry: Registry) -> dt.datetime:
    return times.parse_moment(one.fact["recorded_at"], registry.zone)


def _recorded(registry: Registry, asset: Asset, known: dt.datetime | None) -> Iterator[_Dated]:
    record, zone = history(registry, asset), registry.zone
    if known is not None:
        former = [row for row in record.versions if row.replaced_at <= known]
        record = replace(record, versions=former)
    yield _added(asset, record, zone)
    rows = [*_versions(asset, record, zone)]
    yield from rows
    begun = {(row.fact["at"], name) for row in rows for name in row.fact["changed"]}
    for event in record.events:
        yield _line(event.at, "event", event, zone)
    for visit in record.inspections:
        yield _line(visit.at, "inspection", visit, zone)
    for defect in record.defects:
        # a price that was stated for what is not repaired yet belongs to the finding
        priced = () if defect.cleared_at is not None else ("cost",)
        names = (*columns_of("defect"), *priced)
        yield _line(defect.found_at, "defect", defect, zone, names)
        if defect.cleared_at is not None:
            yield _line(defect.cleared_at, "cleared", defect, zone)
    lines = (
        *corrections.corrected(registry, record),
        *corrections.reopened(registry, record),
        *corrections.united(registry, asset, columns_of("version")),
        *corrections.stated(registry, record, begun),
    )
    yield from (_Dated(at, fact) for at, fact in lines)
    for sensor in record.sensors:
        yield _line(sensor.valid_from or sensor.recorded_at, "sensor", sensor, zone)
        if sensor.valid_until is not None:
            yield _line(sensor.valid_until, "sensor_ended", sensor, zone)


def _added(asset: Asset, record: History, zone: ZoneInfo) -> _Dated:
    """When an asset came on record and by whom, with what was first said of it."""
    first = _in_order(asset, record)[0]
    told = _line(asset.recorded_at, "added", asset, zone, ())
    values = _said(first, _columns_of_row(first), zone)
    values.pop("valid_until", None)
    values.pop("replaced_at", None)
    return _Dated(told.at, told.fact | {"values": values})


def _in_order(asset: Asset, record: History) -> list[Asset | AssetVersion]:
    """All rows of an asset, the earliest first, those announced for later too."""
    never = dt.datetime.min.replace(tzinfo=dt.UTC)
    rows: list[Asset | AssetVersion] = [*record.versions, asset]
    return sorted(rows, key=lambda row: row.valid_from or never)


def _columns_of_row(row: Asset | AssetVersion) -> tuple[str, ...]:
    return columns_of("added" if isinstance(row, Asset) else "version")


def _versions(asset: Asset, record: History, zone: ZoneInfo) -> Iterator[_Dated]:
    """Rows that ended or will end, each with what the row after it says otherwise."""
    for row, later in pairwise(_in_order(asset, record)):
        told = _line(later.valid_from, "version", row, zone, _columns_of_row(row))
        former, then = _of_asset(row, zone), _of_asset(later, zone)
        changed = {name: then[name] for name in former if former[name] != then[name]}
        yield _Dated(told.at, told.fact | {"changed": changed})


def _of_asset(row: Asset | AssetVersion, zone: ZoneInfo) -> dict[str, Any]:
    """All that a row says of an asset itself, null where nothing is known."""
    names = [name for name in AssetColumns.model_fields if name != "valid_from"]
    return dict.fromkeys(("lon", "lat", *names)) | _said(row, ("lon", "lat", *names), zone)


def _line(
    at: dt.datetime | None,
    fact: str,
    row: Any,
    zone: ZoneInfo,
    names: Collection[str] | None = None,
) -> _Dated:
    values = _said(row, columns_of(fact) if names is None else names, zone)
    told = {
        "at": None if at is None else times.local_text(at, zone),
        "fact": fact,
        "values": values,
        "by": row.recorded_by,
        "recorded_at": times.local_text(row.recorded_at, zone),
        "source": row.source,
        "external_key": row.external_key,
        "uid": row.uid,
    }
    return _Dated(at, told)


def _said(row: Any, names: Collection[str], zone: ZoneInfo) -> dict[str, Any]:
    values = {name: _value(row, name, zone) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def _value(row: Any, name: str, zone: ZoneInfo) -> Any:
    if name in ("lon", "lat") and isinstance(row, Asset):
        return None if row.geom is None else row.geom[name == "lat"]
    value = getattr(row, name)
    if isinstance(value, dt.datetime):
        return None if value == END_OF_TIME else times.local_text(value, zone)
    if name in _JSON and value is not None:
        return _loaded(value)
    return value


def _loaded(text: str) -> Any:
    """What stands in a column of JSON; another program may have written plain text there."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _sensed(registry: Registry, asset: Asset) -> Iterator[_Dated]:
    """Alarms of its sensors, and when these were out of service: what counting takes from them."""
    # a sensor goes with its asset when that is merged into another; its alarms do not say so
    own = {row.uid: row for row in list_sensors(registry, asset_uid=asset.uid, disabled=True)}
    with view_readings(readings_path(registry.path)) as store:
        alarms = [] if store is None else list_alarms(store, cleared=True)
        rests = [] if store is None else recorded_pauses(store)
        found = [
            (alarm, proofless(store, alarm, row.since, row.until))
            for alarm in alarms
            if store is not None and (row := own.get(alarm.sensor_uid)) is not None
        ]
    for rest in rests:
        if (row := own.get(rest.sensor_uid)) is not None:
            yield _rest(rest, row.quantity, registry.zone)
    for alarm, why in found:
        values = {"alarm": alarm.kind, "value": alarm.value, "limit": alarm.limit_value}
        if alarm.withdrawn_at is not None:  # what came in later does not bear it out
            moment = times.from_text(alarm.withdrawn_at)
            values["withdrawn_at"] = times.local_text(moment, registry.zone)
        if why is not None:
            values["proves_nothing"] = why
        yield _alarm(alarm.confirmed_at, "alarm", alarm.uid, values, registry.zone)
        until = own[alarm.sensor_uid].until
        if until is not None and until <= alarm.confirmed_at:
            continue  # it says nothing of this asset, so neither does its end
        if alarm.withdrawn_at is None and (end := ended_at(alarm, until)) is not None:
            ended, by = {"alarm": alarm.kind}, "poll"
            if removed_under(alarm, until):
                by = "sensor remove"
            yield _alarm(end, "alarm_cleared", alarm.uid, ended, registry.zone, by=by)


def _rest(rest: Pause, quantity: str, zone: ZoneInfo) -> _Dated:
    """A time in which a sensor was out of service, and whether that was withdrawn."""
    said = {
        "quantity": quantity,
        "valid_until": times.stored_local_text(rest.until, zone),
        "note": rest.why,
        "withdrawn_at": times.stored_local_text(rest.withdrawn_at, zone),
        "withdrawn_by": rest.withdrawn_by,
        "withdrawn_why": rest.withdrawn_why,
    }
    values = {name: value for name, value in said.items() if value is not None}
    return _alarm(rest.since, "sensor_rest", rest.sensor_uid, values, zone, by=rest.by)


def _alarm(
    stored: str, fact: str, uid: str, values: dict[str, Any], zone: ZoneInfo, *, by: str = "poll"
) -> _Dated:
    at = times.from_text(stored)
    local = times.local_text(at, zone)
    told = {"at": local, "fact": fact, "values": values, "by": by, "recorded_at": local}
    return _Dated(at, told | {"source": None, "external_key": None, "uid": uid})
