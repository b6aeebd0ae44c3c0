"""Holds values against the alarm rules as they come in, with what else is known of the asset."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from hydrant import times
from hydrant.integrity.policy import Policy
from hydrant.store.facts.sensors import SensorRow
from hydrant.store.readings.readings import AlarmChange, Latest
from hydrant.telemetry.alarm import (
    AlarmState,
    Circumstances,
    Rule,
    Transition,
    points_to_change,
    step,
    watched,
)
from hydrant.telemetry.quality import Measured
from hydrant.telemetry.schedule import PATIENCE
from hydrant.vocabulary import AlarmKind, Quality, Quantity

#: Two values further apart than this are not compared; what is older says nothing of "in use", s.
FRESH_S = 3600.0
#: Two values closer together than this are one look at the device, s: a suspect is read again
#: at once, and both are compared with what was before.
_SAME_LOOK_S = 60.0


_Key = TypeVar("_Key")


class _Good(NamedTuple):
    value: float
    at: float


class Watch:
    """The alarms of one registry's sensors while values come in.

    Parameters
    ----------
    former
        What is known of each sensor.
    states
        Where every alarm stands, by sensor and kind.
    policy
        Its limits decide.
    expected
        Spans (stored text) in which the use of an asset is announced, by the asset's uid.
    before_drops
        Pressure before each sudden drop that lasts, by sensor.
    """

    def __init__(
        self,
        former: Mapping[str, Latest],
        states: Mapping[tuple[str, str], tuple[bool, int, float | None]],
        policy: Policy,
        expected: Mapping[str, Sequence[tuple[str, str]]] | None = None,
        before_drops: Mapping[str, float] | None = None,
    ) -> None:
        self._before_drops = dict(before_drops or {})
        self._policy = policy
        alarms, rest = policy.alarms, policy.limits["static_kpa"]
        self._calm_from = max(rest.value, alarms["low_pressure_in_use"].value)
        self._calm_to = alarms[AlarmKind.HIGH_PRESSURE].value
        self._calm_drop = alarms[AlarmKind.SUDDEN_DROP].value
        self._states = {key: AlarmState(*state) for key, state in states.items()}
        # who has ever been near an alarm is looked at closely from then on
        self._restless = {uid for uid, _ in self._states}
        self._known = former
        self._expected = expected or {}
        self._own: dict[str, _Good] = {}
        self._before: dict[str, _Good] = {}
        self._around: dict[tuple[str, str], _Good] = {}
        for uid, latest in former.items():
            if latest.good_at is not None and latest.good_value is not None:
                at = times.from_text(latest.good_at).timestamp()
                self._remember(uid, latest.asset_uid, latest.quantity, latest.good_value, at)

    def judge(
        self, sensor: SensorRow, measured: Measured, at: dt.datetime
    ) -> tuple[list[AlarmChange], bool]:
        """What one value does to the alarms, and whether it should be looked at again at once."""
        if measured.quality is not Quality.GOOD or measured.value is None:
            return [], False
        moment, value = at.timestamp(), measured.value
        if self._uneventful(sensor, value, moment):
            self._remember(sensor.uid, sensor.asset_uid, sensor.quantity, value, moment)
            return [], False
        changes, suspect = [], False
        around = self._circumstances(sensor, moment)
        for rule, seen in watched(self._policy, sensor.asset_kind, sensor.quantity, value, around):
            key = (sensor.uid, str(rule.kind))
            former = self._states.get(key, AlarmState())
            state, transition = step(former, rule, seen, moment)
            # one more sample decides, unless time has to pass as well
            suspect |= points_to_change(state, rule, seen) and not rule.after_s
            if rule.kind is AlarmKind.SUDDEN_DROP and transition is Transition.OPENED:
                self._before_drops[sensor.uid] = value + seen
            if state != former:
                self._states[key] = state
                self._restless.add(sensor.uid)
                changes.append(_change(sensor, rule, state, transition, at, seen))
        self._remember(sensor.uid, sensor.asset_uid, sensor.quantity, value, moment)
        return changes, suspect

    @property
    def states(self) -> dict[tuple[str, str], tuple[bool, int, float | None]]:
        """Where every alarm stands, as the store notes it."""
        return {key: (s.active, s.count, s.since) for key, s in self._states.items()}

    def set_active(self, uid: str, kind: str, *, active: bool) -> None:
        """State what is known of an alarm from elsewhere; samples seen count on if it agrees."""
        if self._states.get((uid, kind), AlarmState()).active != active:
            self._states[uid, kind] = AlarmState(active)
            self._restless.add(uid)

    def begin_anew(self, uid: str) -> None:
        """Forget the samples that speak for a change of a sensor's alarms."""
        for key, state in self._states.items():
            if key[0] == uid:
                self._states[key] = AlarmState(state.active)

    def _uneventful(self, sensor: SensorRow, value: float, moment: float) -> bool:
        """Whether a pressure is so plainly in order that no rule need be asked."""
        if sensor.quantity != Quantity.PRESSURE or sensor.uid in self._restless:
            return False
        if not self._calm_from <= value <= self._calm_to:
            return False
        former = self._former(sensor.uid, moment)
        return former is None or former - value <= self._calm_drop

    def absences(
        self, tried: Iterable[tuple[SensorRow, Measured]], at: dt.datetime
    ) -> Iterator[AlarmChange]:
        """Alarms for who has been silent too long: one for a gateway, else one for a sensor."""
        behind: dict[str, list[tuple[SensorRow, Measured]]] = {}
        for sensor, measured in tried:
            behind.setdefault(sensor.url.partition("?")[0], []).append((sensor, measured))
        for gateway, found in behind.items():
            gone = all(m.reason is not None and m.reason.concerns_gateway for _, m in found)
            lasting = gone and any(self._silent_long(s, m) for s, m in found)
            if lasting or not gone:
                yield from self._set(AlarmKind.GATEWAY_OFFLINE, gateway, "", at, active=lasting)
            if gone:
                continue
            for sensor, measured in found:
                stale = self._silent_long(sensor, measured)
                if not stale and (sensor.uid, AlarmKind.STALE) not in self._states:
                    continue  # as nearly always: thousands of generators are not made
                yield from self._set(
                    AlarmKind.STALE, sensor.uid, sensor.asset_uid, at, active=stale
                )

    def overdue(self, awaited: Iterable[SensorRow], at: dt.datetime) -> Iterator[AlarmChange]:
        """Alarms for sensors that send by themselves and have not for several intervals."""
        for sensor in awaited:
            known = self._known.get(sensor.uid)
            last = sensor.registered_at if known is None else known.good_at or known.at
            if last is None:
                continue
            waited_s = (at - times.from_text(last)).total_seconds()
            stale = waited_s > (PATIENCE + 1) * sensor.interval_s
            yield from self._set(AlarmKind.STALE, sensor.uid, sensor.asset_uid, at, active=stale)

    def _silent_long(self, sensor: SensorRow, measured: Measured) -> bool:
        former = self._known.get(sensor.uid)
        return measured.silent and (0 if former is None else former.failures) + 1 > PATIENCE

    def _set(
        self, kind: AlarmKind, uid: str, asset_uid: str, at: dt.datetime, *, active: bool
    ) -> Iterator[AlarmChange]:
        former = self._states.get((uid, kind.value))
        if active == (former is not None and former.active):
            return
        self._states[uid, str(kind)] = AlarmState(active)
        yield AlarmChange(
            sensor_uid=uid,
            asset_uid=asset_uid,
            kind=kind,
            active=active,
            count=0,
            at=at,
            value=None,
            limit=float(PATIENCE),
            opened=active,
            cleared=not active,
        )

    def _circumstances(self, sensor: SensorRow, moment: float) -> Circumstances:
        def known(quantity: Quantity) -> float | None:
            return _fresh(self._around, (sensor.asset_uid, str(quantity)), moment)

        baseline = sensor.parameters.get("baseline", 0.0)
        return Circumstances(
            flow_l_s=known(Quantity.FLOW),
            water=known(Quantity.WATER_PRESENCE),
            temperature_c=known(Quantity.TEMPERATURE),
            former=self._compared(sensor.uid, moment),
            use_expected=self._use_expected(sensor.asset_uid, moment),
            baseline=float(baseline) if isinstance(baseline, int | float) else 0.0,
        )

    def _use_expected(self, asset_uid: str, moment: float) -> bool:
        spans = self._expected.get(asset_uid)
        if not spans:
            return False
        at = times.to_text(dt.datetime.fromtimestamp(moment, dt.UTC))
        return any(since <= at <= until for since, until in spans)

    def _compared(self, uid: str, moment: float) -> float | None:
        """What a value is held against for a drop: while one lasts, what was before it."""
        state = self._states.get((uid, str(AlarmKind.SUDDEN_DROP)))
        if state is not None and state.active and uid in self._before_drops:
            return self._before_drops[uid]
        return self._former(uid, moment)

    def _former(self, uid: str, moment: float) -> float | None:
        """Last good value of an earlier look at a sensor."""
        own = self._own.get(uid)
        known = self._own if own is not None and moment - own.at >= _SAME_LOOK_S else self._before
        return _fresh(known, uid, moment)

    def _remember(self, uid: str, asset: str, quantity: str, value: float, at: float) -> None:
        good = _Good(value, at)
        own = self._own.get(uid)
        if own is not None and at - own.at >= _SAME_LOOK_S:
            self._before[uid] = own
        self._own[uid] = good
        known = self._around.get((asset, quantity))
        if known is None or known.at <= at:
            self._around[asset, quantity] = good


def _fresh(known: Mapping[_Key, _Good], key: _Key, moment: float) -> float | None:
    good = known.get(key)
    return None if good is None or moment - good.at > FRESH_S else good.value


def _change(
    sensor: SensorRow,
    rule: Rule,
    state: AlarmState,
    transition: Transition | None,
    at: dt.datetime,
    value: float,
) -> AlarmChange:
    return AlarmChange(
        sensor_uid=sensor.uid,
        asset_uid=sensor.asset_uid,
        kind=rule.kind,
        active=state.active,
        count=state.count,
        at=at,
        value=value,
        limit=rule.limit,
        since=state.since,
        opened=transition is Transition.OPENED,
        cleared=transition is Transition.CLEARED,
    )
