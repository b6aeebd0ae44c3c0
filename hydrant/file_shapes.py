"""Shapes of the TOML files that people write: mappings, policies, device profiles.

The readers of these files give the errors that people see; these shapes are for editors with
schema support and for documentation. Tests hold both against each other and against every
file that ships.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from hydrant.policy_shapes import (
    CLOSED,
    BothLanguages,
    PolicyFile,
    Texts,
    Whole,
)
from hydrant.vocabulary import Quantity, RegionLevel

Address = Annotated[int, Field(ge=0, le=65536)]
Function = Annotated[int, Field(ge=1, le=4)]
Pattern = Annotated[list[str], Field(min_length=2, max_length=2)]


class Target(TypedDict):
    """How one field is filled: from ``column`` or ``columns``, or by ``constant``.

    ``alternatives`` are headings of which the first one present is read; with ``optional`` a
    file may have none of them. ``values`` translates whole cells and ``other`` those not in it;
    ``patterns`` are pairs of regular expression and value; ``regex`` keeps its first group;
    ``unit`` is the unit the file uses; ``date`` lists formats as strptime takes them; ``empty``
    lists cells that mean "not known".
    """

    __pydantic_config__ = CLOSED  # type: ignore[misc]
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

    __pydantic_config__ = CLOSED  # type: ignore[misc]
    x: NotRequired[str | Texts]
    y: NotRequired[str | Texts]
    latlon: NotRequired[str | Texts]
    lonlat: NotRequired[str | Texts]
    wkt: NotRequired[str | Texts]


class MappedRegion(TypedDict):
    """A region that is made when the registry lacks it."""

    __pydantic_config__ = CLOSED  # type: ignore[misc]
    code: str
    level: RegionLevel
    name_en: NotRequired[str]
    name_zh: NotRequired[str]
    parent: NotRequired[str]


class MappingFile(TypedDict):
    """How a foreign file becomes assets and their evidence."""

    __pydantic_config__ = CLOSED  # type: ignore[misc]
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


class DriverPoint(TypedDict):
    """A value in a device's registers; without ``quantity`` it only helps to read others."""

    __pydantic_config__ = CLOSED  # type: ignore[misc]
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

    __pydantic_config__ = CLOSED  # type: ignore[misc]
    first: Address
    last: Address
    function: NotRequired[Function]
    why: str


class DriverExchange(TypedDict):
    """A request and its answer as RTU frames in hexadecimal, with their checksums."""

    __pydantic_config__ = CLOSED  # type: ignore[misc]
    request: str
    answer: str


class DriverGolden(TypedDict):
    """Exchanges and the values they must give, in internal units; "none" for no value."""

    __pydantic_config__ = CLOSED  # type: ignore[misc]
    exchanges: Annotated[list[DriverExchange], Field(min_length=1)]
    values: dict[str, float | Literal["none"]]
    origin: str
    parameters: NotRequired[dict[str, Any]]


class DriverFile(TypedDict):
    """One device model."""

    __pydantic_config__ = CLOSED  # type: ignore[misc]
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
