"""Takes sent readings in: each once, in whatever order they come, with what follows from all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isclose
from typing import NamedTuple

from hydrant import times
from hydrant.integrity.policy import Policy
from hydrant.store.facts.sensors import SensorRow
from hydrant.store.readings import alarm_spans, sent_readings
from hydrant.store.readings.alarm_spans import Changed, Span
from hydrant.store.readings.readings import AlarmChange, Reading, Readings, RunResult
from hydrant.store.readings.readings_care import expected_uses, pauses
from hydrant.store.readings.sent_readings import GoodRow, Held
from hydrant.telemetry.quality import Measured, out_of_service
from hydrant.telemetry.record import CLOCKS_DIFFER
from hydrant.telemetry.retell import SEEN, retell
from hydrant.telemetry.watch import FRESH_S, Watch
from hydrant.vocabulary import Quantity

#: Readings that are stored in one transaction, at least; those of an asset are never torn apart.
_BATCH = 5000


class Sent(NamedTuple):
    """A reading that was sent, with its sensor, its value in the internal unit and as sent."""

    line: int
    sensor: SensorRow
    at: dt.datetime
    measured: Measured
    said: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Sensor and moment as they are stored."""
        return self.sensor.uid, times.to_text(self.at)


class Contradiction(NamedTuple):
    """A reading that says something else of a moment than what is held."""

    sent: Sent
    held: Held


@dataclass(slots=True)
class Intake:
    """What became of sent readings.

    Attributes
    ----------
    known
        How many say what is held already.
    corrected
        Those that took the place of another value, with that value.
    contradicted
        Those that were not stored, as another value is held of their moment.
    summed
        Those of hours that were summed up: what is held of their moments is known no more.
    early
        Those stored that were measured before their sensor is said to have hung there.
    unusable
        Those stored that gave no value.
    transitions
        Alarms that were opened or ended.
    withdrawn
        Alarms that turned out never to have been.
    """

    stored: int = 0
    known: int = 0
    corrected: list[Contradiction] = field(default_factory=list)
    contradicted: list[Contradiction] = field(default_factory=list)
    summed: list[Sent] = field(default_factory=list)
    early: list[Sent] = field(default_factory=list)
    unusable: list[Sent] = field(default_factory=list)
    transitions: list[AlarmChange] = field(default_factory=list)
    withdrawn: list[Span] = field(default_factory=list)


def take_in(
    store: Readings,
    sent: Sequence[Sent],
    sensors: Sequence[SensorRow],
    *,
    policy: Policy,
    by: str,
    correct: bool = False,
) -> Intake:
    """Store sent readings, and let alarms be what all readings together say.

    Parameters
    ----------
    sensors
        All sensors of the registry, also those that are no longer read.
    by
        Who sends them, for what a correction replaces.
    correct
        Whether another value of a moment that is held takes its place; else it is refused.
    """
    store.doubt_from(times.now() + CLOCKS_DIFFER)
    run = store.begin_run(len({one.sensor.uid for one in sent}))
    taking = _Taking(store, sensors, policy, run=run, by=by, correct=correct)
    for batch in _batches(sent):
        with store.transaction():
            taking.take(batch)
    taking.hear(times.now())
    done = taking.done
    usable = {one.sensor.uid for one in sent if one.measured.usable}
    store.end_run(
        run,
        RunResult(
            answered=len(usable),
            failed=len({one.sensor.uid for one in sent} - usable),
            stored=done.stored,
            opened=sum(change.opened for change in done.transitions),
            cleared=sum(change.cleared for change in done.transitions),
        ),
    )
    return done


def _batches(sent: Iterable[Sent]) -> Iterator[list[Sent]]:
    """Readings of whole assets, some thousands at a time, each asset's in order of time."""
    by_asset: dict[str, list[Sent]] = {}
    for one in sent:
        by_asset.setdefault(one.sensor.asset_uid, []).append(one)
    batch: list[Sent] = []
    for found in by_asset.values():
        batch += sorted(found, key=lambda one: one.at)
        if len(batch) >= _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


