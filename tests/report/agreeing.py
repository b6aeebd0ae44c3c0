"""What the program says of a drawn history, held against `recount` and `recount_groups`."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any, NamedTuple

from hydrant import times
from hydrant.integrity.policy import Policy
from hydrant.integrity.rates import Completeness, WorkingOrder
from hydrant.report.explain import explain
from hydrant.report.grouping import Group
from hydrant.report.integrity import IntegrityReport, assess
from hydrant.report.listing import counted, judged
from hydrant.report.near import Wish, nearest
from hydrant.report.todo import Facts, todo
from hydrant.store.evidence.duplicates import candidates
from hydrant.store.evidence.evidence import Cut, today
from hydrant.store.evidence.sensor_facts import sensor_facts
from hydrant.store.ground.location import readings_path
from hydrant.store.opened.transactions import transaction
from hydrant.store.readings.readings_file import view_readings
from hydrant.store.views.export_rows import export_rows
from hydrant.store.views.public_rows import public_rows
from hydrant.store.views.todo_facts import last_checks, open_defects
from hydrant.survey.due import find_due
from tests.report import recount, recount_groups
from tests.report.histories import World

#: What groups are made of, and regions that are asked for, in turn.
CUTS = ("township", "kind", "family", "service", "village", "county")
SCOPES = (None, None, "T1", None, "C", "V1", "T2")


def told(world: World) -> recount.Facts:
    """All rows of a registry and of its readings store."""
    stored: dict[str, Any] = {}
    with view_readings(readings_path(world.registry.path)) as store:
        if store is not None:
            stored = recount.said_by_sensors(store.connection)
    return recount.Facts.of(world.registry.connection, world.registry.zone, **stored)


def rows_agree(world: World, facts: recount.Facts, day: dt.date) -> None:
    """The rows on record say what was entered, whatever the order."""
    end = recount.first_moment(day + dt.timedelta(days=1), facts.zone)
    known, last = facts.known(None), end - dt.timedelta(milliseconds=1)
    for asset in known.rows["asset"]:
        if (values := world.told.get(asset["uid"])) is not None:
            row = recount.row_at(known, asset, end)
            found = {name: row[name] for name in values}
            assert found == {name: value.at(last) for name, value in values.items()}


# --- figures ------------------------------------------------------------------------------------


class Counted(NamedTuple):
    """What `recount` makes of a question."""

    assets: dict[str, recount.Judged]
    places: recount.Places
    lines: recount.Required
    map: recount_groups.Map
    scope: str | None

    def inside(self, region: str | None) -> bool:
        """Whether a region lies in that which is asked for."""
        return self.scope is None or self.scope in self.places.upwards(region)


def hold(world: World, facts: recount.Facts, asked: Cut, policy: Policy, *, turn: int = 0) -> None:
    """Every asset's class and all figures, computed twice.

    Parameters
    ----------
    turn
        Number of the question: it decides on what groups are made of and which region is asked.
    """
    registry, day, rules = world.registry, asked.as_of, policy.rules
    expected = recount.classes(facts, day, rules, asked.known_at)
    places = recount.places(facts, day, asked.known_at)
    scope = SCOPES[turn % len(SCOPES)]
    scope = scope if scope is not None and places.lives(scope) else None
    report = assess(registry, asked, policy, by=CUTS[turn % len(CUTS)], region=scope)
    pressures = sensor_facts(registry, asked, policy).pressures
    found = {
        one.uid: recount.Judged(
            one.verdict.condition or "", report.tree.resolve(one.region), one.kind, one.service,
            one.verdict.built, one.verdict.unmeasured, one.region,
        )
        for one in judged(registry, asked, policy, pressures=pressures)
    }  # fmt: skip
    assert found == expected
    inside = {
        uid: one
        for uid, one in expected.items()
        if scope is None or scope in places.upwards(one.region)
    }
    rates_agree(report, inside)
    question = recount.Question(facts.known(asked.known_at), day, rules)
    in_figures = list(recount.in_figures(expected, rules).values())
    mine = Counted(
        recount.in_figures(inside, rules),
        places,
        recount.completeness(facts, day, rules, asked.known_at, assets=expected),
        recount_groups.Map(
            places,
            recount.stated_numbers(question, places),
            in_figures,
            recount.partial(question, places, in_figures),
        ),
        scope,
    )
    totals_agree(report, mine)
    groups_agree(report, mine)
    villages_agree(report, mine)


def rates_agree(report: IntegrityReport, assets: dict[str, recount.Judged]) -> None:
    """Working order of the total, of private and of rural assets."""
    rules = report.policy.rules
    in_figures = recount.in_figures(assets, rules)
    order = recount.working_order(in_figures.values())
    assert figures(report.total.working_order) == order
    private = [one for one in assets.values() if one.service == "private"]
    assert figures(report.private) == recount.working_order(private)
    rural = [one for one in in_figures.values() if one.service == "rural"]
    assert figures(report.rural) == recount.working_order(rural)
    ends = (report.total.working_order.low, report.total.working_order.high)
    assert ends == (order.proven, order.at_best)
    assert report.total.working_order.percent == (
        order.proven if rules["switches.headline"]["value"] == "low" else order.at_best
    )


def totals_agree(report: IntegrityReport, mine: Counted) -> None:
    """Every line of completeness, their sums, what disagrees, and units without a number."""
    found = report.total.completeness
    assert found is not None
    lines = [line for line in mine.lines.lines if mine.inside(line.region)]
    _lines_agree(found, lines)
    expected = recount.total(lines)
    assert (found.required, found.built, found.met, found.shortfall) == expected
    assert found.percent == expected.rate
    assert sorted(
        (d.region, d.kind, str(d.service), d.stated, d.below)
        for d in report.disagreeing
        if not d.beside
    ) == sorted((r, k, str(s), *rest) for r, k, s, *rest in mine.lines.disagreeing)
    units = recount_groups.lacking(mine.map, mine.scope)
    assert {tuple(unit) for unit in found.units} == {tuple(unit) for unit in units}
    silent = sum(unit.family is None for unit in units)
    assert found.units_without_requirement == silent


def _lines_agree(found: Completeness, lines: list[recount.Line]) -> None:
    assert sorted(
        (need.region, need.kind, str(need.service), need.required, need.built)
        for need in found.needs
    ) == sorted(
        (line.region, line.kind, str(line.service), line.required, line.built) for line in lines
    )


def groups_agree(report: IntegrityReport, mine: Counted) -> None:
    """Both rates of each group, and that there is one for all that counts."""
    lines = [line for line in mine.lines.lines if mine.inside(line.region)]
    by_group = recount_groups.lines_by_group(lines, report.by, mine.places)
    members: dict[str | None, list[recount.Judged]] = {}
    for asset in mine.assets.values():
        name = recount_groups.group_of_asset(asset, report.by, mine.places)
        members.setdefault(name, []).append(asset)
    keys = [recount_groups.Key(group.key, group.beyond) for group in report.groups]
    assert len(keys) == len(set(keys))
    assert set(members) <= {key.name for key in keys if not key.beyond}
    assert by_group.keys() <= set(keys)
    for key, group in zip(keys, report.groups, strict=True):
        own = [] if key.beyond else members.get(key.name, [])
        assert figures(group.working_order) == recount.working_order(own), key
        if group.completeness is None:
            assert key not in by_group
        else:
            _lines_agree(group.completeness, by_group.get(key, []))
            _units_agree(report, group, mine)


def _units_agree(report: IntegrityReport, group: Group, mine: Counted) -> None:
    assert group.completeness is not None
    code = group.key
    if group.beyond or report.by not in recount_groups.LEVELS or code is None:
        key = recount_groups.Key(code, group.beyond)
        own = recount_groups.lacking_in(mine.map, report.by, key, mine.scope)
        assert {tuple(unit) for unit in group.completeness.units} == {tuple(one) for one in own}
        return
    if not mine.places.lives(code):
        return
    if mine.inside(code):
        expected = set(recount_groups.lacking_from(mine.map, code))
    else:
        expected = recount_groups.lacking(mine.map, mine.scope)
    found = {tuple(unit) for unit in group.completeness.units}
    assert found == {tuple(unit) for unit in expected}, code


def villages_agree(report: IntegrityReport, mine: Counted) -> None:
    """Villages with, without and with unproven sources, and those nothing is stated for."""
    if report.by != "village":
        return
    expected = recount_groups.villages(mine.map, mine.scope)
    found = report.villages
    assert found is not None
    assert (found.working, found.unproven, found.without, found.not_stated) == tuple(
        len(part) for part in expected
    )
    keys = {group.key for group in report.groups if not group.beyond}
    assert expected.working | expected.unproven | expected.without <= keys


def figures(order: WorkingOrder) -> recount.WorkingOrder:
    """Figures of the program as `recount` has them."""
    names = ("existing", "intact", "stale", "defective", "untested", "unmeasured")
    return recount.WorkingOrder(*(getattr(order, name) for name in names))


# --- lists --------------------------------------------------------------------------------------


def lists_agree(world: World, facts: recount.Facts, policy: Policy) -> None:
    """What is shown elsewhere of the same assets now, by the registry's rules."""
    registry = world.registry
    asked = today(registry)
    pressures = sensor_facts(registry, asked, policy).pressures
    expected = recount.classes(facts, asked.as_of, policy.rules)
    conditions = {uid: one.condition for uid, one in expected.items()}
    for number in range(len(world.assets)):
        asset = world.asset(number)
        why = explain(registry, asset, asked, policy, pressures=pressures)
        assert why["condition"] == conditions.get(asset.uid)
    wish = Wish(count=None, within_m=20_000.0)
    near = nearest(registry, 120.0, 30.0, wish, cut=asked, policy=policy, pressures=pressures)
    assert {one.asset.uid: one.asset.verdict.condition for one in near} == conditions
    due_agrees(world, Now(facts, asked), expected)
    todo_agrees(world, facts, asked, policy)
    with transaction(registry, actor="t", origin="t"):
        pass  # whoever writes brings up the rows whose day has come
    now = Now(told(world), asked)
    assert {one.uid: (one.kind, one.region) for one in candidates(registry, asked)} == {
        uid: now.at_once(uid) for uid in now.standing
    }
    exported = {row["uid"]: row for row in export_rows(registry, asked, regions=None, kind=None)}
    assert {uid: now.told(row) for uid, row in exported.items()} == {
        uid: now.flat(uid) for uid in now.standing
    }
    public = {row["uid"]: row for row in public_rows(registry, None, times.now())}
    assert {uid: now.shown(row) for uid, row in public.items()} == now.public()
    assert last_checks(registry, asked) == now.last_checks()
    assert Counter((one.asset_uid, one.severity) for one in open_defects(registry, asked)) == (
        now.open_defects()
    )


