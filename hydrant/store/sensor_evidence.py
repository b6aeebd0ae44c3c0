"""What sensors say that counts as evidence, for the level above, and taking it in there.

Readings stay where they were taken; handed up are what decides the condition of an asset
(`sensor_facts`): the newest valid reading of each sensor, the newest at or above the limit, its
low-pressure alarms and the last valid reading before the end of each. They are known above from
the moment they are taken in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from hydrant import times
from hydrant.integrity.policy import Policy
from hydrant.store.location import readings_path
from hydrant.store.newest_readings import ANY, newest, value_at
from hydrant.store.readings_file import open_readings, view_readings
from hydrant.store.registry import Registry

#: Table of a package that does not stand in the registry's own file, and its columns.
TABLE = "sensor_evidence"
COLUMNS = ("sensor_uid", "asset_uid", "word", "uid", "at", "until", "value")
GOOD, LOW = "good", "low_pressure"
_REASON = "handed_up"
_ALWAYS = "9999-12-31T23:59:59.999Z"

Row = dict[str, Any]


def evidence_of(
    registry: Registry, sensors: Sequence[tuple[str, str]], end: str, policy: Policy
) -> Iterator[Row]:
    """Evidence of sensors (uid and asset) recorded before a moment, in the order of sensors.

    Parameters
    ----------
    policy
        Its limit for pressure tells a good value from others.
    """
    with view_readings(readings_path(registry.path)) as readings:
        if readings is None:
            return
        ask, known = readings.connection, _ALWAYS
        uids = [sensor for sensor, _ in sensors]
        least = (ANY, policy.limits["static_kpa"].value)
        last = [newest(ask, uids, end=end, known=known, least=value) for value in least]
        for sensor, asset in sorted(sensors):
            alarms = ask.execute(_ALARMS, (sensor, end)).fetchall()
            moments = {found[sensor] for found in last if sensor in found}
            for _, _, cleared, _ in alarms:
                if cleared is not None:
                    moments |= set(newest(ask, [sensor], end=cleared, known=known).values())
            for at in sorted(moments):
                yield _row(sensor, asset, GOOD, None, at, None, value_at(ask, sensor, at))
            for found in alarms:
                yield _row(sensor, asset, LOW, *found)


_ALARMS = """
SELECT uid, confirmed_at, cleared_at, value FROM alarm WHERE sensor_uid = ?
  AND kind = 'low_pressure' AND confirmed_at < ? ORDER BY confirmed_at, uid
"""
#: An alarm met again keeps the moment at which each thing was first known here.
_ALARM = """
INSERT INTO alarm (uid, sensor_uid, asset_uid, kind, value, confirmed_at, cleared_at, recorded_at,
  cleared_recorded_at)
VALUES (?1, ?2, ?3, 'low_pressure', ?4, ?5, ?6, ?7, ?8)
ON CONFLICT (uid) DO UPDATE SET cleared_at = excluded.cleared_at, cleared_recorded_at = CASE
  WHEN coalesce(alarm.cleared_at, '') = coalesce(excluded.cleared_at, '')
  THEN alarm.cleared_recorded_at ELSE excluded.cleared_recorded_at END
"""


def _row(sensor: str, asset: str, *rest: object) -> Row:
    return dict(zip(COLUMNS, (sensor, asset, *rest), strict=True))


def keep_evidence(registry: Registry, rows: Iterable[Row]) -> None:
    """Keep evidence from below in the readings store; what is there already stays once."""
    told = list(rows)
    if not told:
        return
    with open_readings(readings_path(registry.path)) as readings, readings.transaction():
        now = times.to_text(times.now())
        readings.insert([_reading(row, now) for row in told if row["word"] == GOOD])
        for row in told:
            if row["word"] == LOW:
                names = ("uid", "sensor_uid", "asset_uid", "value", "at", "until")
                ended = None if row["until"] is None else now
                values = (*(row[name] for name in names), now, ended)
                readings.connection.execute(_ALARM, values)


def _reading(row: Row, now: str) -> tuple[Any, ...]:
    """Columns of `Readings.insert`."""
    what = (row["sensor_uid"], row["asset_uid"], row["at"], row["value"])
    return (*what, 0, _REASON, None, None, now)
