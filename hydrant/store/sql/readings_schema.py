"""The tables of the readings store, version by version, in SQLite's words."""

from __future__ import annotations

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
    # id of the registry that a file's readings are of (`hydrant.store.readings.belonging`)
    """
CREATE TABLE belonging (registry TEXT NOT NULL);
ALTER TABLE service_pause ADD COLUMN withdrawn_at TEXT;
ALTER TABLE service_pause ADD COLUMN withdrawn_by TEXT;
ALTER TABLE service_pause ADD COLUMN withdrawn_why TEXT;
""",
)
VERSION = len(CHANGES)
