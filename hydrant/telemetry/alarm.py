"""When values become alarms and when they stop being ones; pure.

An alarm opens after a number of consecutive good samples beyond its limit, and not before some
time has passed since the first of them; it clears after as many beyond limit and deadband. Lost
data changes nothing: it neither clears an alarm nor forgets a suspicion.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hydrant.integrity.policy import AlarmLimit, Policy
from hydrant.vocabulary import AlarmKind, Quantity

#: Flow above which a hydrant is in use, L/s: below it meters creep. Source: ours.
_USE_FLOW_L_S = 0.5
_PRESENT = 0.5


class Transition(StrEnum):
    """What a sample did to an alarm."""

    OPENED = "opened"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class Rule:
    """One alarm's limit.

    Attributes
    ----------
    limit
        In the internal unit of what is watched.
    deadband
        How far a value must come back beyond the limit to clear, same unit.
    samples
        Consecutive samples that confirm either way.
    after_s
        Least time from the first of them to the opening, seconds.
    above
        Whether values above the limit are beyond it, rather than those below.
    """

    kind: AlarmKind
    limit: float
    deadband: float
    samples: int = 2
    after_s: float = 0.0
    above: bool = False


@dataclass(frozen=True, slots=True)
class AlarmState:
    """Where an alarm stands: active or not, samples seen toward the change, since when (s)."""

    active: bool = False
    count: int = 0
    since: float | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What else is known of an asset when a value comes in; None where it is not.

    Attributes
    ----------
    flow_l_s, water, temperature_c
        Latest fresh good values of the asset's other sensors.
    former
        Last good value of the same sensor, if it is not too old to compare with.
    baseline
        Reading of the tilt sensor when it was mounted.
    use_expected
        Whether it was announced that somebody may draw water now.
    """

    flow_l_s: float | None = None
    water: float | None = None
    temperature_c: float | None = None
    former: float | None = None
    baseline: float = 0.0
    use_expected: bool = False

    @property
    def in_use(self) -> bool:
        """Whether water is being drawn; without evidence it is not."""
        flowing = self.flow_l_s is not None and self.flow_l_s > _USE_FLOW_L_S
        return flowing or (self.water is not None and self.water > _PRESENT)


Watched = tuple[Rule, float]


def watched(
    policy: Policy, kind: str, quantity: str, value: float, around: Circumstances
) -> list[Watched]:
    """Rules that a good value is held against, each with what it looks at.

    Parameters
    ----------
    kind
        Kind of the asset.
    value
        In the internal unit of its quantity.
    """
    alarms = policy.alarms
    if quantity == Quantity.PRESSURE:
        return _pressure(policy, kind, value, around)
    if quantity == Quantity.FLOW:
        return [] if around.use_expected else [(_above(AlarmKind.OPENING, alarms), value)]
    if quantity == Quantity.WATER_PRESENCE:
        found = [(_above(AlarmKind.UNDRAINED, alarms), value)]
        return [*found, *_frost(alarms, around.temperature_c, value)]
    if quantity == Quantity.TEMPERATURE:
        return _frost(alarms, value, around.water)
    if quantity == Quantity.TILT:
        return [(_above(AlarmKind.KNOCK_DOWN, alarms), abs(value - around.baseline))]
    if quantity == Quantity.BATTERY:
        return [(_below(AlarmKind.BATTERY, alarms), value)]
    return []


def _pressure(policy: Policy, kind: str, value: float, around: Circumstances) -> list[Watched]:
    found = [(_above(AlarmKind.HIGH_PRESSURE, policy.alarms), value)]
    rest = policy.limit_for("static_kpa", kind)
    if rest is not None:
        use = policy.alarms["low_pressure_in_use"]
        limit = use.value if around.in_use else rest.value
        found.append((_rule(AlarmKind.LOW_PRESSURE, use, limit, above=False), value))
    if around.former is not None and not around.use_expected:
        found.append((_above(AlarmKind.SUDDEN_DROP, policy.alarms), around.former - value))
    return found


def _frost(
    alarms: Mapping[str, AlarmLimit], temperature_c: float | None, water: float | None
) -> list[Watched]:
    """Frost matters where water stands; without a water sensor it is not known to."""
    if temperature_c is None or water is None:
        return []
    # a dry barrel is as safe as a warm one
    felt = temperature_c if water > _PRESENT else _SAFE_C
    return [(_below(AlarmKind.FREEZING, alarms), felt)]


#: Stands for "nothing there that could freeze", degrees C.
_SAFE_C = 99.0


def _above(kind: AlarmKind, alarms: Mapping[str, AlarmLimit]) -> Rule:
    return _rule(kind, alarms[kind], alarms[kind].value, above=True)


def _below(kind: AlarmKind, alarms: Mapping[str, AlarmLimit]) -> Rule:
    return _rule(kind, alarms[kind], alarms[kind].value, above=False)


def _rule(kind: AlarmKind, found: AlarmLimit, limit: float, *, above: bool) -> Rule:
    return Rule(kind, limit, found.deadband, found.samples, found.after_s, above)


def step(
    state: AlarmState, rule: Rule, value: float | None, at: float = 0.0
) -> tuple[AlarmState, Transition | None]:
    """State after one sample, and the transition it made.

    Parameters
    ----------
    value
        A good value, or None when there is none.
    at
        When it was measured, seconds since an epoch.
    """
    if value is None:
        return state, None
    if not points_to_change(state, rule, value):
        return AlarmState(state.active), None
    since = at if state.since is None else state.since
    count = state.count + 1
    waiting = not state.active and at - since < rule.after_s
    if count < rule.samples or waiting:
        return AlarmState(state.active, count, since), None
    changed = Transition.CLEARED if state.active else Transition.OPENED
    return AlarmState(not state.active), changed


def points_to_change(state: AlarmState, rule: Rule, value: float) -> bool:
    """Whether a good value speaks for the other state: beyond while quiet, well while active."""
    if rule.above:
        return value <= rule.limit - rule.deadband if state.active else value > rule.limit
    return value >= rule.limit + rule.deadband if state.active else value < rule.limit
