"""Public shapes of sources around a place; see `hydrant.shapes`, which publishes them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

from hydrant.vocabulary import Condition, FlowSource, MainsType, Service

Degrees = Annotated[float, Field(ge=-180, le=360)]

_CLOSED = ConfigDict(extra="forbid")


class NearSource(TypedDict):
    """A water source; ``bearing_deg`` is from the place asked for, clockwise from north.

    ``flow_source`` says whether the flow was measured or is a design figure; ``flow_at`` is the
    local day of the measurement, null for a design figure and where no day was recorded.
    ``crs`` is the datum of ``lon`` and ``lat``: the one asked in, where that has degrees.
    """

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    code: str | None
    uid: str
    kind: str
    service: Service
    distance_m: Annotated[float, Field(ge=0)]
    bearing_deg: Annotated[float, Field(ge=0, le=360)]
    condition: Condition
    reason: str
    lon: Degrees
    lat: Degrees
    crs: str
    flow_l_s: float | None
    flow_source: FlowSource | None
    flow_at: str | None


class NearData(TypedDict):
    """``hydrant near``: nearest first."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    lon: Degrees
    lat: Degrees
    crs: str
    crs_stated: bool
    sources: list[NearSource]


class SupplySource(NearSource):
    """A source of ``hydrant supply``, with what limits the water that can be drawn there.

    ``counted_l_s`` is its part of ``drawn_l_s``. ``not_counted`` names why its flow is not
    proven, or not added to that of others.
    """

    static_kpa: float | None
    residual_kpa: float | None
    mains_type: MainsType | None
    mains_dn_mm: float | None
    truck_slots: int | None
    capacity_m3: float | None
    lasts_min: float | None
    season: str | None
    counted_l_s: Annotated[float, Field(ge=0)]
    not_counted: list[
        Literal["design", "no_water", "no_place", "season", "season_unknown", "one_main"]
    ]


class SupplyCaution(TypedDict):
    """What may make the answer wrong, and which sources it is about."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    key: str
    text: str
    sources: list[str]


class SupplyData(TypedDict):
    """``hydrant supply``: ``enough`` is true only where proven flows reach ``wanted_l_s``.

    ``verdict`` is ``enough_by_sum`` where several sources on mains were added that nobody tested
    together; whoever wants no sum compares ``largest_single_l_s``.
    ``sum_l_s`` adds single tests and ``with_design_l_s`` design figures to them: upper bounds.
    ``joint_test_l_s`` is the flow of all chosen sources opened together, null while none is
    recorded.
    """

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    lon: Degrees
    lat: Degrees
    crs: str
    within_m: float
    wanted_l_s: float
    engine_l_s: float | None
    drawn_l_s: Annotated[float, Field(ge=0)]
    enough: bool
    verdict: Literal["enough", "enough_by_sum", "not_proven", "short"]
    largest_single_l_s: float | None
    sum_l_s: Annotated[float, Field(ge=0)]
    with_design_l_s: Annotated[float, Field(ge=0)]
    joint_test_l_s: float | None
    sources: list[SupplySource]
    not_counted: list[SupplySource]
    unknown_flow: list[NearSource]
    cautions: list[SupplyCaution]
