"""When an alarm ended for the asset that its sensor stood on, and whether it proves anything of it.

The counting rules bound what a sensor proves by its time on the asset
(`hydrant.store.evidence.sensor_facts`); here people are told of one alarm what comes of that.
"""

from __future__ import annotations

from hydrant import times
from hydrant.store.readings.readings import Readings
from hydrant.store.readings.readings_alarms import Alarm
from hydrant.store.sql.newest_readings import newest
from hydrant.vocabulary import AlarmKind

BEFORE, AFTER = "before_sensor", "after_sensor"
_ALWAYS = "9999-12-31T23:59:59.999Z"


def removed_under(alarm: Alarm, until: str | None) -> bool:
    """Whether an alarm ended because its sensor was taken off (at `until`, stored text)."""
    if until is None or until <= alarm.confirmed_at:
        return False
    return alarm.cleared_at is None or until < alarm.cleared_at


def ended_at(alarm: Alarm, until: str | None) -> str | None:
    """When an alarm ended, stored text; at the latest when its sensor was taken off."""
    return until if removed_under(alarm, until) else alarm.cleared_at


def proofless(readings: Readings, alarm: Alarm, since: str | None, until: str | None) -> str | None:
    """Why an alarm of low pressure proves nothing of the asset; None where it proves something.

    Parameters
    ----------
    since, until
        From when and until when the sensor stood there, stored text; None where nobody noted it.

    Returns
    -------
    str or None
        `BEFORE`: all that renewed it is older than the sensor there. `AFTER`: it was confirmed
        when the sensor stood there no longer.
    """
    if alarm.kind != AlarmKind.LOW_PRESSURE or alarm.withdrawn_at is not None:
        return None
    if until is not None and until <= alarm.confirmed_at:
        return AFTER
    if since is None or since <= alarm.confirmed_at:
        return None
    end = ended_at(alarm, until) or times.to_text(times.now())
    last = newest(readings.connection, [alarm.sensor_uid], end=end, known=_ALWAYS)
    return BEFORE if last.get(alarm.sensor_uid, "") < since else None
