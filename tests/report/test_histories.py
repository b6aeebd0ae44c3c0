"""Every figure of whole random histories, computed twice: by the program and by `recount`."""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from hydrant import times
from hydrant.integrity.policy import Policy
from hydrant.integrity.rates import Completeness, Need, WorkingOrder
from hydrant.report.explain import explain
from hydrant.report.integrity import IntegrityReport, assess
from hydrant.report.listing import judged
from hydrant.report.near import Wish, nearest
from hydrant.store.duplicates import candidates
from hydrant.store.evidence import Cut, today
from hydrant.store.export_rows import export_rows
from hydrant.store.migrate import create
from hydrant.store.place import Place
from hydrant.store.public_rows import public_rows
from hydrant.store.registry import Registry, open_registry
from hydrant.store.sensor_facts import SensorFacts
from hydrant.store.todo_facts import last_checks, open_defects
from hydrant.store.transactions import transaction
from hydrant.survey.due import find_due
from tests.conftest import SETTINGS, renew
from tests.report import histories, recount
from tests.report.histories import Blank, History, World

EXAMPLES = int(os.environ.get("HYDRANT_EXAMPLES", "80"))
SHRINK = os.environ.get("HYDRANT_SHRINK", "1") == "1"
POLICIES = histories.policies()


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Registry, Blank]]:
    """An open registry, and a county without anything that it is put back to."""
    folder = tmp_path_factory.mktemp("histories")
    blank, live = folder / "blank.gpkg", folder / "live.gpkg"
    create(blank, settings=SETTINGS)
    with open_registry(blank, write=True) as registry:
        histories.found_county(registry)
    live.write_bytes(blank.read_bytes())
    kept = Blank(blank)
    with open_registry(live, write=True) as registry:
        registry.connection.execute("PRAGMA synchronous = OFF")
        registry.connection.execute("PRAGMA journal_mode = MEMORY")
        yield registry, kept
    kept.close()


#: Days after a scene on which something grows old by the plan's rules or the standards'.
DAYS_AFTER = (-1, 0, 1, 31, 32, 92, 93, 365, 366)


@pytest.mark.parametrize("kind", ["hydrant.pillar", "tank"])
def test_each_scene_agrees(county: tuple[Registry, Blank], kind: str) -> None:
    """Each scene alone, on each day around it, by both shipped rules, then and now."""
    registry, blank = county
    asset: Any = ("asset", kind, "municipal", "T1", {})
    for acts in (*histories.SCENES, *histories.EDGES):
        blank.put_back(registry)
        steps: list[Any] = [(10, [("scene", 0, histories.MIDNIGHT, acts)]), (1, [("withdraw", 0)])]
        asked: list[Any] = [((1, days), rules, 1) for days in DAYS_AFTER for rules in (0, 1)]
        asked += [((1, 0), 0, None), ((1, 0), 1, None)]
        agrees(registry, History([asset], steps, asked, None))


#: Where only whether they differ is asked, nobody waits for the smallest history.
PHASES = (Phase.explicit, Phase.generate, *((Phase.shrink,) if SHRINK else ()))


