"""What anybody may see of an asset: what it is, where it is, and the dated evidence of its state.

Left out are names of people and firms, free text, devices and their addresses, who recorded
what, and private assets. One statement serves both stores: read here from a file, and by a view
on a server (`hydrant.store.server.public`).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Any

from hydrant import times
from hydrant.model.geopoint import decode_point
from hydrant.store.readings import Readings
from hydrant.store.readings_alarms import list_alarms
from hydrant.store.registry import Registry
from hydrant.store.sensors import list_sensors
from hydrant.store.state_sql import ALWAYS, OPEN_DEFECT, STATE, last_decisive
from hydrant.vocabulary import Quantity

_AS_THEY_ARE = (
    *("uid", "code", "kind", "structure", "service", "name", "address", "region_code"),
    *("mains_type", "mains_dn_mm", "outlets", "design_flow_l_s", "lift_normal_m"),
    *("lift_drought_m", "truck_slots", "screen_gap_mm", "capacity_m3", "season"),
)
_FLAGS = ("access_lane", "turning_area")
#: What comes from readings.
SENSED = ("open_alarms", "pressure_kpa", "pressure_at")
#: Columns that are moments, as stored text.
MOMENTS = ("last_outcome_at", "pressure_at")
#: Columns that are numbers, null where not known; and those that count, never null.
AMOUNTS = (
    *("mains_dn_mm", "design_flow_l_s", "lift_normal_m", "lift_drought_m", "truck_slots"),
    *("screen_gap_mm", "capacity_m3", "pressure_kpa"),
)
COUNTS = ("blocking_defects", "open_alarms")
COLUMNS = (
    *_AS_THEY_ARE,
    *_FLAGS,
    *("state", "last_outcome", "last_outcome_at", "blocking_defects"),
    *SENSED,
)

#: Columns but those of `SENSED`, and the position; bound names as in `hydrant.store.state_sql`.
PUBLIC = f"""
SELECT {", ".join(f"a.{name}" for name in _AS_THEY_ARE)},
  {", ".join(f"CASE WHEN a.{n} THEN 'yes' WHEN NOT a.{n} THEN 'no' END AS {n}" for n in _FLAGS)},
  {STATE} AS state, v.outcome AS last_outcome, v.at AS last_outcome_at,
  (SELECT count(*) FROM defect d WHERE d.asset_uid = a.uid AND d.severity = 'blocking'
    AND {OPEN_DEFECT}) AS blocking_defects,
  a.geom
FROM asset a LEFT JOIN inspection v ON v.fid = {last_decisive("i.fid")}
WHERE a.service <> 'private' AND a.geom IS NOT NULL AND {STATE} <> 'removed'
"""


def public_rows(
    registry: Registry, readings: Readings | None, now: dt.datetime
) -> Iterator[dict[str, Any]]:
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
