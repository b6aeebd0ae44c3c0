"""The readings store's file: a second SQLite file beside the registry, written by polls only.

WAL with ``synchronous=NORMAL``: a second lost in a power cut is polled again.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hydrant import private, times
from hydrant.errors import StoreError
from hydrant.store.connection import (
    BUSY_TIMEOUT_MS,
    open_for_reading,
    refuse_network_share,
    sqlite_errors,
)
from hydrant.store.place import Place, Server, server_part
from hydrant.store.readings import Readings

#: Marks the file as ours: "HYRD".
_APPLICATION_ID = 0x48595244

#: What each version added.
CHANGES = (
    """
CREATE TABLE reading (
  fid INTEGER PRIMARY KEY,
  sensor_uid TEXT NOT NULL, asset_uid TEXT NOT NULL, at TEXT NOT NULL,
  value REAL, quality INTEGER NOT NULL, reason TEXT, raw TEXT, run_uid TEXT,
  UNIQUE (sensor_uid, at)
);
CREATE INDEX ix_reading_good ON reading (sensor_uid, at) WHERE quality = 0;
CREATE TABLE latest (
  sensor_uid TEXT PRIMARY KEY, asset_uid TEXT NOT NULL, quantity TEXT NOT NULL,
  at TEXT NOT NULL, value REAL, quality INTEGER NOT NULL, reason TEXT,
  good_at TEXT, good_value REAL, failures INTEGER NOT NULL,
  raw TEXT, same_since TEXT NOT NULL, same INTEGER NOT NULL
);
CREATE TABLE alarm_state (
  sensor_uid TEXT NOT NULL, kind TEXT NOT NULL,
  active INTEGER NOT NULL, count INTEGER NOT NULL, since REAL,
  PRIMARY KEY (sensor_uid, kind)
);
CREATE TABLE alarm (
  uid TEXT PRIMARY KEY, sensor_uid TEXT NOT NULL, asset_uid TEXT NOT NULL, kind TEXT NOT NULL,
  value REAL, limit_value REAL, confirmed_at TEXT NOT NULL, cleared_at TEXT,
  acknowledged_at TEXT, acknowledged_by TEXT, shelved_until TEXT, shelved_by TEXT
);
CREATE INDEX ix_alarm_sensor ON alarm (sensor_uid, kind, confirmed_at);
CREATE TABLE poll_run (
  uid TEXT PRIMARY KEY, started_at TEXT NOT NULL, ended_at TEXT, sensors INTEGER NOT NULL,
  answered INTEGER, failed INTEGER, stored INTEGER, alarms_opened INTEGER, alarms_cleared INTEGER
);
""",
    """
CREATE TABLE out_of_service (
  sensor_uid TEXT PRIMARY KEY, since TEXT NOT NULL, by TEXT NOT NULL, why TEXT
);
CREATE TABLE expected_use (
  uid TEXT PRIMARY KEY, asset_uid TEXT NOT NULL, since TEXT NOT NULL, until TEXT NOT NULL,
  by TEXT NOT NULL, why TEXT
);
CREATE TABLE refused_point (
  gateway TEXT NOT NULL, unit INTEGER NOT NULL, profile TEXT NOT NULL, point TEXT NOT NULL,
  PRIMARY KEY (gateway, unit, profile, point)
);
""",
    """
CREATE TABLE reading_hour (
  sensor_uid TEXT NOT NULL, hour TEXT NOT NULL, attempts INTEGER NOT NULL, good INTEGER NOT NULL,
  lowest REAL, highest REAL, total REAL NOT NULL, last_good TEXT,
  PRIMARY KEY (sensor_uid, hour)
);
CREATE VIEW reading_day AS SELECT sensor_uid, substr(hour, 1, 10) AS day,
  sum(attempts) AS attempts, sum(good) AS good, min(lowest) AS lowest, max(highest) AS highest,
  sum(total) AS total, max(last_good) AS last_good
