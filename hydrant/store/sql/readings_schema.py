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
    # rows are known by a number, and each is sealed; on a server a column is added
    """
DROP VIEW reading_day;
CREATE TABLE numbered_hour (
  fid INTEGER PRIMARY KEY,
  sensor_uid TEXT NOT NULL, hour TEXT NOT NULL, attempts INTEGER NOT NULL, good INTEGER NOT NULL,
  lowest REAL, highest REAL, total REAL NOT NULL, last_good TEXT, arrived_at TEXT,
  UNIQUE (sensor_uid, hour)
);
INSERT INTO numbered_hour (sensor_uid, hour, attempts, good, lowest, highest, total, last_good,
  arrived_at) SELECT sensor_uid, hour, attempts, good, lowest, highest, total, last_good, arrived_at
FROM reading_hour;
DROP TABLE reading_hour;
ALTER TABLE numbered_hour RENAME TO reading_hour;
CREATE VIEW reading_day AS SELECT sensor_uid, substr(hour, 1, 10) AS day,
  sum(attempts) AS attempts, sum(good) AS good, min(lowest) AS lowest, max(highest) AS highest,
  sum(total) AS total, max(last_good) AS last_good
FROM reading_hour GROUP BY sensor_uid, substr(hour, 1, 10);
CREATE TABLE numbered_alarm (
  fid INTEGER PRIMARY KEY,
  uid TEXT NOT NULL UNIQUE, sensor_uid TEXT NOT NULL, asset_uid TEXT NOT NULL, kind TEXT NOT NULL,
  value REAL, limit_value REAL, confirmed_at TEXT NOT NULL, cleared_at TEXT,
  acknowledged_at TEXT, acknowledged_by TEXT, shelved_until TEXT, shelved_by TEXT,
  recorded_at TEXT, cleared_recorded_at TEXT, withdrawn_at TEXT
);
INSERT INTO numbered_alarm (uid, sensor_uid, asset_uid, kind, value, limit_value, confirmed_at,
  cleared_at, acknowledged_at, acknowledged_by, shelved_until, shelved_by, recorded_at,
  cleared_recorded_at, withdrawn_at) SELECT uid, sensor_uid, asset_uid, kind, value, limit_value,
  confirmed_at, cleared_at, acknowledged_at, acknowledged_by, shelved_until, shelved_by,
  recorded_at, cleared_recorded_at, withdrawn_at FROM alarm ORDER BY uid;
DROP TABLE alarm;
ALTER TABLE numbered_alarm RENAME TO alarm;
CREATE INDEX ix_alarm_sensor ON alarm (sensor_uid, kind, confirmed_at);
CREATE TABLE numbered_former (
  fid INTEGER PRIMARY KEY,
  sensor_uid TEXT NOT NULL, asset_uid TEXT NOT NULL, at TEXT NOT NULL, value REAL,
  quality INTEGER NOT NULL, reason TEXT, arrived_at TEXT, replaced_at TEXT NOT NULL,
  replaced_by TEXT NOT NULL, UNIQUE (sensor_uid, at, replaced_at)
);
INSERT INTO numbered_former (sensor_uid, asset_uid, at, value, quality, reason, arrived_at,
  replaced_at, replaced_by) SELECT sensor_uid, asset_uid, at, value, quality, reason, arrived_at,
  replaced_at, replaced_by FROM former_reading;
DROP TABLE former_reading;
ALTER TABLE numbered_former RENAME TO former_reading;
CREATE TABLE numbered_pause (
  fid INTEGER PRIMARY KEY,
  sensor_uid TEXT NOT NULL, since TEXT NOT NULL, until TEXT NOT NULL, by TEXT NOT NULL, why TEXT,
  withdrawn_at TEXT, withdrawn_by TEXT, withdrawn_why TEXT, UNIQUE (sensor_uid, since)
);
INSERT INTO numbered_pause (sensor_uid, since, until, by, why, withdrawn_at, withdrawn_by,
  withdrawn_why) SELECT sensor_uid, since, until, by, why, withdrawn_at, withdrawn_by, withdrawn_why
FROM service_pause;
DROP TABLE service_pause;
ALTER TABLE numbered_pause RENAME TO service_pause;
CREATE TABLE numbered_rest (
  fid INTEGER PRIMARY KEY,
  sensor_uid TEXT NOT NULL UNIQUE, since TEXT NOT NULL, by TEXT NOT NULL, why TEXT
);
INSERT INTO numbered_rest (sensor_uid, since, by, why) SELECT sensor_uid, since, by, why
FROM out_of_service;
DROP TABLE out_of_service;
ALTER TABLE numbered_rest RENAME TO out_of_service;
CREATE TABLE numbered_use (
  fid INTEGER PRIMARY KEY,
  uid TEXT NOT NULL UNIQUE, asset_uid TEXT NOT NULL, since TEXT NOT NULL, until TEXT NOT NULL,
  by TEXT NOT NULL, why TEXT
);
INSERT INTO numbered_use (uid, asset_uid, since, until, by, why)
SELECT uid, asset_uid, since, until, by, why FROM expected_use;
DROP TABLE expected_use;
ALTER TABLE numbered_use RENAME TO expected_use;
CREATE TABLE numbered_birth (fid INTEGER PRIMARY KEY, born_at TEXT NOT NULL);
INSERT INTO numbered_birth (born_at) SELECT born_at FROM birth;
DROP TABLE birth;
ALTER TABLE numbered_birth RENAME TO birth;
CREATE TABLE reading_seal (
  number INTEGER PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL, origin TEXT NOT NULL,
  kind TEXT NOT NULL, writer TEXT NOT NULL, rows INTEGER NOT NULL, removed INTEGER NOT NULL,
  blocks TEXT NOT NULL, findings TEXT, previous_hash TEXT NOT NULL, hash TEXT NOT NULL,
  signature TEXT, signer TEXT
);
CREATE TABLE reading_block (
  entity TEXT NOT NULL, block INTEGER NOT NULL, entries BLOB NOT NULL, PRIMARY KEY (entity, block)
);
""",
)
VERSION = len(CHANGES)
#: From this version on every row is sealed; what an older one said is taken as it is found.
FIRST_SEALED = 6
#: Files of this version can be read as they are: nothing has to be written for somebody who looks.
READABLE = 5
_NUMBERED = ("reading_hour", "alarm", "former_reading", "service_pause", "out_of_service",
             "expected_use", "birth")  # fmt: skip
#: What is done on a server where a file builds its tables anew: those of the seals are made alike.
ON_SERVER = {
    FIRST_SEALED: (
        *(
            f"ALTER TABLE {table} ADD COLUMN fid bigint GENERATED BY DEFAULT AS IDENTITY UNIQUE"
            for table in _NUMBERED
        ),
        "CREATE INDEX ix_reading_fid ON reading USING brin (fid)",
        *(text for text in CHANGES[-1].split(";") if "CREATE TABLE reading_" in text),
    )
}
