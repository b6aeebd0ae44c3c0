"""From counted evidence to the two rates of a region and of the groups within it."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from hydrant.errors import CommandLineError
from hydrant.integrity.condition import Verdict, condition
from hydrant.integrity.policy import Policy
from hydrant.integrity.rates import WorkingOrder
from hydrant.integrity.required import Disagreeing, Numbers
from hydrant.messages import Note
from hydrant.report.doubled import open_in
from hydrant.report.followed import changed_policy
from hydrant.report.grouping import (
    CUTS,
    FIELDS,
    Builder,
    Group,
    Row,
    Scope,
    SensorCount,
    key_by,
    tallied,
)
from hydrant.report.villages import VillageCount, count_villages
from hydrant.store.evidence.evidence import Cut, count_evidence, list_evidence
from hydrant.store.evidence.known import as_known
from hydrant.store.evidence.sensor_facts import AtHand, SensorFacts, sensor_facts
from hydrant.store.opened.outside import conflicts_wait
from hydrant.store.opened.registry import Registry
from hydrant.store.regions.parted import Fallen, fell_in
from hydrant.store.regions.region_tree import RegionTree, load_ever, load_tree
from hydrant.store.regions.required import numbers_at
from hydrant.store.views.handed_up import NOT_STATED, HandedUp, handed_up
from hydrant.store.views.standing import visited_before_built
from hydrant.vocabulary import Condition, RegionLevel, Service, family_of, kind_within


@dataclass(frozen=True, slots=True)
class IntegrityReport:
    """What `hydrant integrity` shows.

    Attributes
    ----------
    private
        Working order of private assets, which are outside the other figures.
    rural
        Working order of rural sources, which are among the other figures too.
    disagreeing
        Regions whose own number does not fit those stated below them.
    not_built
        Existing assets that stand against no required number: bare banks.
    numbers
        All numbers, and which of them each asset stands against.
    villages
        Villages with and without water, where figures are cut by village.
    split
        Units that ended without one successor, and how many assets still stand below them.
    unplaced
        Units of which nothing is on record for the day, and how many assets stand in them.
    before_built
        Assets that are intact by a visit older than their only commissioning.
    fallen
        Numbers of split units that ended with those of their successors and were more.
    at_hand
        Whether the readings of the registry's sensors are there.
    doubled
        Undecided pairs of assets that may be one thing, of which one at least counts here.
    undecided
        How many conflicts between sides nobody has decided.
    changed_policy
        What is said where the policy says otherwise than when the registry took it up.
    handed_up
        What packages from below did not bring.
    ahead
        Whether the day has not come: what is on record today is taken to hold.
    """

    as_of: dt.date
    known_at: dt.datetime | None
    policy: Policy
    region: str | None
    total: Group
    groups: tuple[Group, ...]
    private: WorkingOrder
    rural: WorkingOrder
    not_built: int
    disagreeing: tuple[Disagreeing, ...]
    split: tuple[tuple[str, int], ...]
    unplaced: tuple[tuple[str, int], ...]
    before_built: tuple[str, ...]
    fallen: tuple[Fallen, ...]
    tree: RegionTree
    by: str
    scope: Scope
    zone: ZoneInfo
    numbers: Numbers
    villages: VillageCount | None
    at_hand: AtHand = field(default_factory=AtHand)
    doubled: int = 0
    undecided: int = 0
    changed_policy: Note | None = None
    handed_up: HandedUp = field(default_factory=HandedUp)
    ahead: bool = False

    @property
    def readings(self) -> str | None:
        """``present`` here and below, ``missing``, or ``not_stated`` by a package from below.

        None where there are no sensors.
        """
        if self.handed_up.unheard:
            return "missing"
        word = self.at_hand.word
        return NOT_STATED if word == "present" and self.handed_up.unstated else word

    def is_below(self, percent: float) -> bool:
        """Whether a rate of the total is below a percentage (0 to 100), or not known."""
        completeness = self.total.completeness
        if completeness is None or not completeness.is_stated:
            return True
        rates = (self.total.working_order.percent, completeness.percent)
        return any(rate is None or rate < percent for rate in rates)


def assess(
    registry: Registry,
    cut: Cut,
    policy: Policy,
    *,
    region: str | None = None,
    by: str = "county",
    kind: str | None = None,
    facts: SensorFacts | None = None,
) -> IntegrityReport:
    """Compute the report.

    Parameters
    ----------
    region
        Keep assets and requirements of this region and below; None keeps all.
    by
        What groups are made of: a level, kind, family, service, a duty or the funding source.
    kind
        Keep one family or kind.
    facts
        What sensors say; None reads it.

    Raises
    ------
    CommandLineError
        `by` is not a known cut.
    """
    if by not in CUTS:
        raise CommandLineError("integrity.cut", cut=by, known=", ".join(CUTS))
    with as_known(registry, cut):
        facts = sensor_facts(registry, cut, policy) if facts is None else facts
        return _assessed(registry, cut, policy, facts, region=region, by=by, kind=kind)


def _assessed(
    registry: Registry,
    cut: Cut,
    policy: Policy,
    facts: SensorFacts,
    *,
    region: str | None,
    by: str,
    kind: str | None,
) -> IntegrityReport:
    tree = load_tree(registry, cut.end, cut.known)
    scope = None if region is None else tree.below(region)
    recorded, rows = _rows(registry, cut, policy, tree, by=by, kind=kind, facts=facts)
    inside = [row for row in rows if scope is None or row.region in scope]
    apart = policy.private_apart
    all_public = [row for row in rows if not apart or row.service != Service.PRIVATE]
    public = [row for row in all_public if scope is None or row.region in scope]
    passed = numbers_at(registry, cut.end, cut.known, tree, recorded)
    builder = Builder(policy, tree, public, passed.stated, kind=kind, partial=passed.partial)

    within = Scope(scope, kind, apart=apart)
    sensors = _Sensors(registry, cut, policy, tree, facts, by=by, scope=within)
    total = builder.total(scope)
    groups = builder.groups(by, scope)
    return IntegrityReport(
        as_of=cut.as_of,
        known_at=cut.known_at,
        policy=policy,
        region=region,
        total=replace(total, sensors=sensors.all(total.working_order.existing)),
        groups=tuple(sensors.of(group) for group in groups),
        rural=tallied([row for row in public if row.service == Service.RURAL], policy),
        not_built=sum(row.times for row in public if not row.verdict.built),
        private=tallied([row for row in inside if row.service == Service.PRIVATE], policy),
        disagreeing=tuple(builder.numbers.disagreeing),
        split=_split(all_public, tree, scope),
        unplaced=_unplaced(registry, all_public, tree, region),
        before_built=_before_built(registry, cut, policy, tree, facts, within),
        fallen=tuple(f for f in passed.fallen if scope is None or fell_in(tree, f, scope)),
        tree=tree,
        by=by,
        scope=within,
        zone=cut.zone,
        numbers=builder.numbers,
        villages=_villages(groups, builder) if by == RegionLevel.VILLAGE else None,
        at_hand=facts.at_hand,
        doubled=open_in(
            registry,
            cut,
            lambda one: within.holds((tree.resolve(one.region), one.kind, one.service, None)),
        ),
        undecided=conflicts_wait(registry),
        changed_policy=changed_policy(registry, policy),
        handed_up=handed_up(registry, region),
        ahead=cut.ahead,
    )


def _villages(groups: Iterable[Group], builder: Builder) -> VillageCount:
    found = [
        (group.key, group.working_order.existing, group.working_order.intact)
        for group in groups
        if group.key is not None and not group.beyond
    ]
    return count_villages(builder.tree, found, builder.stated_villages)


def _rows(
    registry: Registry,
    cut: Cut,
    policy: Policy,
    tree: RegionTree,
    *,
    by: str,
    kind: str | None,
    facts: SensorFacts,
) -> tuple[set[tuple[str, str]], list[Row]]:
    """Where assets that count are recorded, with their families; and all rows."""
    field = by if by in FIELDS else None
    counts = count_evidence(registry, cut, policy, field=field, sensors=facts.pressures)
    verdicts: dict[object, Verdict] = {}
    rows: Counter[tuple[str | None, str, str, str | None, Verdict]] = Counter()
    recorded = set[tuple[str, str]]()
    for (code, of_kind, service, value, evidence), count in counts.items():
        if kind is not None and not kind_within(of_kind, kind):
            continue
        if evidence not in verdicts:
            verdicts[evidence] = condition(evidence, policy)
        verdict = verdicts[evidence]
        if verdict.condition is not None:
            if code is not None and not (policy.private_apart and service == Service.PRIVATE):
                recorded.add((code, family_of(of_kind)))
            rows[(tree.resolve(code), of_kind, service, value, verdict)] += count
    return recorded, [Row(*key, count) for key, count in rows.items()]


def _split(
    rows: Iterable[Row], tree: RegionTree, scope: Collection[str] | None
) -> tuple[tuple[str, int], ...]:
    """Units that ended without one successor, and what stands below them, in or next to a scope.

    Nobody said to which of its successors that belongs, so it may belong to any of them.
    """
    found: Counter[str] = Counter()
    for code, *_, count in rows:
        if (split := tree.split_above(code)) is not None:
            found[split] += count
    return tuple(
        (code, count)
        for code, count in sorted(found.items())
        if scope is None or code in scope or not tree.took_over(code).isdisjoint(scope)
    )


def _unplaced(
    registry: Registry, rows: Iterable[Row], tree: RegionTree, region: str | None
) -> tuple[tuple[str, int], ...]:
    """Units that no row tells of on the day and that lie, on others, in the region asked for."""
    found: Counter[str] = Counter()
    for code, *_, count in rows:
        if code is not None and code not in tree.nodes:
            found[code] += count
    ever = load_ever(registry) if found and region is not None else None
    return tuple(
        (code, count)
        for code, count in sorted(found.items())
        if ever is not None and region in ever.above(code)
    )


def _before_built(
    registry: Registry,
    cut: Cut,
    policy: Policy,
    tree: RegionTree,
    facts: SensorFacts,
    scope: Scope,
) -> tuple[str, ...]:
    """Numbers of assets that are intact by a visit older than their only commissioning."""
    doubtful = list(visited_before_built(registry, cut))
    if not doubtful:
        return ()
    rows = list_evidence(registry, cut, policy, uids=doubtful, sensors=facts.pressures)
    return tuple(sorted(
        row.code or row.uid
        for row in rows
        if scope.holds((tree.resolve(row.region_code), row.kind, row.service, None))
        and condition(row.evidence, policy).condition is Condition.INTACT
    ))  # fmt: skip


class _Sensors:
    """Existing assets that carry a sensor, by the group they belong to."""

    def __init__(
        self,
        registry: Registry,
        cut: Cut,
        policy: Policy,
        tree: RegionTree,
        facts: SensorFacts,
        *,
        by: str,
        scope: Scope,
    ) -> None:
        key_of = key_by(by, tree)
        self._found: dict[str | None, list[bool]] = defaultdict(list)
        if not facts.equipped:
            return
        for row in list_evidence(registry, cut, policy, uids=facts.equipped):
            code, value = tree.resolve(row.region_code), row.fields.get(by)
            place = code, row.kind, row.service, value
            if scope.holds(place) and condition(row.evidence, policy).condition is not None:
                self._found[key_of(place)].append(row.uid in facts.online)

    def all(self, assets: int) -> SensorCount:
        """Count of all that are left."""
        return self._count(assets, itertools.chain.from_iterable(self._found.values()))

    def of(self, group: Group) -> Group:
        """A group with the sensors of its assets."""
        found = () if group.beyond else self._found.get(group.key, ())
        return replace(group, sensors=self._count(group.working_order.existing, found))

    @staticmethod
    def _count(assets: int, found: Iterable[bool]) -> SensorCount:
        online = list(found)
        return SensorCount(assets, len(online), sum(online))
