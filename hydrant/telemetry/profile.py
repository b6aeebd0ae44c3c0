"""Device profiles: which registers a model has and what they mean.

One TOML file per model in ``drivers/``; its vocabulary is that of `docs/reference` and of
``schemas/driver.schema.json``. Reading and checking the file is `profile_reader`'s work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hydrant.telemetry.decode import width
from hydrant.vocabulary import Quantity

#: Functions that read bits; 3 and 4 read registers. Nothing else can be named or sent.
BIT_FUNCTIONS = (1, 2)
READ_FUNCTIONS = (1, 2, 3, 4)

CONFIDENCES = ("high", "medium", "low")

#: Largest answer of one request. Source: MODBUS Application Protocol V1.1b3, 6.1 and 6.3.
MOST_REGISTERS = 125
MOST_BITS = 2000


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a device.

    Attributes
    ----------
    quantity
        What it measures; None for registers that only help to read others.
    function, address
        Read function 1-4 and 0-based address on the wire.
    type, order
        As `hydrant.telemetry.decode` names them.
    unit
        Unit of the scaled value; None when it comes from `unit_from` or from the sensor.
    scale, offset
        Value in `unit` = (raw x scale) + offset.
    unit_from, codes
        Point that holds the unit's code, and what each code means.
    decimals_from
        Point that holds the number of decimals, by whose power of ten raw is divided.
    span_from, span_raw
        Points that hold the values at raw 0 and at raw `span_raw`, between which raw is linear.
    status_from, status_mask
        Point whose bits under the mask mean that this value is invalid.
    sentinels
        Raw values that stand for "no value".
    low, high
        Plausible range in the internal unit, bounds included.
    simulated
        Raw value that the simulator gives a helping register.
    """

    name: str
    function: int
    address: int
    type: str
    order: str
    quantity: Quantity | None = None
    unit: str | None = None
    scale: float = 1.0
    offset: float = 0.0
    unit_from: str | None = None
    codes: Mapping[int, str] | None = None
    decimals_from: str | None = None
    span_from: tuple[str, str] | None = None
    span_raw: float = 1.0
    status_from: str | None = None
    status_mask: int = 0
    sentinels: tuple[float, ...] = ()
    low: float | None = None
    high: float | None = None
    simulated: int | None = None
    helpers: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        names = (self.unit_from, self.decimals_from, self.status_from, *(self.span_from or ()))
        helpers = tuple(dict.fromkeys(name for name in names if name is not None))
        object.__setattr__(self, "helpers", helpers)

    @property
    def width(self) -> int:
        """Registers or bits it takes."""
        return width(self.type)


@dataclass(frozen=True, slots=True)
class Forbidden:
    """Addresses that must never be read, not even to fill a gap."""

    first: int
    last: int
    function: int | None = None

    def touches(self, function: int, first: int, last: int) -> bool:
        """Whether a read of `first` to `last` would meet it."""
        same = self.function is None or self.function == function
        return same and first <= self.last and last >= self.first


@dataclass(frozen=True, slots=True)
class Golden:
    """Recorded or computed exchanges that prove the profile.

    Attributes
    ----------
    exchanges
        Requests and their answers, RTU frames with their CRC.
    values
        Point name to value in internal units; None where the device says "no value".
    """

    exchanges: tuple[tuple[bytes, bytes], ...]
    values: Mapping[str, float | None]
    origin: str
    parameters: Mapping[str, str | float]


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """One device model; two are the same only if they are one object."""

    name: str
    version: str
    title: Mapping[str, str]
    maker: str
    models: tuple[str, ...]
    confidence: str
    sources: tuple[str, ...]
    notes: Mapping[str, str]
    serial: str | None
    max_registers: int
    max_gap: int
    min_pause_s: float
    forbidden: tuple[Forbidden, ...]
    points: Mapping[str, Point]
    golden: tuple[Golden, ...]

    def measuring(self, quantity: Quantity) -> tuple[Point, ...]:
        """Points that measure a quantity, in the order of the file."""
        return tuple(p for p in self.points.values() if p.quantity is quantity)

    def with_helpers(self, names: tuple[str, ...]) -> tuple[Point, ...]:
        """Points of these names and those needed to understand them, each once."""
        wanted: dict[str, Point] = {}
        for name in names:
            point = self.points[name]
            for needed in (point.name, *point.helpers):
                wanted[needed] = self.points[needed]
        return tuple(wanted.values())
