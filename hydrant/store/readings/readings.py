"""The readings store's content: readings, latest values, alarms and poll runs.

They share one file (`hydrant.store.readings.readings_file`), so that a poll commits them together.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import NamedTuple

from hydrant import times
from hydrant.ids import new_uid
from hydrant.model.values import Row
from hydrant.store.ground.backend import Connection, Shelf
from hydrant.store.ground.place import Place
from hydrant.vocabulary import Quality


class Reading(NamedTuple):
    """One attempt to read a sensor, answered or not.

    Attributes
    ----------
    at
        When the answer came or was given up.
    value
        kPa gauge at the outlet, L/s, m, degrees C, V; None where there is none.
    quality
        OPC UA status code (`hydrant.vocabulary.Quality`); 0 is good.
    reason
        Why it is not good, a word of ``data/messages/telemetry.json``; None when it is.
    raw
        Registers as received, for a second look; None where none came.
    silent
        Whether there was no answer at all.
    sent
        Whether it was sent to us, perhaps long after it was taken; when it arrived is noted.
        What a poll reads is known from the moment it was read.
    """

    sensor_uid: str
    asset_uid: str
    at: dt.datetime
    value: float | None
    quality: int
    reason: str | None
    raw: str | None
    quantity: str = "pressure"
    silent: bool = False
    sent: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """When a sensor was last tried, and how many attempts in a row found nobody."""

    at: dt.datetime
    failures: int


class Latest(NamedTuple):
    """Last attempt of a sensor and its last good value; times are stored text.

    Attributes
    ----------
    raw, same_since, same
        Last registers received, since when and how many times in a row they were the same.
    failures
        Attempts in a row that found nobody.
    """

    asset_uid: str
    quantity: str
    at: str
    value: float | None
    quality: int
    reason: str | None
    good_at: str | None
    good_value: float | None
    raw: str | None
    same_since: str
    same: int
    failures: int = 0


@dataclass(frozen=True, slots=True)
class AlarmChange:
    """State of an alarm after a reading, and whether that reading opened or cleared it."""

    sensor_uid: str
    asset_uid: str
    kind: str
    active: bool
    count: int
    at: dt.datetime
    value: float | None
    limit: float
    since: float | None = None
    opened: bool = False
    cleared: bool = False


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a poll did."""

    answered: int
    failed: int
    stored: int
    opened: int
    cleared: int


#: Of more assets than this everything is read, which is quicker than asking for each.
_MANY = 1000
#: So many readings are written down as one range, and not each by itself.
_BULK = 100


