"""The words of the field as values; CONTEXT.md defines them, data/messages names them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Self


class Water(StrEnum):
    """Where the water of a family comes from."""

    MAINS = "mains"
    NATURE = "nature"
    STORED = "stored"


@dataclass(frozen=True, slots=True)
class Family:
    """What holds for every asset of a family; what the other modules ask for follows from it.

    Attributes
    ----------
    kinds
        Kinds within it; none where it is not divided.
    measured
        What a crew measures there, as fields of an inspection, in the order of asking.
    structured
        Whether water is taken there by a structure, so that one without is a bare bank.
    spaced
        Whether the distance from one to the next is held against the standard's spacing.
    """

    water: Water
    measured: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    structured: bool = False
    spaced: bool = False


_AT_OUTLETS = ("static_kpa", "residual_kpa", "flow_l_s")
#: Families of assets; a kind is written ``family.kind``, a family alone means that the kind
#: within it is not known (design, section 5). Each is one word of small letters, and none begins
#: another: stored kinds are looked up by how they begin.
FAMILIES: dict[str, Family] = {
    "hydrant": Family(
        Water.MAINS, _AT_OUTLETS, kinds=("pillar", "underground", "wall"), spaced=True
    ),
    "crane": Family(Water.MAINS, _AT_OUTLETS),
    "intake": Family(
        Water.NATURE,
        ("level_m", "lift_m"),
        kinds=("river", "canal", "lake", "reservoir", "sea", "pond"),
        structured=True,
    ),
    "well": Family(Water.NATURE, ("level_m",)),
    "tank": Family(Water.STORED, ("level_m",), kinds=("cistern", "tower", "pool")),
}

KINDS: tuple[str, ...] = tuple(
    name
    for family, known in FAMILIES.items()
    for name in (family, *(f"{family}.{kind}" for kind in known.kinds))
)
#: What an asset is taken for where nothing says it: most are hydrants.
USUAL_KIND = "hydrant"


def families_on(water: Water) -> tuple[str, ...]:
    """Families whose water comes from there."""
    return tuple(family for family, known in FAMILIES.items() if known.water is water)


def families_measured(quantity: str) -> tuple[str, ...]:
    """Families at which a crew measures a field of an inspection, such as ``level_m``."""
    return tuple(family for family, known in FAMILIES.items() if quantity in known.measured)


#: Kinds and families whose water ends, so that its volume decides how long it lasts.
OF_LIMITED_VOLUME = (*families_on(Water.STORED), "intake.pond")


def family_of(kind: str) -> str:
    """Family of a kind: ``intake.river`` gives ``intake``."""
    return kind.partition(".")[0]


def kind_within(kind: str, wanted: str) -> bool:
    """Whether `kind` is `wanted` or lies in the family `wanted`."""
    return kind == wanted or family_of(kind) == wanted


class Structure(StrEnum):
    """How water is taken at an asset."""

    PLATFORM = "platform"
    WHARF = "wharf"
    PIPE = "pipe"
    DRY_HYDRANT = "dry_hydrant"
    NONE = "none"


class Service(StrEnum):
    """Whom the asset serves; private ones stay outside the municipal figures."""

    MUNICIPAL = "municipal"
    RURAL = "rural"
    PRIVATE = "private"


class PublicService(StrEnum):
    """Services for which an authority can require assets."""

    MUNICIPAL = "municipal"
    RURAL = "rural"


class MainsType(StrEnum):
    """Form of the network behind a hydrant."""

    RING = "ring"
    BRANCH = "branch"


class FlowSource(StrEnum):
    """How the flow of a source is known."""

    MEASURED = "measured"
    DESIGN = "design"


class LifecycleEvent(StrEnum):
    """What happened to an asset as a whole."""

    PLANNED = "planned"
    UNDER_CONSTRUCTION = "under_construction"
    COMMISSIONED = "commissioned"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    RELOCATED = "relocated"
    REMOVED = "removed"


class Outcome(StrEnum):
    """The four results of a visit."""

    WORKS = "works"
    FAILS = "fails"
    NOT_FOUND = "not_found"
    NOT_TESTABLE = "not_testable"


class Severity(StrEnum):
    """Weight of a defect; only a blocking one breaks working order."""

    REMARK = "remark"
    ANOMALY = "anomaly"
    BLOCKING = "blocking"


class Condition(StrEnum):
    """Class of an existing asset at a date; stale and untested are both *unverified*."""

    INTACT = "intact"
    STALE = "stale"
    DEFECTIVE = "defective"
    UNTESTED = "untested"


class RegionLevel(StrEnum):
    """Levels of the administrative tree, coarse to fine."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"

    def coarser(self, other: RegionLevel) -> bool:
        """Whether a unit of another level can lie in one of this."""
        levels = tuple(RegionLevel)
        return levels.index(self) < levels.index(other)


