"""Whether a row that came from elsewhere may stand in the registry."""

from __future__ import annotations

import datetime as dt
import json
from math import isfinite
from typing import Any

from sqlmodel import SQLModel

from hydrant import times
from hydrant.errors import HydrantError, InputRefused, Phrase
from hydrant.geo.datum import impossible_degrees
from hydrant.model import inputs
from hydrant.model.geopoint import decode_point
from hydrant.safe_text import control_in
from hydrant.store.opened import raw_rows
from hydrant.survey.photos import is_digest
from hydrant.vocabulary import (
    KINDS,
    LifecycleEvent,
    MainsType,
    Outcome,
    PublicService,
    Service,
    Severity,
    Structure,
)

_WORDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("asset", "kind"): KINDS,
    ("asset", "service"): tuple(Service),
    ("asset", "structure"): tuple(Structure),
    ("asset", "mains_type"): tuple(MainsType),
    ("inspection", "outcome"): tuple(Outcome),
    ("defect", "severity"): tuple(Severity),
    ("defect", "state"): ("confirmed", "proposed", "rejected"),
    ("lifecycle", "event"): tuple(LifecycleEvent),
    ("requirement", "service"): tuple(PublicService),
}
#: Times that cannot lie in the future: what has been seen or found.
_PAST = {"inspection": ("at",), "defect": ("found_at", "cleared_at")}
_MAY_BE_EMPTY = {("asset", "structure"), ("asset", "mains_type"), ("requirement", "service")}
_LONGEST = 4000
#: What is entered of the rows of each table, in bounds.
_INPUTS: dict[str, type[SQLModel]] = {
    "asset": inputs.AssetInput,
    "asset_version": inputs.AssetInput,
    "inspection": inputs.InspectionInput,
    "defect": inputs.DefectInput,
    "lifecycle": inputs.LifecycleInput,
    "sensor": inputs.SensorInput,
    "requirement": inputs.RequirementInput,
}
#: From when something holds; it is entered apart from the rest.
_BEGINS = frozenset({"valid_from"})


def problem_of(entity: str, row: dict[str, Any], *, now: dt.datetime) -> Phrase | None:
    """What forbids a row; None when nothing does.

    Parameters
    ----------
    row
        Stored values by column.
    now
        Latest moment at which something can have been seen.
    """
    for (table, column), words in _WORDS.items():
        value = row.get(column)
        if (
            table == entity
            and value not in words
            and not (value is None and (table, column) in _MAY_BE_EMPTY)
        ):
            facts = {"field": column, "value": value, "known": ", ".join(words)}
            return Phrase("survey.refused_word", facts)
    kinds = raw_rows.kinds(entity)
    for column, value in row.items():
        if value is not None and not isinstance(value, kinds.get(column, object)):
            return Phrase("survey.refused_type", {"field": column})
        if isinstance(value, str) and len(value) > _LONGEST:
            return Phrase("survey.refused_long", {"field": column})
        if isinstance(value, str) and (sign := control_in(value)) is not None:
            return Phrase("survey.refused_control", {"field": column, "sign": sign})
        if isinstance(value, float) and not isfinite(value):
            return Phrase("survey.refused_number", {"field": column})
    if entity == "asset":
        return _place_problem(row) or _out_of_bounds(entity, row)
    if entity == "inspection" and named_photos(row.get("photos")) is None:
        return Phrase("survey.refused_photos")
    return _time_problem(entity, row, now) or _out_of_bounds(entity, row)


def named_photos(stored: object) -> list[str] | None:
    """Digests in a stored list of photos; None where it is no such list."""
    if stored is None:
        return []
    try:
        found = json.loads(stored) if isinstance(stored, str) else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, list) or not all(map(is_digest, found)):
        return None
    return found


def _place_problem(row: dict[str, Any]) -> Phrase | None:
    point = decode_point(row.get("geom"))
    if point is None or impossible_degrees(*point) is not None:
        return Phrase("survey.refused_place")
    return None


def _out_of_bounds(entity: str, row: dict[str, Any]) -> Phrase | None:
    """What no command would take: a year, a number or a sum that nobody can mean."""
    model = _INPUTS.get(entity)
    if model is None:
        return None
    values = {name: row[name] for name in model.model_fields if row.get(name) is not None}
    try:
        for name in sorted(_BEGINS & row.keys()):
            if row[name] is not None:
                # a local day may begin on the day before in UTC
                day = times.from_text(row[name]).date() + dt.timedelta(days=1)
                times.refuse_beyond(day, row[name])
        inputs.validated(model, **values)
    except InputRefused as refused:
        return Phrase(refused.key, refused.facts)
    return None


def _time_problem(entity: str, row: dict[str, Any], now: dt.datetime) -> Phrase | None:
    for column in _PAST.get(entity, ()):
        if row.get(column) is None:
            continue
        try:
            moment = times.from_text(row[column])
        except (HydrantError, ValueError, TypeError):
            return Phrase("survey.refused_time", {"field": column, "value": row[column]})
        if moment > now:
            return Phrase("survey.refused_future", {"field": column, "value": row[column]})
    return None
