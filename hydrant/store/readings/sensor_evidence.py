"""What sensors say that counts as evidence, for the level above.

Readings stay where they were taken; handed up is what decides the condition of an asset on any day
(`hydrant.store.evidence.sensor_facts`): of each sensor of pressure and each local day the newest
reading at or above each limit, and while an alarm of low pressure was open the newest valid one;
the last ones before an alarm's end and before the sensor was taken off; readings that were put
right; the alarms. An alarm that was withdrawn ends where it began.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hydrant import times
from hydrant.integrity.policy import Policy
from hydrant.integrity.policy_reader import load_policy, policy_names
from hydrant.model.values import Record
from hydrant.store.ground.location import readings_path
from hydrant.store.opened.registry import Registry
from hydrant.store.readings.readings import Readings
from hydrant.store.readings.readings_file import view_readings
from hydrant.store.readings.sent_readings import held
from hydrant.store.sql.newest_readings import ANY, in_cut_hour, newest, newest_in, values_at
from hydrant.vocabulary import KINDS, Quality, Quantity

#: Table of a package that does not stand in the registry's own file, and its columns.
TABLE = "sensor_evidence"
COLUMNS = ("sensor_uid", "asset_uid", "word", "uid", "at", "until", "value", "series")
GOOD, LOW, DAILY = "good", "low_pressure", "daily"
#: Reason of a reading that is evidence from below.
HANDED_UP = "handed_up"
_ALWAYS = "9999-12-31T23:59:59.999Z"
_MS = dt.timedelta(milliseconds=1)

#: Moment of confirmation, end, value and uid of an alarm; times are stored text.
_Alarm = tuple[str, str, str | None, float | None]


class Stood(NamedTuple):
    """A sensor, its asset, and until when it stood there (stored text; None: it does today)."""

    uid: str
    asset_uid: str
    until: str | None
    quantity: str


def evidence_of(
    registry: Registry, sensors: Iterable[Stood], end: str, policy: Policy
) -> Iterator[Record]:
    """Evidence of sensors recorded before a moment, in the order of sensors.

    Parameters
    ----------
    policy
        The registry's; its limits for pressure and those of the shipped ones tell which readings
        are good by any of them.
    """
    limits = pressure_limits(policy)
    with view_readings(readings_path(registry.path)) as readings:
        if readings is not None:
            for sensor in sorted(sensors):
                yield from _Said(readings, sensor, end, limits, registry.zone).rows()


def heard_at(registry: Registry) -> str | None:
    """When the readings store last took anything in, stored text; None where there is none.

    What sensors say, and what is corrected of it, stands in no audit log: of two packages with
    equal logs this tells which is the later one.
    """
    with view_readings(readings_path(registry.path)) as readings:
        if readings is None:
            return None
        found = [at for sql in _HEARD for (at,) in readings.connection.execute(sql) if at]
        return max(found, default=None)


def pressure_limits(policy: Policy) -> tuple[float, ...]:
    """Static pressures in kPa that an asset of any kind must have by any of the policies."""
    found = {
        limit.value
        for each in (policy, *map(load_policy, policy_names()))
        for kind in KINDS
        if (limit := each.limit_for("static_kpa", kind)) is not None
    }
    return tuple(sorted(found))


class _Said:
    """What one sensor said before a moment while it stood on its asset."""

    def __init__(
        self, readings: Readings, sensor: Stood, end: str, limits: Sequence[float], zone: ZoneInfo
    ) -> None:
        self._readings, self._ask = readings, readings.connection
        self._sensor, self._end, self._limits, self._zone = sensor, end, limits, zone
        self._last = min(end, sensor.until or _ALWAYS)
        self._alarms: list[_Alarm] = self._ask.execute(_ALARMS, (sensor.uid, end)).fetchall()

    def rows(self) -> Iterator[Record]:
        """The newest readings, those of each day, those put right, and the alarms."""
        single = self._newest()
        cut = self._in_cut_hours()
        days = self._of_days() - single - cut.keys()
        values = values_at(self._ask, self._sensor.uid, single | days)
        told = cut | {at: values[at] for at in single}
        for at, value in sorted(told.items()):
            yield self._row(GOOD, None, at, None, value)
        yield from self._series({at: values[at] for at in sorted(days)})
        yield from self._put_right(told.keys() | days)
        for found in self._alarms:
            yield self._row(LOW, *found)

    def _newest(self) -> set[str]:
        """The newest valid readings, before alarms ended and before it was taken off, too."""
        bounds = {self._end: (ANY, *self._limits), self._last: (ANY, *self._limits)}
        bounds |= {end: (ANY,) for end in self._ends() if end not in bounds}
        uid = self._sensor.uid
        return {
            at
            for bound, least in bounds.items()
            for value in least
            for at in newest(self._ask, [uid], end=bound, known=_ALWAYS, least=value).values()
        }

    def _ends(self) -> set[str]:
        ended = {cleared for _, _, cleared, _ in self._alarms if cleared is not None}
        return ended | {self._last} - {self._end}

    def _in_cut_hours(self) -> dict[str, float]:
        """What may have been right before an alarm's end, or a day's while one was open."""
        bounds = self._ends()
        for _, confirmed, cleared, _ in self._alarms:
            until = min(cleared or _ALWAYS, self._last)
            days = self._days(confirmed, until)
            bounds |= {end for _, end in days if not end.endswith("00:00.000Z")}
        found = (
            in_cut_hour(self._ask, self._sensor.uid, end=bound, known=_ALWAYS) for bound in bounds
        )
        return dict(each for each in found if each is not None)

    def _of_days(self) -> set[str]:
        """The newest good reading of each day, and the newest valid one while an alarm was open."""
        if self._sensor.quantity != Quantity.PRESSURE:
            return set()
        uid = self._sensor.uid
        first = [at for sql in _FIRST for (at,) in self._ask.execute(sql, (uid,)) if at is not None]
        days = self._days(min(first), self._last) if first else []
        found = {at for least in self._limits
                 for at in newest_in(self._ask, uid, days, least=least)}  # fmt: skip
        for _, confirmed, cleared, _ in self._alarms:
            open_on = self._days(confirmed, min(cleared or _ALWAYS, self._last))
            found |= newest_in(self._ask, uid, open_on)
        return found

    def _days(self, since: str, until: str) -> list[tuple[str, str]]:
        """Local days from a moment until before another, the last one cut short there."""
        found = []
        if since < until:
            day = times.local_day(times.from_text(since), self._zone)
            start = times.to_text(times.start_of_day(day, self._zone))
            while start < until:
                following = times.to_text(times.end_of_day(day, self._zone))
                found.append((start, min(following, until)))
                day, start = day + dt.timedelta(days=1), following
        return found

    def _series(self, values: Mapping[str, float]) -> Iterator[Record]:
        """Readings of days, those of a year in one row."""
        for _, year in groupby(values.items(), key=lambda found: found[0][:4]):
            of_year = list(year)
            first = times.from_text(of_year[0][0])
            series = [((times.from_text(at) - first) // _MS, value) for at, value in of_year]
            row = self._row(DAILY, None, of_year[0][0], None, None)
            yield row | {"series": series}

    def _put_right(self, stated: Iterable[str]) -> Iterator[Record]:
        """Readings that were put right and are not stated already."""
        uid = self._sensor.uid
        found = self._ask.execute(_PUT_RIGHT, (uid, self._end)).fetchall()
        moments = sorted({at for (at,) in found} - set(stated))
        for (_, at), now in held(self._readings, ((uid, at) for at in moments)).items():
            good = now.value if now.quality == Quality.GOOD else None
            yield self._row(GOOD, None, at, None, good)

    def _row(self, *rest: object) -> Record:
        told = (self._sensor.uid, self._sensor.asset_uid, *rest, None)
        return dict(zip(COLUMNS, told, strict=True))


def moments_of(row: Record) -> Iterator[tuple[str, float | None]]:
    """Readings that a row of evidence tells of: moment (stored text) and value in kPa or None."""
    if row["word"] == GOOD:
        yield row["at"], row["value"]
    elif row["word"] == DAILY:
        first = times.from_text(row["at"])
        for after_ms, value in row["series"]:
            yield times.to_text(first + after_ms * _MS), value


_ALARMS = """
SELECT uid, confirmed_at,
  CASE WHEN withdrawn_at IS NULL THEN cleared_at ELSE confirmed_at END AS ended, value
FROM alarm WHERE sensor_uid = ?
  AND kind = 'low_pressure' AND confirmed_at < ? ORDER BY confirmed_at, uid
"""
_PUT_RIGHT = "SELECT DISTINCT at FROM former_reading WHERE sensor_uid = ? AND at < ? ORDER BY at"
#: A sensor's first valid readings: one by one, and in hours that were summed up.
_FIRST = (
    "SELECT min(at) FROM reading WHERE sensor_uid = ? AND quality = 0",
    "SELECT min(last_good) FROM reading_hour WHERE sensor_uid = ?",
)
_HEARD = tuple(
    f"SELECT max({column}) FROM {table}"
    for table, columns in (
        ("poll_run", ("started_at", "ended_at")),
        ("alarm", ("confirmed_at", "recorded_at", "cleared_recorded_at", "withdrawn_at")),
        ("former_reading", ("replaced_at",)),
        ("out_of_service", ("since",)),
        ("service_pause", ("until", "withdrawn_at")),
    )
    for column in columns
)
