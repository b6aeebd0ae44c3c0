"""Groups of a report: which rows belong to which key, and which needs are met within them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from hydrant.integrity.condition import Verdict
from hydrant.integrity.policy import Policy
from hydrant.integrity.rates import Completeness, Need, Unit, WorkingOrder, tally
from hydrant.integrity.required import Key, Numbers, Stated
from hydrant.report.units import Units, standing
from hydrant.report.villages import stated_villages, villages
from hydrant.store.regions.region_tree import RegionTree
from hydrant.vocabulary import RegionLevel, Service, family_of, kind_within

DUTIES = ("owner", "builder", "maintainer", "supervisor")
#: Fields of an asset by which figures are cut.
FIELDS = (*DUTIES, "funding")
CUTS = (*RegionLevel, "kind", "family", "service", *FIELDS)


class Row(NamedTuple):
    """Equal assets: where, what, for whom, the field that is cut by, the verdict, how many."""

    region: str | None
    kind: str
    service: str
    value: str | None
    verdict: Verdict
    times: int


@dataclass(frozen=True, slots=True)
class SensorCount:
    """Existing assets, how many of them carry a sensor, how many answered in their interval."""

    assets: int
    equipped: int
    online: int


@dataclass(frozen=True, slots=True)
class Group:
    """The two rates of one part of the assets.

    Attributes
    ----------
    beyond
        Whether these are numbers of a region coarser than the level that is cut by: what it
        requires beyond those below it, or has not been broken down.
    """

    key: str | None
    working_order: WorkingOrder
    completeness: Completeness | None
    sensors: SensorCount = SensorCount(0, 0, 0)
    beyond: bool = False


#: Region, kind, service and field of an asset.
Place = tuple[str | None, str, str, str | None]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which assets a report counts.

    Attributes
    ----------
    regions
        Codes whose assets count; None for all.
    kind
        Kind or family that counts; None for all.
    apart
        Whether private assets are left out.
    """

    regions: set[str] | None
    kind: str | None
    apart: bool

    def holds(self, place: Place) -> bool:
        """Whether assets of this place count."""
        code, kind, service, _ = place
        return (
            (self.regions is None or code in self.regions)
            and (self.kind is None or kind_within(kind, self.kind))
            and not (self.apart and service == Service.PRIVATE)
        )


def key_by(by: str, tree: RegionTree) -> Callable[[Place], str | None]:
    """What tells to which group of a cut an asset belongs; None for those without a key."""
    if by in tuple(RegionLevel):
        level = RegionLevel(by)
        return lambda place: tree.at_level(place[0], level)
    positions = {"kind": 1, "service": 2}
    if by == "family":
        return lambda place: family_of(place[1])
    position = positions.get(by, 3)
    return lambda place: place[position]


def tallied(rows: Iterable[Row], policy: Policy) -> WorkingOrder:
    """Working order of some rows."""
    return tally(((row.verdict, row.times) for row in rows), headline=policy.headline)


