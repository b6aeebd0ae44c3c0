"""Whole histories of a small county, drawn at random and written through the program's doors.

A county with two townships and their villages, one township that was dissolved into a neighbour
with the village below it. A history is a list of steps, each a transaction at a moment of a clock
of its own; between them lie the moments that ``--known-at`` is asked for.
"""

from __future__ import annotations

import datetime as dt
import random
import sqlite3
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from sqlmodel import select

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.integrity.policy import SWITCHES, Policy
from hydrant.integrity.policy_reader import load_policy, policy_of
from hydrant.model.inputs import RequirementInput
from hydrant.model.tables import (
    Asset,
    Defect,
    Inspection,
    Lifecycle,
    Region,
    RegionSuccessor,
    Requirement,
)
from hydrant.resources import resource
from hydrant.store.facts.merging import unite
from hydrant.store.ground.location import readings_path
from hydrant.store.ground.place import Server
from hydrant.store.opened import versions
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.opened.writer import Writer
from hydrant.store.readings.readings_file import open_readings
from hydrant.store.regions.requirements import set_requirement
from tests.raw import sqlite_of
from tests.report import recount, region_steps, register_steps, sensor_steps
from tests.report.register_steps import Register

ZONE = ZoneInfo("Asia/Shanghai")
DAY = dt.date(2024, 6, 30)
#: Days before `DAY`: what checks, limits and each other are held against, and days beside them.
DAYS = (0, 0, 1, 10, 29, 30, 31, 32, 60, 91, 92, 93, 182, 184, 200, 364, 365, 366, 367, 500, 731)
AHEAD = (-1, -20, -40)
#: How many days the first step lies before `DAY`.
BEGUN = 420

Op = tuple[Any, ...]


def at(days_before: int, hour: int = 12) -> dt.datetime:
    """A moment so many local days before `DAY`."""
    day = DAY - dt.timedelta(days=days_before)
    return dt.datetime.combine(day, dt.time(hour), ZONE).astimezone(dt.UTC)


BEGUN_AT = at(BEGUN)


# --- the county ---------------------------------------------------------------------------------

DISSOLVED_AT = at(200, 0)
#: Code, level, parent.
COUNTY = (
    ("C", "county", None),
    *(("T0", "township", "C"), ("T1", "township", "C"), ("T2", "township", "C")),
    *(("V0", "village", "T0"), ("V1", "village", "T1"), ("V2", "village", "T1")),
)


def found_county(registry: Registry) -> None:
    """Record the regions; T0 goes into T1 on a day."""
    with (
        clock(at(BEGUN + 1)),
        transaction(registry, actor="t", origin="t") as writer,
    ):
        for code, level, parent in COUNTY:
            until = DISSOLVED_AT if code == "T0" else None
            writer.add(Region(code=code, level=level, parent_code=parent, valid_until=until))
        writer.add(RegionSuccessor(code="T0", successor_code="T1", at=DISSOLVED_AT))


# --- policies -----------------------------------------------------------------------------------


#: The last of the policies: limits of kinds, beside 140 kPa, 15 L/s and 6 m for the others.
OWN_LIMITS: dict[str, dict[str, float]] = {
    "static_kpa": {"hydrant.wall": 200.0, "crane": 100.0},
    "flow_l_s": {"hydrant.wall": 20.0, "crane": 10.0},
    "lift_m": {"intake.river": 5.0},
}
KINDS_OWN = 62


