"""Keeps evidence of sensors from the level below in the readings store.

It is known here from the moment it is taken in. A package tells all of a sensor's evidence: what
an earlier one told and this one no longer does was not so, and is kept as put right.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby, islice
from zoneinfo import ZoneInfo

from hydrant import times
from hydrant.ids import new_uid
from hydrant.model.values import Record, Row
from hydrant.store.ground.backend import Connection
from hydrant.store.ground.location import readings_path
from hydrant.store.opened.registry import Registry
from hydrant.store.readings.readings import Reading, Readings
from hydrant.store.readings.readings_file import open_readings, view_readings
from hydrant.store.readings.sensor_evidence import HANDED_UP, LOW, moments_of
from hydrant.store.readings.sent_readings import held, put_right
from hydrant.vocabulary import Quality

_PORTION = 5_000
#: An alarm met again keeps the moment at which each thing was first known here.
_ALARM = """
INSERT INTO alarm (uid, sensor_uid, asset_uid, kind, value, confirmed_at, cleared_at, recorded_at,
  cleared_recorded_at, withdrawn_at)
VALUES (?1, ?2, ?3, 'low_pressure', ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT (uid) DO UPDATE SET
  withdrawn_at = coalesce(alarm.withdrawn_at, excluded.withdrawn_at),
  cleared_at = CASE WHEN excluded.withdrawn_at IS NULL THEN excluded.cleared_at
    ELSE alarm.cleared_at END,
  cleared_recorded_at = CASE WHEN excluded.withdrawn_at IS NOT NULL
    THEN alarm.cleared_recorded_at
  WHEN coalesce(alarm.cleared_at, '') = coalesce(excluded.cleared_at, '')
  THEN alarm.cleared_recorded_at ELSE excluded.cleared_recorded_at END
WHERE alarm.sensor_uid = excluded.sensor_uid
"""
#: An end that was told and holds no longer: what was known until now keeps it under another key.
_FORMER = """
INSERT INTO alarm (uid, sensor_uid, asset_uid, kind, value, confirmed_at, cleared_at, recorded_at,
  cleared_recorded_at, withdrawn_at)
SELECT ?1, sensor_uid, asset_uid, kind, value, confirmed_at, cleared_at, recorded_at,
  cleared_recorded_at, ?2
FROM alarm WHERE uid = ?3 AND sensor_uid = ?4 AND cleared_at IS NOT NULL AND withdrawn_at IS NULL
  AND cleared_at <> coalesce(?5, '')
"""
_SINCE_NOW = "UPDATE alarm SET recorded_at = ?, cleared_recorded_at = NULL WHERE uid = ?"
#: A withdrawal that was told and holds no longer is kept under another key likewise.
_WITHDRAWN = """
INSERT INTO alarm (uid, sensor_uid, asset_uid, kind, value, confirmed_at, cleared_at, recorded_at,
  cleared_recorded_at, withdrawn_at)
SELECT ?1, sensor_uid, asset_uid, kind, value, confirmed_at, cleared_at, recorded_at,
  cleared_recorded_at, withdrawn_at
FROM alarm WHERE uid = ?2 AND sensor_uid = ?3 AND withdrawn_at IS NOT NULL
"""
_STANDS = """
UPDATE alarm SET recorded_at = ?, cleared_recorded_at = NULL, cleared_at = NULL,
  withdrawn_at = NULL WHERE uid = ?
"""
_NOT_NAMED = """
UPDATE alarm SET withdrawn_at = ?1 WHERE sensor_uid = ?2 AND kind = 'low_pressure'
  AND withdrawn_at IS NULL AND confirmed_at < ?3
  AND uid NOT IN (SELECT value FROM json_each(?4))
"""
_STATE = "SELECT cleared_at, withdrawn_at FROM alarm WHERE uid = ?"
_HELD = """
SELECT uid FROM alarm WHERE sensor_uid = ? AND confirmed_at < ? AND kind = 'low_pressure'
  AND limit_value IS NULL AND withdrawn_at IS NULL
"""
_VALUES = """
SELECT at, value FROM reading WHERE sensor_uid = ? AND at < ? AND reason = 'handed_up'
  AND quality = 0
"""
_KEPT = """
SELECT at, asset_uid FROM reading WHERE sensor_uid = ? AND at < ? AND reason = 'handed_up'
  AND quality = 0
"""


def keep_evidence(
    registry: Registry, rows: Iterable[Record], *, until: str | None, back: Iterable[str] = ()
) -> int:
    """Keep evidence from below, what is there already once; how many readings and alarms changed.

    Parameters
    ----------
    rows
        Those of one sensor follow each other.
    until
        Before this moment (stored text) they tell all that counts of their sensors; None where
        they do not, as in packages of earlier versions.
    back
        Sensors that go back to what was said of them before: alarms that are not among the rows
        were not so.
    """
    told = iter(rows)
    first = next(told, None)
    returning = dict.fromkeys(back, frozenset[str]())
    if first is None and not returning:
        return 0
    changed = 0
    with open_readings(readings_path(registry.path)) as readings, readings.transaction():
        now = times.to_text(times.now())
        chained = () if first is None else _chained(first, told)
        for sensor, said in groupby(chained, key=lambda row: row["sensor_uid"]):
            moments, alarms, kept = _keep(readings, said, now)
            gone = 0 if until is None else _supersede(readings, sensor, moments, until)
            changed += kept + gone
            if returning.pop(sensor, None) is not None and until is not None:
                changed += _withdraw_others(readings, sensor, alarms, (now, until))
        for sensor in returning if until is not None else ():
            changed += _supersede(readings, sensor, set(), str(until))
            changed += _withdraw_others(readings, sensor, set(), (now, str(until)))
    return changed


def lost_evidence(
    registry: Registry,
    rows: Iterable[Record],
    *,
    until: str,
    sensors: Mapping[str, str | None],
    least: float,
) -> dict[str, int]:
    """Readings and alarms that were handed up before and are no longer among some, by sensor.

    A reading is lost where nothing is told of its day any more though its value would be told by
    any rules, or where it is later than all that is told.

    Parameters
    ----------
    rows
        What is told now; those of one sensor follow each other.
    until
        Before this moment (stored text) they tell all that counts of their sensors.
    sensors
        Keys of sensors of which all is told, and until when each stood there (stored text).
    least
        From which pressure (kPa) on a reading is told of each day.
    """
    lost: dict[str, int] = {}
    with view_readings(readings_path(registry.path)) as readings:
        if readings is None:
            return {}
        looked = _Lost(readings.connection, registry.zone, until, least)
        left = dict(sensors)
        for sensor, said in groupby(rows, key=lambda row: row["sensor_uid"]):
            if sensor in left:
                lost[sensor] = looked.count(sensor, left.pop(sensor), said)
        for sensor, ended in left.items():
            lost[sensor] = looked.count(sensor, ended, ())
    return {sensor: count for sensor, count in lost.items() if count}


class _Lost:
    """What stands here of sensors and is told no more."""

    def __init__(self, ask: Connection, zone: ZoneInfo, until: str, least: float) -> None:
        self._ask, self._zone, self._until, self._least = ask, zone, until, least

    def count(self, sensor: str, ended: str | None, said: Iterable[Record]) -> int:
        """How much of a sensor that stood there until a moment."""
        moments, alarms = set[str](), set[str]()
        for row in said:
            alarms |= {row["uid"]} if row["word"] == LOW else set()
            moments |= {at for at, _ in moments_of(row)}
        until = min(self._until, ended or self._until)
        kept = self._ask.execute(_VALUES, (sensor, until)).fetchall()
        gone = [(at, value) for at, value in kept if at not in moments]
        last, days = max(moments, default=""), {self._day(at) for at in moments} if gone else set()
        readings: int = sum(
            at > last or (value >= self._least and self._day(at) not in days) for at, value in gone
        )
        held = self._ask.execute(_HELD, (sensor, self._until)).fetchall()
        return readings + sum(uid not in alarms for (uid,) in held)

    def _day(self, at: str) -> dt.date:
        return times.local_day(times.from_text(at), self._zone)


def _withdraw_others(
    readings: Readings, sensor: str, alarms: set[str], when: tuple[str, str]
) -> int:
    """Withdraw alarms of a sensor that are not among some; now, of those before a moment."""
    now, until = when
    named = json.dumps(sorted(alarms))
    return readings.connection.execute(_NOT_NAMED, (now, sensor, until, named)).rowcount


def alarms_held(registry: Registry, uids: Iterable[str]) -> dict[str, str]:
    """Sensors of the alarms that are kept under some keys, by these."""
    with view_readings(readings_path(registry.path)) as readings:
        if readings is None:
            return {}
        return dict(
            readings.connection.execute(
                "SELECT uid, sensor_uid FROM alarm WHERE uid IN (SELECT value FROM json_each(?))",
                (json.dumps(list(uids)),),
            )
        )


def _chained(first: Record, rest: Iterable[Record]) -> Iterator[Record]:
    yield first
    yield from rest


def _keep(readings: Readings, rows: Iterable[Record], now: str) -> tuple[set[str], set[str], int]:
    """Keep what is told of one sensor; moments of readings, keys of alarms, how much is new."""
    moments: set[str] = set()
    alarms: set[str] = set()
    changed = 0

    def each() -> Iterator[tuple[Record, str, float | None]]:
        nonlocal changed
        for row in rows:
            if row["word"] == LOW:
                alarms.add(row["uid"])
                changed += _keep_alarm(readings, row, now)
            for at, value in moments_of(row):
                moments.add(at)
                yield row, at, value

    found = each()
    while portion := list(islice(found, _PORTION)):
        changed += _keep_readings(readings, portion, now)
    return moments, alarms, changed


def _keep_alarm(readings: Readings, row: Record, now: str) -> bool:
    """Keep an alarm; whether it says anything new."""
    ask, uid = readings.connection.execute, row["uid"]
    before = ask(_STATE, (uid,)).fetchone()
    if before is not None and before[1] is not None and row["until"] != row["at"]:
        ask(_WITHDRAWN, (new_uid(), uid, row["sensor_uid"]))
        ask(_STANDS, (now, uid))
    former = ask(_FORMER, (new_uid(), now, uid, row["sensor_uid"], row["until"]))
    if former.rowcount > 0 and row["until"] != row["at"]:
        ask(_SINCE_NOW, (now, uid))
    names = ("uid", "sensor_uid", "asset_uid", "value", "at", "until")
    ended = None if row["until"] is None else now
    withdrawn = now if row["until"] == row["at"] else None
    values = (*(row[name] for name in names), now, ended, withdrawn)
    ask(_ALARM, values)
    return before != ask(_STATE, (uid,)).fetchone()


def _keep_readings(
    readings: Readings, rows: list[tuple[Record, str, float | None]], now: str
) -> int:
    """Keep readings from below; one that was put right there takes the place of the former."""
    there = held(readings, ((row["sensor_uid"], at) for row, at, _ in rows))
    new = readings.insert([_columns(row, at, value, now) for row, at, value in rows])
    other = [
        _reading(row["sensor_uid"], row["asset_uid"], at, value)
        for row, at, value in rows
        if (known := there.get((row["sensor_uid"], at))) is not None
        and known.reason == HANDED_UP
        and known.value != value
    ]
    put_right(readings, other, run_uid=None, by=HANDED_UP)
    return new + len(other)


def _supersede(readings: Readings, sensor: str, moments: set[str], until: str) -> int:
    """What an earlier package told of a sensor and this one does not counts no longer."""
    kept = readings.connection.execute(_KEPT, (sensor, until)).fetchall()
    gone = [_reading(sensor, asset, at, None) for at, asset in kept if at not in moments]
    put_right(readings, gone, run_uid=None, by=HANDED_UP)
    return len(gone)


def _columns(row: Record, at: str, value: float | None, now: str) -> Row:
    """Columns of `Readings.insert`."""
    what = (row["sensor_uid"], row["asset_uid"], at, value)
    return (*what, _quality(value), HANDED_UP, None, None, now)


def _reading(sensor: str, asset: str, at: str, value: float | None) -> Reading:
    said = (value, _quality(value), HANDED_UP, None)
    return Reading(sensor, asset, times.from_text(at), *said, sent=True)


def _quality(value: float | None) -> int:
    """Good where there is a value: one that was put right below may have none."""
    return int(Quality.GOOD if value is not None else Quality.BAD_SENSOR_FAILURE)
