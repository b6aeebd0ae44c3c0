"""A number that is stated, and what that does to numbers the unit took over from others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from typing import NamedTuple

from hydrant import times
from hydrant.integrity.required import Numbers, Stated, overlap
from hydrant.model.inputs import RequirementInput
from hydrant.store.ground.backend import one_row
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Writer
from hydrant.store.regions import requirements
from hydrant.store.regions.parted import Fallen, fell_in
from hydrant.store.regions.region_tree import RegionTree, load_tree
from hydrant.store.regions.required import numbers_at, requirements_at
from hydrant.vocabulary import family_of

#: Whether a unit has taken over from another by a moment.
_TOOK_OVER = (
    "SELECT EXISTS (SELECT 1 FROM region_successor WHERE successor_code = ? "
    "AND (at IS NULL OR at <= ?))"
)
#: When the last number on record begins, and the last unit ends that another took over.
_LAST = (
    "SELECT (SELECT max(valid_from) FROM requirement WHERE withdrawn_at IS NULL), "
    "(SELECT max(at) FROM region_successor)"
)


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
    writer: Writer,
    entered: RequirementInput,
    *,
    since: dt.datetime,
    until: dt.datetime | None = None,
    source: str | None = None,
) -> Restated:
    """Record a number from a date on; see `hydrant.store.regions.requirements.set_requirement`."""
    family = family_of(entered.kind)
    before = _required(writer.registry, entered.region_code, family, since)
    action = requirements.set_requirement(writer, entered, since=since, until=until, source=source)
    after = None if before is None else _required(
        writer.registry, entered.region_code, family, since
    )  # fmt: skip
    return Restated(action, entered.region_code, family, before, after)


class FallenNumbers(NamedTuple):
    """Numbers that fell with a split, and the regions by which to name them."""

    fallen: tuple[Fallen, ...]
    tree: RegionTree


def fallen_for(
    registry: Registry, codes: Collection[str], families: Collection[str], since: dt.datetime
) -> FallenNumbers:
    """What fell with the numbers of units that were split, where units are among their successors.

    As it is from a moment on, once the last number on record has begun (the other successors may
    have theirs already, of a later day), and once the last unit has ended.
    """

    def concerns(tree: RegionTree, one: Fallen) -> bool:
        if one.cause != "split":
            units, concerned = tree.below(one.region), {*codes, *map(tree.resolve, codes)}
        else:
            units, concerned = tree.took_over(one.region), {*codes}
        return one.family in families and not units.isdisjoint(concerned)

    return _fallen(registry, since, concerns)


def fallen_of(
    registry: Registry, codes: Collection[str] | None, since: dt.datetime
) -> FallenNumbers:
    """What fell of the numbers of units or of those they took over from, or of all.

    See `fallen_for`.
    """
    return _fallen(registry, since, lambda tree, one: codes is None or fell_in(tree, one, codes))


def _fallen(
    registry: Registry, since: dt.datetime, concerns: Callable[[RegionTree, Fallen], bool]
) -> FallenNumbers:
    start = times.to_text(since)
    last = one_row(registry.connection.execute(_LAST))
    moments = sorted({start, *(at for at in last if at is not None and at > start)})
    found: dict[tuple[str, str], Fallen] = {}
    for moment in moments:
        end = _just_after(times.from_text(moment))
        tree = load_tree(registry, end)
        for one in numbers_at(registry, end, _ever(), tree).fallen:
            if concerns(tree, one):
                found.setdefault((one.region, one.family), one)
    return FallenNumbers(tuple(found.values()), tree)


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
    end = times.to_text(times.now())
    tree = load_tree(registry, end)
    found: dict[str, int] = {}
    for line in Numbers(requirements_at(registry, end, _ever(), tree), tree.codes).lines.values():
        family = family_of(line.kind)
        found[family] = found.get(family, 0) + line.required
    return found


def _required(registry: Registry, code: str, family: str, since: dt.datetime) -> int | None:
    bound = code, times.to_text(since)
    (took_over,) = one_row(registry.connection.execute(_TOOK_OVER, bound))
    if not took_over:
        return None
    held = _held(registry, code, since, load_tree(registry, _just_after(since)))
    return sum(one.number for one in held if family_of(one.kind) == family)


def _just_after(moment: dt.datetime) -> str:
    return times.to_text(moment + dt.timedelta(milliseconds=1))


def _ever() -> str:
    """A moment of knowing by which all that is on record is known."""
    return times.to_text(times.now() + dt.timedelta(days=1))


def _held(registry: Registry, code: str, moment: dt.datetime, tree: RegionTree) -> list[Stated]:
    """What holds for a unit from a moment on, by the tree of a date."""
    stated = requirements_at(registry, _just_after(moment), _ever(), tree)
    return [one for one in stated if one.region == code]