def _random_policy(chance: random.Random) -> Policy:
    """A policy with other numbers, switches and kinds, read as a file would be."""
    content = resource("data", "policies", "zhejiang.toml").read_text("utf-8")
    told: dict[str, Any] = tomllib.loads(content)
    said = {"source": "t", "confidence": "confirmed"}
    for name, check in told["checks"].items():
        check |= {"within_days": chance.choice([1, 31, 92, 183, 365, 366])}
        check["demanded"] = name == "function" or chance.random() < 0.4
        for kind in chance.sample(
            ["tank", "hydrant", "hydrant.wall", "crane"], chance.choice([0, 0, 1])
        ):
            own = {"demanded": chance.random() < 0.5, "within_days": chance.choice([31, 92, 365])}
            check.setdefault("kinds", {})[kind] = said | own
    for name, values in (
        ("static_kpa", [100.0, 140.0, 250.0]),
        ("flow_l_s", [12.0, 15.0, 18.0]),
        ("lift_m", [5.5, 6.0]),
    ):
        limit = told["limits"][name]
        limit["value"] = chance.choice(values)
        for kind in chance.sample(
            ["crane", "tank", "hydrant.wall", "hydrant"], chance.choice([0, 1])
        ):
            limit.setdefault("kinds", {})[kind] = said | {"value": chance.choice(values)}
    flow = told["limits"]["flow_l_s"]
    for limit in (flow, *flow.get("kinds", {}).values()):
        limit["at_kpa"] = chance.choice([50.0, 100.0, 137.9])
        if chance.random() < 0.1:
            del limit["at_kpa"]
    told["projection"]["drop"]["value"] = chance.choice([0.0, 10.0, 25.0, 50.0])
    for name in told["switches"]:
        if chance.random() < 0.5:
            told["switches"][name]["value"] = chance.choice(SWITCHES[name])
    return policy_of(told, "random.toml")


def _policy_of_kinds() -> Policy:
    """The plan's limits, and for some kinds stricter or milder ones of their own."""
    content = resource("data", "policies", "zhejiang.toml").read_text("utf-8")
    told: dict[str, Any] = tomllib.loads(content)
    for name, kinds in OWN_LIMITS.items():
        for kind, own in kinds.items():
            stated = {"source": "t", "confidence": "confirmed", "value": own}
            if "at_kpa" in told["limits"][name]:
                stated["at_kpa"] = told["limits"][name]["at_kpa"]
            told["limits"][name].setdefault("kinds", {})[kind] = stated
    for name in ("static", "flow"):
        told["checks"][name]["demanded"] = True
    return policy_of(told, "kinds.toml")


def policies() -> list[Policy]:
    """The plan's and the standards' rules, and others; always the same."""
    chance = random.Random(15)
    return [
        load_policy("zhejiang"),
        load_policy("gb"),
        *(_random_policy(chance) for _ in range(60)),
        _policy_of_kinds(),
    ]


# --- drawing ------------------------------------------------------------------------------------

