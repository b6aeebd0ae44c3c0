"""Alarms in the readings store, as people see and handle them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.store.readings.readings import Readings
from hydrant.store.readings.readings_care import resting

_COLUMNS = (
    "uid, sensor_uid, asset_uid, kind, value, limit_value, confirmed_at, cleared_at, "
    "acknowledged_at, acknowledged_by, shelved_until, shelved_by, withdrawn_at"
)


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm; times are stored text, None where it did not happen."""

    uid: str
    sensor_uid: str
    asset_uid: str
    kind: str
    value: float | None
    limit_value: float | None
    confirmed_at: str
    cleared_at: str | None
    acknowledged_at: str | None
    acknowledged_by: str | None
    shelved_until: str | None
    shelved_by: str | None
    withdrawn_at: str | None = None

    def shelved_at(self, moment: dt.datetime) -> bool:
        """Whether an operator has put it aside at a moment."""
        return self.shelved_until is not None and self.shelved_until > times.to_text(moment)


def list_alarms(readings: Readings, *, cleared: bool = False) -> list[Alarm]:
    """Open alarms, newest first; if wanted with those that were cleared, or withdrawn since.

    An alarm is withdrawn where readings that came in later or were put right do not bear it out.
    """
    rows = readings.connection.execute(
        f"SELECT {_COLUMNS} FROM alarm WHERE (withdrawn_at IS NULL AND cleared_at IS NULL) OR ? "
        "ORDER BY confirmed_at DESC, uid DESC",
        (cleared,),
    )
    return [Alarm(*row) for row in rows]


def heeded_alarms(readings: Readings, moment: dt.datetime) -> list[Alarm]:
    """Open alarms that nobody has put aside and whose sensors are in service."""
    rest = resting(readings)
    return [
        alarm
        for alarm in list_alarms(readings)
        if not alarm.shelved_at(moment) and alarm.sensor_uid not in rest
    ]


def acknowledge(readings: Readings, uid: str, *, by: str) -> None:
    """Note that somebody has seen an open alarm; the first one to do so stays on record."""
    _change(
        readings,
        "UPDATE alarm SET acknowledged_at = coalesce(acknowledged_at, ?1), "
        "acknowledged_by = coalesce(acknowledged_by, ?2) WHERE uid = ?3 AND cleared_at IS NULL "
        "AND withdrawn_at IS NULL",
        (times.to_text(times.now()), by, uid),
    )


def shelve(readings: Readings, uid: str, *, until: dt.datetime, by: str) -> None:
    """Put an open alarm aside until a moment; it stays an alarm."""
    _change(
        readings,
        "UPDATE alarm SET shelved_until = ?, shelved_by = ? WHERE uid = ? AND cleared_at IS NULL "
        "AND withdrawn_at IS NULL",
        (times.to_text(until), by, uid),
    )


def close_alarms(readings: Readings, sensor_uid: str) -> int:
    """End the open alarms of a sensor that is taken out of use; how many there were.

    They end now, also where the sensor was taken off earlier: what was measured until then
    stays evidence (`hydrant.store.evidence.sensor_facts`).
    """
    now = times.to_text(times.now())
    with readings.transaction():
        readings.connection.execute("DELETE FROM alarm_state WHERE sensor_uid = ?", (sensor_uid,))
        return readings.connection.execute(
            "UPDATE alarm SET cleared_at = ?, cleared_recorded_at = ? "
            "WHERE sensor_uid = ? AND cleared_at IS NULL AND withdrawn_at IS NULL",
            (now, now, sensor_uid),
        ).rowcount


def _change(readings: Readings, statement: str, values: tuple[str, str, str]) -> None:
    with readings.transaction():
        if readings.connection.execute(statement, values).rowcount == 0:
            raise InputRefused("telemetry.no_alarm", uid=values[2])
