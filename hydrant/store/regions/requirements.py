"""How many assets a region must have, from when to when, and who says so."""

from __future__ import annotations

import datetime as dt

from sqlmodel import col, or_, select

from hydrant import times
from hydrant.errors import InputRefused, Phrase
from hydrant.integrity.required import Cell, overlap
from hydrant.model.inputs import RequirementInput
from hydrant.model.tables import Requirement
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Writer
from hydrant.store.regions.claims import is_sender_name
from hydrant.store.regions.region_tree import load_tree

_TICK = dt.timedelta(milliseconds=1)


def set_requirement(
    writer: Writer,
    entered: RequirementInput,
    *,
    since: dt.datetime,
    until: dt.datetime | None = None,
    source: str | None = None,
) -> str:
    """Record a requirement from a date on: ``new``, ``updated`` or ``unchanged``.

    The same number as before is stated, too: that it holds from this day, whatever becomes of the
    earlier one, and that it is the new whole once the region has taken over from another, has to
    stand on record. ``unchanged`` is what was stated for this very day before.

    An earlier number for the same region, kind and service ends where the new one begins, and the
    new one where the next begins that is on record already, or, where it states no end of its own,
    where the earlier one had one: numbers may be stated in any order of date. One that begins on
    the same day is replaced: it holds on no day, until the new one is withdrawn.

    Parameters
    ----------
    until
        First moment at which it holds no more; None where nothing but another number ends it.

    Raises
    ------
    InputRefused
        It would end before it begins; or the region already has a requirement for the family or
        for a kind within it, or for both services together or one of them, while the new one
        would hold: the same hydrant would be required twice.
    """
    if until is not None and until <= since:
        days = (_local_day(writer.registry, moment) for moment in (since, until))
        raise InputRefused("require.ends_before", **dict(zip(("date", "until"), days, strict=True)))
    known = [row for row in of_region(writer.registry, entered.region_code) if _lasts(row)]
    last, until = until, _span_end(known, entered, since, until)
    _refuse_overlap(
        writer.registry, [row for row in known if _meets(row, since, until)], entered, since
    )
    same = [row for row in known if _cell(row) == _cell(entered) and holds(row, since)]
    wanted = entered.model_dump()
    for row in same:
        same_values = {name: getattr(row, name) for name in _values(entered)}
        unchanged = _values(entered) == same_values and (last is None or until == row.valid_until)
        if unchanged and row.valid_from == since:
            return "unchanged"
        if row.valid_from == since:  # what is not stated anew stays as it was stated for that day
            told = {name: getattr(row, name) for name in ("origin", "document", "note")}
            wanted |= told | _values(entered)
        writer.update(row, valid_until=since)
    writer.add(Requirement(**wanted, valid_from=since, valid_until=until, source=source))
    writer.flush()
    return "updated" if same else "new"


def _next_begin(
    known: list[Requirement], entered: RequirementInput, since: dt.datetime
) -> dt.datetime | None:
    """When the next number for the same begins; None where none does."""
    begins = (row.valid_from for row in known if _cell(row) == _cell(entered))
    return min((begin for begin in begins if begin is not None and begin > since), default=None)


def held_until(
    registry: Registry, entered: RequirementInput, since: dt.datetime
) -> dt.datetime | None:
    """When a number ends that holds from a moment on; None where nothing ends it."""
    known = [row for row in of_region(registry, entered.region_code) if _lasts(row)]
    return _span_end(known, entered, since)


def _span_end(
    known: list[Requirement],
    entered: RequirementInput,
    since: dt.datetime,
    until: dt.datetime | None = None,
) -> dt.datetime | None:
    """When a number ends: where asked for, where the next begins, where the one it replaces did."""
    # what states its own end takes over no other one's
    replaced = (
        ()
        if until is not None
        else (
            row.valid_until for row in known if _cell(row) == _cell(entered) and holds(row, since)
        )
    )
    ends = (until, _next_begin(known, entered, since), *replaced)
    return min((end for end in ends if end is not None), default=None)


def end_requirement(
    writer: Writer, region: str, cell: Cell, at: dt.datetime
) -> tuple[Requirement, bool]:
    """Let the number that holds of a kind and service end at a moment; whether it changed.

    Nothing is stated in its place; one that begins later is not touched. What gave way to a number
    of the level below ends there as well: it was the same number.

    Parameters
    ----------
    cell
        Family or kind, and service; no service means any, where one number only is of the kind.

    Raises
    ------
    InputRefused
        None holds just before the moment, or several do.
    """
    kind, service = cell
    held = [row for row in of_region(writer.registry, region) if _lasts(row)]
    held = [row for row in held if holds(row, at - _TICK)]
    meant = [row for row in held if row.kind == kind and service in (None, row.service)]
    if len(meant) != 1:
        facts = {"region": region, "kind": kind, "date": _local_day(writer.registry, at)}
        key = "require.end_which" if meant else "require.end_none"
        raise InputRefused(key, **facts, held=_held_words(meant or held))
    row = meant[0]
    gave_way = [one for one in _given_way(writer.registry, row) if holds(one, at - _TICK)]
    changed = [one for one in (row, *gave_way) if one.valid_until is None or one.valid_until > at]
    for one in changed:
        writer.update(one, valid_until=at)
    writer.flush()
    return row, row in changed


def _given_way(registry: Registry, row: Requirement) -> list[Requirement]:
    """Numbers of this level for the same that are withdrawn for what the level below states."""
    gone = registry.session.exec(
        select(Requirement).where(
            Requirement.region_code == row.region_code,
            Requirement.kind == row.kind,
            col(Requirement.withdrawn_at).is_not(None),
        )
    )
    return [
        one for one in gone if _cell(one) == _cell(row) and is_sender_name(one.withdrawn_why or "")
    ]


