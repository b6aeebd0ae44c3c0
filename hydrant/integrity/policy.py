"""Counting rules as data: checks, limits, switches, targets, each number with its source.

`Policy` describes a policy file, whose schema is made of it, and is what it becomes.
`hydrant.integrity.policy_reader` reads it; nothing here knows files.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, TypeVar

from hydrant import described
from hydrant.described import (
    MADE,
    Described,
    Mistake,
    NonEmpty,
    Place,
    Schema,
    bounds,
    every,
    one_of,
)
from hydrant.vocabulary import FAMILIES, KINDS, AlarmKind, Severity, family_of

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


#: What a policy says of itself; all else are rules.
HEAD = ("name", "version", "title", "extends")
#: Groups of rules that are whole in a policy which extends no other, and the names in them.
WHOLE: dict[str, tuple[str, ...]] = {
    "switches": tuple(SWITCHES),
    "checks": CHECKS,
    "limits": LIMITS,
    "alarms": ALARMS,
    "steepest": PACED,
    "projection": PROJECTION,
    "coverage": COVERAGE,
}
#: Tables of one rule, which such a policy needs too.
SINGLE = ("severity", "frozen")
#: Where one that extends another states none of them; the other's are put in before it is read.
_LATER: Any = None

Confidence = Annotated[str, one_of(CONFIDENCES)]
Kind = Annotated[str, one_of(KINDS)]
Families = tuple[Annotated[str, one_of(FAMILIES)], ...]
AtLeastOne = Annotated[int, bounds(1), "1, 2, 3, …"]
NotNegative = Annotated[float, bounds(0)]
Percent = Annotated[float, bounds(0, 100)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Described):
    """A number or choice, and where it comes from."""

    source: NonEmpty
    """Document, clause or order that says so."""
    confidence: Confidence
    """Whether it was read there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindCheck(Rule):
    """What of a check is otherwise for one kind or family."""

    demanded: bool
    """Whether an asset without it is untested; otherwise it only counts as unmeasured."""
    within_days: AtLeastOne
    """Whole local days for which it stays fresh."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(KindCheck):
    """A check an asset needs."""

    families: Families | None = None
    """Families that need it; where not stated those of the limit of the same name, else all."""
    kinds: Mapping[Kind, KindCheck] = field(default_factory=dict)
    """What differs for a kind or family."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindLimit(Rule):
    """The limit of one kind or family, where it differs from the others'."""

    value: float
    """Number a measurement is held against, in the unit that the limit's name ends with."""
    at_kpa: float | None = None
    """For a flow: the residual pressure at which it is meant, kPa; any where not stated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit(KindLimit):
    """A number a measurement is held against."""

    families: Families
    """Families of assets to which it applies."""
    kinds: Mapping[Kind, KindLimit] = field(default_factory=dict)
    """Limits of kinds or families that differ; they apply whatever `families` says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmLimit(Rule):
    """When a sensor's values raise an alarm."""

    value: float
    """Limit in the internal unit of what is watched: kPa, L/s, degrees C, degrees, V."""
    deadband: NotNegative
    """How far a value must come back to clear it, same unit."""
    samples: AtLeastOne
    """Consecutive samples that confirm either way."""
    after_s: NotNegative
    """Least time from the first of them to the opening, seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen(Rule):
    """For how long and how often the same registers are believed."""

    after_h: Annotated[float, bounds(0, beyond=True)]
    """Hours after which they are doubted."""
    samples: AtLeastOne
    """Consecutive samples that must be the same for that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount(Rule):
    """One number."""

    value: float
    """In the unit its place names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Rule):
    """What a situation counts as."""

    value: NonEmpty
    """One of the words that the situation allows."""


def _allowed(switches: Mapping[str, Choice], place: Place) -> None:
    for name, choice in switches.items():
        if choice.value not in SWITCHES[name]:
            allowed = ", ".join(SWITCHES[name])
            raise Mistake((*place, name, "value"), choice.value, allowed)


def _with_allowed(schema: Schema) -> Schema:
    choice = schema["additionalProperties"]
    each = {name: {"value": {"enum": [*words]}} for name, words in SWITCHES.items()}
    return schema | {"properties": {name: choice | {"properties": v} for name, v in each.items()}}


Switches = Annotated[
    Mapping[Annotated[str, one_of(SWITCHES)], Choice], described.Rule(_allowed, _with_allowed)
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Severities(Rule):
    """How grave defects are unless said otherwise."""

    codes: Mapping[str, Severity]
    """By defect code; one that is not named blocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal(Rule):
    """What the two rates must reach by the end of a day."""

    date: dt.date
    """Last day, local."""
    completeness: Percent | None = None
    """Built against required, percent."""
    working_order: Percent | None = None
    """Intact against existing, percent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade(Rule):
    """A class of flow and the flow from which it holds."""

    name: NonEmpty
    """As it is shown."""
    from_l_s: NotNegative
    """Least flow, L/s."""
    at_kpa: float
    """Residual pressure at which the flow is meant, kPa."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost(Rule):
    """What work on one asset costs, in the registry's currency."""

    build: NotNegative | None = None
    """Building one."""
    repair: NotNegative | None = None
    """Repairing one."""
    verify: NotNegative | None = None
    """Finding out whether one works."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy(Described):
    """Counting rules as data, each number with its source.

    One that ``extends`` a shipped policy states only the rules that differ, each of them whole.
    """

    __pydantic_config__: ClassVar[Schema] = Described.__pydantic_config__ | {
        "json_schema_extra": {
            "required": [],
            "if": {"not": {"required": ["extends"]}},
            "then": {
                "required": ["name", "version", "title", *WHOLE, *SINGLE],
                "properties": {name: {"required": [*keys]} for name, keys in WHOLE.items()},
            },
        }
    }
    name: NonEmpty
    """By which figures name it."""
    version: NonEmpty
    """Changes with every change of a rule."""
    title: Annotated[Mapping[str, NonEmpty], every(("zh", "en"), '"…"')]
    """What it is, in both languages."""
    extends: NonEmpty | None = None
    """Shipped policy whose rules hold where this one states none."""
    switches: Switches = field(default_factory=dict)
    """What situations count as that a policy decides on."""
    checks: Mapping[Annotated[str, one_of(CHECKS)], Check] = field(default_factory=dict)
    """Checks that assets need."""
    limits: Mapping[Annotated[str, one_of(LIMITS)], Limit] = field(default_factory=dict)
    """Limits of measurements."""
    severity: Severities = _LATER
    """How grave defects are."""
    alarms: Mapping[Annotated[str, one_of(ALARMS)], AlarmLimit] = field(default_factory=dict)
    """When a sensor's values raise an alarm."""
    frozen: Frozen = _LATER
    """When registers that stay the same are no longer believed."""
    steepest: Mapping[Annotated[str, one_of(PACED)], Amount] = field(default_factory=dict)
    """Fastest change that is believed, in the quantity's internal unit per second."""
    projection: Mapping[Annotated[str, one_of(PROJECTION)], Amount] = field(default_factory=dict)
    """Percent of the static pressure by which it must drop for a flow to be projected."""
    coverage: Mapping[Annotated[str, one_of(COVERAGE)], Amount] = field(default_factory=dict)
    """Distances of the standard, metres."""
    supply: Mapping[str, Amount] = field(default_factory=dict)
    """Flow in L/s that a fire station's supply chain must reach, by class of station."""
    targets: tuple[Goal, ...] = ()
    """By date."""
    grades: tuple[Grade, ...] = ()
    """Classes of flow, best first; none where the policy knows none."""
    costs: Mapping[Kind, Cost] = field(default_factory=dict)
    """By kind or family."""
    rules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, metadata=MADE)
    """Every rule by its place (``limits.static_kpa``) as written, for showing and comparing."""
    digest: str = field(default="", metadata=MADE)
    """SHA-256 of the rules, so that a saved figure names exactly those it came from."""
    content: str = field(default="", metadata=MADE)
    """All it states as JSON, what it extends put in, so that a registry can keep it."""
    own: bool = field(default=False, metadata=MADE)
    """Whether it is another than the shipped one of its name and version, or none is shipped."""

    @property
    def headline(self) -> str:
        """Which end of the low-high range of working order is shown: ``low`` or ``high``."""
        return self.switches["headline"].value

    @property
    def private_apart(self) -> bool:
        """Whether private assets are in no figure but a line of their own."""
        return self.switches["private"].value == "apart"

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