class _Taking:
    """One run of sent readings into a store."""

    def __init__(
        self,
        store: Readings,
        sensors: Sequence[SensorRow],
        policy: Policy,
        *,
        run: str,
        by: str,
        correct: bool,
    ) -> None:
        self._store, self._policy = store, policy
        self._run, self._by, self._correct = run, by, correct
        self._on: dict[str, dict[str, SensorRow]] = {}
        for row in sensors:
            self._on.setdefault(row.asset_uid, {})[row.uid] = row
        self._pauses = pauses(store)
        self._expected = expected_uses(store)
        self._touched: dict[str, SensorRow] = {}
        self._summed: dict[str, str] = {}
        self.done = Intake()

    def take(self, batch: Sequence[Sent]) -> None:
        """Store what is new of a batch, and tell its assets' alarms anew."""
        new, right = self._sorted_out([self._in_service(one) for one in batch])
        sent_readings.take_in(self._store, [_reading(one) for one in new], run_uid=self._run)
        sent_readings.put_right(
            self._store, [_reading(one) for one in right], run_uid=self._run, by=self._by
        )
        self.done.stored += len(new)
        self.done.early += [one for one in new if one.key[1] < (one.sensor.since or "")]
        self.done.unusable += [one for one in (*new, *right) if one.measured.value is None]
        since: dict[str, str] = {}
        for one in (*new, *right):
            asset, at = one.sensor.asset_uid, one.key[1]
            since[asset] = min(at, since.get(asset, at))
            self._touched[one.sensor.uid] = one.sensor
        for asset, at in since.items():
            self._tell(asset, at)
        touched = {one.sensor.uid: one.sensor.quantity for one in (*new, *right)}
        sent_readings.settle_latest(self._store, touched.items())

    def _in_service(self, one: Sent) -> Sent:
        at = one.key[1]
        spans = self._pauses.get(one.sensor.uid, ())
        if not any(since <= at < until for since, until in spans):
            return one
        return one._replace(measured=out_of_service(one.measured))

    def _sorted_out(self, batch: Sequence[Sent]) -> tuple[list[Sent], list[Sent]]:
        """What is new and what corrects; what is known is counted, contradictions are noted."""
        held: Mapping[tuple[str, str], Held] = sent_readings.held(
            self._store, (one.key for one in batch)
        )
        here: dict[tuple[str, str], Held] = {}
        new, right = [], []
        for one in batch:
            if one.key[1] < self._summed_until(one.sensor.uid):
                self.done.summed.append(one)
                continue
            says, before, stored = _held(one.measured), here.get(one.key), held.get(one.key)
            if before is not None:
                # two values in one file: neither corrects the other
                self._again(one, says, before)
            elif stored is None:
                new.append(one)
                here[one.key] = says
            elif _same(says, stored):
                self.done.known += 1
                here[one.key] = stored
            elif self._correct:
                right.append(one)
                here[one.key] = says
                self.done.corrected.append(Contradiction(one, stored))
            else:
                self.done.contradicted.append(Contradiction(one, stored))
        return new, right

    def _summed_until(self, sensor: str) -> str:
        if sensor not in self._summed:
            self._summed[sensor] = sent_readings.summed_until(self._store, [sensor])
        return self._summed[sensor]

    def _again(self, one: Sent, says: Held, before: Held) -> None:
        if _same(says, before):
            self.done.known += 1
        else:
            self.done.contradicted.append(Contradiction(one, before))

    def _tell(self, asset: str, since: str) -> None:
        sensors, store = self._on[asset], self._store
        known = alarm_spans.spans_of(store, sensors)
        first = self._from(sensors, since)
        rows = sent_readings.rows_since(store, sensors, first)
        told = retell(
            [*self._summed_before(sensors, rows), *rows],
            sensors,
            self._policy,
            known=known,
            since=since,
            firm=sent_readings.summed_until(store, sensors),
            expected=self._expected,
        )
        sent_readings.requalify(store, told.requalified)
        changed = alarm_spans.write(store, known, told.spans)
        gone = {row.uid for row in sensors.values() if not row.enabled}
        alarm_spans.put_states(store, told.states, heard=told.heard, gone=gone)
        self._note(changed)

    def _summed_before(
        self, sensors: Mapping[str, SensorRow], rows: Iterable[GoodRow]
    ) -> Iterator[GoodRow]:
        """What was last heard of pressures before their first single readings."""
        first: dict[str, str] = {}
        for row in rows:
            first[row.sensor_uid] = min(row.at, first.get(row.sensor_uid, row.at))
        for uid, at in first.items():
            alone = not sent_readings.moments_before(self._store, uid, at, 1)
            if alone and sensors[uid].quantity == Quantity.PRESSURE:
                last = sent_readings.last_summed(self._store, uid, at)
                if last is not None:
                    yield last

    def _from(self, sensors: Iterable[str], since: str) -> str:
        """From when readings are looked at, so that each rule knows all that it has counted."""
        longest = max(limit.after_s for limit in self._policy.alarms.values())
        first = since
        for uid in sensors:
            before = sent_readings.moments_before(self._store, uid, since, SEEN)
            if before:
                waiting = times.from_text(before[0]) - dt.timedelta(seconds=longest)
                first = min(first, before[-1], times.to_text(waiting))
        return times.to_text(times.from_text(first) - dt.timedelta(seconds=FRESH_S))

    def _note(self, changed: Changed) -> None:
        self.done.transitions += [_transition(span, span.confirmed) for span in changed.opened]
        self.done.transitions += [
            _transition(span, span.cleared) for span in changed.cleared if span.cleared is not None
        ]
        self.done.withdrawn += changed.withdrawn

    def hear(self, now: dt.datetime) -> None:
        """End the alarm of silence of devices that were heard from in time, and of no others."""
        rows = [row for row in self._touched.values() if row.enabled and row.waited_for]
        latest = self._store.latest({row.asset_uid for row in rows})
        watch = Watch(latest, self._store.alarm_states(), self._policy)
        back = [change for change in watch.overdue(rows, now) if change.cleared]
        if back:
            self._store.save([], back)
        self.done.transitions += back


def _held(measured: Measured) -> Held:
    return Held(measured.value, int(measured.quality), measured.reason)


def _same(one: Held, other: Held) -> bool:
    """Whether two readings of a moment say the same; how far it is believed is another matter."""
    if one.value is None or other.value is None:
        return one.value is other.value and one.reason == other.reason
    return isclose(one.value, other.value, rel_tol=1e-9, abs_tol=1e-9)


def _reading(one: Sent) -> Reading:
    measured = one.measured
    return Reading(
        *(one.sensor.uid, one.sensor.asset_uid, one.at, measured.value, int(measured.quality)),
        *(measured.reason, None, one.sensor.quantity, False, True),
    )


def _transition(span: Span, at: str) -> AlarmChange:
    opened = at == span.confirmed
    return AlarmChange(
        *(span.sensor_uid, span.asset_uid, span.kind, opened, 0, times.from_text(at)),
        span.value if opened else None,
        span.limit or 0.0,
        opened=opened,
        cleared=not opened,
    )
