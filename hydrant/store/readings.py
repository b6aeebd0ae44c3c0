"""The readings store: a second SQLite file beside the registry, written by polls only.

Readings, latest values, alarms and poll runs share one file, so that a poll commits them
together. WAL with ``synchronous=NORMAL``: a second lost in a power cut is polled again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydrant import times
from hydrant.errors import StoreError
from hydrant.ids import new_uid
from hydrant.store.connection import refuse_network_share, sqlite_errors

VERSION = 1
LOW_PRESSURE = "low_pressure"

_DDL = """
CREATE TABLE reading (
  id INTEGER PRIMARY KEY, sensor_uid TEXT NOT NULL, asset_uid TEXT NOT NULL, at TEXT NOT NULL,
  value REAL, quality INTEGER NOT NULL, reason TEXT NOT NULL, raw TEXT NOT NULL,
  run_uid TEXT NOT NULL, UNIQUE (sensor_uid, at));
CREATE INDEX ix_reading_good ON reading (sensor_uid, at) WHERE quality = 0;
CREATE TABLE latest (
  sensor_uid TEXT PRIMARY KEY, at TEXT NOT NULL, value REAL, quality INTEGER NOT NULL,
  reason TEXT NOT NULL, alarm_active INTEGER NOT NULL DEFAULT 0,
  alarm_low_count INTEGER NOT NULL DEFAULT 0);
CREATE TABLE alarm (
  uid TEXT PRIMARY KEY, sensor_uid TEXT NOT NULL, asset_uid TEXT NOT NULL, kind TEXT NOT NULL,
  value REAL, limit_value REAL NOT NULL, confirmed_at TEXT NOT NULL, cleared_at TEXT,
  acknowledged_at TEXT, acknowledged_by TEXT, shelved_until TEXT);
CREATE INDEX ix_alarm_sensor ON alarm (sensor_uid, kind, confirmed_at);
CREATE TABLE poll_run (
  uid TEXT PRIMARY KEY, started_at TEXT NOT NULL, ended_at TEXT, sensors INTEGER NOT NULL,
  answered INTEGER, failed INTEGER);
