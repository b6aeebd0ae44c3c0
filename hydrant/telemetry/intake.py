"""Takes sent readings in: each once, in whatever order they come, with what follows from all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isclose

from hydrant import times
from hydrant.integrity.policy import Policy
from hydrant.store.facts.sensors import SensorRow
from hydrant.store.readings import alarm_spans, sent_readings
from hydrant.store.readings.alarm_spans import Changed, Span, Spans
from hydrant.store.readings.readings import AlarmChange, Reading, Readings, RunResult
from hydrant.store.readings.readings_care import expected_uses, pauses, withdraw_pause
from hydrant.store.readings.sent_readings import GoodRow, Held
from hydrant.telemetry.quality import Measured, Reason, out_of_service
from hydrant.telemetry.record import CLOCKS_DIFFER
from hydrant.telemetry.retell import SEEN, retell
from hydrant.telemetry.sent import Contradiction, Intake, Sent
from hydrant.telemetry.watch import FRESH_S, Watch
from hydrant.vocabulary import AlarmKind, Quantity

#: Readings that are stored in one transaction, at least; those of an asset are never torn apart.
_BATCH = 5000


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
    taking = _Intake(store, sensors, policy, run=run, by=by, correct=correct)
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


def withdraw_rest(
    store: Readings,
    sensor: SensorRow,
    sensors: Sequence[SensorRow],
    *,
    policy: Policy,
    by: str,
    why: str,
) -> Intake | None:
    """Let what a sensor said in its last suspension count; None where there was none.

    Its readings are known as good from now on, not before, and alarms follow from them as from
    late ones.
    """
    run = store.begin_run(1)
    with store.transaction():
        span = withdraw_pause(store, sensor.uid, by=by, why=why)
        taking = _Intake(store, sensors, policy, run=run, by=by, correct=True)
        if span is not None:
            kept = sent_readings.kept_at_rest(store, sensor.uid, span)
            taking.take_right(
                Sent(0, sensor, times.from_text(at), Measured.good(value)) for at, value in kept
            )
    done = taking.done
    store.end_run(run, RunResult(answered=1, failed=0, stored=0, opened=sum(c.opened for c in
                  done.transitions), cleared=sum(c.cleared for c in done.transitions)))  # fmt: skip
    return None if span is None else done


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


class _Intake:
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
        self.done.rested += [one for one in (*new, *right) if _rested(one)]
        self.done.unusable += [one for one in (*new, *right) if one.measured.value is None]
        self._follow([*new, *right])

    def take_right(self, sent: Iterable[Sent]) -> None:
        """Let readings take the place of what is held of their moments."""
        right = list(sent)
        sent_readings.put_right(
            self._store, [_reading(one) for one in right], run_uid=self._run, by=self._by
        )
        held = Held(None, int(Reason.OUT_OF_SERVICE.quality), Reason.OUT_OF_SERVICE)
        self.done.corrected += [Contradiction(one, held) for one in right]
        self._follow(right)

    def _follow(self, sent: Sequence[Sent]) -> None:
        """Tell anew what follows from readings that came in."""
        since: dict[str, str] = {}
        for one in sent:
            asset, at = one.sensor.asset_uid, one.key[1]
            since[asset] = min(at, since.get(asset, at))
            self._touched[one.sensor.uid] = one.sensor
        for asset, at in since.items():
            self._tell(asset, at)
        touched = {one.sensor.uid: one.sensor.quantity for one in sent}
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
        first = self._from(sensors, _since_drops(known, since))
        rows = [
            row
            for row in sent_readings.rows_since(store, sensors, first)
            if row.at >= self._summed_until(row.sensor_uid)
        ]
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
            alone = not self._singles_before(uid, at, 1)
            if alone and sensors[uid].quantity == Quantity.PRESSURE:
                last = sent_readings.last_summed(self._store, uid, at)
                if last is not None:
                    yield last

    def _from(self, sensors: Iterable[str], since: str) -> str:
        """From when readings are looked at, so that each rule knows all that it has counted."""
        longest = max(limit.after_s for limit in self._policy.alarms.values())
        first = since
        for uid in sensors:
            before = self._singles_before(uid, since, SEEN)
            if before:
                waiting = times.from_text(before[0]) - dt.timedelta(seconds=longest)
                first = min(first, before[-1], times.to_text(waiting))
        return times.to_text(times.from_text(first) - dt.timedelta(seconds=FRESH_S))

    def _singles_before(self, uid: str, at: str, count: int) -> list[str]:
        """Moments of good readings with nothing missing between them: none of kept hours."""
        found = sent_readings.moments_before(self._store, uid, at, count)
        return [moment for moment in found if moment >= self._summed_until(uid)]

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


def _since_drops(known: Spans, since: str) -> str:
    """The beginning of sudden drops that last at a moment: the reading tells what was before."""
    lasting = (
        span.confirmed
        for (_, kind), spans in known.items()
        for span in spans
        if kind == AlarmKind.SUDDEN_DROP and span.holds(since)
    )
    return min(lasting, default=since)


def _rested(one: Sent) -> bool:
    return one.measured.reason is Reason.OUT_OF_SERVICE


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
