"""The words of the field as values; CONTEXT.md defines them, data/messages names them."""

from __future__ import annotations

from enum import IntEnum, StrEnum

#: Families of assets and the kinds within each; a kind is written ``family.kind``,
#: a family alone means that the kind within it is not known (design, section 5).
FAMILIES: dict[str, tuple[str, ...]] = {
    "hydrant": ("pillar", "underground", "wall"),
    "crane": (),
    "intake": ("river", "canal", "lake", "reservoir", "sea", "pond"),
    "well": (),
    "tank": ("cistern", "tower", "pool"),
}

KINDS: tuple[str, ...] = tuple(
    name
    for family, kinds in FAMILIES.items()
    for name in (family, *(f"{family}.{kind}" for kind in kinds))
)


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
    """What an alarm is about."""

    LOW_PRESSURE = "low_pressure"
    HIGH_PRESSURE = "high_pressure"
    SUDDEN_DROP = "sudden_drop"
    OPENING = "opening"
    UNDRAINED = "undrained"
    FREEZING = "freezing"
    KNOCK_DOWN = "knock_down"
    BATTERY = "battery"
    STALE = "stale"
    GATEWAY_OFFLINE = "gateway_offline"


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
