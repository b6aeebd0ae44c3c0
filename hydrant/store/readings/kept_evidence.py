"""Keeps evidence of sensors from the level below in the readings store.

It is known here from the moment it is taken in. A package tells all of a sensor's evidence: what
an earlier one told and this one no longer does was not so, and is kept as put right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, islice

from hydrant import times
from hydrant.model.values import Record, Row
from hydrant.store.ground.location import readings_path
from hydrant.store.opened.registry import Registry
from hydrant.store.readings.readings import Reading, Readings
from hydrant.store.readings.readings_file import open_readings
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
"""
_KEPT = """
SELECT at, asset_uid FROM reading WHERE sensor_uid = ? AND at < ? AND reason = 'handed_up'
  AND quality = 0
"""


def keep_evidence(registry: Registry, rows: Iterable[Record], *, until: str | None) -> None:
    """Keep evidence from below; what is there already stays once.

    Parameters
    ----------
    rows
        Those of one sensor follow each other.
    until
        Before this moment (stored text) they tell all that counts of their sensors; None where
        they do not, as in packages of earlier versions.
    """
    told = iter(rows)
    first = next(told, None)
    if first is None:
        return
    with open_readings(readings_path(registry.path)) as readings, readings.transaction():
        now = times.to_text(times.now())
        for sensor, said in groupby(_chained(first, told), key=lambda row: row["sensor_uid"]):
            moments = _keep(readings, said, now)
            if until is not None:
                _supersede(readings, sensor, moments, until)


def _chained(first: Record, rest: Iterable[Record]) -> Iterator[Record]:
    yield first
    yield from rest


def _keep(readings: Readings, rows: Iterable[Record], now: str) -> set[str]:
    """Keep what is told of one sensor; the moments of its readings."""
    moments: set[str] = set()

    def each() -> Iterator[tuple[Record, str, float | None]]:
        for row in rows:
            if row["word"] == LOW:
                _keep_alarm(readings, row, now)
            for at, value in moments_of(row):
                moments.add(at)
                yield row, at, value

    found = each()
    while portion := list(islice(found, _PORTION)):
        _keep_readings(readings, portion, now)
    return moments


def _keep_alarm(readings: Readings, row: Record, now: str) -> None:
    names = ("uid", "sensor_uid", "asset_uid", "value", "at", "until")
    ended = None if row["until"] is None else now
    withdrawn = now if row["until"] == row["at"] else None
    values = (*(row[name] for name in names), now, ended, withdrawn)
    readings.connection.execute(_ALARM, values)


def _keep_readings(
    readings: Readings, rows: list[tuple[Record, str, float | None]], now: str
) -> None:
    """Keep readings from below; one that was put right there takes the place of the former."""
    there = held(readings, ((row["sensor_uid"], at) for row, at, _ in rows))
    readings.insert([_columns(row, at, value, now) for row, at, value in rows])
    other = [
        _reading(row["sensor_uid"], row["asset_uid"], at, value)
        for row, at, value in rows
        if (known := there.get((row["sensor_uid"], at))) is not None
        and known.reason == HANDED_UP
        and known.value != value
    ]
    put_right(readings, other, run_uid=None, by=HANDED_UP)


def _supersede(readings: Readings, sensor: str, moments: set[str], until: str) -> None:
    """What an earlier package told of a sensor and this one does not counts no longer."""
    kept = readings.connection.execute(_KEPT, (sensor, until)).fetchall()
    gone = [_reading(sensor, asset, at, None) for at, asset in kept if at not in moments]
    put_right(readings, gone, run_uid=None, by=HANDED_UP)


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
