"""A registered sensor and its profile, put together and checked before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING, TypeVar

from hydrant import units
from hydrant.errors import InputRefused
from hydrant.store.facts.sensors import SensorRow
from hydrant.telemetry.endpoint import Endpoint, parse
from hydrant.telemetry.evaluate import Setup, measure
from hydrant.telemetry.physics import Mounting, at_outlet
from hydrant.telemetry.profile import Point, Profile
from hydrant.telemetry.profile_reader import load_profile
from hydrant.telemetry.quality import Measured
from hydrant.telemetry.reader import UnitAnswers
from hydrant.units import STANDARD_ATMOSPHERE_KPA
from hydrant.vocabulary import PressureReference, Quantity, ValveSide

if TYPE_CHECKING:
    from hydrant.model.inputs import SensorInput

#: What a sensor's parameters may say; golden frames use the same words.
PARAMETERS = ("point", "unit", "at_4ma", "at_20ma", "loop_unit", "atmosphere_kpa", "baseline")

#: Highest number of a device behind a gateway. Source: one byte of the frame.
_LAST_UNIT = 255

#: Stands for a profile where a device sends values instead of registers.
PUSHED, PUSHED_VERSION = "pushed", "1"

Parameters = Mapping[str, object]
_Word = TypeVar("_Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class ReadySensor:
    """A sensor that can be read: everything that decides its request and its value.

    Attributes
    ----------
    names
        Points to read for it.
    """

    row: SensorRow
    endpoint: Endpoint
    profile: Profile
    point: Point
    setup: Setup
    mounting: Mounting
    names: tuple[str, ...]

    def measured(self, name: str, answers: UnitAnswers) -> Measured:
        """Value of any point of its device as the device felt it, or why there is none."""
        failure = answers.failure((name, *self.profile.points[name].helpers))
        if failure is not None:
            return Measured.missing(failure)
        return measure(self.profile, name, answers.registers, self.setup)

    def outcome(self, answers: UnitAnswers) -> Measured:
        """Its value in the internal unit; a pressure is brought to the outlet."""
        measured = self.measured(self.point.name, answers)
        if measured.value is None or self.point.quantity is not Quantity.PRESSURE:
            return measured
        return at_outlet(measured.value, self.mounting)


def ready(row: SensorRow) -> ReadySensor:
    """A registered sensor made ready to be read.

    Raises
    ------
    InputRefused
        Its profile, URL, point or parameters are wrong; says which and what is allowed.
    """
    for name, value in row.parameters.items():
        if not isinstance(value, str | int | float):
            raise InputRefused("telemetry.parameter_value", name=name, value=value)
    if not isinstance(row.unit_id, int) or not 0 <= row.unit_id <= _LAST_UNIT:
        raise InputRefused("model.range", field="unit_id", value=row.unit_id, allowed=_LAST_UNIT)
    profile = load_profile(row.profile)
    point, setup, names = _fitted(profile, row.quantity, tuple(row.parameters.items()))
    return ReadySensor(row, parse(row.url), profile, point, setup, mounting_of(row), names)


def _word(words: type[_Word], field: str, value: object) -> _Word:
    """A word of a vocabulary; another program may have stored one that is in none."""
    try:
        return words(str(value))
    except ValueError:
        known = ", ".join(words)
        raise InputRefused("model.choice", field=field, value=value, allowed=known) from None


@lru_cache(maxsize=4096)
def _fitted(
    profile: Profile, quantity: str, parameters: tuple[tuple[str, object], ...]
) -> tuple[Point, Setup, tuple[str, ...]]:
    """Point, set-up and names to read; thousands of sensors differ in nothing but their URL."""
    stated = dict(parameters)
    point = choose_point(profile, _word(Quantity, "quantity", quantity), stated)
    setup = device_setup(stated)
    check_setup(profile, point, setup)
    return point, setup, (point.name, *point.helpers)


def check_entered(entered: SensorInput, parameters: Parameters) -> str:
    """Version of the profile of a sensor about to be registered; refuses as `ready` does."""
    endpoint = parse(entered.url)
    if (endpoint.scheme == "push") != (entered.profile == PUSHED):
        raise InputRefused("telemetry.push_profile", profile=PUSHED)
    if entered.profile == PUSHED:
        _check_pushed(entered.quantity, parameters)
        return PUSHED_VERSION
    profile = load_profile(entered.profile)
    point = choose_point(profile, entered.quantity, parameters)
    check_setup(profile, point, device_setup(parameters))
    return profile.version


def _check_pushed(quantity: Quantity, parameters: Parameters) -> None:
    """Refuse what cannot be said of values that a device sends by itself."""
    if "point" in parameters:
        raise InputRefused("telemetry.push_point", point=parameters["point"])
    setup = device_setup(parameters)
    known = units.known_units(units.QUANTITY_UNIT[quantity])
    current = units.known_units("mA") if setup.loop is not None else ()
    if setup.unit is not None and setup.unit not in (*known, *current):
        raise InputRefused("units.unknown", unit=setup.unit, known=", ".join((*known, *current)))
    if setup.loop is not None and setup.loop[2] not in known:
        raise InputRefused("units.unknown", unit=setup.loop[2], known=", ".join(known))


def choose_point(profile: Profile, quantity: Quantity, parameters: Parameters) -> Point:
    """The point named in the parameters, else the profile's first one for the quantity."""
    candidates = profile.measuring(quantity)
    named = parameters.get("point")
    for point in candidates:
        if named is None or point.name == named:
            return point
    if not candidates:
        known = dict.fromkeys(str(p.quantity) for p in profile.points.values() if p.quantity)
        raise InputRefused(
            "telemetry.no_quantity",
            profile=profile.name,
            quantity=quantity,
            known=", ".join(known),
        )
    raise InputRefused(
        "telemetry.no_point",
        profile=profile.name,
        point=named,
        known=", ".join(point.name for point in candidates),
    )


