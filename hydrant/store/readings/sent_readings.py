"""Readings that were sent: what is held already, taking in what is new, putting right what was not.

Another value for a moment that is held is a contradiction, not news. Where somebody says that it
is right, it takes the place of the former one, which is kept with the moment of its replacement.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from hydrant import times
from hydrant.store.ground.backend import one_row
from hydrant.store.readings.readings import Reading, Readings

_KEYS = 400


class Held(NamedTuple):
    """What is stored of one moment."""

    value: float | None
    quality: int
    reason: str | None


class GoodRow(NamedTuple):
    """A stored reading with a value, as the alarm rules look at it; the time is stored text.

    Attributes
    ----------
    sent
        Whether it was sent to us, so that its place among the others was known only later.
    """

    sensor_uid: str
    at: str
    value: float
    quality: int
    reason: str | None
    sent: bool


def held(store: Readings, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Held]:
    """What is stored of sensors and moments (stored text); moments without a reading are absent."""
    moments: dict[str, list[str]] = {}
    for uid, at in keys:
        moments.setdefault(uid, []).append(at)
    found = {}
    for uid, asked in moments.items():
        for start in range(0, len(asked), _KEYS):
            part = asked[start : start + _KEYS]
            marks = ", ".join("?" * len(part))
            rows = store.connection.execute(
                "SELECT at, value, quality, reason FROM reading "
                f"WHERE sensor_uid = ? AND at IN ({marks})",
                (uid, *part),
            )
            found.update({(uid, at): Held(*rest) for at, *rest in rows})
    return found


def take_in(store: Readings, readings: Sequence[Reading], *, run_uid: str) -> None:
    """Store readings of moments that nothing is held of; within an open transaction."""
    now = times.to_text(times.now())
    store.insert([_row(reading, run_uid, now) for reading in readings])


def put_right(
    store: Readings, readings: Iterable[Reading], *, run_uid: str | None, by: str
) -> None:
    """Let readings take the place of what is held of their moments; within an open transaction."""
    now = times.to_text(times.now())
    for reading in readings:
        key = (reading.sensor_uid, times.to_text(reading.at))
        store.connection.execute(
            "INSERT INTO former_reading (sensor_uid, asset_uid, at, value, quality, reason, "
            "arrived_at, replaced_at, replaced_by) SELECT sensor_uid, asset_uid, ?, value, "
            "quality, reason, ?, ?, ? FROM reading WHERE sensor_uid = ? AND at = ?",
            (key[1], _arrived(store, key), now, by, *key),
        )
        store.connection.execute(
            "UPDATE reading SET value = ?, quality = ?, reason = ?, raw = ?, run_uid = ?, "
            "arrived_at = ? WHERE sensor_uid = ? AND at = ?",
            (
                *(reading.value, reading.quality, reading.reason, reading.raw, run_uid, now),
                *key,
            ),
        )


def _arrived(store: Readings, key: tuple[str, str]) -> str:
    """When a reading became known, stored text; the two stores keep moments differently."""
    sql = "SELECT coalesce(arrived_at, at) FROM reading WHERE sensor_uid = ? AND at = ?"
    return str(one_row(store.connection.execute(sql, key))[0])


def _row(reading: Reading, run_uid: str, now: str) -> tuple[object, ...]:
    return (
        *(reading.sensor_uid, reading.asset_uid, times.to_text(reading.at), reading.value),
        *(reading.quality, reading.reason, reading.raw, run_uid, now),
    )


def kept_at_rest(store: Readings, sensor: str, span: tuple[str, str]) -> list[tuple[str, float]]:
    """Moments and values of a sensor that were kept as measured while it was out of service."""
    rows = store.connection.execute(
        "SELECT at, value FROM reading WHERE sensor_uid = ? AND at >= ? AND at < ? "
        "AND reason = 'out_of_service' AND value IS NOT NULL ORDER BY at",
        (sensor, *span),
    )
    return [(at, value) for at, value in rows]


class FormerReading(NamedTuple):
    """A value that was put right; times are stored text."""

    sensor_uid: str
    at: str
    value: float | None
    reason: str | None
    arrived_at: str | None
    replaced_at: str
    replaced_by: str


def former_readings(store: Readings, sensors: Collection[str]) -> list[FormerReading]:
    """Values of sensors that were put right, in order of time."""
    rows = store.connection.execute(
        "SELECT sensor_uid, at, value, reason, arrived_at, replaced_at, replaced_by "
        "FROM former_reading WHERE sensor_uid IN (SELECT value FROM json_each(?)) "
        "ORDER BY at, replaced_at",
        (json.dumps(sorted(sensors)),),
    )
    return [FormerReading(*row) for row in rows]


def requalify(store: Readings, changed: Iterable[tuple[str, str, int, str | None]]) -> None:
    """Give readings (sensor, moment) another quality and reason; within an open transaction."""
    store.connection.executemany(
        "UPDATE reading SET quality = ?3, reason = ?4 WHERE sensor_uid = ?1 AND at = ?2",
        list(changed),
    )


_MINE = "WHERE sensor_uid = ? AND coalesce(reason, '') NOT IN ('handed_up', 'clock')"
#: What stands there of the newest attempt and of the newest good one; a device that sends was
#: heard. A time of "latest" that is later than every reading was set by a clock that went wrong.
_SETTLE = """
INSERT INTO latest (sensor_uid, asset_uid, quantity, at, value, quality, reason, good_at,
  good_value, failures, raw, same_since, same)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, NULL, ?4, 1)
