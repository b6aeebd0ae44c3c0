"""Groups of a report: which rows belong to which key, and which needs are met within them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from hydrant.integrity.condition import Verdict
from hydrant.integrity.policy import Policy
from hydrant.integrity.rates import Completeness, Need, WorkingOrder, tally
from hydrant.store.region_tree import RegionTree
from hydrant.vocabulary import RegionLevel, Service, family_of, kind_within

DUTIES = ("owner", "builder", "maintainer", "supervisor")
#: Fields of an asset by which figures are cut.
FIELDS = (*DUTIES, "funding")
CUTS = (*RegionLevel, "kind", "family", "service", *FIELDS)
#: Levels at which a missing requirement is counted: coarser units are looked into.
_COARSE = (RegionLevel.PROVINCE, RegionLevel.CITY)


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
    """The two rates of one part of the assets."""

    key: str | None
    working_order: WorkingOrder
    completeness: Completeness | None
    sensors: SensorCount = SensorCount(0, 0, 0)


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


def settle(
    stated: Iterable[tuple[str, str, int]], tree: RegionTree
) -> tuple[list[tuple[str, str, int]], list[tuple[str, str, int, int]]]:
    """The requirements that count, and those that disagree with the ones below them.

    A number counts where no region below states one for the same family; otherwise the finer
    numbers count, and the coarser is reported when it is not their sum.
    """
    resolved = [(tree.resolve(code) or code, kind, count) for code, kind, count in stated]
    refined = {
        (node.code, family_of(kind))
        for code, kind, _ in resolved
        for node in list(tree.path(code))[1:]
    }
    counting = [row for row in resolved if (row[0], family_of(row[1])) not in refined]
    disagreeing = []
    for code, kind, count in resolved:
        if (code, family_of(kind)) in refined:
            below = _sum_below(code, family_of(kind), counting, tree)
            if below != count:
                disagreeing.append((code, kind, count, below))
    return counting, disagreeing


def _sum_below(
    code: str, family: str, counting: list[tuple[str, str, int]], tree: RegionTree
) -> int:
    below = tree.below(code)
    return sum(n for region, kind, n in counting if region in below and family_of(kind) == family)


def tallied(rows: Iterable[Row], policy: Policy) -> WorkingOrder:
    """Working order of some rows."""
    return tally(((row.verdict, row.times) for row in rows), headline=policy.headline)


class Builder:
    """Makes groups from rows and needs, of which each need is met within its own region."""

    def __init__(
        self,
        policy: Policy,
        tree: RegionTree,
        rows: list[Row],
        needs: list[tuple[str, str, int]],
        stated: set[str],
    ) -> None:
        self.policy, self.tree, self.rows = policy, tree, rows
        self.stated = {tree.resolve(code) or code for code in stated}
        self.stated_above = {
            node.code for code in self.stated for node in list(tree.path(code))[1:]
        }
        built = self._built_by_region(rows)
        self.needs = [
            Need(code, kind, count, self._built(built, code, kind)) for code, kind, count in needs
        ]

    def _built_by_region(self, rows: list[Row]) -> dict[str, Counter[str]]:
        """Existing assets by kind for every region, those below it included."""
        built: dict[str, Counter[str]] = defaultdict(Counter)
        for code, kind, *_, count in rows:
            for node in self.tree.path(code):
                built[node.code][kind] += count
        return built

    @staticmethod
    def _built(built: Mapping[str, Counter[str]], code: str, wanted: str) -> int:
        kinds = built.get(code, Counter())
        return sum(n for kind, n in kinds.items() if kind_within(kind, wanted))

    def group(self, key: str | None, rows: list[Row], scope: set[str] | None) -> Group:
        """The rates of some rows with the needs of a set of regions (None: of all)."""
        needs = tuple(need for need in self.needs if scope is None or need.region in scope)
        units = self._unstated(key) if key is not None else self._unstated_in(scope)
        return Group(key, tallied(rows, self.policy), Completeness(needs, units))

    def _unstated_in(self, scope: set[str] | None) -> int:
        tops = [
            node.code
            for node in self.tree.nodes.values()
            if not node.retired
            and (scope is None or node.code in scope)
            and (node.parent is None or (scope is not None and node.parent not in scope))
        ]
        return sum(self._unstated(code) for code in tops)

    def _unstated(self, code: str) -> int:
        """Units at or below a region for which nobody stated a number."""
        node = self.tree.nodes.get(code)
        if node is None:
            return 1
        below = [c for c in self.tree.children.get(code, ()) if not self.tree.nodes[c].retired]
        if code in self.stated_above:
            return sum(self._unstated(child) for child in below)
        if code in self.stated:
            return 0
        if node.level in _COARSE and below:
            return sum(self._unstated(child) for child in below)
        return 1

    def groups(self, by: str, scope: set[str] | None) -> list[Group]:
        """The groups of a cut, in the order of their keys; those without a key last."""
        key_of = key_by(by, self.tree)
        parts: dict[str | None, list[Row]] = defaultdict(list)
        for row in self.rows:
            parts[key_of(row[:4])].append(row)
        level = by in tuple(RegionLevel)
        if level:
            for need in self.needs:
                key = self.tree.at_level(need.region, RegionLevel(by))
                if key is not None and (scope is None or need.region in scope):
                    parts.setdefault(key, [])
        made = []
        for key in sorted(parts, key=lambda key: (key is None, key or "")):
            if level and key is not None:
                made.append(self.group(key, parts[key], self.tree.below(key)))
            else:
                needs = self._needs_of(by, key, scope)
                made.append(Group(key, tallied(parts[key], self.policy), needs))
        return made

    def _needs_of(self, by: str, key: str | None, scope: set[str] | None) -> Completeness | None:
        """Needs that belong to a kind or family; duties and services have none."""
        if by not in ("kind", "family") or key is None:
            return None
        needs = tuple(
            need
            for need in self.needs
            if (scope is None or need.region in scope)
            and (need.kind == key if by == "kind" else family_of(need.kind) == key)
        )
        return Completeness(needs, 0) if needs else None
