"""From counted evidence to the two rates of a region and of the groups within it."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hydrant.errors import CommandLineError
from hydrant.integrity.condition import Verdict, condition
from hydrant.integrity.policy import Policy
from hydrant.integrity.rates import Completeness, Need, WorkingOrder, tally
from hydrant.store.evidence import Cut, SensorPressure, count_evidence
from hydrant.store.region_tree import RegionTree, load_tree, requirements_at
from hydrant.store.registry import Registry
from hydrant.vocabulary import RegionLevel, Service, family_of, kind_within

DUTIES = ("owner", "builder", "maintainer", "supervisor")
CUTS = (*RegionLevel, "kind", "family", "service", *DUTIES)
#: Levels at which a missing requirement is counted: coarser units are looked into.
_COARSE = (RegionLevel.PROVINCE, RegionLevel.CITY)


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


@dataclass(frozen=True, slots=True)
class IntegrityReport:
    """What `hydrant integrity` shows.

    Attributes
    ----------
    private
        Working order of private assets, which are outside the other figures.
    disagreeing
        Regions whose own number differs from the sum stated below them: (region, kind, own,
        sum); the finer ones count.
    split
        Retired codes that were split and still carry assets: code and how many.
    """

    as_of: dt.date
    known_at: dt.datetime | None
    policy: Policy
    region: str | None
    total: Group
    groups: tuple[Group, ...]
    private: WorkingOrder
    sensors: SensorCount
    disagreeing: tuple[tuple[str, str, int, int], ...]
    split: tuple[tuple[str, int], ...]
    tree: RegionTree
    by: str


#: Region, kind, service, field value, verdict and how often.
_Row = tuple[str | None, str, str, str | None, Verdict, int]


def assess(
    registry: Registry,
    cut: Cut,
    policy: Policy,
    *,
    region: str | None = None,
    by: str = "county",
    kind: str | None = None,
    pressures: Iterable[SensorPressure] = (),
    sensors: tuple[set[str], set[str]] = (set(), set()),
) -> IntegrityReport:
    """Compute the report.

    Parameters
    ----------
    region
        Keep assets and requirements of this region and below; None keeps all.
    by
        What groups are made of: a level, kind, family, service or a duty.
    kind
        Keep one family or kind.
    pressures
        What sensors say of pressures.
    sensors
        Uids of assets that carry a sensor, and of those whose sensor answered in time.

    Raises
    ------
    CommandLineError
        `by` is not a known cut.
    """
    if by not in CUTS:
        raise CommandLineError("integrity.cut", cut=by, known=", ".join(CUTS))
    tree = load_tree(registry, cut.end)
    scope = None if region is None else tree.below(region)
    rows = _rows(registry, cut, policy, tree, by=by, kind=kind, pressures=pressures)
    inside = [row for row in rows if scope is None or row[0] in scope]
    apart = policy.switches["private"].value == "apart"
    public = [row for row in inside if not apart or row[2] != Service.PRIVATE]
    stated = requirements_at(registry, cut.end, cut.known)
    needs, disagreeing = settle(stated, tree)
    needs = [(code, of, n) for code, of, n in needs if kind is None or kind_within(of, kind)]
    builder = _Builder(policy, tree, public, needs, {code for code, _, _ in stated})
    total = builder.group(None, public, scope)
    return IntegrityReport(
        as_of=cut.as_of,
        known_at=cut.known_at,
        policy=policy,
        region=region,
        total=total,
        groups=tuple(builder.groups(by, scope)),
        private=_tally([row for row in inside if row[2] == Service.PRIVATE], policy),
        sensors=SensorCount(total.working_order.existing, len(sensors[0]), len(sensors[1])),
        disagreeing=tuple(disagreeing),
        split=_split(public, tree),
        tree=tree,
        by=by,
    )


def _rows(
    registry: Registry,
    cut: Cut,
    policy: Policy,
    tree: RegionTree,
    *,
    by: str,
    kind: str | None,
    pressures: Iterable[SensorPressure],
) -> list[_Row]:
    field = by if by in DUTIES else None
    counts = count_evidence(registry, cut, policy, field=field, sensors=pressures)
    verdicts: dict[Any, Verdict] = {}
    rows: Counter[tuple[str | None, str, str, str | None, Verdict]] = Counter()
    for (code, of_kind, service, value, evidence), count in counts.items():
        if kind is not None and not kind_within(of_kind, kind):
            continue
        if evidence not in verdicts:
            verdicts[evidence] = condition(evidence, policy)
        verdict = verdicts[evidence]
        if verdict.condition is not None:
            rows[(tree.resolve(code), of_kind, service, value, verdict)] += count
    return [(*key, count) for key, count in rows.items()]


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


def _tally(rows: Iterable[_Row], policy: Policy) -> WorkingOrder:
    return tally(((row[4], row[5]) for row in rows), headline=policy.headline)


def _split(rows: Iterable[_Row], tree: RegionTree) -> tuple[tuple[str, int], ...]:
    found: Counter[str] = Counter()
    for code, *_, count in rows:
        if code is not None and code in tree.nodes and tree.nodes[code].retired:
            found[code] += count
    return tuple(sorted(found.items()))


class _Builder:
    """Makes groups from rows and needs, of which each need is met within its own region."""

    def __init__(
        self,
        policy: Policy,
        tree: RegionTree,
        rows: list[_Row],
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

    def _built_by_region(self, rows: list[_Row]) -> dict[str, Counter[str]]:
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

    def group(self, key: str | None, rows: list[_Row], scope: set[str] | None) -> Group:
        """The rates of some rows with the needs of a set of regions (None: of all)."""
        needs = tuple(need for need in self.needs if scope is None or need.region in scope)
        units = self._unstated(key) if key is not None else self._unstated_in(scope)
        return Group(key, _tally(rows, self.policy), Completeness(needs, units))

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
        if by in tuple(RegionLevel):
            return self._by_level(RegionLevel(by), scope)
        parts = self._parts(by)
        return [
            Group(key, _tally(parts[key], self.policy), self._needs_of(by, key, scope))
            for key in sorted(parts, key=lambda key: (key is None, key or ""))
        ]

    def _by_level(self, level: RegionLevel, scope: set[str] | None) -> list[Group]:
        parts: dict[str | None, list[_Row]] = defaultdict(list)
        for row in self.rows:
            parts[self.tree.at_level(row[0], level)].append(row)
        for need in self.needs:
            key = self.tree.at_level(need.region, level)
            if key is not None and (scope is None or need.region in scope):
                parts.setdefault(key, [])
        made = []
        for key in sorted(parts, key=lambda key: (key is None, key or "")):
            if key is None:
                made.append(Group(None, _tally(parts[key], self.policy), None))
            else:
                made.append(self.group(key, parts[key], self.tree.below(key)))
        return made

    def _parts(self, by: str) -> dict[str | None, list[_Row]]:
        parts: dict[str | None, list[_Row]] = defaultdict(list)
        for row in self.rows:
            key = {"kind": row[1], "family": family_of(row[1]), "service": row[2]}.get(by, row[3])
            parts[key].append(row)
        return parts

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