FROM reading_hour GROUP BY sensor_uid, substr(hour, 1, 10);
""",
    # NULL in `arrived_at` and `recorded_at`: known from the moment that the row itself is of;
    # a store without a birth was made by an older version, nobody knows when
    """
CREATE TABLE birth (born_at TEXT NOT NULL);
ALTER TABLE reading ADD COLUMN arrived_at TEXT;
ALTER TABLE reading_hour ADD COLUMN arrived_at TEXT;
ALTER TABLE alarm ADD COLUMN recorded_at TEXT;
ALTER TABLE alarm ADD COLUMN cleared_recorded_at TEXT;
ALTER TABLE alarm ADD COLUMN withdrawn_at TEXT;
CREATE TABLE former_reading (
  sensor_uid TEXT NOT NULL, asset_uid TEXT NOT NULL, at TEXT NOT NULL, value REAL,
  quality INTEGER NOT NULL, reason TEXT, arrived_at TEXT, replaced_at TEXT NOT NULL,
  replaced_by TEXT NOT NULL, PRIMARY KEY (sensor_uid, at, replaced_at)
);
CREATE TABLE service_pause (
  sensor_uid TEXT NOT NULL, since TEXT NOT NULL, until TEXT NOT NULL, by TEXT NOT NULL, why TEXT,
  PRIMARY KEY (sensor_uid, since)
);
""",
)
VERSION = len(CHANGES)


@contextmanager
def open_readings(path: Place, *, born: dt.datetime | None = None) -> Iterator[Readings]:
    """Open a readings store for writing; it is made when it is not there.

    Parameters
    ----------
    path
        As `hydrant.store.location.readings_path` gives it.
    born
        From when on a new store has all that is read; None means now.

    Raises
    ------
    StoreError
        The file cannot be written, is no readings store, or is of a newer version.
    """
    if isinstance(path, Server):
        with server_part("readings").open_readings(path, write=True) as opened:
            yield opened
        return
    refuse_network_share(path, write=True)
    _make_private(path)
    with sqlite_errors(path):
        connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000)
        try:
            connection.execute("PRAGMA synchronous = NORMAL")
            _prepare(connection, path, born or times.now())
            yield Readings(path, connection)
        finally:
            connection.close()


def _make_private(path: Path) -> None:
    try:
        private.new_file(path)
    except OSError as error:
        raise StoreError("store.cannot_open", file=path, why=error.strerror) from None


@contextmanager
def view_readings(path: Place) -> Iterator[Readings | None]:
    """Open a readings store for looking only; None while no poll has made one.

    One that an older version made is brought up to date first.
    """
    if isinstance(path, Server):
        with server_part("readings").open_readings(path, write=False) as opened:
            yield opened
        return
    if not path.is_file():
        yield None
        return
    _update(path)
    with sqlite_errors(path):
        connection = open_for_reading(path)
        try:
            yield Readings(path, connection) if _version(connection, path) else None
        finally:
            connection.close()


def _update(path: Path) -> None:
    """Bring an older file up to date; it is left alone while it is empty or up to date."""
    with sqlite_errors(path):
        connection = open_for_reading(path)
        try:
            version = _version(connection, path)
        finally:
            connection.close()
    if 0 < version < VERSION:
        with open_readings(path):
            pass


def _prepare(connection: sqlite3.Connection, path: Path, born: dt.datetime) -> None:
    if _version(connection, path) == VERSION:
        return
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    # another process may have made the tables while this one waited
    version = _version(connection, path)
    for change in CHANGES[version:]:
        for statement in change.split(";"):
            connection.execute(statement)
    if version == 0:
        connection.execute("INSERT INTO birth VALUES (?)", (times.to_text(born),))
    connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """Version of the file, 0 for an empty one."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application == _APPLICATION_ID and version > VERSION:
        raise StoreError("store.newer", file=path, version=version, latest=VERSION)
    if tables and application != _APPLICATION_ID:
        raise StoreError("telemetry.foreign_readings", file=path)
    return int(version)