class Readings:
    """An open readings store."""

    def __init__(self, path: Place, shelf: Shelf) -> None:
        self.path = path
        self.shelf = shelf
        self.connection: Connection = shelf.connection

    def latest(self, assets: Collection[str] | None = None) -> dict[str, Latest]:
        """Last attempt of every sensor, or of those of some assets, and its last good value."""
        rows = self._latest(
            "sensor_uid, asset_uid, quantity, at, value, quality, reason, good_at, "
            "good_value, raw, same_since, same, failures",
            assets,
        )
        return {uid: Latest(*known) for uid, *known in rows}

    def attempts(self, assets: Collection[str] | None = None) -> dict[str, Attempt]:
        """When each sensor (of some assets) was last tried, and how long it has been silent."""
        rows = self._latest("sensor_uid, at, failures", assets)
        return {uid: Attempt(times.from_text(at), failures) for uid, at, failures in rows}

    def _latest(self, columns: str, assets: Collection[str] | None) -> Iterable[Row]:
        if assets is None or len(assets) > _MANY:
            return self.connection.execute(f"SELECT {columns} FROM latest")
        return self.connection.execute(
            f"SELECT {columns} FROM latest WHERE asset_uid IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted(assets)),),
        )

    def alarm_states(self) -> dict[tuple[str, str], tuple[bool, int, float | None]]:
        """By sensor and kind: whether the alarm is active, samples toward the change, since."""
        rows = self.connection.execute(
            "SELECT sensor_uid, kind, active, count, since FROM alarm_state"
        )
        return {(uid, kind): (bool(on), count, since) for uid, kind, on, count, since in rows}

    def before_drops(self) -> dict[str, float]:
        """Pressure before each sudden drop that lasts, by sensor: what it must come back to."""
        rows = self.connection.execute(
            "SELECT sensor_uid, confirmed_at, value FROM alarm WHERE kind = 'sudden_drop' "
            "AND cleared_at IS NULL AND withdrawn_at IS NULL AND value IS NOT NULL"
        )
        found = {}
        for uid, at, drop in rows.fetchall():
            low = self.connection.execute(
                "SELECT value FROM reading WHERE sensor_uid = ? AND at = ? AND value IS NOT NULL",
                (uid, at),
            ).fetchone()
            if low is not None:
                found[str(uid)] = float(low[0]) + float(drop)
        return found

    def doubt_from(self, moment: dt.datetime) -> list[str]:
        """Doubt what is dated later than a moment; the sensors concerned.

        Such times were written while the clock was ahead. The readings stay with their times,
        as uncertain, and no longer stand in the way of present ones as the latest.
        """
        limit, now = times.to_text(moment), times.to_text(times.now())
        found = self.connection.execute("SELECT sensor_uid FROM latest WHERE at > ?", (limit,))
        sensors = [uid for (uid,) in found.fetchall()]
        if not sensors:
            return []
        with self.transaction():
            for uid in sensors:
                self.connection.execute(
                    "UPDATE reading SET quality = ?, reason = 'clock' "
                    "WHERE sensor_uid = ? AND at > ? AND quality = 0",
                    (int(Quality.UNCERTAIN), uid, limit),
                )
                self.connection.execute(
                    "UPDATE latest SET at = ?, same_since = ?, "
                    "good_value = CASE WHEN good_at > ? THEN NULL ELSE good_value END, "
                    "good_at = CASE WHEN good_at > ? THEN NULL ELSE good_at END "
                    "WHERE sensor_uid = ?",
                    (now, now, limit, limit, uid),
                )
        return sensors

    def begin_run(self, sensors: int) -> str:
        """Record that a poll began; its uid."""
        uid = new_uid()
        with self.transaction():
            self.connection.execute(
                "INSERT INTO poll_run (uid, started_at, sensors) VALUES (?, ?, ?)",
                (uid, times.to_text(times.now()), sensors),
            )
        return uid

    def end_run(self, uid: str, result: RunResult) -> None:
        """Record how a poll ended; a run without an end was interrupted."""
        with self.transaction():
            self.connection.execute(
                "UPDATE poll_run SET ended_at = ?, answered = ?, failed = ?, stored = ?, "
                "alarms_opened = ?, alarms_cleared = ? WHERE uid = ?",
                (
                    *(times.to_text(times.now()), result.answered, result.failed),
                    *(result.stored, result.opened, result.cleared, uid),
                ),
            )

    def save(
        self,
        readings: Sequence[Reading],
        changes: Sequence[AlarmChange] = (),
        *,
        run_uid: str | None = None,
    ) -> int:
        """Store readings and what they did to alarms in one transaction; how many were new.

        Storing the same reading (sensor and time) again changes nothing.
        """
        rows = [_values(reading) for reading in readings]
        with self.transaction():
            now = times.to_text(times.now())
            stored = self.insert(
                [
                    (*row[:7], run_uid, now if reading.sent else None)
                    for row, reading in zip(rows, readings, strict=True)
                ]
            )
            self.connection.executemany(_LATEST, rows)
            for change in changes:
                self._note(change, now)
        return stored

    def keep(self, rows: Sequence[Row]) -> int:
        """Store rows of readings that came from elsewhere; how many were new."""
        with self.transaction():
            return self.insert(rows)

    def copy_in(self, rows: Sequence[Row], columns: Sequence[str]) -> None:
        """Store readings of another store as they stand there, with their numbers, unsealed.

        Parameters
        ----------
        columns
            What a row holds, with ``at`` among them; what is there already stays.
        """
        moment, marks = columns.index("at"), ", ".join("?" * len(columns))
        with self.transaction(copying=True):
            self.shelf.make_room([row[moment] for row in rows])
            self.connection.executemany(
                f"INSERT OR IGNORE INTO reading ({', '.join(columns)}) VALUES ({marks})", rows
            )

    def insert(self, rows: Sequence[Row]) -> int:
        """Store rows of readings within an open transaction; how many were new."""
        self.shelf.make_room([row[2] for row in rows])
        with self.shelf.touched.in_bulk("reading", len(rows), least=_BULK):
            return max(self.connection.executemany(_READING, rows).rowcount, 0)

    def _note(self, change: AlarmChange, now: str) -> None:
        self.connection.execute(
            "INSERT INTO alarm_state (sensor_uid, kind, active, count, since) "
            "VALUES (?, ?, ?, ?, ?) ON CONFLICT (sensor_uid, kind) DO UPDATE SET "
            "active = excluded.active, count = excluded.count, since = excluded.since",
            (change.sensor_uid, change.kind, int(change.active), change.count, change.since),
        )
        at = times.to_text(change.at)
        if change.opened:
            self.connection.execute(
                "INSERT INTO alarm (uid, sensor_uid, asset_uid, kind, value, limit_value, "
                "confirmed_at, recorded_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(new_uid(), change.sensor_uid, change.asset_uid, change.kind),
                    *(change.value, change.limit, at, now),
                ),
            )
        if change.cleared:
            self.connection.execute(
                "UPDATE alarm SET cleared_at = ?, cleared_recorded_at = ? "
                "WHERE sensor_uid = ? AND kind = ? AND cleared_at IS NULL AND withdrawn_at IS NULL",
                (at, now, change.sensor_uid, change.kind),
            )

    @contextmanager
    def transaction(self, *, copying: bool = False) -> Iterator[None]:
        """A block that is stored whole or not at all, with a seal of what it wrote.

        Parameters
        ----------
        copying
            Whether rows are copied with their seals, so that none is added.
        """
        from hydrant.store.readings.reading_seals import sealed  # noqa: PLC0415  to look needs none

        with self.shelf.errors():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                with nullcontext() if copying else sealed(self.shelf):
                    yield
                self.shelf.refuse_moved()
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise
            self.connection.execute("COMMIT")