ON CONFLICT (sensor_uid) DO UPDATE SET good_at = excluded.good_at,
  good_value = excluded.good_value,
  asset_uid = CASE WHEN excluded.at >= latest.at THEN excluded.asset_uid ELSE latest.asset_uid END,
  value = CASE WHEN excluded.at >= latest.at THEN excluded.value ELSE latest.value END,
  quality = CASE WHEN excluded.at >= latest.at THEN excluded.quality ELSE latest.quality END,
  reason = CASE WHEN excluded.at >= latest.at THEN excluded.reason ELSE latest.reason END,
  failures = CASE WHEN excluded.at > latest.at THEN 0 ELSE latest.failures END,
  at = CASE WHEN excluded.at > latest.at THEN excluded.at ELSE latest.at END
"""


def settle_latest(store: Readings, quantities: Iterable[tuple[str, str]]) -> None:
    """Let the latest values of sensors (uid, quantity) be those of their newest readings.

    Within an open transaction.
    """
    ask = store.connection.execute
    for uid, quantity in quantities:
        last = ask(
            f"SELECT asset_uid, at, value, quality, reason FROM reading {_MINE} "
            "ORDER BY at DESC LIMIT 1",
            (uid,),
        ).fetchone()
        if last is None:
            continue
        good = ask(
            f"SELECT at, value FROM reading {_MINE} AND quality = 0 ORDER BY at DESC LIMIT 1",
            (uid,),
        ).fetchone()
        asset, at, value, quality, reason = last
        known = (uid, asset, quantity, at, value, quality, reason, *(good or (None, None)))
        ask(_SETTLE, known)


def rows_since(store: Readings, sensors: Collection[str], since: str) -> list[GoodRow]:
    """Readings with a value that the alarm rules look at, from a moment on, in order of time."""
    rows = store.connection.execute(
        "SELECT sensor_uid, at, value, quality, reason, arrived_at FROM reading "
        "WHERE sensor_uid IN (SELECT value FROM json_each(?)) AND at >= ? "
        "AND value IS NOT NULL AND (quality = 0 OR reason = 'too_fast') "
        "AND coalesce(reason, '') <> 'handed_up'",
        (json.dumps(sorted(sensors)), since),
    )
    return [
        GoodRow(uid, at, value, quality, reason, arrived is not None)
        for uid, at, value, quality, reason, arrived in rows
    ]


def moments_before(store: Readings, sensor: str, at: str, count: int) -> list[str]:
    """Moments of the last good readings of a sensor before a moment, the latest first."""
    rows = store.connection.execute(
        "SELECT at FROM reading WHERE sensor_uid = ? AND quality = 0 AND at < ? "
        "AND coalesce(reason, '') <> 'handed_up' ORDER BY at DESC LIMIT ?",
        (sensor, at, count),
    )
    return [moment for (moment,) in rows]


def last_summed(store: Readings, sensor: str, before: str) -> GoodRow | None:
    """What is left of a sensor's last good reading before a moment, where it was summed up.

    Of an hour only its lowest value is known: as little as the last one may have been.
    """
    row = store.connection.execute(
        "SELECT last_good, lowest FROM reading_hour WHERE sensor_uid = ? AND good > 0 "
        "AND last_good < ? ORDER BY hour DESC LIMIT 1",
        (sensor, before),
    ).fetchone()
    return None if row is None else GoodRow(sensor, row[0], row[1], 0, None, sent=False)


def summed_until(store: Readings, sensors: Collection[str]) -> str:
    """First moment after the hours of some sensors that were summed up; empty without any."""
    (hour,) = one_row(
        store.connection.execute(
            "SELECT max(hour) FROM reading_hour "
            "WHERE sensor_uid IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted(sensors)),),
        )
    )
    # longer than every moment within the hour, and so later as text
    return "" if hour is None else f"{hour}:59:59.999Z~"