def due_agrees(world: World, now: Now, expected: dict[str, recount.Judged]) -> None:
    """What a crew's plan has: what is due, when it was last visited, what was found."""
    found = {one.uid: (one.last, one.outcome, one.open_defects) for one in find_due(world.registry)}
    mine = {}
    for uid in recount.due(expected):
        last = now.last(uid) or {"at": None, "outcome": None}
        faults = recount.open_defects(now.known, uid, now.end)
        mine[uid] = (last["at"], last["outcome"], len(faults))
    assert found == mine


def todo_agrees(world: World, facts: recount.Facts, asked: Cut, policy: Policy) -> None:
    """What has to be built, repaired and verified, and which villages lack water."""
    registry, rules, day = world.registry, policy.rules, asked.as_of
    report = assess(registry, asked, policy)
    pressures = sensor_facts(registry, asked, policy).pressures
    listed = Facts(
        counted(registry, asked, report, pressures=pressures), last_checks(registry, asked),
        open_defects(registry, asked), (),
    )  # fmt: skip
    mine = recount.in_figures(recount.classes(facts, day, rules), rules)
    lists = {
        name: todo(name, listed, report, asked)
        for name in ("unverified", "defects", "overdue", "shortfall", "villages")
    }
    assert {row["uid"] for row in lists["unverified"]} == recount.due(mine)
    now = Now(facts, asked)
    faults = now.open_defects()
    assert Counter((row["uid"], row["severity"]) for row in lists["defects"]) == Counter(
        {key: count for key, count in faults.items() if key[0] in mine}
    )
    question = recount.Question(facts.known(None), day, rules)
    allowed = rules["checks.function"]["within_days"]
    assert {row["uid"] for row in lists["overdue"]} == {
        uid
        for uid, last in now.last_checks().items()
        if uid in mine and not question.fresh(_moment(last), allowed)
    }
    lines = recount.completeness(facts, day, rules).lines
    assert sorted(
        (row["region"], row["kind"], str(row["service"]), row["missing"])
        for row in lists["shortfall"]
    ) == sorted((*line[:2], str(line.service), line.shortfall) for line in lines if line.shortfall)
    places = recount.places(facts, day)
    stated = recount.stated_numbers(question, places)
    water = recount_groups.villages(recount_groups.Map(places, stated, list(mine.values())))
    assert {(row["region"], row["state"], row["not_stated"]) for row in lists["villages"]} == {
        (code, state, code in water.not_stated)
        for state, codes in (("unproven", water.unproven), ("without", water.without))
        for code in codes
    }


