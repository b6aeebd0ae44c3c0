"""What people and files may say, checked before it becomes a fact.

The bounds are those of plausibility, not of compliance: a value outside them is refused,
never clamped; a value that breaks a standard is stored and judged by the policy.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, StringConstraints, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from sqlmodel import Field, SQLModel

from hydrant import times
from hydrant.errors import InputRefused, Phrase
from hydrant.safe_text import control_in
from hydrant.units import gauge_units, on_no_gauge
from hydrant.vocabulary import (
    KINDS,
    LifecycleEvent,
    MainsType,
    Outcome,
    PressureReference,
    PublicService,
    Quantity,
    RequirementOrigin,
    Service,
    Severity,
    Structure,
    ValveSide,
)


def _without_control(text: str) -> str:
    sign = control_in(text)
    if sign is not None:
        raise PydanticCustomError("control", "control character", {"expected": sign})
    return text


Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=4000),
    AfterValidator(_without_control),
]


#: Outlets are counted or described ("2 × 65 mm"): no description is a number below zero.
_NEGATIVE = re.compile(r"[-\u2212\uff0d]\s*[0-9.,]+.*")


def below_zero(outlets: str) -> bool:
    """Whether what is said of the outlets is a number below zero."""
    return _NEGATIVE.fullmatch(outlets.strip()) is not None


def _no_negative(text: str) -> str:
    if below_zero(text):
        raise PydanticCustomError("less_than", "below zero", {"expected": "≥ 0"})
    return text


def _stated_year(moment: dt.datetime) -> dt.datetime:
    # a local day may begin on the day before in UTC
    if moment.date() < times.FIRST - dt.timedelta(days=1):
        raise PydanticCustomError("less_than", "too early", {"expected": f"≥ {times.FIRST}"})
    return moment


Moment = Annotated[dt.datetime, AfterValidator(_stated_year)]


def _known_kind(kind: str) -> str:
    if kind not in KINDS:
        raise ValueError("kind")
    return kind


Kind = Annotated[str, AfterValidator(_known_kind)]


#: More than the largest reservoir holds; more than any province spends.
MOST_M3, MOST_MONEY = 10**12, 10**12


class AssetInput(SQLModel):
    """An asset as entered; position apart, because it passes through `hydrant.geo`."""

    code: Text | None = None
    kind: Kind
    structure: Structure | None = None
    service: Service = Service.MUNICIPAL
    name: Text | None = None
    address: Text | None = None
    region_code: Text | None = None
    owner: Text | None = None
    builder: Text | None = None
    maintainer: Text | None = None
    supervisor: Text | None = None
    mains_type: MainsType | None = None
    mains_dn_mm: float | None = Field(default=None, gt=0, le=3000)
    outlets: Annotated[Text, AfterValidator(_no_negative)] | None = None
    design_flow_l_s: float | None = Field(default=None, ge=0, le=1000)
    lift_normal_m: float | None = Field(default=None, ge=-50, le=100)
    lift_drought_m: float | None = Field(default=None, ge=-50, le=100)
    access_lane: bool | None = None
    turning_area: bool | None = None
    truck_slots: int | None = Field(default=None, ge=0, le=100)
    screen_gap_mm: float | None = Field(default=None, ge=0, le=1000)
    capacity_m3: float | None = Field(default=None, ge=0, le=MOST_M3)
    season: Text | None = None
    note: Text | None = None


class LifecycleInput(SQLModel):
    """Something that happened to an asset as a whole."""

    event: LifecycleEvent
    at: Moment | None = None
    project: Text | None = None
    consent: Text | None = None
    funding: Text | None = None
    cost: float | None = Field(default=None, ge=0, le=MOST_MONEY)
    note: Text | None = None


class InspectionInput(SQLModel):
    """One visit as a crew or a file tells it; pressures in kPa gauge, flow in L/s."""

    outcome: Outcome
    at: Moment | None = None
    inspector: Text | None = None
    form_version: Text | None = None
    static_kpa: float | None = Field(default=None, ge=0, le=2500)
    residual_kpa: float | None = Field(default=None, ge=0, le=2500)
    flow_l_s: float | None = Field(default=None, ge=0, le=1000)
    level_m: float | None = Field(default=None, ge=-500, le=9000)
    lift_m: float | None = Field(default=None, ge=-50, le=100)
    observer_lon: float | None = Field(default=None, ge=-180, le=180)
    observer_lat: float | None = Field(default=None, ge=-90, le=90)
    note: Text | None = None

    @field_validator("static_kpa", "residual_kpa")
    @classmethod
    def _on_a_gauge(cls, kpa: float | None) -> float | None:
        if kpa is not None and on_no_gauge(kpa):
            raise PydanticCustomError("gauge", "on no gauge")
        return kpa


class DefectInput(SQLModel):
    """A fault as found."""

    code: Text
    severity: Severity
    found_at: Moment | None = None
    found_by: Text | None = None
    cost: float | None = Field(default=None, ge=0, le=MOST_MONEY)
    due: Moment | None = None
    note: Text | None = None


class RequirementInput(SQLModel):
    """A required number as an authority states it."""

    region_code: Text
    kind: Kind
    service: PublicService | None = None
    count: int = Field(ge=0, le=10_000_000)
    origin: RequirementOrigin | None = None
    document: Text | None = None
    note: Text | None = None


class ReasonInput(SQLModel):
    """Why a fact is withdrawn; nobody withdraws one without saying so."""

    reason: Text


class SensorInput(SQLModel):
    """A measuring point as entered."""

    quantity: Quantity = Quantity.PRESSURE
    reference: PressureReference | None = None
    side: ValveSide | None = None
    height_m: float | None = Field(default=None, ge=-100, le=100)
    profile: Text
    url: Text
    unit_id: int = Field(ge=0, le=255)
    interval_s: int = Field(ge=1, le=31_536_000)


_Input = TypeVar("_Input", bound=SQLModel)

#: Wording of a refusal by the first part of pydantic's error type.
_REASONS = {
    "control": "model.control",
    "enum": "model.choice",
    "greater_than": "model.range",
    "greater_than_equal": "model.range",
    "less_than": "model.range",
    "less_than_equal": "model.range",
    "missing": "model.missing",
    "string_too_short": "model.empty",
    "string_too_long": "model.too_long",
    "value_error": "model.kind",
}


def validated(model: type[_Input], **values: Any) -> _Input:
    """A checked input built from raw values.

    Raises
    ------
    InputRefused
        The first field that is wrong, its value, and what is allowed.
    """
    try:
        return model(**values)
    except ValidationError as error:
        raise refusal(error, model) from None


def refusal(error: ValidationError, model: type[SQLModel] | None = None) -> InputRefused:
    """The refusal that tells of a validation error's first field.

    Parameters
    ----------
    model
        What was to be made, so that a field that may be left out is told from one that may not.
    """
    first = error.errors()[0]
    if first["type"] == "gauge":
        return unread_gauge(str(first["loc"][0]), first["input"])
    context = {name: str(value) for name, value in (first.get("ctx") or {}).items()}
    bound = next((v for k, v in context.items() if k in {"ge", "gt", "le", "lt"}), "")
    allowed: object = context.get("expected", bound).replace("'", "").replace(" or ", ", ")
    if first["type"] == "value_error":
        allowed = kind_words()
    key = _REASONS.get(first["type"], "model.invalid")
    field = None if model is None else model.model_fields.get(str(first["loc"][0]))
    if key == "model.empty" and field is not None and field.is_required():
        key = "model.empty_needed"
    return InputRefused(
        key,
        field=".".join(str(part) for part in first["loc"]),
        value=first["input"] if not isinstance(first["input"], dict) else "",
        allowed=allowed,
    )


def kind_words() -> tuple[Phrase, ...]:
    """Every kind of asset as it is typed, with its name where the reader's language has one."""
    return tuple(
        Phrase("model.kind_word", {"word": kind, "name": Phrase(f"vocabulary.kind.{kind}", {})})
        for kind in KINDS
    )


def unread_gauge(field: str, kpa: float) -> InputRefused:
    """The refusal of a pressure that no gauge shows, with what it may have been."""
    meant = tuple(f"{kpa:g} {unit} = {meant_kpa:g} kPa" for unit, meant_kpa in gauge_units(kpa))
    return InputRefused("model.gauge", field=field, value=f"{kpa:g}", meant=meant)
