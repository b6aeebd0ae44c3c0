"""Holds the readings store's derived tables against its readings and alarms."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from hydrant.errors import HydrantError, Phrase
from hydrant.store.ground.backend import Finding
from hydrant.store.ground.connection import damage, open_for_reading, sqlite_errors
from hydrant.store.ground.location import readings_path
from hydrant.store.sql.readings_schema import CHANGES

#: Sensors whose latest value is older than a reading, or says something else of the same moment.
#: What came from below has none here; what a wrong clock dated ahead is no latest value.
BEHIND = """
SELECT DISTINCT r.sensor_uid FROM reading r LEFT JOIN latest l ON l.sensor_uid = r.sensor_uid
WHERE coalesce(r.reason, '') NOT IN ('handed_up', 'clock')
  AND (l.at IS NULL OR r.at > l.at OR (r.at = l.at
    AND (r.quality <> l.quality OR r.value IS NOT l.value)))
"""
#: Alarms whose state is not what the list of alarms says.
ASTRAY = """
SELECT s.sensor_uid FROM alarm_state s WHERE (s.active = 1) <> EXISTS (SELECT 1 FROM alarm a
  WHERE a.sensor_uid = s.sensor_uid AND a.kind = s.kind AND a.cleared_at IS NULL
    AND a.withdrawn_at IS NULL)
UNION ALL SELECT a.sensor_uid FROM alarm a WHERE a.cleared_at IS NULL AND a.limit_value IS NOT NULL
  AND a.withdrawn_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM alarm_state s WHERE s.sensor_uid = a.sensor_uid
    AND s.kind = a.kind)
"""


def findings(registry: Path) -> list[Finding]:
    """Message keys and facts of what is wrong with the readings beside a registry's file."""
    return _looked_over(registry, _found)


def damaged(registry: Path) -> list[Finding]:
    """Where the file of the readings, or an index of it, does not say what its rows say."""
    return _looked_over(registry, _damage)


def _looked_over(
    registry: Path, look: Callable[[sqlite3.Connection, str], list[Finding]]
) -> list[Finding]:
    path = readings_path(registry)
    if not isinstance(path, Path) or not path.is_file():
        return []
    try:
        with sqlite_errors(path), closing(open_for_reading(path)) as connection:
            return look(connection, str(path))
    except HydrantError as error:
        return [("check.readings", {"why": Phrase(error.key, error.facts)})]


def _damage(connection: sqlite3.Connection, file: str) -> list[Finding]:
    return [("check.readings_file", {"file": file, "what": line}) for line in damage(connection)]


def _found(connection: sqlite3.Connection, file: str) -> list[Finding]:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version != len(CHANGES):
        return []  # the next poll brings it up to date
    return _damage(connection, file) or [*_missing(connection), *_derived(connection)]


def behind(connection: sqlite3.Connection) -> bool:
    """Whether something that is derived from readings and alarms is not what they say.

    A file of another version is brought up to date by whoever writes to it next.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version != len(CHANGES):
        return False
    return any(True for _ in (*_missing(connection), *_derived(connection)))


def missing_indexes(connection: sqlite3.Connection) -> dict[str, str]:
    """Statements of the indexes that are not there, by name."""
    with closing(sqlite3.connect(":memory:")) as new:
        for change in CHANGES:
            new.executescript(change)
        wanted = dict(new.execute(_INDEXES))
    return {n: sql for n, sql in wanted.items() if n not in dict(connection.execute(_INDEXES))}


_INDEXES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"


def _missing(connection: sqlite3.Connection) -> Iterator[Finding]:
    for name in missing_indexes(connection):
        yield "check.missing_index", {"name": name}


def _derived(connection: sqlite3.Connection) -> Iterator[Finding]:
    for key, query in (("check.latest", BEHIND), ("check.alarm_state", ASTRAY)):
        sensors = connection.execute(query).fetchall()
        if sensors:
            yield key, {"count": len(sensors), "sensor": sensors[0][0]}
