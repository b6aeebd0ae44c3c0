"""Shapes of the TOML files that people write: mappings, policies, device profiles.

The readers of these files give the errors that people see; these shapes are for editors with
schema support and for documentation. Tests hold both against each other and against every
file that ships.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal, NotRequired

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

from hydrant.vocabulary import Quantity, RegionLevel

_CLOSED = ConfigDict(extra="forbid")

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
Address = Annotated[int, Field(ge=0, le=65536)]
Function = Annotated[int, Field(ge=1, le=4)]
Pattern = Annotated[list[str], Field(min_length=2, max_length=2)]


class BothLanguages(TypedDict):
    """Wording in both languages."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    en: str
    zh: str


class Target(TypedDict):
    """How one field is filled: from ``column`` or ``columns``, or by ``constant``.

    ``alternatives`` are headings of which the first one present is read; with ``optional`` a
    file may have none of them. ``values`` translates whole cells and ``other`` those not in it;
    ``patterns`` are pairs of regular expression and value; ``regex`` keeps its first group;
    ``unit`` is the unit the file uses; ``date`` lists formats as strptime takes them; ``empty``
    lists cells that mean "not known".
    """

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    column: NotRequired[str]
    columns: NotRequired[Texts]
    alternatives: NotRequired[Texts]
    optional: NotRequired[bool]
    constant: NotRequired[str]
    values: NotRequired[dict[str, str]]
    other: NotRequired[str]
    patterns: NotRequired[list[Pattern]]
    regex: NotRequired[str]
    unit: NotRequired[str]
    date: NotRequired[Texts]
    empty: NotRequired[Texts]
    join: NotRequired[str]


class Position(TypedDict):
    """Where the position stands: two columns, or one cell in an order or as WKT.

    Of several headings the first one present is read.
    """

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    x: NotRequired[str | Texts]
    y: NotRequired[str | Texts]
    latlon: NotRequired[str | Texts]
    lonlat: NotRequired[str | Texts]
    wkt: NotRequired[str | Texts]


class MappedRegion(TypedDict):
    """A region that is made when the registry lacks it."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    code: str
    level: RegionLevel
    name_en: NotRequired[str]
    name_zh: NotRequired[str]
    parent: NotRequired[str]


class MappingFile(TypedDict):
    """How a foreign file becomes assets and their evidence."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    title: NotRequired[str]
    source: NotRequired[str]
    encoding: NotRequired[str]
    header_row: NotRequired[Whole]
    layer: NotRequired[str]
    crs: NotRequired[str]
    zone: NotRequired[str]
    key: NotRequired[Texts]
    placeholder_codes: NotRequired[Texts]
    position: NotRequired[Position]
    ignore: NotRequired[dict[str, Texts]]
    fields: NotRequired[dict[str, str | Target]]
    inspection: NotRequired[dict[str, str | Target]]
    regions: NotRequired[list[MappedRegion]]


class PolicySwitch(TypedDict):
    """What a situation counts as."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
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

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
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

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
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

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    codes: dict[str, Literal["remark", "anomaly", "blocking"]]
    source: str
    confidence: Confidence


class PolicyAlarm(TypedDict):
    """A limit in the internal unit of what is watched, and what confirms it."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    value: float
    deadband: NotNegative
    samples: Whole
    after_s: NotNegative
    source: str
    confidence: Confidence


class PolicyFrozen(TypedDict):
    """For how long and how often the same registers are believed."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    after_h: Annotated[float, Field(gt=0)]
    samples: Whole
    source: str
    confidence: Confidence


class PolicyAmount(TypedDict):
    """One number in the unit its place names."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    value: float
    source: str
    confidence: Confidence


class PolicyCost(TypedDict):
    """What building, repairing or verifying one asset costs."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    build: NotRequired[NotNegative]
    repair: NotRequired[NotNegative]
    verify: NotRequired[NotNegative]
    source: str
    confidence: Confidence


class PolicyTarget(TypedDict):
    """What the two rates must reach by the end of a day, percent."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    date: dt.date
    completeness: NotRequired[Percent]
    working_order: NotRequired[Percent]
    source: str
    confidence: Confidence


class PolicyGrade(TypedDict):
    """A class of flow and the flow from which it holds."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    name: str
    from_l_s: NotNegative
    at_kpa: float
    source: str
    confidence: Confidence


class PolicyFile(TypedDict):
    """Counting rules as data, each number with its source.

    One that ``extends`` a shipped policy states only the rules that differ, each of them whole.
    """

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
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


class DriverPoint(TypedDict):
    """A value in a device's registers; without ``quantity`` it only helps to read others."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    quantity: NotRequired[Quantity]
    function: Function
    address: Address
    type: Literal[
        "int16",
        "uint16",
        "float16",
        "int32",
        "uint32",
        "float32",
        "int64",
        "uint64",
        "float64",
        "bit",
    ]
    order: NotRequired[Literal["ABCD", "CDAB", "BADC", "DCBA"]]
    unit: NotRequired[str]
    scale: NotRequired[float]
    offset: NotRequired[float]
    unit_from: NotRequired[str]
    codes: NotRequired[str]
    decimals_from: NotRequired[str]
    span_from: NotRequired[Annotated[list[str], Field(min_length=2, max_length=2)]]
    span_raw: NotRequired[float]
    status_from: NotRequired[str]
    status_mask: NotRequired[int]
    sentinels: NotRequired[list[float]]
    range: NotRequired[Annotated[list[float], Field(min_length=2, max_length=2)]]
    simulated: NotRequired[int]


class DriverForbidden(TypedDict):
    """Addresses that are never read, not even to fill a gap, and why."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    first: Address
    last: Address
    function: NotRequired[Function]
    why: str


class DriverExchange(TypedDict):
    """A request and its answer as RTU frames in hexadecimal, with their checksums."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    request: str
    answer: str


class DriverGolden(TypedDict):
    """Exchanges and the values they must give, in internal units; "none" for no value."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    exchanges: Annotated[list[DriverExchange], Field(min_length=1)]
    values: dict[str, float | Literal["none"]]
    origin: str
    parameters: NotRequired[dict[str, Any]]


class DriverFile(TypedDict):
    """One device model."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    name: str
    version: str
    title: BothLanguages
    maker: str
    models: list[str]
    confidence: Literal["high", "medium", "low"]
    sources: list[str]
    notes: NotRequired[BothLanguages]
    serial: NotRequired[str]
    base: Annotated[int, Field(ge=0, le=1)]
    max_registers: NotRequired[Annotated[int, Field(ge=1, le=125)]]
    max_gap: NotRequired[Annotated[int, Field(ge=0, le=125)]]
    min_pause_ms: NotRequired[Annotated[int, Field(ge=0, le=10000)]]
    forbidden: NotRequired[list[DriverForbidden]]
    codes: NotRequired[dict[str, dict[str, str]]]
    points: dict[str, DriverPoint]
    golden: NotRequired[list[DriverGolden]]


#: Schema file: shape.
FILES: dict[str, Any] = {"mapping": MappingFile, "policy": PolicyFile, "driver": DriverFile}
