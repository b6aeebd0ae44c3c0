"""Counting rules as data: checks, limits, switches, targets, each number with its source.

`hydrant.integrity.policy_reader` reads them; nothing here knows files.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from hydrant.vocabulary import AlarmKind, Severity, family_of

CHECKS = ("function", "static", "flow", "level")
LIMITS = ("static_kpa", "flow_l_s", "lift_m", "access")
#: Alarms with a limit of their own. At rest low pressure has that of the check, silence the
#: interval of the sensor.
ALARMS = (
    "low_pressure_in_use",
    *(
        str(kind)
        for kind in AlarmKind
        if kind not in (AlarmKind.LOW_PRESSURE, AlarmKind.STALE, AlarmKind.GATEWAY_OFFLINE)
    ),
)
#: Situations that a policy decides on, and what each may count as; the first is the default of
#: the plan this program was made for.
SWITCHES: dict[str, tuple[str, ...]] = {
    "headline": ("low", "high"),
    "suspended": ("defective", "evidence", "not_existing"),
    "not_found": ("defective", "not_existing"),
    "private": ("apart", "included"),
    "no_structure": ("not_built", "built"),
}
#: Numbers of the projection of a flow to another pressure.
PROJECTION = ("drop",)
#: Quantities whose change is held against a pace.
PACED = ("level", "temperature", "battery")
#: Distances of the standard for coverage.
COVERAGE = ("radius_m", "natural_radius_m", "spacing_m", "wide_road_m")
#: What a unit cost may be stated for.
WORKS = ("build", "repair", "verify")
CONFIDENCES = ("confirmed", "unconfirmed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Where a number or choice comes from, and whether that was read there."""

    source: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KindCheck(Rule):
    """What of a check is otherwise for one kind or family; as in `Check`."""

    demanded: bool
    within_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Rule):
    """A check an asset needs.

    Attributes
    ----------
    demanded
        Whether an asset without it is untested; otherwise it only counts as unmeasured.
    within_days
        Whole local days for which it stays fresh.
    families
        Families that need it; None where that follows from the limit of the same name, and for
        the function check, which all need.
    kinds
        What differs for a kind or family.
    """

    demanded: bool
    within_days: int
    families: tuple[str, ...] | None = None
    kinds: Mapping[str, KindCheck] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class KindLimit(Rule):
    """The limit of one kind or family, where it differs from the others'; as in `Limit`."""

    value: float
    at_kpa: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit(Rule):
    """A number a measurement is held against, in the unit its name ends with.

    Attributes
    ----------
    families
        Families of assets to which it applies.
    at_kpa
        For a flow: the residual pressure at which it is meant; None for other limits, and for a
        flow that is meant at any.
    kinds
        Limits of kinds or families that differ; they apply to these whatever `families` says.
    """

    value: float
    families: tuple[str, ...]
    at_kpa: float | None = None
    kinds: Mapping[str, KindLimit] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmLimit(Rule):
    """When a sensor's values raise an alarm.

    Attributes
    ----------
    value
        Limit in the internal unit of what is watched: kPa, L/s, degrees C, degrees, V.
    deadband
        How far a value must come back to clear it, same unit.
    samples
        Consecutive samples that confirm either way.
    after_s
        Least time from the first of them to the opening, seconds.
    """

    value: float
    deadband: float
    samples: int
    after_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen(Rule):
    """For how long (hours) and how often the same registers are believed."""

    after_h: float
    samples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount(Rule):
    """One number in the unit its place names."""

    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Rule):
    """One of the values that `SWITCHES` allows."""

    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Severities(Rule):
    """How grave each defect code is unless said otherwise."""

    codes: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal(Rule):
    """What the two rates must reach by the end of a day, percent; None where nothing is set."""

    date: dt.date
    completeness: float | None = None
    working_order: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade(Rule):
    """A class of flow: its name and the flow from which it holds, L/s at a residual in kPa."""

    name: str
    from_l_s: float
    at_kpa: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost(Rule):
    """What building, repairing or verifying one asset costs, in the registry's currency."""

    build: float | None = None
    repair: float | None = None
    verify: float | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """One set of counting rules.

    Attributes
    ----------
    switches
        Choice for every situation of `SWITCHES`.
    targets
        By date.
    grades
        Classes of flow, best first; none where the policy knows none.
    supply
        Flow in L/s that a fire station's supply chain must reach, by class of station.
    costs
        By kind or family.
    rules
        Every rule by its place (``limits.static_kpa``) as written, for showing and comparing.
    digest
        SHA-256 of the rules, so that a saved figure names exactly those it came from.
    """

    name: str
    version: str
    title: Mapping[str, str]
    switches: Mapping[str, Choice]
    checks: Mapping[str, Check]
    limits: Mapping[str, Limit]
    severity: Severities
    alarms: Mapping[str, AlarmLimit]
    frozen: Frozen
    steepest: Mapping[str, Amount]
    projection: Mapping[str, Amount]
    coverage: Mapping[str, Amount]
    supply: Mapping[str, Amount]
    targets: tuple[Goal, ...] = ()
    grades: tuple[Grade, ...] = ()
    costs: Mapping[str, Cost] = field(default_factory=dict)
    rules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    digest: str = ""

    @property
    def headline(self) -> str:
        """Which end of the low-high range of working order is shown: ``low`` or ``high``."""
        return self.switches["headline"].value

    def severity_of(self, code: str) -> Severity:
        """How grave a defect is unless said otherwise; one the policy does not name blocks."""
        return Severity(self.severity.codes.get(code, Severity.BLOCKING))

    def limit_for(self, name: str, kind: str) -> Limit | None:
        """The limit of that name as it applies to a kind or family; None where it does not."""
        limit = self.limits[name]
        own = _of_kind(limit.kinds, kind)
        if own is not None:
            return replace(
                limit, value=own.value, at_kpa=own.at_kpa, source=own.source,
                confidence=own.confidence,
            )  # fmt: skip
        return limit if family_of(kind) in limit.families else None

    def check_for(self, name: str, kind: str) -> Check | None:
        """The check of that name as a kind or family needs it; None where it does not."""
        check = self.checks[name]
        own = _of_kind(check.kinds, kind)
        if own is not None:
            return replace(
                check, demanded=own.demanded, within_days=own.within_days, source=own.source,
                confidence=own.confidence,
            )  # fmt: skip
        return check if check.families is None or family_of(kind) in check.families else None

    @property
    def least_drop(self) -> float:
        """Share of the static pressure by which it must drop for a projection, 0 to 1."""
        return self.projection["drop"].value / 100


_Of = TypeVar("_Of")


def _of_kind(kinds: Mapping[str, _Of], kind: str) -> _Of | None:
    """What is stated for a kind, else for its family."""
    return kinds.get(kind, kinds.get(family_of(kind)))
