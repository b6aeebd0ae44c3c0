"""A repair that was recorded by mistake is taken back: what it cleared is open again.

The finding keeps standing for its whole time; the log keeps the repair, who took it back and why,
and what was known before counts the repair as it did.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlmodel import col, select

from hydrant import times
from hydrant.errors import AmbiguousCode, InputRefused, Phrase
from hydrant.model.inputs import ReasonInput, validated
from hydrant.model.tables import Asset, Defect
from hydrant.store.facts.corrections import corrections_of
from hydrant.store.facts.withdrawing import Span
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Entry, Writer

#: What the log calls it.
ACTION = "reopen"
_REPAIR = ("cleared_at", "cleared_by", "cost")
_REOPENED = """
SELECT at, actor, entity_uid, after FROM change WHERE action = 'reopen' AND entity = 'defect'
  AND entity_uid IN (SELECT value FROM json_each(?)) ORDER BY fid
"""


@dataclass(frozen=True, slots=True)
class Reopened:
    """A repair that was taken back; `said` is what it said, and the reason."""

    at: str
    by: str
    uid: str
    said: dict[str, object]


def repair_meant(
    registry: Registry, asset: Asset, named: str, *, span: Span | None = None
) -> list[Defect]:
    """The findings that one repair cleared, the oldest first; none where all are open already.

    Parameters
    ----------
    named
        Code of the defect, or uid of one finding, which is meant alone then.
    span
        When it was said to be repaired.

    Raises
    ------
    InputRefused
        There is no such finding, or none that was repaired then.
    AmbiguousCode
        Several repairs are on record.
    """
    query = select(Defect).where(
        Defect.asset_uid == asset.uid,
        (Defect.code == named) | (Defect.uid == named),
        Defect.state == "confirmed",
        col(Defect.withdrawn_at).is_(None),
    )
    found = list(registry.session.exec(query.order_by(col(Defect.found_at), col(Defect.fid))))
    cleared = [
        fault
        for fault in found
        if fault.cleared_at is not None and (span is None or span[0] <= fault.cleared_at < span[1])
    ]
    if not cleared:
        if not found or span is not None:
            raise InputRefused("store.no_repair", code=named, asset=asset.code or asset.uid)
        return []
    repairs = {(fault.cleared_at, fault.cleared_by) for fault in cleared}
    if len(repairs) > 1:
        candidates = tuple(_words(registry, fault) for fault in cleared)
        raise AmbiguousCode("store.ambiguous_repair", count=len(repairs), candidates=candidates)
    return cleared


def _words(registry: Registry, fault: Defect) -> Phrase:
    assert fault.cleared_at is not None  # noqa: S101  only repaired ones are listed
    day = times.local_day(fault.cleared_at, registry.zone).isoformat()
    facts = {"uid": fault.uid, "day": day, "word": fault.cleared_by or "–"}
    return Phrase("store.candidate", facts)


def reopen(writer: Writer, faults: Collection[Defect], why: str) -> str:
    """Take a repair back; the reason as it is kept.

    Raises
    ------
    InputRefused
        The reason is empty.
    """
    reason = validated(ReasonInput, reason=why).reason
    for fault in faults:
        said = _said(fault)
        before = _before_repair(writer.registry, fault)
        writer.update(fault, cleared_at=None, cleared_by=None, **before)
        writer.log(Entry(ACTION, "defect", fault.uid, after=said | {"withdrawn_why": reason}))
    return reason


def _said(fault: Defect) -> dict[str, object]:
    values = {"code": fault.code, **{name: getattr(fault, name) for name in _REPAIR}}
    values["cleared_at"] = fault.cleared_at and times.to_text(fault.cleared_at)
    return {name: value for name, value in values.items() if value is not None}


def _before_repair(registry: Registry, fault: Defect) -> dict[str, object]:
    """What the repair changed beside its own day: the cost as it was said before, if any."""
    for change in reversed(corrections_of(registry, [fault.uid])):
        if change.after.get("cleared_at") is not None:
            return {"cost": change.before["cost"]} if "cost" in change.before else {}
    return {}


def reopened_of(registry: Registry, uids: Collection[str]) -> Iterator[Reopened]:
    """Repairs of some findings that were taken back, the earliest first."""
    rows = registry.connection.execute(_REOPENED, (json.dumps(sorted(uids)),)).fetchall()
    for at, by, uid, after in rows:
        yield Reopened(at, by, uid, json.loads(after or "{}"))
