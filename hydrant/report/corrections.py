"""What was corrected of an asset's facts, told beside them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hydrant import times
from hydrant.model.tables import Asset, Defect, Inspection, Lifecycle
from hydrant.store.assets import History
from hydrant.store.corrections import Correction, corrections_of, unions_of
from hydrant.store.registry import Registry

Line = dict[str, Any]

#: Columns whose change is a correction; that a defect was cleared or confirmed is a fact itself.
_CORRECTED = {
    "inspection": (
        *("at", "outcome", "inspector", "static_kpa", "residual_kpa", "flow_l_s", "level_m"),
        *("lift_m", "note"),
    ),
    "defect": ("code", "severity", "found_at", "found_by", "due", "cost", "note"),
    "lifecycle": ("event", "at", "project", "consent", "funding", "cost", "note"),
}
#: Changes that come about with a repair and are no correction.
_REPAIRED = "cleared_at"
_FACTS = {"inspection": "inspection", "defect": "defect", "lifecycle": "event"}
#: What is told of a former row, as of the rows of the asset itself.
_VERSION = (
    *("code", "kind", "region_code", "owner", "maintainer", "supervisor", "service"),
    *("lon", "lat"),
)


def mark_withdrawn(record: History, lines: list[Line]) -> list[Line]:
    """The lines of a timeline, each of a withdrawn fact with when, by whom and why it was."""
    facts: list[Inspection | Defect | Lifecycle] = [
        *record.events, *record.inspections, *record.defects,
    ]  # fmt: skip
    gone = {fact.uid: fact for fact in facts if fact.withdrawn_at is not None}
    return [line | _withdrawn(gone[line["uid"]]) if line["uid"] in gone else line for line in lines]


def _withdrawn(fact: Inspection | Defect | Lifecycle) -> Line:
    assert fact.withdrawn_at is not None  # noqa: S101  only withdrawn ones are asked for
    return {
        "withdrawn": {
            "at": times.to_text(fact.withdrawn_at),
            "by": fact.withdrawn_by,
            "why": fact.withdrawn_why,
        }
    }


def corrected(registry: Registry, record: History) -> Iterator[Line]:
    """A line for each correction of a visit, a defect or an event: what it said, and says now."""
    uids = {fact.uid for fact in (*record.events, *record.inspections, *record.defects)}
    for change in corrections_of(registry, uids):
        values = _changed(change)
        if values:
            yield {
                "at": change.at,
                "fact": "corrected",
                "values": {"record": _FACTS[change.entity]} | values,
                "by": change.by,
                "source": None,
                "uid": change.uid,
            }


def _changed(change: Correction) -> Line:
    if _REPAIRED in change.after:
        return {}
    names = [name for name in _CORRECTED[change.entity] if name in change.after]
    if not names:
        return {}
    return {
        "before": {name: change.before.get(name) for name in names},
        "after": {name: change.after[name] for name in names},
    }


def united(registry: Registry, asset: Asset) -> Iterator[Line]:
    """What became part of an asset, and the former rows that it had of its own."""
    for union in unions_of(registry, asset):
        alias = union.alias
        former = {"asset": union.row.get("code") or alias.former_uid}
        yield {
            "at": times.to_text(alias.recorded_at),
            "fact": "merged",
            "values": former,
            "by": alias.recorded_by,
            "source": union.row.get("source"),
            "uid": alias.former_uid,
        }
        for version in union.versions:
            values = {name: version[name] for name in _VERSION if name in version}
            yield {
                "at": version["valid_until"],
                "fact": "version",
                "values": former | values,
                "by": version.get("recorded_by"),
                "source": version.get("source"),
                "uid": version["uid"],
            }
