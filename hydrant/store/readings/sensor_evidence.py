"""What sensors say that counts as evidence, for the level above, and taking it in there.

Readings stay where they were taken; handed up are what decides the condition of an asset
(`sensor_facts`): the newest valid reading of each sensor, the newest at or above the limit, those
that were put right, its low-pressure alarms and the last valid reading before the end of each and
before the sensor was taken off. An alarm that was withdrawn ends where it began. They are known
above from the moment they are taken in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hydrant import times
from hydrant.integrity.policy import Policy
from hydrant.model.values import Record, Row
from hydrant.store.ground.location import readings_path
from hydrant.store.opened.registry import Registry
from hydrant.store.readings.readings import Reading, Readings
from hydrant.store.readings.readings_file import open_readings, view_readings
from hydrant.store.readings.sent_readings import held, put_right
from hydrant.store.sql.newest_readings import ANY, in_cut_hour, newest, value_at
from hydrant.vocabulary import Quality

#: Table of a package that does not stand in the registry's own file, and its columns.
TABLE = "sensor_evidence"
COLUMNS = ("sensor_uid", "asset_uid", "word", "uid", "at", "until", "value")
GOOD, LOW = "good", "low_pressure"
#: Reason of a reading that is evidence from below.
HANDED_UP = "handed_up"
_ALWAYS = "9999-12-31T23:59:59.999Z"


def evidence_of(
    registry: Registry, sensors: Sequence[tuple[str, str, str | None]], end: str, policy: Policy
) -> Iterator[Record]:
    """Evidence of sensors recorded before a moment, in the order of sensors.

    Parameters
    ----------
    sensors
        Uid, asset, and until when it stood there (stored text; None where it stands there).
    policy
        Its limit for pressure tells a good value from others.
    """
    with view_readings(readings_path(registry.path)) as readings:
        if readings is None:
            return
        ask, known = readings.connection, _ALWAYS
        uids = [sensor for sensor, *_ in sensors]
        least = (ANY, policy.limits["static_kpa"].value)
        last = [newest(ask, uids, end=end, known=known, least=value) for value in least]
        for sensor, asset, until in sorted(sensors):
            alarms = ask.execute(_ALARMS, (sensor, end)).fetchall()
            moments = {found[sensor] for found in last if sensor in found}
            ends = {cleared for _, _, cleared, _ in alarms if cleared is not None}
            if until is not None and until < end:
                ends.add(until)  # what it sent when it stood there no longer decides nothing
                moments |= set(
                    newest(ask, [sensor], end=until, known=known, least=least[1]).values()
                )
            for cleared in ends:
                moments |= set(newest(ask, [sensor], end=cleared, known=known).values())
            values = dict(
                cut
                for cleared in ends
                if (cut := in_cut_hour(ask, sensor, end=cleared, known=known)) is not None
            )
            values |= {at: value_at(ask, sensor, at) for at in moments}
            for at, value in sorted(values.items()):
                yield _row(sensor, asset, GOOD, None, at, None, value)
            mended = [(sensor, at) for (at,) in ask.execute(_PUT_RIGHT, (sensor, end)).fetchall()
                         if at not in moments]  # fmt: skip
            for (_, at), now in held(readings, mended).items():
                good = now.value if now.quality == Quality.GOOD else None
                yield _row(sensor, asset, GOOD, None, at, None, good)
            for found in alarms:
                yield _row(sensor, asset, LOW, *found)


_ALARMS = """
SELECT uid, confirmed_at,
  CASE WHEN withdrawn_at IS NULL THEN cleared_at ELSE confirmed_at END AS ended, value
FROM alarm WHERE sensor_uid = ?
  AND kind = 'low_pressure' AND confirmed_at < ? ORDER BY confirmed_at, uid
"""
_PUT_RIGHT = "SELECT DISTINCT at FROM former_reading WHERE sensor_uid = ? AND at < ? ORDER BY at"
#: An alarm met again keeps the moment at which each thing was first known here.
_ALARM = """
INSERT INTO alarm (uid, sensor_uid, asset_uid, kind, value, confirmed_at, cleared_at, recorded_at,
  cleared_recorded_at, withdrawn_at)
VALUES (?1, ?2, ?3, 'low_pressure', ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT (uid) DO UPDATE SET
  withdrawn_at = coalesce(alarm.withdrawn_at, excluded.withdrawn_at),
  cleared_at = CASE WHEN excluded.withdrawn_at IS NULL THEN excluded.cleared_at
    ELSE alarm.cleared_at END,
  cleared_recorded_at = CASE WHEN excluded.withdrawn_at IS NOT NULL
    THEN alarm.cleared_recorded_at
  WHEN coalesce(alarm.cleared_at, '') = coalesce(excluded.cleared_at, '')
  THEN alarm.cleared_recorded_at ELSE excluded.cleared_recorded_at END
"""


def _row(sensor: str, asset: str, *rest: object) -> Record:
    return dict(zip(COLUMNS, (sensor, asset, *rest), strict=True))


def keep_evidence(registry: Registry, rows: Iterable[Record]) -> None:
    """Keep evidence from below in the readings store; what is there already stays once."""
    told = list(rows)
    if not told:
        return
    with open_readings(readings_path(registry.path)) as readings, readings.transaction():
        now = times.to_text(times.now())
        _keep_readings(readings, [row for row in told if row["word"] == GOOD], now)
        for row in told:
            if row["word"] == LOW:
                names = ("uid", "sensor_uid", "asset_uid", "value", "at", "until")
                ended = None if row["until"] is None else now
                withdrawn = now if row["until"] == row["at"] else None
                values = (*(row[name] for name in names), now, ended, withdrawn)
                readings.connection.execute(_ALARM, values)


def _keep_readings(readings: Readings, rows: list[Record], now: str) -> None:
    """Keep readings from below; one that was put right there takes the place of the former."""
    there = held(readings, ((row["sensor_uid"], row["at"]) for row in rows))
    readings.insert([_columns(row, now) for row in rows])
    other = [
        row
        for row in rows
        if (known := there.get((row["sensor_uid"], row["at"]))) is not None
        and known.reason == HANDED_UP
        and known.value != row["value"]
    ]
    put_right(readings, (_reading(row) for row in other), run_uid=None, by=HANDED_UP)


def _columns(row: Record, now: str) -> Row:
    """Columns of `Readings.insert`."""
    what = (row["sensor_uid"], row["asset_uid"], row["at"], row["value"])
    return (*what, _quality(row), HANDED_UP, None, None, now)


def _reading(row: Record) -> Reading:
    moment = times.from_text(row["at"])
    said = (row["value"], _quality(row), HANDED_UP, None)
    return Reading(row["sensor_uid"], row["asset_uid"], moment, *said, sent=True)


def _quality(row: Record) -> int:
    """Good where there is a value: one that was put right below may have none."""
    return int(Quality.GOOD if row["value"] is not None else Quality.BAD_SENSOR_FAILURE)