def _held_words(rows: list[Requirement]) -> Phrase:
    """The numbers that hold, in words that a command takes."""
    named = (f"{row.kind} --service {row.service}" if row.service else row.kind for row in rows)
    if not rows:
        return Phrase("require.nothing_held")
    return Phrase("require.held", {"numbers": ", ".join(sorted(named))})


def differs(registry: Registry, entered: RequirementInput, since: dt.datetime) -> bool:
    """Whether another number for the same holds at a moment."""
    return any(
        holds(row, since) and _cell(row) == _cell(entered) and row.count != entered.count
        for row in of_region(registry, entered.region_code)
    )


def replaced_on(registry: Registry, entered: RequirementInput, since: dt.datetime) -> int | None:
    """The number that stands for the very day from which another one is to hold; None for none."""
    for row in of_region(registry, entered.region_code):
        if holds(row, since) and row.valid_from == since and _cell(row) == _cell(entered):
            return row.count
    return None


def _values(entered: RequirementInput) -> dict[str, object]:
    values = entered.model_dump(exclude={"region_code", "kind", "service"})
    return {name: value for name, value in values.items() if value is not None}


def holds(row: Requirement, moment: dt.datetime) -> bool:
    """Whether a number holds at a moment."""
    begun = row.valid_from is None or row.valid_from <= moment
    return begun and (row.valid_until is None or row.valid_until > moment)


def _lasts(row: Requirement) -> bool:
    """Whether a number holds on any day; one that was replaced on the day it begins does not."""
    if row.valid_from is None or row.valid_until is None:
        return True
    return row.valid_until > row.valid_from


def _meets(row: Requirement, since: dt.datetime, until: dt.datetime | None) -> bool:
    """Whether a number holds at any moment of a span; one without an end lasts for ever."""
    begins = until is None or row.valid_from is None or row.valid_from < until
    return begins and (row.valid_until is None or row.valid_until > since)


def _cell(row: Requirement | RequirementInput) -> Cell:
    return row.kind, row.service


def _refuse_overlap(
    registry: Registry, rows: list[Requirement], entered: RequirementInput, since: dt.datetime
) -> None:
    for row in rows:
        if _cell(row) == _cell(entered) or not overlap(_cell(row), _cell(entered)):
            continue
        facts = {"region": entered.region_code, "kind": entered.kind, "other": row.kind,
                 "way": _way_on(registry, row, since)}  # fmt: skip
        if row.service == entered.service:
            raise InputRefused("require.overlap", **facts)
        named = row.service is not None
        key = f"vocabulary.service.{row.service}" if named else "require.both_services"
        raise InputRefused("require.overlap_service", **facts, services=Phrase(key))


def _way_on(registry: Registry, row: Requirement, since: dt.datetime) -> Phrase:
    """How a number is stated beside one that takes in the same assets: on other days."""
    if row.valid_from == since:
        return Phrase("require.way_withdraw")
    if row.valid_from is not None and row.valid_from > since:
        return Phrase("require.way_until", {"date": _local_day(registry, row.valid_from)})
    named = f"{row.kind} --service {row.service}" if row.service else row.kind
    facts = {"region": row.region_code, "number": named, "date": _local_day(registry, since)}
    return Phrase("require.way_end", facts)


def of_region(registry: Registry, region_code: str) -> list[Requirement]:
    """Requirements ever stated for a region and not withdrawn, oldest first."""
    return list(
        registry.session.exec(
            select(Requirement)
            .where(Requirement.region_code == region_code, col(Requirement.withdrawn_at).is_(None))
            .order_by(col(Requirement.kind), col(Requirement.valid_from))
        )
    )


def list_requirements(
    registry: Registry, *, regions: list[str] | None, withdrawn: bool = False
) -> list[dict[str, object]]:
    """Requirements of some regions (None: of all), by region, kind and date.

    Each names the unit that answers for it today: the region, or what took over from it.

    Parameters
    ----------
    withdrawn
        Those that were withdrawn too.
    """
    query = select(Requirement).order_by(
        col(Requirement.region_code),
        col(Requirement.kind),
        col(Requirement.service),
        col(Requirement.valid_from),
    )
    if not withdrawn:
        query = query.where(
            col(Requirement.withdrawn_at).is_(None),
            or_(
                col(Requirement.valid_until).is_(None),
                col(Requirement.valid_from).is_(None),
                col(Requirement.valid_until) > col(Requirement.valid_from),
            ),
        )
    if regions is not None:
        query = query.where(col(Requirement.region_code).in_(regions))
    tree = load_tree(registry, times.to_text(times.now()))
    return [
        {
            "region": row.region_code,
            "kind": row.kind,
            "service": row.service,
            "count": row.count,
            "from": _local_day(registry, row.valid_from),
            "until": _local_day(registry, row.valid_until),
            "origin": row.origin,
            "document": row.document,
            "counts_in": tree.resolve(row.region_code),
            "state": _state(row),
            "withdrawn": _local_day(registry, row.withdrawn_at),
            "withdrawn_why": row.withdrawn_why,
        }
        for row in registry.session.exec(query)
    ]


def _state(row: Requirement) -> str:
    """``stated``, ``withdrawn``, or ``replaced``: another was stated for the very same day."""
    if row.withdrawn_at is not None:
        return "withdrawn"
    if row.valid_until is None or row.valid_from is None:
        return "stated"
    return "replaced" if row.valid_until <= row.valid_from else "stated"


def _local_day(registry: Registry, moment: dt.datetime | None) -> str | None:
    return None if moment is None else times.local_day(moment, registry.zone).isoformat()