KINDS = (
    *3 * ("hydrant.pillar",),
    "hydrant.wall",
    "hydrant",
    "crane",
    "tank",
    "intake.river",
    "well",
)
NEEDS = ("hydrant", "hydrant.pillar", "crane", "intake", "intake.river", "tank")
CODES = tuple(code for code, _, _ in COUNTY)
SERVICES = ("municipal", "municipal", "rural", "private")
which = st.integers(0, 7)
day = st.sampled_from((*DAYS, *AHEAD))
hour = st.sampled_from((12, 0, 0, 18))
near_step = st.tuples(st.none(), st.sampled_from((0, 0, -1, 1, -5, 5)), hour)
dated = st.one_of(st.tuples(day, hour), near_step)
perhaps_dated = st.one_of(dated, dated, dated, st.none())
#: Static, residual and flow that belong together, and some that do not; level and lift.
MEASURED: tuple[dict[str, float], ...] = (
    {},
    {},
    *2 * ({"static_kpa": 300.0, "flow_l_s": 31.0, "residual_kpa": 150.0, "level_m": 2.0},),
    *({"static_kpa": value} for value in (99.9, 139.9, 140.0, 160.0, 300.0)),
    {"flow_l_s": 16.0},
    {"flow_l_s": 16.0, "residual_kpa": 100.0, "static_kpa": 300.0},
    {"flow_l_s": 16.0, "residual_kpa": 80.0, "static_kpa": 160.0},
    {"flow_l_s": 16.0, "residual_kpa": 80.0, "static_kpa": 300.0},
    {"flow_l_s": 14.0, "residual_kpa": 60.0},
    {"flow_l_s": 14.0, "residual_kpa": 200.0, "static_kpa": 400.0},
    {"flow_l_s": 14.9, "residual_kpa": 150.0, "static_kpa": 160.0},
    {"flow_l_s": 12.0, "residual_kpa": 225.0, "static_kpa": 300.0},
    {"flow_l_s": 12.0, "residual_kpa": 250.0, "static_kpa": 300.0},
    {"flow_l_s": 35.0, "residual_kpa": 140.0, "static_kpa": 310.0},
    {"lift_m": 5.0},
    {"lift_m": 6.0},
    {"lift_m": 6.5},
    {"level_m": 2.0},
    {"level_m": 1.0, "lift_m": 5.5},
)
FOLLOWED = ("kind", "service", "region_code", "structure", "lift_drought_m", "access_lane")
VALUES: tuple[dict[str, Any], ...] = (
    *({"region_code": code} for code in (*CODES, None)),
    *({"kind": kind} for kind in KINDS),
    *({"service": service} for service in SERVICES),
    *({"structure": structure} for structure in (None, "none", "platform")),
    *({"lift_drought_m": lift} for lift in (None, 5.0, 7.0)),
    {"access_lane": False},
    {"turning_area": False, "access_lane": True},
    {"access_lane": True, "turning_area": True},
    {"geom": (120.001, 30.001)},
    {"kind": "tank", "region_code": "T2"},
)
asset = st.tuples(
    st.just("asset"),
    st.sampled_from(KINDS),
    st.sampled_from(SERVICES),
    st.sampled_from((*CODES, "V1", "T1", None)),
    st.sampled_from(VALUES),
)
visit = st.tuples(
    st.just("visit"),
    which,
    st.sampled_from(("works", "works", "works", "fails", "not_found", "not_testable")),
    perhaps_dated,
    st.sampled_from(MEASURED),
)
defect = st.tuples(
    st.just("defect"),
    which,
    st.sampled_from(("blocking", "blocking", "anomaly")),
    st.sampled_from(("confirmed", "confirmed", "proposed", "rejected")),
    perhaps_dated,
)
event = st.tuples(
    st.just("event"),
    which,
    st.sampled_from(
        ("planned", "under_construction", "commissioned", "suspended", "resumed", "removed")
    ),
    perhaps_dated,
    st.sampled_from((True, True, True, False)),
)
requirement = st.tuples(
    st.just("require"),
    st.sampled_from(CODES),
    st.sampled_from(NEEDS),
    st.sampled_from((None, None, "municipal", "rural")),
    st.integers(0, 4),
    st.one_of(dated, st.none()),
)
#: A test that satisfies every rule, and its opposite.
FULL = {"static_kpa": 300.0, "flow_l_s": 31.0, "residual_kpa": 150.0, "level_m": 2.0}
POOR = {"static_kpa": 99.0, "flow_l_s": 5.0, "residual_kpa": 40.0}
NEXT_DAY, MIDNIGHT, END = (None, 1, 12), (None, 0, 0), (None, 1, 0)
MORNING = (None, 0, 9)
#: What lies close together in time, or at one moment: operations on one asset at one moment.
SCENES: tuple[tuple[Op, ...], ...] = (
    (("visit", "works", True, FULL),),
    (("visit", "works", True, FULL),),
    (("visit", "works", True, FULL), ("visit", "fails", True, {})),
    (("visit", "works", True, FULL), ("visit", "not_found", True, {})),
    (("visit", "not_found", True, {}), ("visit", "fails", True, {})),
    (("visit", "works", True, FULL), ("visit", "not_testable", True, POOR)),
    (("visit", "works", True, POOR), ("visit", "not_testable", True, FULL)),
    (("visit", "fails", None, FULL), ("visit", "works", NEXT_DAY, {})),
    (("visit", "not_found", None, FULL), ("visit", "works", NEXT_DAY, {"level_m": 1.0})),
    (("visit", "works", None, FULL), ("visit", "works", True, {})),
    (("visit", "works", None, POOR), ("visit", "works", True, {})),
    # only the pressure is of a day that nobody knows
    (
        ("visit", "fails", None, {"static_kpa": 300.0}),
        ("visit", "works", NEXT_DAY, {"flow_l_s": 31.0, "residual_kpa": 150.0, "level_m": 2.0}),
    ),
    (("visit", "fails", True, {}), ("visit", "works", None, FULL)),
    (("visit", "works", (None, -1, 12), FULL), ("visit", "fails", None, {})),
    (("visit", "works", True, FULL), ("move", True)),
    (("visit", "works", None, FULL), ("move", True)),
    (("visit", "works", True, FULL), ("move", None)),
    (("visit", "works", True, FULL), ("withdraw_last",)),
    (("visit", "works", True, FULL), ("visit", "fails", True, {}), ("withdraw_last",)),
    (("visit", "works", True, FULL), ("move", True), ("withdraw_last",)),
    (("visit", "works", True, FULL), ("defect", "blocking", "confirmed", True)),
    (("visit", "works", True, FULL), ("defect", "blocking", "confirmed", None)),
    (("visit", "works", True, FULL), ("defect", "anomaly", "confirmed", True)),
    (
        ("visit", "works", True, FULL),
        ("defect", "blocking", "confirmed", None),
        ("clear", True),
    ),
    (("visit", "works", True, FULL), ("event", "suspended", True, True)),
    (("event", "suspended", True, True), ("event", "resumed", True, True)),
    (("visit", "works", True, FULL), ("event", "resumed", NEXT_DAY, True)),
    (("event", "commissioned", True, True), ("event", "removed", True, True)),
    (("visit", "works", True, FULL), ("event", "removed", True, True), ("withdraw_last",)),
    # what stands there now is another one
    *(
        (
            ("visit", "works", True, FULL),
            ("event", gone, True, True),
            ("event", "commissioned", NEXT_DAY, True),
        )
        for gone in ("removed", "planned", "under_construction")
    ),
    (
        ("event", "removed", True, True),
        ("visit", "works", True, FULL),
        ("event", "commissioned", NEXT_DAY, True),
    ),
    (
        ("visit", "works", True, FULL),
        ("event", "removed", True, True),
        ("event", "resumed", NEXT_DAY, True),
        ("withdraw_last",),
    ),
    (("visit", "works", True, FULL), ("edit", True, {"service": "private"})),
    (("edit", True, {"kind": "tank"}), ("visit", "works", True, FULL)),
    (("edit", True, {"kind": "crane"}), ("visit", "works", True, FULL)),
    (("edit", True, {"region_code": "T2"}), ("correct", {"region_code": "V1"})),
    # a mistake beside what is announced for another day
    (("edit", NEXT_DAY, {"service": "rural"}), ("correct", {"region_code": "V1"})),
    (
        ("correct", {"kind": "intake.river", "structure": "none"}),
        ("visit", "works", True, FULL),
    ),
    (
        ("correct", {"kind": "intake.river", "access_lane": True, "turning_area": True}),
        ("correct", {"lift_drought_m": 5.0}),
        ("visit", "works", True, FULL | {"lift_m": 6.5}),
    ),
)
#: What lies on the first moment of a day, or on a limit.
EDGES: tuple[tuple[Op, ...], ...] = (
    (("visit", "works", MIDNIGHT, FULL),),
    (("visit", "works", MIDNIGHT, FULL), ("visit", "works", NEXT_DAY, {})),
    (("visit", "works", MORNING, FULL), ("visit", "fails", MIDNIGHT, {})),
    (("visit", "not_found", MIDNIGHT, {}), ("visit", "works", MORNING, FULL)),
    (("visit", "works", MORNING, FULL), ("visit", "not_testable", MIDNIGHT, POOR)),
    (("visit", "works", MIDNIGHT, POOR), ("visit", "works", MORNING, FULL)),
    (("move", MORNING), ("visit", "fails", MIDNIGHT, {}), ("visit", "works", NEXT_DAY, {})),
    (("move", MORNING), ("visit", "fails", MIDNIGHT, {})),
    *(
        (
            ("visit", found, at, FULL),
            ("event", "removed", gone, True),
            ("event", "commissioned", NEXT_DAY, True),
        )
        for found in ("works", "fails")
        for at, gone in ((MIDNIGHT, MIDNIGHT), (MORNING, MIDNIGHT), (MIDNIGHT, MORNING))
    ),
    (("visit", "works", MIDNIGHT, FULL), ("visit", "fails", END, {})),
    (("visit", "works", MIDNIGHT, FULL), ("event", "removed", END, True)),
    (("visit", "works", MIDNIGHT, FULL), ("defect", "blocking", "confirmed", END)),
    (
        ("visit", "works", MIDNIGHT, FULL),
        ("defect", "blocking", "confirmed", None),
        ("clear", END),
    ),
    (("visit", "works", True, {"flow_l_s": 31.0, "static_kpa": 300.0, "level_m": 2.0}),),
    # at the limits themselves, and enough water at too little pressure
    (("visit", "works", True, FULL | {"static_kpa": 140.0}),),
    (("visit", "works", True, FULL | {"flow_l_s": 15.0, "residual_kpa": 100.0}),),
    (("visit", "works", True, FULL | {"flow_l_s": 15.5, "residual_kpa": 40.0}),),
    (
        ("correct", {"kind": "intake.river", "access_lane": True, "turning_area": False}),
        ("visit", "works", True, FULL),
    ),
    (
        ("correct", {"kind": "intake.river", "lift_drought_m": 6.0}),
        ("visit", "works", True, FULL | {"lift_m": 6.0}),
    ),
    (
        ("correct", {"kind": "intake.river", "lift_drought_m": 5.0}),
        ("visit", "works", True, FULL | {"lift_m": 5.0}),
        ("visit", "works", True, FULL | {"lift_m": 6.5}),
    ),
)
scene = st.tuples(
    st.just("scene"),
    which,
    dated,
    st.sampled_from(SCENES) | st.sampled_from(EDGES) | st.sampled_from(sensor_steps.SCENES),
)
#: What may be done, the likelier the more often it stands here: `st.one_of` takes equal ones once.
OPERATIONS: tuple[SearchStrategy[Op], ...] = (
    *2 * (visit,),
    *10 * (scene,),
    *(defect, event, requirement, requirement),
    st.tuples(st.just("clear"), which, dated),
    *2 * (st.tuples(st.just("edit"), which, dated, st.sampled_from(VALUES)),),
    st.tuples(st.just("correct"), which, st.sampled_from(VALUES)),
    st.tuples(st.just("move"), which, perhaps_dated),
    st.tuples(st.just("withdraw"), which),
    st.tuples(st.just("end"), which, dated),
    st.tuples(st.just("merge"), which, which),
    asset,
    *sensor_steps.operations(dated),
    *2 * (*region_steps.operations(dated), *register_steps.operations(dated)),
)


