"""What is stated of a unit from the day on which a required number ends."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from hydrant import times
from hydrant.cli.screen import Screen
from hydrant.integrity.required import Cell, Stated
from hydrant.model.inputs import RequirementInput
from hydrant.model.tables import Requirement
from hydrant.report.required_name import kind_name
from hydrant.store.opened.registry import Registry
from hydrant.store.regions import requirements
from hydrant.store.regions.restating import answered_for
from hydrant.vocabulary import family_of


@dataclass(frozen=True, slots=True)
class After:
    """What is stated from a day on, of a kind and service and of the rest of the family.

    Attributes
    ----------
    count
        The number that begins on the day itself; None where none does.
    begins
        The first later day from which a number is on record, and that number.
    still
        What the unit answers for otherwise on that day: its other numbers and those it took over.
    """

    day: dt.date
    cell: Cell
    count: int | None
    begins: tuple[dt.date, int] | None
    still: list[Stated]


def after(registry: Registry, ended: Requirement | RequirementInput, moment: dt.datetime) -> After:
    """What is stated of a unit from a moment on at which a number of it ends."""
    region, cell = ended.region_code, (ended.kind, ended.service)
    rows = [row for row in requirements.of_region(registry, region)
            if (row.kind, row.service) == cell]  # fmt: skip
    own = next((row.count for row in rows if requirements.holds(row, moment)), None)
    later = sorted(
        (row.valid_from, row.count) for row in rows
        if row.valid_from is not None and row.valid_from > moment
        and requirements.holds(row, row.valid_from)
    )  # fmt: skip
    held = answered_for(registry, region, moment)
    still = (
        [one for one in held if family_of(one.kind) == family_of(cell[0])] if own is None else []
    )
    begins = (times.local_day(later[0][0], registry.zone), later[0][1]) if later else None
    return After(times.local_day(moment, registry.zone), cell, own, begins, still)


def show_still(screen: Screen, said: After) -> None:
    """Numbers of the family that are required otherwise on that day."""
    for one in said.still:
        left = kind_name(one.kind, one.service, screen.lang)
        screen.line(
            "cli_require_end.still", since=said.day.isoformat(), kind=left, count=one.number
        )


def show_after(screen: Screen, said: After, region: str) -> None:
    """What is stated where a number that was entered holds no more."""
    kind = kind_name(said.cell[0], said.cell[1], screen.lang)
    facts: dict[str, object] = {"until": said.day.isoformat(), "region": region, "kind": kind}
    if said.count is not None:
        screen.line("cli_require.holds_then", **facts, count=said.count)
        return
    if said.begins is None:
        screen.line("cli_require.holds_until", **facts)
    else:
        day, count = said.begins
        screen.line("cli_require.holds_gap", **facts, next=day.isoformat(), count=count)
    show_still(screen, said)
