"""A number that is stated, and what that does to numbers the unit took over from others."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from hydrant import times
from hydrant.integrity.required import Stated, overlap
from hydrant.model.inputs import RequirementInput
from hydrant.store.ground.backend import one_row
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Writer
from hydrant.store.regions import requirements
from hydrant.store.regions.region_tree import RegionTree, load_tree
from hydrant.store.regions.required import requirements_at
from hydrant.vocabulary import family_of

_TAKES_OVER = "SELECT EXISTS (SELECT 1 FROM region_successor WHERE successor_code = ?)"


class Restated(NamedTuple):
    """What stating a number did.

    Attributes
    ----------
    action
        ``new``, ``updated`` or ``unchanged``.
    region
        Code of the unit.
    before, after
        What it was and is required to have of the family on that day, what it took over from
        units that ended included; None where none ever passed anything to it.
    """

    action: str
    region: str
    family: str
    before: int | None = None
    after: int | None = None

    @property
    def fell(self) -> bool:
        """Whether less is required than before."""
        return self.before is not None and self.after is not None and self.after < self.before


def restate(
    writer: Writer, entered: RequirementInput, *, since: dt.datetime, source: str | None = None
) -> Restated:
    """Record a number from a date on; see `hydrant.store.regions.requirements.set_requirement`."""
    family = family_of(entered.kind)
    before = _required(writer.registry, entered.region_code, family, since)
    action = requirements.set_requirement(writer, entered, since=since, source=source)
    after = None if before is None else _required(
        writer.registry, entered.region_code, family, since
    )  # fmt: skip
    return Restated(action, entered.region_code, family, before, after)


def answered_for(registry: Registry, code: str, moment: dt.datetime) -> list[Stated]:
    """Numbers of a unit at a moment, also if it ends then: its own and those it took over."""
    tree = load_tree(registry, times.to_text(moment))
    return _held(registry, code, moment, tree)


def replaced_from(
    registry: Registry, one: Stated, heir: str, since: dt.datetime
) -> dt.datetime | None:
    """From when a number of the heir stands in place of one that passed to it; None for never.

    Parameters
    ----------
    since
        When the heir took over: what was stated for it before is added up, not replaced.
    """
    begins = [
        row.valid_from
        for row in requirements.of_region(registry, heir)
        if row.valid_from is not None
        and row.valid_from >= since
        and (row.valid_until is None or row.valid_until > row.valid_from)
        and overlap((family_of(row.kind), row.service), (family_of(one.kind), one.service))
    ]
    return min(begins, default=None)


def required_now(registry: Registry) -> dict[str, int]:
    """What is required of all units together at this moment, by family."""
    end, known = times.to_text(times.now()), times.to_text(times.now() + dt.timedelta(days=1))
    found: dict[str, int] = {}
    for one in requirements_at(registry, end, known, load_tree(registry, end)):
        family = family_of(one.kind)
        found[family] = found.get(family, 0) + one.number
    return found


def _required(registry: Registry, code: str, family: str, since: dt.datetime) -> int | None:
    (takes_over,) = one_row(registry.connection.execute(_TAKES_OVER, (code,)))
    if not takes_over:
        return None
    held = _held(registry, code, since, load_tree(registry, _just_after(since)))
    return sum(one.number for one in held if family_of(one.kind) == family)


def _just_after(moment: dt.datetime) -> str:
    return times.to_text(moment + dt.timedelta(milliseconds=1))


def _held(registry: Registry, code: str, moment: dt.datetime, tree: RegionTree) -> list[Stated]:
    """What holds for a unit from a moment on, by the tree of a date."""
    known = times.to_text(times.now() + dt.timedelta(days=1))
    stated = requirements_at(registry, _just_after(moment), known, tree)
    return [one for one in stated if one.region == code]