@st.composite
def operations(draw: st.DrawFn) -> Op:
    """Something that is done."""
    return draw(OPERATIONS[draw(st.integers(0, len(OPERATIONS) - 1))])


#: Days after the step before, and what is done in it.
step = st.tuples(
    st.sampled_from((1, 10, 60, 150, 300)), st.lists(operations(), min_size=2, max_size=8)
)
asked = st.one_of(
    st.tuples(st.none(), st.sampled_from((0, 1, 29, 31, 92, 199, 200, 201, 365, -1, -40))),
    st.tuples(
        st.integers(0, 4),
        st.sampled_from(
            (
                0,
                0,
                1,
                5,
                -1,
                -1,
                -2,
                -6,
                4,
                30,
                31,
                32,
                91,
                92,
                93,
                182,
                183,
                184,
                364,
                365,
                366,
                367,
            )
        ),
    ),
)
question = st.tuples(
    asked,
    st.sampled_from((0, 1, 1)) | st.integers(0, KINDS_OWN - 1),
    st.none() | st.integers(0, 4),
)


@dataclass(frozen=True, slots=True)
class History:
    """What happens, and what is asked.

    Attributes
    ----------
    questions
        Day (so many days before `DAY`, or so many after a step), policy, after which step it was
        known.
    after
        How many days after the last step the lists of the present are asked for, if they are.
    """

    assets: list[Op]
    steps: list[tuple[int, list[Op]]]
    questions: list[tuple[tuple[int | None, int], int, int | None]]
    after: int | None


