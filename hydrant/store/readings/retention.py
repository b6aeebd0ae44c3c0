"""Old readings give way to hourly figures; nothing that evidence needs is lost with them.

Readings of a day are summed up and dropped in one transaction, so an hour counts each of them
once, also those that arrive late for a day that was dropped before. An hour counts as known
when the last of its good readings had arrived.

Hours in which a low-pressure alarm was open, or was thought to be, stay in full. When the pressure
was last low follows from single readings and from when each was known; a figure of the hour knows
only the last of them, and would let an alarm prove less than it did.
What came from the level below stays, too: few readings, each of which decides something, and which
come again with the next package.
"""

from __future__ import annotations

import datetime as dt
import json

from hydrant.store.ground.backend import one_row
from hydrant.store.readings.health import LATE
from hydrant.store.readings.reading_seals import drop
from hydrant.store.readings.readings import Readings

_ROLL_UP = """
INSERT INTO reading_hour (
  sensor_uid, hour, attempts, good, lowest, highest, total, last_good, arrived_at)
SELECT sensor_uid, {hour}, count(*), count(CASE WHEN quality = 0 THEN 1 END),
  min(CASE WHEN quality = 0 THEN value END), max(CASE WHEN quality = 0 THEN value END),
  coalesce(sum(CASE WHEN quality = 0 THEN value END), 0),
  max(CASE WHEN quality = 0 THEN {at} END),
  max(CASE WHEN quality = 0 THEN {arrived} END)
FROM {table} r WHERE at < ? AND NOT {kept} GROUP BY sensor_uid, {hour}
ON CONFLICT (sensor_uid, hour) DO UPDATE SET
  attempts = reading_hour.attempts + excluded.attempts,
  good = reading_hour.good + excluded.good, total = reading_hour.total + excluded.total,
  lowest = CASE WHEN reading_hour.lowest < excluded.lowest THEN reading_hour.lowest
    ELSE coalesce(excluded.lowest, reading_hour.lowest) END,
  highest = CASE WHEN reading_hour.highest > excluded.highest THEN reading_hour.highest
    ELSE coalesce(excluded.highest, reading_hour.highest) END,
  last_good = CASE WHEN reading_hour.last_good > excluded.last_good THEN reading_hour.last_good
    ELSE coalesce(excluded.last_good, reading_hour.last_good) END,
  arrived_at = CASE
    WHEN coalesce(reading_hour.arrived_at, reading_hour.last_good) > excluded.arrived_at
    THEN coalesce(reading_hour.arrived_at, reading_hour.last_good)
    ELSE coalesce(excluded.arrived_at, reading_hour.arrived_at) END
"""
#: Whether a reading is of an hour of an alarm that is, or once was, evidence. Until its end was
#: known an alarm was open, also after that end; what a device sends may be dated some minutes
#: ahead, so the hour after stays too.
_KEPT = """
(coalesce(r.reason, '') = 'handed_up' OR EXISTS (
  SELECT 1 FROM alarm a WHERE a.sensor_uid = r.sensor_uid AND a.kind = 'low_pressure'
  AND substr(a.confirmed_at, 1, 13) <= {hour} AND {hour_before} <= substr(
    CASE WHEN a.cleared_at IS NULL THEN coalesce(a.withdrawn_at, '9999-12-31T23')
    WHEN a.cleared_recorded_at > coalesce(a.recorded_at, a.confirmed_at)
      AND a.cleared_recorded_at > a.cleared_at THEN a.cleared_recorded_at
    ELSE a.cleared_at END, 1, 13)))
"""


def retain(readings: Readings, *, since: dt.date) -> int:
    """Sum up and drop the readings before a UTC day; how many were dropped."""
    days = readings.shelf.days_before(since)
    if days is not None:
        return sum(_drop_day(readings, name) for name in days)
    limit = since.isoformat()
    with readings.transaction():
        _roll_up(readings, "reading", limit)
        return _drop(readings, "reading", limit)


def kept(readings: Readings, *, since: dt.date) -> int:
    """How many readings before a UTC day stand there: those of alarms, and from below."""
    ask = readings.connection.execute
    (count,) = one_row(ask("SELECT count(*) FROM reading WHERE at < ?", (since.isoformat(),)))
    return int(count)


def forget_runs(readings: Readings, *, since: dt.date) -> int:
    """Forget polls that ended before a UTC day and of which no reading is stored; how many.

    With many workers each shard's turn is one. The newest stay, by which health is told, and so
    does whatever a reading names, though a wrong clock dated it far ahead of its poll.
    """
    limit = since.isoformat()
    old = "coalesce(ended_at, started_at) < ? AND started_at < ?"
    ask = readings.connection.execute
    (last,) = one_row(ask(f"SELECT max(uid) FROM poll_run WHERE {old}", (limit, limit)))
    newest = ask("SELECT uid FROM poll_run ORDER BY uid DESC LIMIT ?", (LATE,)).fetchall()
    if last is None:
        return 0
    # one pass over readings; few of those that are left were made by runs as old as these
    named = ask("SELECT DISTINCT run_uid FROM reading WHERE run_uid <= ?", (last,)).fetchall()
    kept = json.dumps(sorted({uid for (uid,) in (*newest, *named)}))
    with readings.transaction():
        gone = readings.connection.execute(
            f"DELETE FROM poll_run WHERE {old} AND uid NOT IN (SELECT value FROM json_each(?))",
            (limit, limit, kept),
        )
    return int(gone.rowcount)


def _drop_day(readings: Readings, name: str) -> int:
    with readings.transaction():
        readings.connection.execute(f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE")
        _roll_up(readings, name, "infinity")
        dropped = _drop(readings, name, "infinity")
        (left,) = one_row(readings.connection.execute(f"SELECT count(*) FROM {name}"))
        if not left:
            readings.connection.execute(f"DROP TABLE {name}")
    return dropped


def _roll_up(readings: Readings, table: str, limit: str) -> None:
    words = readings.shelf.words._asdict()
    statement = _ROLL_UP.format(**words, kept=_KEPT.format(**words), table=table)
    readings.connection.execute(statement, (limit,))


def _drop(readings: Readings, table: str, limit: str) -> int:
    stays = _KEPT.format(**readings.shelf.words._asdict())
    return drop(readings.shelf, table, f"at < ? AND NOT {stays}", (limit,))
