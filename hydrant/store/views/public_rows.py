"""What anybody may see of an asset: what it is, where it is, and the dated evidence of its state.

The statement (`hydrant.store.sql.public_columns`) is read here, and by a view on a server
(`hydrant.store.server_schema.public`).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator

from hydrant import times
from hydrant.model.geopoint import decode_point
from hydrant.store.facts.sensors import list_sensors
from hydrant.store.opened.registry import Registry
from hydrant.store.readings.readings import Readings
from hydrant.store.readings.readings_alarms import list_alarms
from hydrant.store.sql.public_columns import COLUMNS, PUBLIC, SENSED
from hydrant.store.sql.state_sql import ALWAYS
from hydrant.vocabulary import Quantity


def public_rows(
    registry: Registry, readings: Readings | None, now: dt.datetime
) -> Iterator[dict[str, object]]:
    """`COLUMNS` of every published asset, with ``lon`` and ``lat`` (EPSG:4490); times as stored."""
    alarms = _alarms(registry, readings) if readings else {}
    pressures = {} if readings is None else _pressures(readings)
    count = len(COLUMNS) - len(SENSED)
    for row in registry.connection.execute(PUBLIC, {"end": times.to_text(now), "known": ALWAYS}):
        point = decode_point(row[count])
        if point is None:
            continue
        at, value = pressures.get(row[0], (None, None))
        values = (*row[:count], alarms.get(row[0], 0), value, at)
        yield dict(zip(COLUMNS, values, strict=True)) | {"lon": point[0], "lat": point[1]}


def _alarms(registry: Registry, readings: Readings) -> Counter[str]:
    """How many alarms are open at each asset; a sensor may have moved to another with a merge."""
    on = {sensor.uid: sensor.asset_uid for sensor in list_sensors(registry, disabled=True)}
    return Counter(on.get(a.sensor_uid, a.asset_uid) for a in list_alarms(readings))


def _pressures(readings: Readings) -> dict[str, tuple[str, float | None]]:
    """When each asset's pressure was last read well, and how high it was, kPa."""
    found: dict[str, tuple[str, float | None]] = {}
    for _, last in sorted(readings.latest().items()):
        if last.quantity != Quantity.PRESSURE or last.good_at is None:
            continue
        if last.good_at >= found.get(last.asset_uid, ("", None))[0]:
            found[last.asset_uid] = (last.good_at, last.good_value)
    return found