def device_setup(parameters: Parameters) -> Setup:
    """What a sensor's parameters say of its device."""
    for name in parameters:
        if name not in PARAMETERS:
            raise InputRefused("telemetry.parameter", name=name, known=", ".join(PARAMETERS))
    unit = parameters.get("unit")
    loop = None
    if "loop_unit" in parameters:
        at_4, at_20 = _number(parameters, "at_4ma"), _number(parameters, "at_20ma")
        if at_4 == at_20:
            raise InputRefused("telemetry.parameter_value", name="at_20ma", value=at_20)
        loop = at_4, at_20, str(parameters["loop_unit"])
    return Setup(unit=None if unit is None else str(unit), loop=loop)


def _number(parameters: Parameters, name: str) -> float:
    value = parameters.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or not isfinite(value):
        raise InputRefused("telemetry.parameter_value", name=name, value=value)
    return float(value)


def check_setup(profile: Profile, point: Point, setup: Setup) -> None:
    """Refuse a sensor whose device does not tell its unit or range and nobody stated it."""
    assert point.quantity is not None  # noqa: S101  `choose_point` gives measuring points only
    known = units.known_units(units.QUANTITY_UNIT[point.quantity])
    unit = point.unit or (None if point.unit_from else setup.unit)
    facts = {"profile": profile.name, "point": point.name, "known": ", ".join(known)}
    if unit is None and point.unit_from is None:
        raise InputRefused("telemetry.unit_needed", **facts)
    meanings = {unit} if unit is not None else set((point.meanings or {}).values())
    if setup.unit is not None and setup.unit not in known:
        raise InputRefused("units.unknown", unit=setup.unit, known=facts["known"])
    if not meanings & set(units.known_units("mA")):
        return
    if setup.loop is None:
        raise InputRefused("telemetry.loop_needed", **facts)
    if setup.loop[2] not in known:
        raise InputRefused("units.unknown", unit=setup.loop[2], known=facts["known"])


def mounting_of(row: SensorRow) -> Mounting:
    """How a registered pressure transmitter sits."""
    atmosphere = STANDARD_ATMOSPHERE_KPA
    if "atmosphere_kpa" in row.parameters:
        atmosphere = _number(row.parameters, "atmosphere_kpa")
    height_m = row.height_m or 0.0
    if not isinstance(height_m, int | float) or not isfinite(height_m):
        raise InputRefused("model.invalid", field="height_m", value=height_m)
    return _mounting(row.reference, row.side, height_m, atmosphere)


@lru_cache(maxsize=4096)
def _mounting(
    reference: str | None, side: str | None, height_m: float, atmosphere_kpa: float
) -> Mounting:
    return Mounting(
        reference=_word(PressureReference, "reference", reference or PressureReference.GAUGE),
        side=_word(ValveSide, "side", side or ValveSide.WET),
        height_m=height_m,
        atmosphere_kpa=atmosphere_kpa,
    )
