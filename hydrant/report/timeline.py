"""Everything recorded of an asset in the order in which it happened, sensors included."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from hydrant import times
from hydrant.model.tables import Asset
from hydrant.store.assets import history
from hydrant.store.location import readings_path
from hydrant.store.readings_alarms import list_alarms
from hydrant.store.readings_file import view_readings
from hydrant.store.registry import Registry
from hydrant.store.sensors import list_sensors

_VERSION = (
    *("code", "kind", "region_code", "owner", "maintainer", "supervisor", "service"),
    *("lon", "lat"),
)
_INSPECTION = (
    *("outcome", "inspector", "static_kpa", "residual_kpa", "flow_l_s", "level_m", "lift_m"),
    "note",
)


def timeline(registry: Registry, asset: Asset) -> list[dict[str, Any]]:
    """Every fact about an asset, undated ones first, JSON-able.

    Returns
    -------
    list of dict
        ``at`` (stored text or null), ``fact`` (version, event, inspection, defect, cleared,
        alarm, alarm_cleared), ``by``, ``source``, ``uid`` and ``values``: what the fact says,
        by field, known ones only.
    """
    rows = [*_recorded(registry, asset), *_sensed(registry, asset)]
    return sorted(rows, key=lambda row: row["at"] or "")


def _recorded(registry: Registry, asset: Asset) -> Iterator[dict[str, Any]]:
    record = history(registry, asset)
    for version in record.versions:
        yield _line(version.valid_until, "version", version, _VERSION)
    for event in record.events:
        yield _line(event.at, "event", event, ("event",))
    for visit in record.inspections:
        yield _line(visit.at, "inspection", visit, _INSPECTION)
    for defect in record.defects:
        yield _line(defect.found_at, "defect", defect, ("code", "severity"))
        if defect.cleared_at is not None:
            yield _line(defect.cleared_at, "cleared", defect, ("code",))


def _line(at: dt.datetime | None, fact: str, row: Any, names: Iterable[str]) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in names}
    return {
        "at": None if at is None else times.to_text(at),
        "fact": fact,
        "values": {name: value for name, value in values.items() if value is not None},
        "by": row.recorded_by,
        "source": row.source,
        "uid": row.uid,
    }


def _sensed(registry: Registry, asset: Asset) -> Iterator[dict[str, Any]]:
    """Alarms of its sensors: what the counting rules take from them."""
    with view_readings(readings_path(registry.path)) as store:
        alarms = [] if store is None else list_alarms(store, cleared=True)
    # a sensor goes with its asset when that is merged into another; its alarms do not say so
    own = {sensor.uid for sensor in list_sensors(registry, asset_uid=asset.uid, disabled=True)}
    for alarm in alarms:
        if alarm.sensor_uid not in own:
            continue
        fact = {"by": "poll", "source": None, "uid": alarm.uid}
        values = {"alarm": alarm.kind, "value": alarm.value, "limit": alarm.limit_value}
        yield fact | {"at": alarm.confirmed_at, "fact": "alarm", "values": values}
        if alarm.cleared_at is not None:
            ended = {"alarm": alarm.kind}
            yield fact | {"at": alarm.cleared_at, "fact": "alarm_cleared", "values": ended}
