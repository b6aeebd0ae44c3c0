"""One observation becomes an inspection and its defects, in one transaction."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from typing import Any

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.integrity.policy_reader import load_policy
from hydrant.model.inputs import InspectionInput, validated
from hydrant.model.tables import Asset, Defect, Inspection
from hydrant.store.inspections import same_inspection
from hydrant.store.writer import Writer
from hydrant.survey.form import load_form
from hydrant.vocabulary import Outcome

#: A laptop's clock may run this much ahead before a time counts as lying in the future.
_CLOCK_SLACK = dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Observation:
    """What a crew saw at one asset.

    Attributes
    ----------
    checks
        Check name to whether it is in order.
    defects
        Codes of defects found.
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


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was written: uids, and whether the same observation stood there already."""

    inspection: str
    defects: tuple[str, ...]
    new: bool


def check_observation(seen: Observation) -> InspectionInput:
    """The observation as a validated inspection.

    Raises
    ------
    InputRefused
        The time lies in the future, or a measurement is impossible.
    """
    if seen.at > times.now() + _CLOCK_SLACK:
        raise InputRefused("survey.future", at=seen.at.isoformat(timespec="minutes"))
    both = seen.static_kpa is not None and seen.residual_kpa is not None
    if both and seen.residual_kpa > seen.static_kpa:  # type: ignore[operator]
        raise InputRefused(
            "survey.residual", residual=f"{seen.residual_kpa:g}", static=f"{seen.static_kpa:g}"
        )
    return validated(
        InspectionInput,
        outcome=seen.outcome,
        at=seen.at,
        inspector=seen.inspector,
        form_version=load_form().version,
        static_kpa=seen.static_kpa,
        residual_kpa=seen.residual_kpa,
        flow_l_s=seen.flow_l_s,
        level_m=seen.level_m,
        lift_m=seen.lift_m,
        note=seen.note,
    )


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
    entered = check_observation(seen)
    codes = [load_form().defect(code) for code in seen.defects]
    values: dict[str, Any] = entered.model_dump()
    values["checks"] = json.dumps(seen.checks, sort_keys=True) if seen.checks else None
    values["photos"] = json.dumps(list(seen.photos)) if seen.photos else None
    same = same_inspection(writer, asset, values)
    if same is not None:
        return Recorded(same.uid, (), new=False)
    visit = Inspection(asset_uid=asset.uid, source=source, external_key=external_key, **values)
    writer.add(visit)
    defects = []
    policy = load_policy(writer.registry.policy)
    for code in codes:
        fault = Defect(
            asset_uid=asset.uid,
            code=code.code,
            severity=policy.severity_of(code.code),
            found_at=seen.at,
            found_by=seen.inspector,
        )
        writer.add(fault)
        defects.append(fault.uid)
    return Recorded(visit.uid, tuple(defects), new=True)