class RequirementOrigin(StrEnum):
    """Where a required number comes from."""

    PLAN = "plan"
    STANDARD = "standard"
    ORDER = "order"


class Quantity(StrEnum):
    """What a sensor measures; the stored unit follows from it (see `units`)."""

    PRESSURE = "pressure"
    FLOW = "flow"
    LEVEL = "level"
    TEMPERATURE = "temperature"
    BATTERY = "battery"
    TILT = "tilt"
    WATER_PRESENCE = "water_presence"


class PressureReference(StrEnum):
    """What a pressure transmitter calls zero."""

    GAUGE = "gauge"
    ABSOLUTE = "absolute"


class ValveSide(StrEnum):
    """On which side of the hydrant's main valve the sensor sits."""

    WET = "wet"
    DRY = "dry"


class AlarmKind(StrEnum):
    """What an alarm is about: its word, the unit of what it looks at, the defect it speaks for.

    Attributes
    ----------
    unit
        Sign of the unit of its value and limit; None where there is none to show.
    defect
        Code of the defect that a lasting one speaks for; None where it passes, or is somebody's
        business at once.
    """

    unit: str | None
    defect: str | None

    def __new__(cls, word: str, unit: str | None, defect: str | None) -> Self:
        """A kind with what it means; all three are to be stated."""
        kind = str.__new__(cls, word)
        kind._value_ = word
        kind.unit, kind.defect = unit, defect
        return kind

    LOW_PRESSURE = "low_pressure", "kPa", "low_pressure"
    HIGH_PRESSURE = "high_pressure", "kPa", None
    SUDDEN_DROP = "sudden_drop", "kPa", None
    OPENING = "opening", "L/s", None
    UNDRAINED = "undrained", None, "drain_blocked"
    FREEZING = "freezing", "°C", None
    KNOCK_DOWN = "knock_down", "°", "damaged"
    BATTERY = "battery", "V", None
    STALE = "stale", None, None
    GATEWAY_OFFLINE = "gateway_offline", None, None

    @classmethod
    def of(cls, word: str) -> Self:
        """The kind of a stored word."""
        return {str(kind): kind for kind in cls}[word]


class Quality(IntEnum):
    """OPC UA status codes of a reading (OPC 10000-8 section 7.3.2; the mapping is ours)."""

    GOOD = 0
    UNCERTAIN = 0x40000000
    UNCERTAIN_LAST_USABLE = 0x40900000
    BAD_COMMUNICATION_ERROR = 0x80050000
    BAD_TIMEOUT = 0x800A0000
    BAD_NO_COMMUNICATION = 0x80310000
    BAD_OUT_OF_RANGE = 0x803C0000
    BAD_CONFIGURATION_ERROR = 0x80890000
    BAD_DEVICE_FAILURE = 0x808B0000
    BAD_SENSOR_FAILURE = 0x808C0000
    BAD_OUT_OF_SERVICE = 0x808D0000


class Language(StrEnum):
    """Languages in which everything shown to people exists."""

    ZH = "zh"
    EN = "en"
