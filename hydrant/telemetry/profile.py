"""Device profiles: which registers a model has and what they mean.

One TOML file per model in ``drivers/``. `Profile` describes it, and
``schemas/driver.schema.json`` is made of it. Reading and checking the file is `profile_reader`'s
work, which turns addresses into those on the wire.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

from hydrant.described import (
    MADE,
    RAW,
    Described,
    NotBlank,
    Parsed,
    Schema,
    Short,
    bounds,
    every,
    filled,
    form,
    one_of,
    rule,
)
from hydrant.telemetry.decode import ORDERS, TYPES, width
from hydrant.vocabulary import Quantity

#: Functions that read bits; 3 and 4 read registers. Nothing else can be named or sent.
BIT_FUNCTIONS = (1, 2)
READ_FUNCTIONS = (1, 2, 3, 4)

CONFIDENCES = ("high", "medium", "low")

#: Largest answer of one request. Source: MODBUS Application Protocol V1.1b3, 6.1 and 6.3.
MOST_REGISTERS = 125
MOST_BITS = 2000

Address = Annotated[int, bounds(0, 65536)]
Function = Annotated[int, bounds(1, 4)]
Names = Annotated[tuple[str, ...], filled('["…"]')]
BothLanguages = Annotated[
    Mapping[Annotated[str, one_of(("en", "zh"))], str],
    every(("en", "zh"), '"…"'),
    '{ en = "…", zh = "…" }',
]
#: A whole number of up to 64 bits as a key: at most 20 digits.
CodeKey = Annotated[str, form(r"^[0-9]{1,20}$", '"7" = "bar"')]
_WIDE = [kind for kind in TYPES if width(kind) > 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point(Described):
    """A value in a device's registers; without ``quantity`` it only helps to read others.

    Value in ``unit`` = (raw x ``scale`` + ``offset``) / 10^decimals; with ``span_from`` that is
    then laid between the two values of the span.
    """

    __pydantic_config__: ClassVar[Schema] = Described.__pydantic_config__ | {
        "json_schema_extra": {
            "dependentRequired": {"span_from": ["span_raw"], "status_from": ["status_mask"]},
            "allOf": [
                {
                    "if": {"properties": {"function": {"enum": [*BIT_FUNCTIONS]}}},
                    "then": {"properties": {"type": {"const": "bit"}}},
                    "else": {"properties": {"type": {"not": {"const": "bit"}}}},
                },
                {
                    "if": {"properties": {"type": {"enum": _WIDE}}},
                    "then": {"required": ["order"]},
                },
            ],
        }
    }
    quantity: Quantity | None = None
    """What it measures; a point without one is only read to understand others."""
    function: Function
    """Modbus function that reads it: 1 coils, 2 discrete inputs, 3 holding, 4 input registers."""
    address: Address
    """Its first register or bit, counted as the file's ``base`` says: 40001 is function 3 with
    address 0 at base 0, or address 1 at base 1."""
    type: Annotated[str, one_of(TYPES)]
    """How the registers make a raw number; ``bit`` for functions 1 and 2, and only for them."""
    order: Annotated[str, one_of(ORDERS)] = "ABCD"
    """Order of the bytes, by the letters of a 32-bit value: ABCD as the protocol sends them, CDAB
    words swapped, BADC bytes swapped within words, DCBA all reversed. To be stated for every type
    of more than one register."""
    unit: NotBlank | None = None
    """Unit of the value after scale, offset and decimals, such as bar, kPa, m, L/s, degC, V or mA;
    without it or ``unit_from`` the unit is stated with the sensor."""
    scale: Annotated[
        float, rule(bool, "0.001 (≠ 0.0)", lambda schema: schema | {"not": {"const": 0}})
    ] = 1.0
    """First step: the raw number is multiplied by it. Unit: ``unit`` per count."""
    offset: float = 0.0
    """Second step: it is added to the scaled number. In ``unit``, times 10^decimals where
    ``decimals_from`` is used."""
    unit_from: NotBlank | None = None
    """Point whose raw number is the code of the unit, in place of ``unit``; see ``codes``."""
    codes: NotBlank | None = None
    """Name of the table ``[codes.NAME]`` that says which unit each code of ``unit_from`` means."""
    decimals_from: NotBlank | None = None
    """Point whose raw number says by which power of ten, 0 to 9, the scaled and offset number is
    divided: the third step."""
    span_from: (
        Annotated[tuple[str, str], 'span_from = ["low", "high"], span_raw = 10000'] | None
    ) = None
    """Points that hold the values at 0 and at ``span_raw``, in ``unit``: the number after the
    third step lies in proportion between them."""
    span_raw: float = 1.0
    """Number that stands for the second value of ``span_from``, not 0; no unit."""
    status_from: NotBlank | None = None
    """Point whose bits say that the value is not valid."""
    status_mask: Annotated[int, bounds(0, 0xFFFF_FFFF)] = 0
    """Bits of ``status_from`` of which none may be set, not 0."""
    sentinels: Annotated[tuple[Annotated[float, RAW], ...], "[32768, 65535]"] = ()
    """Raw numbers, before any scaling, that stand for "no value", as the type can hold them."""
    range: (
        Annotated[tuple[float, float], rule(lambda pair: pair[0] < pair[1], "[0.0, 1600.0]")] | None
    ) = None
    """Least and greatest believable value, both included, in the internal unit of the quantity:
    kPa gauge, L/s, m, degC, V, deg."""
    simulated: Annotated[int, bounds(-32768, 65535)] | None = None
    """Raw number that the simulator gives a point that only helps."""
    name: str = field(default="", metadata=MADE)
    """Of its table."""
    meanings: Mapping[int, str] | None = field(default=None, metadata=MADE)
    """Unit that each code of ``unit_from`` means."""

    helpers: tuple[str, ...] = field(init=False, metadata=MADE)
    """Names of the points that are needed to understand it, each once."""

    def __post_init__(self) -> None:
        names = (self.unit_from, self.decimals_from, self.status_from, *(self.span_from or ()))
        helpers = tuple(dict.fromkeys(name for name in names if name is not None))
        object.__setattr__(self, "helpers", helpers)

    @property
    def width(self) -> int:
        """Registers or bits it takes."""
        return width(self.type)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forbidden(Described):
    """Addresses that are never read, not even to fill a gap."""

    first: Address
    """First of them, counted as ``base`` says."""
    last: Address
    """Last of them."""
    function: Function | None = None
    """Read function for which that holds; all where not stated."""
    why: NotBlank
    """What would happen."""

    def touches(self, function: int, first: int, last: int) -> bool:
        """Whether a read of `first` to `last` would meet it; all 0-based."""
        same = self.function is None or self.function == function
        return same and first <= self.last and last >= self.first


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange(Described):
    """A request and its answer as RTU frames in hexadecimal, with their checksums."""

    request: Annotated[bytes, Parsed(bytes.fromhex, '"01 03 00 00 00 02 C4 0B"')]
    """What is sent."""
    answer: Annotated[bytes, Parsed(bytes.fromhex, '"01 03 04 …"')]
    """What comes back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Golden(Described):
    """Recorded or computed exchanges that prove the profile."""

    exchanges: Annotated[tuple[Exchange, ...], filled('[{ request = "…", answer = "…" }]')]
    """Requests and their answers."""
    values: Annotated[
        Mapping[str, Annotated[float | None, Short(lambda _: None, ("none",)), '0.0, "none"']],
        filled('{ p1 = 395.0, t1 = "none" }'),
    ]
    """What they give, by point, in the internal unit of its quantity; "none" for no value."""
    origin: NotBlank
    """Where the exchanges are from."""
    parameters: Annotated[Mapping[str, Any], '{ unit = "kPa" }'] = field(default_factory=dict)
    """What is stated with the sensor: unit, reference, loop range, height."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Profile(Described):
    """One device model; two are the same only if they are one object."""

    name: NotBlank
    """By which sensors name the profile."""
    version: NotBlank
    """Changes with every change of what is read."""
    title: BothLanguages
    """What the device is, in both languages."""
    maker: NotBlank
    """Who makes it."""
    models: Names
    """Models that the profile fits."""
    confidence: Annotated[str, one_of(CONFIDENCES)]
    """How sure the sources are."""
    sources: Names
    """Documents that the addresses are from."""
    notes: BothLanguages = field(default_factory=dict)
    """What whoever connects it should know, in both languages."""
    serial: NotBlank | None = None
    """Usual settings of its line: ``9600 8N1``."""
    base: Annotated[int, bounds(0, 1)]
    """Whether addresses are counted from 0, as on the wire, or from 1, as in many manuals."""
    max_registers: Annotated[int, bounds(1, MOST_REGISTERS)] = MOST_REGISTERS
    """Most registers that one request may ask for."""
    max_gap: Annotated[int, bounds(0, MOST_REGISTERS)] = 0
    """Registers between two points that may be read along."""
    min_pause_ms: Annotated[int, bounds(0, 10_000)] = 0
    """Pause between an answer and the next request, milliseconds."""
    forbidden: tuple[Forbidden, ...] = ()
    """Addresses that must never be read."""
    codes: Mapping[str, Mapping[CodeKey, Annotated[str, '"7" = "bar"']]] = field(
        default_factory=dict
    )
    """Tables that say which unit each code means, ``"7" = "bar"``; see ``unit_from``."""
    points: Annotated[Mapping[str, Point], filled("[points.…]")]
    """Its values by name."""
    golden: tuple[Golden, ...] = ()
    """Exchanges that prove the profile."""

    @property
    def min_pause_s(self) -> float:
        """Pause between an answer and the next request, seconds."""
        return self.min_pause_ms / 1000

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
