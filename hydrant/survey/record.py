"""One observation becomes an inspection and its defects, in one transaction."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.model.inputs import InspectionInput, validated
from hydrant.model.tables import Asset, Defect, Inspection
from hydrant.store.evidence.inspections import same_inspection
from hydrant.store.opened.kept_policy import policy_of
from hydrant.store.opened.writer import Writer
from hydrant.survey.form import load_form
from hydrant.vocabulary import Outcome, Severity

#: A laptop's clock may run this much ahead before a time counts as lying in the future.
_CLOCK_SLACK = dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Found:
    """What a crew says of a defect beyond its code; no severity leaves it to the policy."""

    severity: Severity | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """What a crew saw at one asset.

    Attributes
    ----------
    checks
        Check name to whether it is in order.
    defects
        Codes of defects found.
    found
        By code of a defect, what was said of it.
    form_version
        Form that was filled in, where it was not this program's dialogue.
    observer
        Where the crew stood, lon and lat in degrees.
    photos
        SHA-256 of photos that are kept already.
    """

    outcome: Outcome
    at: dt.datetime
    inspector: str | None = None
    static_kpa: float | None = None
    residual_kpa: float | None = None
    flow_l_s: float | None = None
    level_m: float | None = None
    lift_m: float | None = None
    note: str | None = None
    checks: dict[str, bool] = field(default_factory=dict)
    defects: tuple[str, ...] = ()
    photos: tuple[str, ...] = ()
    found: Mapping[str, Found] = field(default_factory=dict)
    form_version: str | None = None
    observer: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was written: uids, and whether the same observation stood there already."""

    inspection: str
    defects: tuple[str, ...]
    new: bool


def check_values(**values: Any) -> None:
    """Refuse values of a visit that are impossible, alone or together.

    Parameters
    ----------
    values
        Any of an inspection's columns, as far as they are known.
    """
    _refuse_risen(values.get("static_kpa"), values.get("residual_kpa"))
    validated(InspectionInput, outcome=Outcome.WORKS, **values)


def _refuse_risen(static_kpa: float | None, residual_kpa: float | None) -> None:
    """Refuse a pressure that is higher with water flowing than at rest."""
    if static_kpa is None or residual_kpa is None or residual_kpa <= static_kpa:
        return
    raise InputRefused("survey.residual", residual=f"{residual_kpa:g}", static=f"{static_kpa:g}")


def check_observation(seen: Observation, local: ZoneInfo) -> InspectionInput:
    """The observation as a validated inspection; times are told in the zone `local`.

    Raises
    ------
    InputRefused
        The time lies in the future, or a measurement is impossible, or says that no water came.
    """
    if seen.at > times.now() + _CLOCK_SLACK:
        raise InputRefused("survey.future", at=times.local_minute(seen.at, local))
    if seen.outcome is Outcome.WORKS and seen.flow_l_s == 0:
        raise InputRefused("survey.visit_dry")
    _refuse_risen(seen.static_kpa, seen.residual_kpa)
    return validated(
        InspectionInput,
        outcome=seen.outcome,
        at=seen.at,
        inspector=seen.inspector,
        form_version=seen.form_version or load_form().version,
        static_kpa=seen.static_kpa,
        residual_kpa=seen.residual_kpa,
        flow_l_s=seen.flow_l_s,
        level_m=seen.level_m,
        lift_m=seen.lift_m,
        observer_lon=None if seen.observer is None else seen.observer[0],
        observer_lat=None if seen.observer is None else seen.observer[1],
        note=seen.note,
    )


def visit_values(seen: Observation, local: ZoneInfo) -> dict[str, Any]:
    """Columns of the inspection that an observation amounts to; raises `check_observation`'s."""
    values: dict[str, Any] = check_observation(seen, local).model_dump()
    values["checks"] = json.dumps(seen.checks, sort_keys=True) if seen.checks else None
    values["photos"] = json.dumps(list(seen.photos)) if seen.photos else None
    return values


def record(
    writer: Writer,
    asset: Asset,
    seen: Observation,
    *,
    source: str | None = None,
    external_key: str | None = None,
) -> Recorded:
    """Write an observation; the same one twice is written once.

    Raises
    ------
    InputRefused
        See `check_observation`; or a defect code is not known.
    """
    values = visit_values(seen, writer.registry.zone)
    codes = list(dict.fromkeys(load_form().defect(code).code for code in seen.defects))
    same = same_inspection(writer.registry, asset, values)
    if same is not None:
        return Recorded(same.uid, (), new=False)
    visit = Inspection(asset_uid=asset.uid, source=source, external_key=external_key, **values)
    writer.add(visit)
    defects = [
        add_defect(writer, asset, seen, code, source=source, external_key=external_key)
        for code in codes
    ]
    return Recorded(visit.uid, tuple(defects), new=True)


def add_defect(
    writer: Writer,
    asset: Asset,
    seen: Observation,
    code: str,
    *,
    source: str | None,
    external_key: str | None,
) -> str:
    """Write a defect that an observation found; its uid."""
    said = seen.found.get(code, Found())
    fault = Defect(
        asset_uid=asset.uid,
        code=code,
        severity=said.severity or policy_of(writer.registry).severity_of(code),
        found_at=seen.at,
        found_by=seen.inspector,
        note=said.note,
        source=source if external_key is not None else None,
        external_key=None if external_key is None else defect_key(external_key, code),
    )
    writer.add(fault)
    return fault.uid


def defect_key(external_key: str, code: str) -> str:
    """Key of a defect within what it was reported in."""
    return f"{external_key}#{code}"