@settings(
    max_examples=EXAMPLES,
    derandomize=EXAMPLES <= 1000,
    phases=PHASES,
    report_multiple_bugs=False,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(histories.history)
def test_two_computations_agree(county: tuple[Registry, Blank], drawn: History) -> None:
    registry, blank = county
    blank.put_back(registry)
    agrees(registry, drawn)


def agrees(registry: Registry, drawn: History) -> None:
    """Write a history and compute everything twice."""
    world = histories.play(registry, drawn)
    facts = told(world)
    for day, number, step in drawn.questions:
        known = None if step is None else world.after(step)
        hold(world, facts, Cut(world.day(*day), registry.zone, known), POLICIES[number])
        rows_agree(world, facts, world.day(*day))
    if drawn.after is not None:
        with histories.clock(world.known[-1] + dt.timedelta(days=drawn.after)):
            lists_agree(world, facts)


@settings(max_examples=4, suppress_health_check=list(HealthCheck), database=None)
@given(histories.history)
def test_each_store_agrees(registry_path: Place, drawn: History) -> None:
    renew(registry_path)
    with open_registry(registry_path, write=True) as registry:
        histories.found_county(registry)
        agrees(registry, drawn)


def rows_agree(world: World, facts: recount.Facts, day: dt.date) -> None:
    """The rows on record say what was entered, whatever the order."""
    end = recount.first_moment(day + dt.timedelta(days=1), facts.zone)
    known, last = facts.known(None), end - dt.timedelta(milliseconds=1)
    for asset in known.rows["asset"]:
        if (values := world.told.get(asset["uid"])) is not None:
            row = recount.row_at(known, asset, end)
            found = {name: row[name] for name in values}
            assert found == {name: value.at(last) for name, value in values.items()}


def told(world: World) -> recount.Facts:
    """All rows of a registry."""
    pressures = [(p.asset_uid, recount.moment(p.at), p.low) for p in world.pressures]
    return recount.Facts.of(world.registry.connection, world.registry.zone, pressures=pressures)


def hold(world: World, facts: recount.Facts, asked: Cut, policy: Policy) -> None:
    """Every asset's class and all figures, computed twice."""
    registry, pressures = world.registry, world.pressures
    expected = recount.classes(facts, asked.as_of, policy.rules, asked.known_at)
    report = assess(registry, asked, policy, by="township", facts=SensorFacts(pressures))
    found = {
        one.uid: recount.Judged(
            one.verdict.condition or "", report.tree.resolve(one.region), one.kind, one.service,
            one.verdict.built, one.verdict.unmeasured,
        )
        for one in judged(registry, asked, policy, pressures=pressures)
    }  # fmt: skip
    assert found == expected
    rates_agree(report, facts, expected)


def rates_agree(
    report: IntegrityReport, facts: recount.Facts, assets: dict[str, recount.Judged]
) -> None:
    """The figures of the total, of private assets and of each township."""
    rules = report.policy.rules
    counted = recount.in_figures(assets, rules)
    assert figures(report.total.working_order) == recount.working_order(counted.values())
    private = [one for one in assets.values() if one.service == "private"]
    assert figures(report.private) == recount.working_order(private)
    rural = [one for one in counted.values() if one.service == "rural"]
    assert figures(report.rural) == recount.working_order(rural)
    order = recount.working_order(counted.values())
    ends = (report.total.working_order.low, report.total.working_order.high)
    assert ends == (order.proven, order.at_best)
    assert report.total.working_order.percent == (
        order.proven if rules["switches.headline"]["value"] == "low" else order.at_best
    )
    places = recount.places(facts, report.as_of, report.known_at)
    for group in report.groups:
        inside = [
            one for one in counted.values()
            if places.at_level(one.region, "township") == group.key
        ]  # fmt: skip
        if not getattr(group, "beyond", False):
            assert figures(group.working_order) == recount.working_order(inside), group.key
    if SETTLED:
        assert report.total.completeness is not None
        completeness_agrees(report, report.total.completeness, facts)


#: Whether the program counts requirements by service and keeps what a parent requires beyond.
SETTLED = "service" in {one.name for one in fields(Need)}


def completeness_agrees(report: IntegrityReport, found: Completeness, facts: recount.Facts) -> None:
    """Every line of completeness and their sums."""
    required = recount.completeness(facts, report.as_of, report.policy.rules, report.known_at)
    lines = sorted(
        (need.region, need.kind, str(getattr(need, "service", None)), need.required, need.built)
        for need in found.needs
    )
    assert lines == sorted(
        (line.region, line.kind, str(line.service), line.required, line.built)
        for line in required.lines
    )
    expected = recount.total(required.lines)
    assert (found.required, found.built, found.met, found.shortfall) == expected
    assert found.percent == expected.rate


def figures(order: WorkingOrder) -> recount.WorkingOrder:
    """Figures of the program as `recount` has them."""
    names = ("existing", "intact", "stale", "defective", "untested", "unmeasured")
    return recount.WorkingOrder(*(getattr(order, name) for name in names))


def lists_agree(world: World, facts: recount.Facts) -> None:
    """What is shown elsewhere of the same assets now, by the plan's rules."""
    registry, pressures, policy = world.registry, world.pressures, POLICIES[0]
    asked = today(registry)
    expected = recount.classes(facts, asked.as_of, policy.rules)
    why = explain(registry, world.asset(0), asked, policy, pressures=pressures)
    mine = expected.get(world.asset(0).uid)
    assert why["condition"] == (mine.condition if mine else None)
    wish = Wish(count=None, within_m=1000.0)
    near = nearest(registry, 120.0, 30.0, wish, cut=asked, policy=policy, pressures=pressures)
    assert {one.asset.uid: one.asset.verdict.condition for one in near} == {
        uid: one.condition for uid, one in expected.items()
    }
    bare = replace(facts, pressures=[])
    assert {one.uid for one in find_due(registry)} == recount.due(
        recount.classes(bare, asked.as_of, policy.rules)
    )
    with transaction(registry, actor="t", origin="t"):
        pass  # whoever writes brings up the rows whose day has come
    now = Now(told(world), asked)
    assert {one.uid for one in candidates(registry, asked)} == now.standing.keys()
    exported = {row["uid"]: row for row in export_rows(registry, asked, regions=None, kind=None)}
    assert {uid: now.told(uid, row) for uid, row in exported.items()} == {
        uid: now.flat(uid) for uid in now.standing
    }
    public = {row["uid"]: row for row in public_rows(registry, None, times.now())}
    assert {uid: now.shown(row) for uid, row in public.items()} == now.public()
    assert last_checks(registry, asked) == now.last_checks()
    assert Counter((one.asset_uid, one.severity) for one in open_defects(registry, asked)) == (
        now.open_defects()
    )


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

    def flat(self, uid: str) -> tuple[Any, ...]:
        """What is exported of an asset."""
        row, last = recount.row_at(self.known, self.rows[uid], self.moment), self.last(uid)
        visit = (last["outcome"], last["at"]) if last else (None, None)
        return (*(row[name] for name in self.columns), *visit)

    def told(self, uid: str, row: dict[str, Any]) -> tuple[Any, ...]:
        """The same of an exported row."""
        del uid
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
            outcome = last["outcome"] if last else None
            found[uid] = (row["kind"], row["region_code"], stage, outcome, blocking)
        return found

    @staticmethod
    def shown(row: dict[str, Any]) -> tuple[Any, ...]:
        """The same of a published row."""
        names = ("kind", "region_code", "state", "last_outcome", "blocking_defects")
        return tuple(row[name] for name in names)

    def last_checks(self) -> dict[str, str]:
        """When each asset was last seen to work, where that is known."""
        found = {}
        for uid in self.rows:
            worked = [
                visit["at"]
                for visit in recount.visits_of(self.known, uid, self.end)
                if visit["outcome"] == "works" and visit["at"]
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