def _moment(value: Any) -> dt.datetime:
    found = recount.moment(value)
    assert found is not None
    return found


class Now:
    """What `recount` says of each asset on record now."""

    columns = ("kind", "service", "structure", "region_code", "lift_drought_m")

    def __init__(self, facts: recount.Facts, asked: Cut) -> None:
        self.known = facts.known(None)
        self.end = recount.first_moment(asked.as_of + dt.timedelta(days=1), facts.zone)
        self.moment = times.now()
        self.rows = {row["uid"]: row for row in self.known.rows["asset"]}
        stages = {uid: recount.stage(self.known, uid, self.end) for uid in self.rows}
        self.standing = {uid: stage for uid, stage in stages.items() if stage != "removed"}

    def last(self, uid: str) -> recount.Row | None:
        """The last decisive visit."""
        return recount.last_visit(recount.visits_of(self.known, uid, self.end))

    def at_once(self, uid: str) -> tuple[Any, ...]:
        """Kind and region of an asset at this moment."""
        row = recount.row_at(self.known, self.rows[uid], self.moment)
        return row["kind"], row["region_code"]

    def flat(self, uid: str) -> tuple[Any, ...]:
        """What is exported of an asset."""
        # of the end of the day, as the figures are: a change announced for the evening has its say
        row, last = recount.row_at(self.known, self.rows[uid], self.end), self.last(uid)
        visit = (last["outcome"], last["at"]) if last else (None, None)
        return (*(row[name] for name in self.columns), *visit)

    def told(self, row: dict[str, Any]) -> tuple[Any, ...]:
        """The same of an exported row."""
        return (*(row[name] for name in (*self.columns, "inspection_outcome", "inspection_at")),)

    def public(self) -> dict[str, tuple[Any, ...]]:
        """What is published: as of this very moment, not of the end of the day."""
        known, end, found = self.known, self.moment, {}
        for uid, asset in self.rows.items():
            stage, row = recount.stage(known, uid, end), recount.row_at(known, asset, end)
            if row["service"] == "private" or stage == "removed":
                continue
            last = recount.last_visit(recount.visits_of(known, uid, end))
            faults = recount.open_defects(known, uid, end)
            blocking = sum(one["severity"] == "blocking" for one in faults)
            visit = (last["outcome"], last["at"]) if last else (None, None)
            found[uid] = (row["kind"], row["region_code"], stage, *visit, blocking)
        return found

    @staticmethod
    def shown(row: dict[str, Any]) -> tuple[Any, ...]:
        """The same of a published row."""
        names = ("kind", "region_code", "state", "last_outcome", "last_outcome_at")
        return (*(row[name] for name in names), row["blocking_defects"])

    def last_checks(self) -> dict[str, str]:
        """When each asset was last seen to work, where that is known."""
        found = {}
        for uid in self.rows:
            visits = recount.visits_of(self.known, uid, self.end)
            worked = [
                row["at"]
                for row in visits.rows
                if row["outcome"] == "works" and row["at"] and visits.found(row, bad=False)
            ]
            if worked:
                found[uid] = max(worked)
        return found

    def open_defects(self) -> Counter[tuple[str, str]]:
        """Open defects by asset and severity."""
        return Counter(
            (uid, one["severity"])
            for uid in self.rows
            for one in recount.open_defects(self.known, uid, self.end)
        )