"""


@dataclass(frozen=True, slots=True)
class Reading:
    """One attempt to read a sensor, answered or not.

    Attributes
    ----------
    value
        kPa gauge at the outlet, L/s, m, degrees C; None unless the quality is good.
    reason
        Empty for a good value, else the name of a message ``telemetry.reason_<name>``.
    raw
        Registers as received, by address.
    """

    sensor_uid: str
    asset_uid: str
    at: str
    value: float | None
    quality: int
    reason: str
    raw: dict[int, int]


@dataclass(frozen=True, slots=True)
class Latest:
    """Last attempt of a sensor and the state of its alarm."""

    at: str
    alarm_active: bool
    alarm_low_count: int


@dataclass(frozen=True, slots=True)
class AlarmChange:
    """An alarm that a reading opened or cleared."""

    reading: Reading
    opened: bool
    limit: float


class Readings:
    """An open readings store."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.connection = connection

    def latest(self) -> dict[str, Latest]:
        """Last attempt of every sensor."""
        return {
            uid: Latest(at, bool(active), low)
            for uid, at, active, low in self.connection.execute(
                "SELECT sensor_uid, at, alarm_active, alarm_low_count FROM latest"
            )
        }

    def begin_run(self, sensors: int) -> str:
        """Record that a poll began; its uid."""
        uid = new_uid()
        with self._transaction():
            self.connection.execute(
                "INSERT INTO poll_run (uid, started_at, sensors) VALUES (?, ?, ?)",
                (uid, times.to_text(times.now()), sensors),
            )
        return uid

    def end_run(self, uid: str, *, answered: int, failed: int) -> None:
        """Record how a poll ended."""
        with self._transaction():
            self.connection.execute(
                "UPDATE poll_run SET ended_at = ?, answered = ?, failed = ? WHERE uid = ?",
                (times.to_text(times.now()), answered, failed, uid),
            )

    def store(
        self,
        run: str,
        rows: Sequence[tuple[Reading, bool, int]],
        changes: Sequence[AlarmChange],
    ) -> int:
        """Store readings with the alarm state after each, and the alarms; how many were new.

        Storing the same reading twice changes nothing.
        """
        with self._transaction():
            stored = 0
            for reading, active, low_count in rows:
                stored += self._put(run, reading, active, low_count)
            for change in changes:
                self._put_alarm(change)
        return stored

    def _put(self, run: str, reading: Reading, active: bool, low_count: int) -> int:
        values = (reading.at, reading.value, reading.quality, reading.reason)
        raw = json.dumps(reading.raw, separators=(",", ":"))
        count = self.connection.execute(
            "INSERT OR IGNORE INTO reading "
            "(sensor_uid, asset_uid, at, value, quality, reason, raw, run_uid) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (reading.sensor_uid, reading.asset_uid, *values, raw, run),
        ).rowcount
        self.connection.execute(
            "INSERT INTO latest (sensor_uid, at, value, quality, reason, alarm_active, "
            "alarm_low_count) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (sensor_uid) DO UPDATE "
            "SET at = excluded.at, value = excluded.value, quality = excluded.quality, "
            "reason = excluded.reason, alarm_active = excluded.alarm_active, "
            "alarm_low_count = excluded.alarm_low_count WHERE excluded.at >= latest.at",
            (reading.sensor_uid, *values, int(active), low_count),
        )
        return count

    def _put_alarm(self, change: AlarmChange) -> None:
        reading = change.reading
        if change.opened:
            self.connection.execute(
                "INSERT INTO alarm (uid, sensor_uid, asset_uid, kind, value, limit_value, "
                "confirmed_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    *(new_uid(), reading.sensor_uid, reading.asset_uid, LOW_PRESSURE),
                    *(reading.value, change.limit, reading.at),
                ),
            )
        else:
            self.connection.execute(
                "UPDATE alarm SET cleared_at = ? WHERE sensor_uid = ? AND kind = ? "
                "AND cleared_at IS NULL",
                (reading.at, reading.sensor_uid, LOW_PRESSURE),
            )

    def alarms(self, *, open_only: bool) -> list[dict[str, Any]]:
        """Alarms, newest first."""
        names = (
            *("uid", "sensor_uid", "asset_uid", "kind", "value", "limit_value", "confirmed_at"),
            *("cleared_at", "acknowledged_at", "acknowledged_by", "shelved_until"),
        )
        rows = self.connection.execute(
            f"SELECT {', '.join(names)} FROM alarm WHERE NOT ? OR cleared_at IS NULL "
            "ORDER BY confirmed_at DESC",
            (open_only,),
        )
        return [dict(zip(names, row, strict=True)) for row in rows]

    def acknowledge(self, uid: str, *, by: str) -> bool:
        """Note that somebody has seen an alarm; False when there is none of that uid."""
        with self._transaction():
            count = self.connection.execute(
                "UPDATE alarm SET acknowledged_at = ?, acknowledged_by = ? WHERE uid = ?",
                (times.to_text(times.now()), by, uid),
            ).rowcount
        return bool(count)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with sqlite_errors(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.connection.execute("ROLLBACK")
                raise
            self.connection.execute("COMMIT")


@contextmanager
def open_readings(path: Path) -> Iterator[Readings]:
    """Open the readings store for writing; it is made when it is not there.

    Raises
    ------
    StoreError
        The file cannot be written, or is of a newer version.
    """
    refuse_network_share(path, write=True)
    with sqlite_errors(path):
        connection = sqlite3.connect(path, isolation_level=None, timeout=5.0)
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version > VERSION:
                raise StoreError("store.newer", file=path, version=version, latest=VERSION)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            if version == 0:
                connection.executescript(f"BEGIN; {_DDL} PRAGMA user_version = {VERSION}; COMMIT;")
            yield Readings(path, connection)
        finally:
            connection.close()
