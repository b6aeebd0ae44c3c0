"""What was corrected of an asset's facts and what became part of it, told beside the facts."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterator
from typing import Any
from zoneinfo import ZoneInfo

from hydrant import times
from hydrant.model.tables import Asset
from hydrant.store.facts.assets import History
from hydrant.store.facts.corrections import Correction, Union, corrections_of, unions_of
from hydrant.store.facts.reopening import reopened_of
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.versions import STATED
from hydrant.store.sql.state_sql import ALWAYS

Line = tuple[dt.datetime, dict[str, Any]]

#: Columns whose change is a correction; that a defect was cleared or confirmed is a fact itself.
_CORRECTED = {
    "inspection": (
        *("at", "outcome", "inspector", "static_kpa", "residual_kpa", "flow_l_s", "level_m"),
        *("lift_m", "note"),
    ),
    "defect": ("code", "severity", "found_at", "found_by", "due", "cost", "note"),
    "lifecycle": ("event", "at", "project", "consent", "funding", "cost", "note"),
}
#: A change that comes about with a repair and is no correction.
_REPAIRED = "cleared_at"
_FACTS = {"inspection": "inspection", "defect": "defect", "lifecycle": "event"}
_MOMENTS = ("at", "cleared_at", "found_at", "due", "valid_from", "valid_until", "replaced_at")


def corrected(registry: Registry, record: History) -> Iterator[Line]:
    """A line for each correction of a visit, a defect or an event: what it said, and says now.

    ``record`` is the fact that was corrected, ``values`` what it said, ``changed`` what it says.
    """
    zone = registry.zone
    uids = {fact.uid for fact in (*record.events, *record.inspections, *record.defects)}
    for change in corrections_of(registry, uids):
        names = _changed(change)
        if names:
            yield _line(
                change.at, "corrected", zone,
                by=change.by, uid=change.uid, record=_FACTS[change.entity],
                values=_said(change.before, names, zone),
                changed={name: _value(name, change.after[name], zone) for name in names},
            )  # fmt: skip


def reopened(registry: Registry, record: History) -> Iterator[Line]:
    """A line for each repair that was taken back: what it said, and why."""
    zone = registry.zone
    for one in reopened_of(registry, {fault.uid for fault in record.defects}):
        values = {name: _value(name, value, zone) for name, value in one.said.items()}
        yield _line(one.at, "reopened", zone, by=one.by, uid=one.uid, values=values)


def _changed(change: Correction) -> list[str]:
    if _REPAIRED in change.after:
        return []
    return [name for name in _CORRECTED[change.entity] if name in change.after]


def united(registry: Registry, asset: Asset, columns: Collection[str]) -> Iterator[Line]:
    """What became part of an asset, and the former rows that it had of its own.

    Parameters
    ----------
    columns
        What is told of a former row.
    """
    zone = registry.zone
    for union in unions_of(registry, asset):
        alias = union.alias
        yield _line(
            times.to_text(alias.recorded_at), "merged", zone,
            by=alias.recorded_by, uid=alias.former_uid, source=union.row.get("source"),
            external_key=union.row.get("external_key"), values=_name(union),
        )  # fmt: skip
        for version in union.versions:
            # one that was announced for later never ended: it is told where it was to begin
            begun, ended = version.get("valid_from"), version["valid_until"]
            yield _line(
                begun if ended == ALWAYS and begun is not None else ended, "version", zone,
                by=version.get("recorded_by"), uid=version["uid"], source=version.get("source"),
                external_key=version.get("external_key"), of=alias.former_uid,
                values=_said(version, columns, zone), changed={},
            )  # fmt: skip


def stated(
    registry: Registry, record: History, begun: Collection[tuple[str | None, str]]
) -> Iterator[Line]:
    """What was stated for a day on and held already: no row begins there that tells of it.

    Parameters
    ----------
    begun
        Day, as it is told, and name of the values that take the place of others then.
    """
    zone = registry.zone
    for change in record.changes:
        if change.action != STATED or change.after is None:
            continue
        said = json.loads(change.after)
        day = times.local_text(times.from_text(said["from"]), zone)
        values = {name: value for name, value in said["values"].items() if (day, name) not in begun}
        if values:
            moment = times.local_text(change.at, zone)
            yield _line(
                said["from"], "stated", zone,
                by=change.actor, uid=change.entity_uid, recorded_at=moment,
                values=_said(values, [*values], zone),
            )  # fmt: skip


def _name(union: Union) -> dict[str, str]:
    """What the one that became part of another was known by."""
    code = union.row.get("code")
    return {"uid": union.alias.former_uid} if code is None else {"code": code}


def _line(at: str, fact: str, zone: ZoneInfo, **facts: Any) -> Line:
    moment = times.from_text(at)
    local = times.local_text(moment, zone)
    usual = {"source": None, "external_key": None, "recorded_at": local}
    return moment, {"at": local, "fact": fact} | usual | facts


def _said(row: dict[str, Any], names: Collection[str], zone: ZoneInfo) -> dict[str, Any]:
    told = {name: row[name] for name in names if row.get(name) not in (None, ALWAYS)}
    return {name: _value(name, value, zone) for name, value in told.items()}


def _value(name: str, value: Any, zone: ZoneInfo) -> Any:
    if name in _MOMENTS and value is not None:
        return times.local_text(times.from_text(value), zone)
    return value
