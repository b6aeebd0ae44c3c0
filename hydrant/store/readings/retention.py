"""Old readings give way to hourly figures; nothing that evidence needs is lost with them.

Readings of a day are summed up and dropped in one transaction, so an hour counts each of them
once, also those that arrive late for a day that was dropped before. An hour counts as known
when the last of its good readings had arrived.
"""

from __future__ import annotations

import datetime as dt
import json

from hydrant.store.readings.health import LATE
from hydrant.store.readings.readings import Readings

_ROLL_UP = """
INSERT INTO reading_hour (
  sensor_uid, hour, attempts, good, lowest, highest, total, last_good, arrived_at)
SELECT sensor_uid, {hour}, count(*), count(CASE WHEN quality = 0 THEN 1 END),
  min(CASE WHEN quality = 0 THEN value END), max(CASE WHEN quality = 0 THEN value END),
  coalesce(sum(CASE WHEN quality = 0 THEN value END), 0),
  max(CASE WHEN quality = 0 THEN {at} END),
  max(CASE WHEN quality = 0 THEN {arrived} END)
FROM {table} WHERE at < ? GROUP BY sensor_uid, {hour}
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


def retain(readings: Readings, *, since: dt.date) -> int:
    """Sum up and drop the readings before a UTC day; how many there were."""
    days = readings.shelf.days_before(since)
    if days is not None:
        return sum(_drop_day(readings, name) for name in days)
    limit = since.isoformat()
    with readings.transaction():
        _roll_up(readings, "reading", limit)
        dropped = readings.connection.execute("DELETE FROM reading WHERE at < ?", (limit,))
    return int(dropped.rowcount)


def forget_runs(readings: Readings, *, since: dt.date) -> int:
    """Forget polls that ended before a UTC day and of which no reading is stored; how many.

    With many workers each shard's turn is one. The newest stay, by which health is told, and so
    does whatever a reading names, though a wrong clock dated it far ahead of its poll.
    """
    limit = since.isoformat()
    old = "coalesce(ended_at, started_at) < ? AND started_at < ?"
    ask = readings.connection.execute
    (last,) = ask(f"SELECT max(uid) FROM poll_run WHERE {old}", (limit, limit)).fetchone()
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
        (count,) = readings.connection.execute(f"SELECT count(*) FROM {name}").fetchone()
        _roll_up(readings, name, "infinity")
        readings.connection.execute(f"DROP TABLE {name}")
    return int(count)


def _roll_up(readings: Readings, table: str, limit: str) -> None:
    statement = _ROLL_UP.format(**readings.shelf.words._asdict(), table=table)
    readings.connection.execute(statement, (limit,))
