"""Turns what a sensor said into stored rows and alarm transitions, in small batches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from hydrant import times
from hydrant.integrity.policy import Policy
from hydrant.store.facts.sensors import SensorRow
from hydrant.store.readings.readings import AlarmChange, Reading, Readings, RunResult
from hydrant.store.readings.readings_care import (
    Device,
    expected_uses,
    note_refused,
    refused_points,
    resting,
)
from hydrant.telemetry.history import History
from hydrant.telemetry.quality import Measured, out_of_service
from hydrant.telemetry.watch import Watch

#: What is not written yet: at most so many rows, at most so long.
_BATCH_ROWS = 500
_BATCH = dt.timedelta(seconds=0.5)
_NOTHING = dt.timedelta(0)
#: What senders' clocks may be ahead of ours (`hydrant.exchange.reading_file`); what is dated
#: later was stored by a wrong clock.
CLOCKS_DIFFER = dt.timedelta(minutes=10)


#: Times are stored to the millisecond.
_TICK = dt.timedelta(milliseconds=1)


class Recorder:
    """Stores the attempts of one poll; what was read is kept even if the poll is broken off.

    Parameters
    ----------
    store
        Open readings store.
    sensors
        How many sensors the poll is to read.
    policy
        Its limits decide on alarms.
    assets
        Those whose sensors are read or awaited; None for all.

    Attributes
    ----------
    former
        What was known of each sensor (of those assets) when the poll began.
    transitions
        Alarms that this poll opened or cleared, in order.
    """

    def __init__(
        self,
        store: Readings,
        *,
        sensors: int,
        policy: Policy,
        assets: Collection[str] | None = None,
    ) -> None:
        self._store = store
        store.doubt_from(times.now() + CLOCKS_DIFFER)
        self.former = store.latest(assets)
        expected, drops = expected_uses(store), store.before_drops()
        self._watch = Watch(self.former, store.alarm_states(), policy, expected, drops)
        self._history = History(self.former, policy)
        self._rows: dict[str, SensorRow] = {}
        self._readings: list[Reading] = []
        self._changes: list[AlarmChange] = []
        self._since = times.now()
        self._last: dict[str, dt.datetime] = {}
        self._values: dict[str, Measured] = {}
        self._resting = resting(store)
        self._refused = refused_points(store)
        self._refused_now: dict[Device, frozenset[str]] = {}
        self._stored = 0
        self._newest_at: dict[str, str] = {}
        self.transitions: list[AlarmChange] = []
        self._run_uid = store.begin_run(sensors)

    def add(
        self,
        sensor: SensorRow,
        measured: Measured,
        raw: str | None,
        *,
        at: dt.datetime | None = None,
    ) -> bool:
        """Take in one attempt; whether a second look should follow at once.

        Parameters
        ----------
        raw
            Registers as received, or None.
        at
            When it was measured, for values that were sent; None means now. What is older
            than the last known attempt is stored, but moves no alarm.
        """
        now, sent = times.now(), at is not None
        if sensor.uid in self._resting:
            measured = out_of_service(measured)
        late = at is not None and not self._newest(sensor.uid, at)
        at = self._moment(sensor.uid, now) if at is None else at
        measured, jumps = self._history.judged(sensor.uid, sensor.quantity, measured, raw, at)
        known = self._values.get(sensor.uid)
        if known is None or measured.usable or not known.usable:
            # a second look that fails does not take back what the first one saw
            self._values[sensor.uid] = measured
        self._readings.append(
            Reading(
                *(sensor.uid, sensor.asset_uid, at, measured.value, int(measured.quality)),
                *(measured.reason, raw, sensor.quantity, measured.silent, sent),
            )
        )
        self._rows[sensor.uid] = sensor
        changes, suspect = ([], False) if late else self._watch.judge(sensor, measured, at)
        self._note(changes)
        if len(self._readings) >= _BATCH_ROWS or not _NOTHING <= now - self._since < _BATCH:
            self.flush()
            self._since = now
        return suspect or jumps

    def _moment(self, uid: str, now: dt.datetime) -> dt.datetime:
        """The present, but never the same moment twice for one sensor."""
        last = self._last.get(uid)
        if last is not None and now < last + _TICK:
            now = last + _TICK
        self._last[uid] = now
        return now

    def _newest(self, uid: str, at: dt.datetime) -> bool:
        """Whether a moment is later than everything known of a sensor; notes it."""
        moment, former = times.to_text(at), self.former.get(uid)
        last = self._newest_at.get(uid, "" if former is None else former.at)
        self._newest_at[uid] = max(moment, last)
        return moment > last

    def _note(self, changes: Iterable[AlarmChange]) -> None:
        for change in changes:
            self._changes.append(change)
            if change.opened or change.cleared:
                self.transitions.append(change)

    def heard(self, sensors: Iterable[str]) -> bool | None:
        """Whether a device answered for one of its sensors when last asked; None: never asked."""
        asked = [self._heard_last(uid) for uid in sensors]
        known = [heard for heard in asked if heard is not None]
        return any(known) if known else None

    def _heard_last(self, uid: str) -> bool | None:
        now, former = self._values.get(uid), self.former.get(uid)
        if now is not None:
            return not now.silent
        return None if former is None else former.failures == 0

    def refused(self, device: Device) -> frozenset[str]:
        """Points that a device refused before."""
        return self._refused_now.get(device, self._refused.get(device, frozenset()))

    def note_refused(self, device: Device, points: frozenset[str]) -> None:
        """Remember which points a device refuses now, beyond this poll."""
        if points != self.refused(device):
            self._refused_now[device] = points

    def await_from(self, sensors: Iterable[SensorRow]) -> None:
        """Tell of sensors that send by themselves and have stopped to."""
        at = times.now()
        awake = (sensor for sensor in sensors if sensor.uid not in self._resting)
        self._note(self._watch.overdue(awake, at))

    def flush(self) -> None:
        """Write what is not written yet, in one transaction."""
        if self._readings or self._changes:
            self._stored += self._store.save(self._readings, self._changes, run_uid=self._run_uid)
        self._readings, self._changes = [], []

    def finish(self) -> RunResult:
        """Write the rest, who has been silent too long, and the end of the run."""
        tried = [(self._rows[uid], measured) for uid, measured in self._values.items()]
        self._note(self._watch.absences(tried, times.now()))
        self.flush()
        if self._refused_now:
            note_refused(self._store, self._refused_now.items())
        answered = sum(measured.usable for measured in self._values.values())
        result = RunResult(
            answered=answered,
            failed=len(self._values) - answered,
            stored=self._stored,
            opened=sum(change.opened for change in self.transitions),
            cleared=sum(change.cleared for change in self.transitions),
        )
        self._store.end_run(self._run_uid, result)
        return result

    @property
    def attempted(self) -> int:
        """How many sensors were tried."""
        return len(self._values)

    def last(self, uid: str) -> Measured | None:
        """What the last attempt of a sensor gave; None when it was not tried."""
        return self._values.get(uid)
