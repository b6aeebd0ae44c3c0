"""Public shapes: what ``--json`` prints, from which ``schemas/`` is generated.

Other people's scripts rely on these: a change needs a note in the CHANGELOG. ``docs/generate.py``
turns each into a JSON Schema; the contract tests hold real output against it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

from hydrant.completeness_shapes import (
    CompletenessData,
    DisagreeingRequirement,
    JoinedNumber,
    NumberInPart,
    SplitNumber,
    VillagesData,
)
from hydrant.import_shapes import ImportData, ProposalData
from hydrant.money_shapes import MoneyData
from hydrant.source_shapes import NearData, SupplyData

Count = Annotated[int, Field(ge=0)]
Percent = Annotated[float, Field(ge=0, le=100)]

_CLOSED = ConfigDict(extra="forbid")


class Message(TypedDict):
    """A remark or an error, in the language of the run; ``key`` does not depend on it."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    level: Literal["note", "warning", "error"]
    key: str
    text: str


class Envelope(TypedDict):
    """The one object that ``--json`` prints; with an error, ``data`` is empty."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    version: Literal[1]
    command: str
    data: dict[str, Any]
    messages: list[Message]
    exit_code: Annotated[int, Field(ge=0, le=130)]


class WorkingOrderData(TypedDict):
    """Intact against existing; existing = intact + stale + defective + untested."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    existing: Count
    intact: Count
    stale: Count
    defective: Count
    untested: Count
    unmeasured: Count
    percent: Percent | None
    low: Percent | None
    high: Percent | None


class SensorsData(TypedDict):
    """Existing assets, those that carry a sensor, those whose sensor answered in time.

    Of all together also whether the readings are at hand, here and with those who handed sensors
    up; null where there are no sensors.
    """

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    assets: Count
    equipped: Count
    online: Count
    readings: NotRequired[Literal["present", "missing", "not_stated"] | None]


class GroupData(TypedDict):
    """The two rates of a part of the assets; completeness is null for cuts that have none.

    ``beyond`` marks numbers of a region coarser than the level that is cut by.
    """

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    key: str | None
    name: str | None
    beyond: bool
    completeness: CompletenessData | None
    working_order: WorkingOrderData
    sensors: SensorsData


class SplitRegion(TypedDict):
    """A retired code that was split and still carries assets."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    code: str
    assets: Count


class IntegrityData(TypedDict):
    """``hydrant integrity``; ``ahead`` where the day has not come, so that nothing is proven."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    as_of: str
    ahead: bool
    known_at: str | None
    policy: str
    region: str | None
    by: str
    total: GroupData
    groups: list[GroupData]
    private: WorkingOrderData
    rural: WorkingOrderData
    not_built: Count
    sensors: SensorsData
    requirements_disagreeing: list[DisagreeingRequirement]
    split_regions: list[SplitRegion]
    split_numbers: NotRequired[list[SplitNumber]]
    joined_numbers: NotRequired[list[JoinedNumber]]
    numbers_in_part: NotRequired[list[NumberInPart]]
    open_duplicates: NotRequired[Count]
    villages: NotRequired[VillagesData]
    list: NotRequired[list[dict[str, Any]]]
    explanation: NotRequired[dict[str, Any]]
    targets: list[dict[str, Any]]
    assessment: NotRequired[dict[str, Any]]


class PollFailure(TypedDict):
    """A sensor that gave no value; ``reason`` is a word that does not depend on language."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    sensor: str
    reason: str
    asset: str
    quantity: str
    url: str
    unit: Annotated[int, Field(ge=0, le=255)]


class PollData(TypedDict):
    """``hydrant poll``: sensors = answered + failed."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    sensors: Count
    answered: Count
    failed: Count
    stored: Count
    alarms_opened: Count
    alarms_cleared: Count
    duration_s: Annotated[float, Field(ge=0)]
    unreached: Count
    failures: list[PollFailure]


class WorkerData(TypedDict):
    """``hydrant worker run``: what this worker did until it ended."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    cycles: Count
    closed: Annotated[int, Field(ge=0, description="jobs of dead workers that it closed")]
    jobs: Count
    answered: Count
    failed: Count
    stored: Count
    alarms_opened: Count
    alarms_cleared: Count
    held: Annotated[int, Field(ge=0, description="times a gateway was left to another worker")]
    broken_off: Annotated[int, Field(ge=0, description="sensors not reached; they are due still")]
    duration_s: Annotated[float, Field(ge=0)]


class WorkerMember(TypedDict):
    """A process that polls; `stalled` when it has not been heard of for too long."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    kind: Literal["worker", "listener"]
    host: str
    process: int
    since: str
    seen_s: float
    stalled: bool
    doing: Count
    lines: Count


class WorkerOverdue(TypedDict):
    """How far behind polling is."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    longest_gap_s: float | None
    asset: str | None
    overdue: Count
    never: Count


class WorkerStatusData(TypedDict):
    """``hydrant worker status``; `waiting` jobs are due, those `ahead` are not yet."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    prepared: bool
    workers: Count
    waiting: Count
    ahead: Count
    doing: Count
    oldest_wait_s: Annotated[float, Field(ge=0)]
    members: list[WorkerMember]
    overdue: WorkerOverdue


class CoverageRoads(TypedDict):
    """Roads in reach; the required numbers are estimates by length."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    length_m: Annotated[float, Field(ge=0)]
    covered_m: Annotated[float, Field(ge=0)]
    percent: Percent | None
    required: Count
    required_by_side: Count
    gaps: list[dict[str, Any]]


class CoverageBuildings(TypedDict):
    """Buildings in reach."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    count: Count
    covered: Count
    percent: Percent | None


class CoverageSide(TypedDict):
    """Coverage by one way of counting."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    count: Literal["existing", "working"]
    sources: Count
    roads: CoverageRoads
    buildings: CoverageBuildings


class CoverageData(CoverageSide):
    """``hydrant coverage``: the chosen way of counting, and the other beside it."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    other: CoverageSide
    as_of: str
    policy: str
    radius_m: float
    natural_radius_m: float
    along_streets: bool
    crs: str
    private: Count
    left_out: dict[str, Count]
    classes_left_out: dict[str, Count]
    spacing: dict[str, float] | None
    proposed: NotRequired[dict[str, Any]]
    file: NotRequired[str]


HealthState = Literal["ok", "warning", "critical", "unknown"]


class HealthCheck(TypedDict):
    """One thing looked at; a number that is not known is absent from ``values``."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    name: str
    state: HealthState
    text: str
    values: dict[str, float]


class HealthData(TypedDict):
    """``hydrant health``: the worst state, what is not known counting as a warning."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    state: Literal["ok", "warning", "critical"]
    checks: list[HealthCheck]


#: Schema file: shape.
OUTPUTS: dict[str, Any] = {
    "coverage": CoverageData,
    "envelope": Envelope,
    "health": HealthData,
    "import": ImportData,
    "proposal": ProposalData,
    "near": NearData,
    "supply": SupplyData,
    "integrity": IntegrityData,
    "money": MoneyData,
    "poll": PollData,
    "worker": WorkerData,
    "worker-status": WorkerStatusData,
}