class Builder:
    """Makes groups from rows and the numbers that count within them.

    Parameters
    ----------
    rows
        Existing assets that count.
    stated
        Numbers that hold, with the regions that answer for them at the date.
    kind
        Keep numbers of this family or kind; None keeps all.
    partial
        Units, each with a family, whose numbers of it do not say what the whole must have.
    """

    def __init__(
        self,
        policy: Policy,
        tree: RegionTree,
        rows: list[Row],
        stated: list[Stated],
        *,
        kind: str | None,
        partial: Collection[tuple[str, str]] = (),
    ) -> None:
        self.policy, self.tree, self.rows = policy, tree, rows
        self.numbers = Numbers(stated, tree.codes)
        self.stated_villages = stated_villages(tree, (number.region for number in stated))
        self._units = Units(
            tree,
            stated,
            standing((row.region, row.kind, row.service, row.times) for row in rows),
            partial=partial,
            family=None if kind is None else family_of(kind),
        )
        built = self._built()
        self.needs = [
            Need(line.region, line.kind, line.required, built[key], line.service, line.beyond)
            for key, line in self.numbers.lines.items()
            if kind is None or kind_within(line.kind, kind)
        ]

    def _built(self) -> Counter[Key]:
        """Existing assets against each number; each stands against one."""
        built: Counter[Key] = Counter()
        for row in self.rows:
            if row.region is not None and counts_as_built(row.verdict):
                key = self.numbers.stands_for(row.region, row.kind, row.service)
                if key is not None:
                    built[key] += row.times
        return built

    def total(self, scope: set[str] | None) -> Group:
        """The rates of all rows with the needs of a set of regions (None: of all)."""
        units = self._units.within(scope)
        needs = self._needs(scope)
        return Group(None, tallied(self.rows, self.policy), _completeness(needs, units))

    def _needs(self, scope: set[str] | None) -> list[Need]:
        return [need for need in self.needs if scope is None or need.region in scope]

    def groups(self, by: str, scope: set[str] | None) -> list[Group]:
        """The groups of a cut, in the order of their keys; those without a key last.

        Where they have completeness, theirs adds up to that of the total.
        """
        key_of = key_by(by, self.tree)
        parts: dict[str | None, list[Row]] = defaultdict(list)
        for row in self.rows:
            parts[key_of(row[:4])].append(row)
        if by in tuple(RegionLevel):
            return self._levels(RegionLevel(by), parts, scope)
        needs = self._needs_of(by, scope)
        for key in needs:
            parts[key].extend(())
        units = self._units.within(scope)
        return [
            Group(
                key,
                tallied(parts[key], self.policy),
                _completeness(needs[key], _concerned(units, by, key)) if key in needs else None,
            )
            for key in _ordered(parts)
        ]

    def _needs_of(self, by: str, scope: set[str] | None) -> dict[str | None, list[Need]]:
        """Needs by kind, family or service; a duty has none.

        By service there are some where a number names one; those that name none have no key.
        """
        key_of: dict[str, Callable[[Need], str | None]] = {
            "kind": lambda need: need.kind,
            "family": lambda need: family_of(need.kind),
            "service": lambda need: need.service,
        }
        needs = self._needs(scope) if by in key_of else []
        if by == "service" and all(need.service is None for need in needs):
            return {}
        found: dict[str | None, list[Need]] = defaultdict(list)
        for need in needs:
            found[key_of[by](need)].append(need)
        return dict(found)

    def _levels(
        self, level: RegionLevel, parts: dict[str | None, list[Row]], scope: set[str] | None
    ) -> list[Group]:
        """Groups of a level; a number of a coarser region is a group of its own."""
        needs: dict[str | None, list[Need]] = defaultdict(list)
        coarser: dict[str | None, list[Need]] = defaultdict(list)
        for need in self._needs(scope):
            key = self.tree.at_level(need.region, level)
            if key is not None:
                needs[key].append(need)
            else:
                coarser[self._above(need.region, level)].append(need)
        above = self._coarser_units(level, scope)
        everywhere = villages(self.tree, scope) if level is RegionLevel.VILLAGE else ()
        keys = {key for key in (*parts, *needs, *everywhere) if key is not None}
        made = [
            Group(
                key,
                tallied(parts.get(key, ()), self.policy),
                _completeness(needs.get(key, ()), self._units_of(key, scope)),
            )
            for key in sorted(keys)
        ]
        made += [
            Group(
                key, tallied((), self.policy), _completeness(coarser[key], above[key]), beyond=True
            )
            for key in sorted(key for key in coarser if key is not None)
        ]
        if None in parts or None in coarser:
            left = _completeness(coarser[None], above[None]) if None in coarser else None
            made.append(Group(None, tallied(parts.get(None, ()), self.policy), left))
        return made

    def _coarser_units(
        self, level: RegionLevel, scope: set[str] | None
    ) -> dict[str | None, tuple[Unit, ...]]:
        """Units coarser than a level, by the group that their own numbers belong to."""
        found: dict[str | None, tuple[Unit, ...]] = defaultdict(tuple)
        for unit in self._units.within(scope):
            if self.tree.at_level(unit.region, level) is None:
                found[self._above(unit.region, level)] += (unit,)
        return found

    def _above(self, code: str, level: RegionLevel) -> str | None:
        """The nearest region, itself or above, that is coarser than a level."""
        coarse = tuple(RegionLevel)[: tuple(RegionLevel).index(level)]
        return next((node.code for node in self.tree.path(code) if node.level in coarse), None)

    def _units_of(self, key: str, scope: set[str] | None) -> tuple[Unit, ...]:
        if scope is None or key in scope:
            return self._units.below([key])
        return self._units.within(self.tree.below(key) & scope)


def counts_as_built(verdict: Verdict) -> bool:
    """Whether an existing asset stands against a required number."""
    return verdict.built


def _concerned(units: Iterable[Unit], by: str, key: str | None) -> tuple[Unit, ...]:
    """Units that lack a number which would belong to a group by kind, family or service.

    A number that names no service would take in each of them.
    """
    if by == "service":
        return tuple(u for u in units if key is None or u.service in (None, key))
    return tuple(u for u in units if key is None or u.kind in (None, family_of(key)))


def _completeness(needs: Iterable[Need], units: tuple[Unit, ...]) -> Completeness:
    lacking_all = sum(unit.kind is None for unit in units)
    return Completeness(tuple(needs), lacking_all, units)


def _ordered(keys: Iterable[str | None]) -> list[str | None]:
    return sorted(keys, key=lambda key: (key is None, key or ""))