history = st.builds(
    History,
    st.lists(asset, min_size=1, max_size=4),
    st.lists(step, min_size=1, max_size=4),
    st.lists(question, min_size=6, max_size=6),
    st.sampled_from((None, None, None, 0, 30, 400)),
)


# --- playing ------------------------------------------------------------------------------------


class Clock:
    """Stands for `hydrant.times.now`; a millisecond passes with each look at it."""

    def __init__(self, moment: dt.datetime) -> None:
        self.moment = moment

    def __call__(self) -> dt.datetime:
        self.moment += dt.timedelta(milliseconds=1)
        return self.moment


@contextmanager
def clock(moment: dt.datetime) -> Iterator[Clock]:
    """Let the program live by another clock."""
    with pytest.MonkeyPatch.context() as patch:
        made = Clock(moment)
        patch.setattr(times, "now", made)
        yield made


@dataclass
class World:
    """A registry and what was written into it.

    Attributes
    ----------
    clock
        What the program takes for the present.
    sensors
        Keys of all sensors, in the order in which they were registered.
    register
        What a water company's register has told so far.
    without_numbers
        First letters of codes for which no number may be stated (`region_steps.SPLIT_NUMBERS`).
    known
        The moments after each step.
    told
        Values of assets over time, by key and column; none of those that were merged.
    """

    registry: Registry
    clock: Clock
    assets: list[int] = field(default_factory=list)
    facts: list[tuple[type[Any], int]] = field(default_factory=list)
    sensors: list[str] = field(default_factory=list)
    register: Register = field(default_factory=Register)
    without_numbers: set[str] = field(default_factory=set)
    known: list[dt.datetime] = field(default_factory=list)
    now: dt.datetime = BEGUN_AT
    told: dict[str, dict[str, recount.Told]] = field(default_factory=dict)

    def after(self, step: int) -> dt.datetime:
        """The moment after a step."""
        return self.known[min(step, len(self.known) - 1)]

    def day(self, step: int | None, days: int) -> dt.date:
        """A day that is asked for."""
        if step is None:
            return DAY - dt.timedelta(days=days)
        return self.after(step).astimezone(ZONE).date() + dt.timedelta(days=days)

    def moment(self, dated: Op) -> dt.datetime:
        """A moment told by days before `DAY`, or by days after the step (None stands first)."""
        if dated[0] is not None:
            return at(*dated)
        day = self.now.astimezone(ZONE).date() + dt.timedelta(days=dated[1])
        return dt.datetime.combine(day, dt.time(dated[2]), ZONE).astimezone(dt.UTC)

    def asset(self, number: int) -> Asset:
        """One of the assets that are on record."""
        return self.registry.session.get_one(Asset, self.assets[number % len(self.assets)])


