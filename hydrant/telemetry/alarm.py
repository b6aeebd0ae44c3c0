"""When a value becomes an alarm and when it stops being one; pure.

An alarm opens after a number of consecutive good samples beyond the limit and clears after as
many beyond limit and deadband. Lost data changes nothing: it neither clears an alarm nor
forgets a suspicion.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hydrant.integrity.policy import Policy
from hydrant.vocabulary import FAMILIES

#: How far a pressure must rise above its limit before the alarm clears, kPa: 2 % of the
#: 0-1 MPa range usual on mains. Source: EEMUA 191 deadband for pressure, 2 % of range.
DEADBAND_KPA = 20.0


class Transition(StrEnum):
    """What a sample did to an alarm."""

    OPENED = "opened"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class LowRule:
    """Low-limit alarm.

    Attributes
    ----------
    limit
        Values below it are low; in the unit of the values.
    deadband
        How far above the limit a value must come to clear, same unit.
    samples
        Consecutive samples that confirm either way.
    """

    limit: float
    deadband: float
    samples: int = 2


def low_rules(policy: Policy) -> dict[str, LowRule | None]:
    """Low-pressure rule of each family under a policy; None where it states no limit."""
    limits = {family: policy.limit_for("static_kpa", family) for family in FAMILIES}
    return {
        family: None if limit is None else LowRule(limit.value, DEADBAND_KPA)
        for family, limit in limits.items()
    }


@dataclass(frozen=True, slots=True)
class AlarmState:
    """Where an alarm stands: active or not, and samples seen toward the change."""

    active: bool = False
    count: int = 0


def step(
    state: AlarmState, rule: LowRule, value: float | None
) -> tuple[AlarmState, Transition | None]:
    """State after one sample, and the transition it made.

    Parameters
    ----------
    value
        A good value, or None when there is none.
    """
    if value is None:
        return state, None
    if not points_to_change(state, rule, value):
        return AlarmState(state.active, 0), None
    if state.count + 1 < rule.samples:
        return AlarmState(state.active, state.count + 1), None
    changed = Transition.CLEARED if state.active else Transition.OPENED
    return AlarmState(not state.active, 0), changed


def points_to_change(state: AlarmState, rule: LowRule, value: float) -> bool:
    """Whether a good value speaks for the other state: low while quiet, well while active."""
    return value >= rule.limit + rule.deadband if state.active else value < rule.limit
