"""The newest valid reading of many sensors at a moment, asked for as a set.

Valid is what has quality 0. Where single readings were summed up
(`hydrant.store.readings.retention`) an
hour stands for its last valid one, with the lowest value of the hour.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable

from hydrant import times
from hydrant.store.ground.backend import Connection, one_row

_TICK = dt.timedelta(milliseconds=1)
#: Below every value that can be stored: any valid reading will do.
ANY = -1e300

_READING = """
SELECT s.value, (SELECT max(r.at) FROM reading r WHERE r.sensor_uid = s.value AND r.quality = 0
  AND r.value >= ? AND r.at < ? AND coalesce(r.arrived_at, r.at) <= ?)
FROM json_each(?) s
"""
_HOUR = """
SELECT s.value, (SELECT g.last_good FROM reading_hour g WHERE g.sensor_uid = s.value AND g.hour = (
  SELECT max(h.hour) FROM reading_hour h WHERE h.sensor_uid = s.value AND h.lowest >= ?
    AND h.last_good < ? AND coalesce(h.arrived_at, h.last_good) <= ?))
FROM json_each(?) s
"""
#: What was put right since counts as it did for who asks what was known before.
_FORMER = """
SELECT s.value, (SELECT max(f.at) FROM former_reading f WHERE f.sensor_uid = s.value
  AND f.quality = 0 AND f.value >= ? AND f.at < ? AND f.arrived_at <= ? AND f.replaced_at > ?)
FROM json_each(?) s
"""


def newest(
    connection: Connection, sensors: Collection[str], *, end: str, known: str, least: float = ANY
) -> dict[str, str]:
    """When each sensor's newest valid reading was taken; who has none is left out.

    Parameters
    ----------
    end
        First moment that is too late, stored text.
    known
        Last moment of arrival that counts, stored text.
    least
        Least value that counts.
    """
    if not sensors:
        return {}
    asked = (least, end, known, json.dumps(sorted(sensors)))
    found: dict[str, str] = {}
    _keep_later(found, connection.execute(_READING, asked))
    (summed,) = one_row(connection.execute("SELECT EXISTS (SELECT 1 FROM reading_hour)"))
    if summed:
        _keep_later(found, connection.execute(_HOUR, asked))
    (replaced,) = one_row(
        connection.execute(
            "SELECT EXISTS (SELECT 1 FROM former_reading WHERE replaced_at > ?)", (known,)
        )
    )
    if replaced:
        _keep_later(found, connection.execute(_FORMER, (*asked[:3], known, asked[3])))
    return found


_CUT = """
SELECT lowest FROM reading_hour WHERE sensor_uid = ? AND hour = ? AND last_good >= ? AND good > 1
  AND coalesce(arrived_at, last_good) <= ?
"""


def in_cut_hour(
    connection: Connection, sensor: str, *, end: str, known: str
) -> tuple[str, float] | None:
    """The latest moment before an end at which a valid reading may have been, and its value.

    Where an hour that was summed up goes on beyond the end, nobody knows when its other readings
    were: one of them may have been right before it. The value is the lowest of the hour.

    Parameters
    ----------
    end, known
        As for `newest`.
    """
    row = connection.execute(_CUT, (sensor, end[:13], end, known)).fetchone()
    if row is None or end.endswith("00:00.000Z"):
        return None
    return times.to_text(times.from_text(end) - _TICK), float(row[0])


#: The bounds of a span stand in one text, the first moment and the first that is too late.
_FROM, _UNTIL = "substr(s.value, 1, 24)", "substr(s.value, 25)"
_READING_IN = f"""
SELECT (SELECT max(r.at) FROM reading r WHERE r.sensor_uid = ?2 AND r.quality = 0
  AND r.value >= ?3 AND r.at >= CAST({_FROM} AS moment_text)
  AND r.at < CAST({_UNTIL} AS moment_text)) FROM json_each(?1) s
"""
_HOUR_IN = f"""
SELECT (SELECT max(h.last_good) FROM reading_hour h WHERE h.sensor_uid = ?2 AND h.lowest >= ?3
  AND h.hour >= substr({_FROM}, 1, 13) AND h.hour <= substr({_UNTIL}, 1, 13)
  AND h.last_good >= {_FROM} AND h.last_good < {_UNTIL}) FROM json_each(?1) s
"""


def newest_in(
    connection: Connection, sensor: str, spans: Iterable[tuple[str, str]], *, least: float = ANY
) -> set[str]:
    """When a sensor's newest valid reading of each span was taken, with all that is known today.

    Parameters
    ----------
    spans
        First moment of each, and the first that is too late, stored text.
    least
        Least value that counts.
    """
    asked = (json.dumps([since + until for since, until in spans]), sensor, least)
    found = connection.execute(_READING_IN, asked).fetchall()
    found += connection.execute(_HOUR_IN, asked).fetchall()
    return {at for (at,) in found if at is not None}


def values_at(connection: Connection, sensor: str, moments: Collection[str]) -> dict[str, float]:
    """Values of valid readings of a sensor by moment; of an hour that was summed up the lowest."""
    asked = (sensor, json.dumps(sorted(moments)))
    rows = connection.execute(
        "SELECT last_good, lowest FROM reading_hour WHERE sensor_uid = ? "
        "AND last_good IN (SELECT value FROM json_each(?))", asked,
    ).fetchall()  # fmt: skip
    rows += connection.execute(
        "SELECT at, value FROM reading WHERE sensor_uid = ? AND quality = 0 "
        "AND at IN (SELECT CAST(s.value AS moment_text) FROM json_each(?) s)", asked,
    ).fetchall()  # fmt: skip
    return {at: float(value) for at, value in rows}


def _keep_later(found: dict[str, str], rows: Iterable[tuple[str, str | None]]) -> None:
    for uid, at in rows:
        if at is not None and at > found.get(uid, ""):
            found[uid] = at
