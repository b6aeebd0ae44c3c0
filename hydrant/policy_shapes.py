"""Shape of a policy file: counting rules as data.

The readers of these files give one line for a mistake; the schema is for editors. A test holds both
against each other.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, NotRequired

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

CLOSED = ConfigDict(extra="forbid")

Texts = str | list[str]
Confidence = Literal["confirmed", "unconfirmed"]
Whole = Annotated[int, Field(ge=1)]
NotNegative = Annotated[float, Field(ge=0)]
Percent = Annotated[float, Field(ge=0, le=100)]
WatchedFor = Literal[
    "low_pressure_in_use",
    "high_pressure",
    "sudden_drop",
    "opening",
    "undrained",
    "freezing",
    "knock_down",
    "battery",
]


class BothLanguages(TypedDict):
    """Wording in both languages."""

    __pydantic_config__ = CLOSED  # type: ignore[misc]
    en: str
    zh: str


class PolicySwitch(TypedDict):
    """What a situation counts as."""

    __pydantic_config__ = CLOSED  # type: ignore[misc]
    value: Literal[
        "low",
        "high",
        "defective",
        "evidence",
        "not_existing",
        "apart",
        "included",
        "not_built",
        "built",
    ]
    source: str
    confidence: Confidence


class PolicyKindCheck(TypedDict):
    """What of a check is otherwise for one kind or family."""

    __pydantic_config__ = CLOSED  # type: ignore[misc]
    demanded: bool
    within_days: Whole
    source: str
    confidence: Confidence


class PolicyCheck(PolicyKindCheck):
    """A check, whether it is demanded, for how many days it stays fresh, and who needs it."""

    families: NotRequired[list[str]]
    kinds: NotRequired[dict[str, PolicyKindCheck]]


class PolicyKindLimit(TypedDict):
    """A number in the unit its name ends with; a flow is meant at ``at_kpa`` residual."""

    __pydantic_config__ = CLOSED  # type: ignore[misc]
    value: float
    at_kpa: NotRequired[float]
    source: str
    confidence: Confidence


class PolicyLimit(PolicyKindLimit):
    """The limit of some families, and of kinds or families that have another."""

    families: list[str]
    kinds: NotRequired[dict[str, PolicyKindLimit]]


class PolicySeverity(TypedDict):
    """How grave each defect code is unless said otherwise."""

    __pydantic_config__ = CLOSED  # type: ignore[misc]
    codes: dict[str, Literal["remark", "anomaly", "blocking"]]
    source: str
    confidence: Confidence


class PolicyAlarm(TypedDict):
    """A limit in the internal unit of what is watched, and what confirms it."""

    __pydantic_config__ = CLOSED  # type: ignore[misc]
    value: float
    deadband: NotNegative
    samples: Whole
    after_s: NotNegative
    source: str
    confidence: Confidence


class PolicyFrozen(TypedDict):
    """For how long and how often the same registers are believed."""

    __pydantic_config__ = CLOSED  # type: ignore[misc]
    after_h: Annotated[float, Field(gt=0)]
    samples: Whole
    source: str
    confidence: Confidence


class PolicyAmount(TypedDict):
    """One number in the unit its place names."""

    __pydantic_config__ = CLOSED  # type: ignore[misc]
    value: float
    source: str
    confidence: Confidence


class PolicyCost(TypedDict):
    """What building, repairing or verifying one asset costs."""

    __pydantic_config__ = CLOSED  # type: ignore[misc]
    build: NotRequired[NotNegative]
    repair: NotRequired[NotNegative]
    verify: NotRequired[NotNegative]
    source: str
    confidence: Confidence


class PolicyTarget(TypedDict):
    """What the two rates must reach by the end of a day, percent."""

    __pydantic_config__ = CLOSED  # type: ignore[misc]
    date: dt.date
    completeness: NotRequired[Percent]
    working_order: NotRequired[Percent]
    source: str
    confidence: Confidence


class PolicyGrade(TypedDict):
    """A class of flow and the flow from which it holds."""

    __pydantic_config__ = CLOSED  # type: ignore[misc]
    name: str
    from_l_s: NotNegative
    at_kpa: float
    source: str
    confidence: Confidence


class PolicyFile(TypedDict):
    """Counting rules as data, each number with its source.

    One that ``extends`` a shipped policy states only the rules that differ, each of them whole.
    """

    __pydantic_config__ = CLOSED  # type: ignore[misc]
    name: str
    version: str
    title: BothLanguages
    extends: NotRequired[str]
    switches: NotRequired[
        dict[Literal["headline", "suspended", "not_found", "private", "no_structure"], PolicySwitch]
    ]
    checks: NotRequired[dict[Literal["function", "static", "flow", "level"], PolicyCheck]]
    limits: NotRequired[dict[Literal["static_kpa", "flow_l_s", "lift_m", "access"], PolicyLimit]]
    severity: NotRequired[PolicySeverity]
    alarms: NotRequired[dict[WatchedFor, PolicyAlarm]]
    frozen: NotRequired[PolicyFrozen]
    steepest: NotRequired[dict[Literal["level", "temperature", "battery"], PolicyAmount]]
    coverage: NotRequired[
        dict[Literal["radius_m", "natural_radius_m", "spacing_m", "wide_road_m"], PolicyAmount]
    ]
    projection: NotRequired[dict[Literal["drop"], PolicyAmount]]
    supply: NotRequired[dict[str, PolicyAmount]]
    costs: NotRequired[dict[str, PolicyCost]]
    targets: NotRequired[list[PolicyTarget]]
    grades: NotRequired[list[PolicyGrade]]