def play(registry: Registry, drawn: History) -> World:
    """Write a history."""
    with clock(BEGUN_AT) as now:
        world = World(registry, now)
        _step(world, drawn.assets)
        for days, operations in drawn.steps:
            now.moment += dt.timedelta(days=days)
            _step(world, operations)
    return world


def _step(world: World, operations: list[Op]) -> None:
    world.now = world.clock()
    for own, group in groupby(operations, key=lambda operation: operation[0] in _COMMANDS):
        if own:
            for name, *values in group:
                _COMMANDS[name](world, *values)
            continue
        with transaction(world.registry, actor="t", origin="t") as writer:
            for name, *values in group:
                _DOORS[name](world, writer, *values)
    world.clock.moment += dt.timedelta(minutes=1)
    world.known.append(world.clock())


def _when(world: World, dated: Op | None) -> dt.datetime | None:
    return None if dated is None else world.moment(dated)


def _add(world: World, writer: Writer, row: Any) -> None:
    writer.add(row)
    writer.flush()
    world.facts.append((type(row), row.fid))


def _asset(
    world: World, writer: Writer, kind: str, service: str, region: str | None, more: dict[str, Any]
) -> None:
    values = {"kind": kind, "service": service, "region_code": region, "geom": (120.0, 30.0)}
    row = Asset(**values | more)
    writer.add(row)
    writer.flush()
    world.told[row.uid] = {name: recount.Told(getattr(row, name)) for name in FOLLOWED}
    assert row.fid is not None
    world.assets.append(row.fid)


