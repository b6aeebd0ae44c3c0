"""Alarms told anew from readings in the order in which they were measured; pure.

Readings that are sent come in any order and in any number of files. What they say together must
not depend on that, so from the first one that is new on the alarms of its asset are told again:
from a while before, so that every rule knows what it has seen, up to the newest reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from hydrant import times
from hydrant.integrity.policy import Policy
from hydrant.store.facts.sensors import SensorRow
from hydrant.store.readings.alarm_spans import Key, Span, Spans
from hydrant.store.readings.readings import AlarmChange
from hydrant.store.readings.sent_readings import GoodRow
from hydrant.telemetry.history import History
from hydrant.telemetry.quality import Measured, Reason
from hydrant.telemetry.watch import Watch
from hydrant.vocabulary import Quality, Quantity

#: So many good readings before a new one a rule may have counted: more than any asks for.
SEEN = 8
#: At one moment what tells whether water is drawn comes before the pressure that it lowers.
_LAST = Quantity.PRESSURE


@dataclass(frozen=True, slots=True)
class Result:
    """What readings say in their order.

    Attributes
    ----------
    spans
        Alarms by sensor and kind.
    states
        Where each alarm stands after the last reading.
    heard
        Sensors whose readings were looked at.
    requalified
        Sensor, moment, quality and reason of readings that are better or worse than they seemed.
    """

    spans: dict[Key, list[Span]]
    states: dict[Key, tuple[bool, int, float | None]]
    requalified: list[tuple[str, str, int, str | None]] = field(default_factory=list)
    heard: frozenset[str] = frozenset()


def retell(
    rows: Iterable[GoodRow],
    sensors: Mapping[str, SensorRow],
    policy: Policy,
    *,
    known: Spans,
    since: str,
    firm: str,
    expected: Mapping[str, Sequence[tuple[str, str]]],
) -> Result:
    """Alarms and doubts as they follow from readings.

    Parameters
    ----------
    rows
        Readings of the sensors of one asset, also from before `since`.
    known
        Alarms on record of these sensors.
    since
        First moment (stored text) at which anything is new: before it what is on record stands.
    firm
        First moment from which single readings are all there. Before it (`db retain`) an alarm
        on record stands, and new ones may only be added.
    expected
        Announced uses, by asset.
    """
    telling = _Telling(sensors, policy, known, since=since, firm=firm, expected=expected)
    for row in sorted(rows, key=lambda row: _order(row, sensors)):
        telling.take(row)
    return telling.result()


def _order(row: GoodRow, sensors: Mapping[str, SensorRow]) -> tuple[str, bool, str]:
    return row.at, sensors[row.sensor_uid].quantity == _LAST, row.sensor_uid


class _Telling:
    """One pass over the readings of an asset."""

    def __init__(
        self,
        sensors: Mapping[str, SensorRow],
        policy: Policy,
        known: Spans,
        *,
        since: str,
        firm: str,
        expected: Mapping[str, Sequence[tuple[str, str]]],
    ) -> None:
        self._sensors, self._known = sensors, known
        self._since, self._firm = since, firm
        self._watch = Watch({}, {}, policy, expected)
        self._history = History({}, policy)
        self._requalified: list[tuple[str, str, int, str | None]] = []
        self._heard: set[str] = set()
        self._standing: set[str] = set()
        stands = max(since, firm)
        self._spans = {
            key: [_open_from(span, stands) for span in spans if span.confirmed < stands]
            for key, spans in known.items()
        }

    def take(self, row: GoodRow) -> None:
        """Look at the next reading."""
        sensor, at = self._sensors[row.sensor_uid], times.from_text(row.at)
        self._heard.add(sensor.uid)
        self._cross(sensor, row.at)
        measured = self._judged(sensor, row)
        if row.at < max(self._since, self._firm):
            self._set_from_record(row, before=True)
        changes, _ = self._watch.judge(sensor, measured, at)
        if row.at >= self._since:
            for change in changes:
                self._note(change, row.at)
        if row.at < max(self._since, self._firm):
            self._set_from_record(row, before=False)

    def _cross(self, sensor: SensorRow, at: str) -> None:
        """Begin to count anew where a sensor begins to stand on its asset."""
        if sensor.uid not in self._standing and at >= (sensor.since or ""):
            self._standing.add(sensor.uid)
            self._watch.begin_anew(sensor.uid)

    def _judged(self, sensor: SensorRow, row: GoodRow) -> Measured:
        reason = None if row.reason is None else Reason(row.reason)
        stored = Measured(row.value, Quality(row.quality), reason)
        at = times.from_text(row.at)
        if row.at < self._since or not row.sent:
            self._history.recall(sensor.uid, stored, at)
            return stored
        fresh = Measured.good(row.value)
        measured, _ = self._history.judged(sensor.uid, sensor.quantity, fresh, None, at)
        if measured.quality is not stored.quality:
            self._requalified.append(
                (row.sensor_uid, row.at, int(measured.quality), measured.reason)
            )
        return measured

    def _set_from_record(self, row: GoodRow, *, before: bool) -> None:
        """Let alarms stand as they are on record, before or after a reading."""
        spans: Spans = self._known if row.at < self._since else self._spans
        for key in self._known.keys() | self._watch.states.keys():
            if key[0] == row.sensor_uid:
                on = any(_stands(span, row.at, before=before) for span in spans.get(key, ()))
                self._watch.set_active(*key, active=on)

    def _note(self, change: AlarmChange, at: str) -> None:
        key = (change.sensor_uid, change.kind)
        spans = self._spans.setdefault(key, [])
        if at < self._firm and any(span.holds(at) for span in self._known.get(key, ())):
            return
        if change.opened:
            spans.append(Span(change.sensor_uid, change.asset_uid, str(change.kind), at, None,
                              change.value, change.limit))  # fmt: skip
        if change.cleared:
            spans[:] = [replace(s, cleared=at) if s.holds(at) else s for s in spans]

    def result(self) -> Result:
        """What it came to."""
        spans = {key: [self._ended(span) for span in spans] for key, spans in self._spans.items()}
        states = {
            key: (any(s.cleared is None for s in spans.get(key, ())), count, since)
            for key, (_, count, since) in self._watch.states.items()
        }
        return Result(spans, states, self._requalified, frozenset(self._heard))

    def _ended(self, span: Span) -> Span:
        """An alarm of a sensor that is no longer read ended when it was taken off."""
        sensor = self._sensors[span.sensor_uid]
        if sensor.enabled or span.cleared is not None:
            return span
        record = next((s.cleared for s in self._known.get((span.sensor_uid, span.kind), ())
                       if s.confirmed == span.confirmed), None)  # fmt: skip
        until = sensor.until or times.to_text(times.now())
        return replace(span, cleared=max(until, record or ""))


def _open_from(span: Span, at: str) -> Span:
    """An alarm on record with its end left open where that follows from what is told anew."""
    return replace(span, cleared=None) if span.cleared is not None and span.cleared >= at else span


def _stands(span: Span, at: str, *, before: bool) -> bool:
    """Whether an alarm on record was open right before, or after, a reading of a moment."""
    if before:
        return span.confirmed < at and (span.cleared is None or at <= span.cleared)
    return span.holds(at)