_READING = """
INSERT OR IGNORE INTO reading (
  sensor_uid, asset_uid, at, value, quality, reason, raw, run_uid, arrived_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
"""

#: A reading that arrives late must not take the place of a newer one.
_LATEST = """
INSERT INTO latest (
  sensor_uid, asset_uid, quantity, at, value, quality, reason, good_at, good_value, failures,
  raw, same_since, same)
VALUES (?1, ?2, ?9, ?3, ?4, ?5, ?6,
  CASE WHEN ?5 = 0 THEN ?3 END,
  CASE WHEN ?5 = 0 THEN CAST(?4 AS DOUBLE PRECISION) END, ?8, ?7, ?3, 1)
ON CONFLICT (sensor_uid) DO UPDATE SET asset_uid = excluded.asset_uid, at = excluded.at,
  value = excluded.value, quality = excluded.quality, reason = excluded.reason,
  good_at = coalesce(excluded.good_at, latest.good_at),
  good_value = CASE WHEN excluded.good_at IS NULL THEN latest.good_value
    ELSE excluded.good_value END,
  failures = CASE excluded.failures WHEN 0 THEN 0 ELSE latest.failures + 1 END,
  raw = coalesce(excluded.raw, latest.raw),
  same_since = CASE WHEN excluded.raw IS NULL OR excluded.raw = latest.raw THEN latest.same_since
    ELSE excluded.at END,
  same = CASE WHEN excluded.raw IS NULL THEN latest.same
    WHEN excluded.raw = latest.raw THEN latest.same + 1 ELSE 1 END
WHERE excluded.at >= latest.at
"""


def _values(reading: Reading) -> tuple[str | float | None, ...]:
    return (
        *(reading.sensor_uid, reading.asset_uid, times.to_text(reading.at)),
        *(reading.value, reading.quality, reading.reason, reading.raw),
        *(int(reading.silent), reading.quantity),
    )