def _visit(
    world: World, writer: Writer, number: int, outcome: str, dated: Any, values: dict[str, Any]
) -> None:
    uid = world.asset(number).uid
    _add(
        world, writer, Inspection(asset_uid=uid, outcome=outcome, at=_when(world, dated), **values)
    )


def _defect(
    world: World, writer: Writer, number: int, severity: str, state: str, dated: Any
) -> None:
    uid = world.asset(number).uid
    values: dict[str, Any] = {"severity": severity, "state": state, "found_at": _when(world, dated)}
    _add(world, writer, Defect(asset_uid=uid, code="leak", **values))


def _event(
    world: World, writer: Writer, number: int, event: str, dated: Any, confirmed: bool
) -> None:
    uid = world.asset(number).uid
    _add(
        world,
        writer,
        Lifecycle(asset_uid=uid, event=event, at=_when(world, dated), confirmed=confirmed),
    )


def _picked(world: World, number: int, *of: type[Any]) -> Any:
    found = [(kind, fid) for kind, fid in world.facts if kind in of]
    if not found:
        return None
    kind, fid = found[number % len(found)]
    return world.registry.session.get_one(kind, fid)


def _clear(world: World, writer: Writer, number: int, dated: Any) -> None:
    row = _picked(world, number, Defect)
    if row is not None:
        writer.update(row, cleared_at=_when(world, dated), cleared_by="t")


def _edit(world: World, writer: Writer, number: int, dated: Any, values: dict[str, Any]) -> None:
    writer.flush()
    asset, since = world.asset(number), world.moment(dated)
    versions.revise(writer, asset, since=since, **values)
    for name, told in world.told.get(asset.uid, {}).items():
        if name in values:
            told.change(since, values[name])


def _correct(world: World, writer: Writer, number: int, values: dict[str, Any]) -> None:
    writer.flush()
    asset = world.asset(number)
    versions.revise(writer, asset, since=None, **values)
    for name, told in world.told.get(asset.uid, {}).items():
        if name in values:
            told.correct(writer.moment, values[name])


def _move(world: World, writer: Writer, number: int, dated: Any) -> None:
    _event(world, writer, number, "relocated", dated, confirmed=True)
    if dated is not None:
        versions.revise(
            writer, world.asset(number), since=world.moment(dated), geom=(120.002, 30.002)
        )


def _withdraw(world: World, writer: Writer, number: int) -> None:
    row = _picked(world, number, Inspection, Defect, Lifecycle, Requirement)
    if row is not None and row.withdrawn_at is None:
        writer.update(row, withdrawn_at=writer.moment, withdrawn_by="t", withdrawn_why="t")


