"""Why a required number ends, and what holds on where one is withdrawn.

Most numbers end because another begins: without that one they hold on. One that somebody ended, or
stated for a time that is over, stays ended whatever was stated from that day and taken back.
"""

from __future__ import annotations

import datetime as dt

from sqlmodel import col, select

from hydrant import times
from hydrant.model.tables import Requirement
from hydrant.store.facts.former import Written, last_written
from hydrant.store.facts.withdrawing import withdraw
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Writer

#: Commands that state a number, with its end or without.
_STATED = ("require set", "require import")


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
