"""A fact recorded by mistake is withdrawn: from then on it counts no more, and stays to be seen.

Which fact is meant is never guessed: where several may be, their keys are listed, and where the
last one was withdrawn already, the one before it is not taken in its stead. Most required numbers
end because another begins: without that one they hold on. One that somebody ended, or stated for a
time that is over, stays ended whatever was stated from that day and taken back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from sqlmodel import col, select

from hydrant import times
from hydrant.errors import AmbiguousCode, InputRefused, Phrase
from hydrant.model.inputs import ReasonInput, validated
from hydrant.model.tables import Asset, Defect, Inspection, Lifecycle, Requirement
from hydrant.store.facts.former import Written, last_written
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Writer
from hydrant.written_dates import span_typed

_F = TypeVar("_F", Inspection, Defect, Lifecycle, Requirement)
_A = TypeVar("_A", Inspection, Defect, Lifecycle)

#: How a fact is named.
Words: TypeAlias = Callable[[_F], Phrase]
#: From when to when something may have happened; the end is outside.
Span = tuple[dt.datetime, dt.datetime]
#: Commands that state a number, with its end or without.
_STATED = ("require set", "require import")


@dataclass(frozen=True, slots=True)
class Meant(Generic[_F]):
    """The fact that is meant, and whether it was withdrawn already."""

    row: _F
    already: bool


def withdraw(writer: Writer, row: Inspection | Defect | Lifecycle | Requirement, why: str) -> bool:
    """Withdraw a fact; False when it was withdrawn before, which stays as it is.

    Raises
    ------
    InputRefused
        The reason is empty.
    """
    reason = validated(ReasonInput, reason=why).reason
    if row.withdrawn_at is not None:
        return False
    writer.update(row, withdrawn_at=writer.moment, withdrawn_by=writer.actor, withdrawn_why=reason)
    return True


def span_of(text: str, registry: Registry) -> Span:
    """What a date or time on the command line spans: the local day, or the minute."""
    return span_typed(text, registry.zone)


def visit_meant(
    registry: Registry, asset: Asset, *, span: Span | None = None, uid: str | None = None
) -> Meant[Inspection]:
    """The visit of a key or time; without either the last one.

    Raises
    ------
    InputRefused
        There is none.
    AmbiguousCode
        Several are meant, or the visit of the latest date is not the one recorded last.
    """
    visits = _of_asset(registry, Inspection, asset, uid, span, lambda visit: visit.at)
    name = asset.code or asset.uid
    live, gone = _parted(visits)
    if live and uid is None and span is None:
        pressed = [visit for visit in gone if _undone_since(visit, live)]
        if pressed:
            return Meant(max(pressed, key=_withdrawn_at), already=True)
        live = _last(live)
    return _one(live, gone, _visit_words(registry), "store.no_visit", asset=name)


def last_visit(registry: Registry, asset: Asset) -> Inspection | None:
    """The visit of the latest date that counts; None where there is none."""
    live, _ = _parted(_of_asset(registry, Inspection, asset, None, None, lambda visit: visit.at))
    return max(live, key=_by_date, default=None)


def found_with(registry: Registry, visit: Inspection) -> list[Defect]:
    """Defects that were recorded together with a visit and still count."""
    return list(
        registry.session.exec(
            select(Defect)
            .where(
                Defect.asset_uid == visit.asset_uid,
                Defect.found_at == visit.at,
                Defect.recorded_at == visit.recorded_at,
                col(Defect.withdrawn_at).is_(None),
            )
            .order_by(col(Defect.code), col(Defect.uid))
        )
    )


def event_meant(
    registry: Registry,
    asset: Asset,
    event: str,
    *,
    span: Span | None = None,
    uid: str | None = None,
) -> Meant[Lifecycle]:
    """The event of a word, and of a key or date where it happened more than once."""
    events = [
        fact
        for fact in _of_asset(registry, Lifecycle, asset, uid, span, lambda fact: fact.at)
        if fact.event == event
    ]
    words: Words[Lifecycle] = _words(registry, lambda fact: (fact.at, _label("event", fact.event)))
    return _one(*_parted(events), words, "store.no_event", asset=asset.code or asset.uid,
                event=event)  # fmt: skip


def defect_meant(registry: Registry, asset: Asset, named: str) -> Meant[Defect]:
    """The finding of a key; of a code the one that is open."""
    faults = [
        fault
        for fault in _of_asset(registry, Defect, asset, None, None, lambda fault: fault.found_at)
        if fault.uid == named or (fault.code == named and fault.cleared_at is None)
    ]
    words: Words[Defect] = _words(
        registry, lambda fault: (fault.found_at, _label("severity", fault.severity))
    )
    return _one(*_parted(faults), words, "survey.not_open", code=named,
                asset=asset.code or asset.uid)  # fmt: skip


def requirement_meant(
    registry: Registry, region: str, kind: str, since: dt.datetime, service: str | None
) -> Meant[Requirement]:
    """The number that a region must have of a kind from a day on."""
    query = select(Requirement).where(
        Requirement.region_code == region, Requirement.kind == kind, Requirement.valid_from == since
    )
    rows = [
        row
        for row in registry.session.exec(query)
        if service in (None, row.service) and row.valid_until != row.valid_from
    ]
    words: Words[Requirement] = _words(registry, lambda row: (row.valid_from, _number(row)))
    day = times.local_day(since, registry.zone).isoformat()
    return _one(*_parted(rows), words, "require.no_number", region=region, kind=kind, date=day)


def withdraw_number(writer: Writer, row: Requirement, why: str) -> Requirement | None:
    """Withdraw a number; the one that ended because it began holds on, and is given back.

    Raises
    ------
    InputRefused
        The reason is empty.
    """
    if not withdraw(writer, row, why):
        return None
    beside = [one for one in _of_cell(writer.registry, row) if one.withdrawn_at is None]
    former = [one for one in beside if one.valid_until == row.valid_from]
    # one that was stated for the very day before it was stated anew comes before an earlier one
    before = max(former, key=lambda one: (one.valid_from == row.valid_from, one.fid), default=None)
    if before is None or ended_for_itself(writer.registry, before.uid):
        return None
    writer.update(before, valid_until=_end_without(writer.registry, before, row, beside))
    return before


def _end_without(
    registry: Registry, before: Requirement, gone: Requirement, beside: list[Requirement]
) -> dt.datetime | None:
    """When a number ends without the one that began at its end."""
    end = _written(registry, gone.uid)
    if end is None or not end.inserted or not ended_for_itself(registry, gone.uid):
        return gone.valid_until
    # the other one was stated for a time: behind it the first is what it was before
    cut = _written(registry, before.uid)
    held = gone.valid_until
    if cut is not None and not cut.inserted:
        held = None if cut.before is None else times.from_text(str(cut.before))
    next_ones = [
        one.valid_from
        for one in beside
        if one.valid_from is not None and gone.valid_from is not None
        and one.valid_from > gone.valid_from
    ]  # fmt: skip
    return min((one for one in (held, *next_ones) if one is not None), default=None)


def ended_for_itself(registry: Registry, uid: str) -> bool:
    """Whether somebody ended a number, or stated it with its end, and no other one began there."""
    row = registry.session.exec(select(Requirement).where(Requirement.uid == uid)).first()
    if row is None or row.valid_until is None:
        return False
    written = _written(registry, uid)
    if written is None or not written.inserted:
        return written is not None and written.origin.startswith("require end")
    stated = written.origin.startswith(_STATED)
    return stated and not any(_stood(one, row) for one in _of_cell(registry, row))


def _written(registry: Registry, uid: str) -> Written | None:
    return last_written(registry, uid, "requirement", "valid_until")


def _stood(other: Requirement, row: Requirement) -> bool:
    """Whether another number, from where a number ends, was on record when that was stated."""
    earlier = (other.fid or 0) < (row.fid or 0) or other.recorded_at == row.recorded_at
    stood = other.withdrawn_at is None or other.withdrawn_at > row.recorded_at
    return other.valid_from == row.valid_until and earlier and stood


def _of_cell(registry: Registry, row: Requirement) -> list[Requirement]:
    """Other numbers ever stated for the region, kind and service of one."""
    found = registry.session.exec(
        select(Requirement).where(
            Requirement.region_code == row.region_code,
            Requirement.kind == row.kind,
            col(Requirement.uid) != row.uid,
        )
    )
    return [one for one in found if one.service == row.service]


def _of_asset(
    registry: Registry,
    table: type[_A],
    asset: Asset,
    uid: str | None,
    span: Span | None,
    moment: Callable[[_A], dt.datetime | None],
) -> list[_A]:
    query = select(table).where(table.asset_uid == asset.uid).order_by(col(table.fid))
    if uid is not None:
        query = query.where(table.uid == uid)
    rows = registry.session.exec(query)
    return [row for row in rows if span is None or _within(moment(row), span)]


def _within(moment: dt.datetime | None, span: Span) -> bool:
    return moment is not None and span[0] <= moment < span[1]


def _parted(rows: Sequence[_F]) -> tuple[list[_F], list[_F]]:
    """Facts that count, and those that were withdrawn."""
    live = [row for row in rows if row.withdrawn_at is None]
    return live, [row for row in rows if row.withdrawn_at is not None]


def _undone_since(gone: Inspection, live: Sequence[Inspection]) -> bool:
    """Whether nothing was recorded since a visit was withdrawn: then it is the one still meant."""
    return all(_withdrawn_at(gone) >= visit.recorded_at for visit in live)


def _withdrawn_at(row: Inspection | Defect | Lifecycle | Requirement) -> dt.datetime:
    if row.withdrawn_at is None:
        raise ValueError(f"{row.uid} was not withdrawn")
    return row.withdrawn_at


def _by_date(visit: Inspection) -> tuple[str, dt.datetime, int]:
    return times.to_text(visit.at) if visit.at else "", visit.recorded_at, visit.fid or 0


def _last(visits: Sequence[Inspection]) -> list[Inspection]:
    """The last visit; those that may be meant, where date and recording do not agree."""
    by_date = max(visits, key=_by_date)
    by_recording = max(visits, key=lambda visit: (visit.recorded_at, visit.fid or 0))
    moment = by_date.at
    together = [visit for visit in visits if visit.at == moment]
    return [*together, *([] if by_recording in together else [by_recording])]


def _words(
    registry: Registry, word_of: Callable[[_F], tuple[dt.datetime | None, Phrase | str]]
) -> Words[_F]:
    """How a fact is named in a list of candidates: its key, its day and a word."""

    def name(row: _F) -> Phrase:
        moment, word = word_of(row)
        day = "–" if moment is None else times.local_day(moment, registry.zone).isoformat()
        return Phrase("store.candidate", {"uid": row.uid, "day": day, "word": word})

    return name


def _label(group: str, word: str | None) -> Phrase | str:
    return "–" if word is None else Phrase(f"vocabulary.{group}.{word}")


def _number(row: Requirement) -> Phrase | str:
    return _label("service", row.service) if row.service is not None else str(row.count)


def _visit_words(registry: Registry) -> Callable[[Inspection], Phrase]:
    return _words(registry, lambda visit: (visit.at, _label("outcome", visit.outcome)))


def _one(
    live: Sequence[_F], gone: Sequence[_F], words: Words[_F], key: str, **facts: object
) -> Meant[_F]:
    if len(live) > 1:
        candidates = tuple(words(row) for row in live)
        raise AmbiguousCode("store.ambiguous_fact", count=len(live), candidates=candidates)
    if live:
        return Meant(live[0], already=False)
    if gone:
        return Meant(max(gone, key=_withdrawn_at), already=True)
    raise InputRefused(key, **facts)