def _require(
    world: World,
    writer: Writer,
    region: str,
    kind: str,
    service: str | None,
    count: int,
    dated: Any,
) -> None:
    if region[0] in world.without_numbers:
        return
    values: dict[str, Any] = {"region_code": region, "kind": kind, "count": count}
    values["service"] = service
    if dated is None:
        _add(world, writer, Requirement(**values))
        return
    since = world.moment(dated)
    try:
        set_requirement(writer, RequirementInput(**values), since=since)
    except InputRefused:
        return
    writer.flush()
    found = world.registry.session.exec(select(Requirement).filter_by(**values)).all()
    for row in found:
        if row.valid_from == since and row.withdrawn_at is None and row.fid is not None:
            one = Requirement, row.fid
            world.facts += [] if one in world.facts else [one]


def _end(world: World, writer: Writer, number: int, dated: Any) -> None:
    """Let a number end; one that has a day, or an end, only between them."""
    row, until = _picked(world, number, Requirement), _when(world, dated)
    if row is None:
        return
    begun, ended = row.valid_from, row.valid_until
    if begun is not None and (until is None or until <= begun or ended is not None):
        return
    writer.update(row, valid_until=until)


def _merge(world: World, writer: Writer, one: int, other: int) -> None:
    keep, lose = world.asset(one), world.asset(other)
    if keep is lose:
        return
    writer.flush()
    try:
        unite(writer, keep, lose, reason="t")
    except InputRefused:
        return
    gone = lose.uid
    for uid in (gone, keep.uid):
        world.told.pop(uid, None)
    world.assets.remove(world.assets[other % len(world.assets)])


def _scene(world: World, writer: Writer, number: int, dated: Any, acts: tuple[Op, ...]) -> None:
    for name, *values in acts:
        # a flag that is said last is no date
        flags = 1 if name == "event" or name in sensor_steps.FLAGGED else 0
        dates = values[: len(values) - flags]
        placed = [dated if value is True else value for value in dates] + values[len(dates) :]
        if name == "clear":
            row = _picked(world, -1, Defect)
            writer.update(row, cleared_at=_when(world, placed[0]), cleared_by="t")
        elif name == "withdraw_last":
            kind, fid = world.facts[-1]
            row = world.registry.session.get_one(kind, fid)
            writer.update(row, withdrawn_at=writer.moment, withdrawn_by="t", withdrawn_why="t")
        else:
            at_asset = () if name in ("sum_up", "sum_all") else (number,)
            _DOORS[name](world, writer, *at_asset, *placed)


_DOORS: dict[str, Callable[..., None]] = {
    "scene": _scene,
    "asset": _asset,
    "visit": _visit,
    "defect": _defect,
    "event": _event,
    "clear": _clear,
    "edit": _edit,
    "correct": _correct,
    "move": _move,
    "withdraw": _withdraw,
    "require": _require,
    "end": _end,
    "merge": _merge,
    **sensor_steps.DOORS,
}
#: What is a transaction of its own, or none where it is refused.
_COMMANDS: dict[str, Callable[..., None]] = {**region_steps.DOORS, **register_steps.DOORS}


# --- starting anew ------------------------------------------------------------------------------


class Blank:
    """A registry file with the county alone, into which one open registry is put back.

    Its readings store stays where it is, empty and open, so that nobody waits for the disk.
    """

    _TABLES = (
        *("reading", "reading_hour", "latest", "alarm", "alarm_state", "poll_run"),
        *("out_of_service", "expected_use", "refused_point"),
    )

    def __init__(self, path: Path, live: Path) -> None:
        self._blank = sqlite3.connect(path)
        readings = readings_path(live)
        assert not isinstance(readings, Server)
        with open_readings(readings, born=BEGUN_AT - dt.timedelta(days=1)):
            self._readings = sqlite3.connect(readings, isolation_level=None)
            self._readings.execute("SELECT count(*) FROM reading").fetchone()

    def put_back(self, registry: Registry) -> None:
        """Make an open registry what it was."""
        registry.session.expunge_all()
        self._blank.backup(sqlite_of(registry))
        self._readings.execute("BEGIN IMMEDIATE")
        for table in self._TABLES:
            self._readings.execute(f"DELETE FROM {table}")
        self._readings.execute("COMMIT")

    def close(self) -> None:
        """Close the files."""
        self._blank.close()
        self._readings.close()
