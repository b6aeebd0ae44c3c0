"""Every figure of whole random histories, computed twice: by the program and by `recount`."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from hydrant.store.evidence.evidence import Cut
from hydrant.store.file.migrate import create
from hydrant.store.ground.place import Place
from hydrant.store.opened.registry import Registry, open_registry
from tests.conftest import SETTINGS, renew
from tests.report import histories, region_steps, register_steps, sensor_steps
from tests.report.agreeing import hold, lists_agree, rows_agree, told
from tests.report.histories import Blank, History

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
    kept = Blank(blank, live)
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
    sensed = sensor_steps.SCENES if kind == "hydrant.pillar" else ()
    for acts in (*histories.SCENES, *histories.EDGES, *sensed):
        blank.put_back(registry)
        steps: list[Any] = [(10, [("scene", 0, histories.MIDNIGHT, acts)]), (1, [("withdraw", 0)])]
        asked: list[Any] = [((1, days), rules, 1) for days in DAYS_AFTER for rules in (0, 1)]
        asked += [((1, 0), 0, None), ((1, 0), 1, None)]
        agrees(registry, History([asset], steps, asked, None))


#: Measured on both sides of a kind's own limit and of the general one.
BETWEEN: tuple[dict[str, float], ...] = (
    *({"static_kpa": value, "flow_l_s": 31.0, "residual_kpa": 100.0} for value in (120.0, 170.0)),
    *({"static_kpa": 300.0, "flow_l_s": flow, "residual_kpa": 100.0} for flow in (12.0, 17.0)),
    *({"lift_m": lift} for lift in (4.5, 5.5, 6.5)),
)


@pytest.mark.parametrize("kind", ["hydrant.pillar", "hydrant.wall", "crane", "intake.river"])
def test_each_scene_at_the_limits_of_a_kind_agrees(
    county: tuple[Registry, Blank], kind: str
) -> None:
    registry, blank = county
    asset: Any = ("asset", kind, "municipal", "T1", {"access_lane": True, "turning_area": True})
    for measured in BETWEEN:
        blank.put_back(registry)
        acts = (("visit", "works", True, measured),)
        steps: list[Any] = [(10, [("scene", 0, histories.MIDNIGHT, acts)])]
        asked: list[Any] = [((1, 0), rules, None) for rules in (0, histories.KINDS_OWN)]
        agrees(registry, History([asset], steps, asked, None))


@pytest.mark.parametrize("scenes", sensor_steps.SEQUELS)
def test_each_scene_of_several_days_agrees(county: tuple[Registry, Blank], scenes: Any) -> None:
    """Scenes a day apart, known after each of them: what was told late was not known before."""
    registry, blank = county
    blank.put_back(registry)
    asset: Any = ("asset", "hydrant.pillar", "municipal", "T1", {})
    steps: list[Any] = [(10, [("scene", 0, histories.MIDNIGHT, scenes[0])])]
    steps += [(1, [("scene", 0, histories.MIDNIGHT, scene)]) for scene in scenes[1:]]
    asked: list[Any] = [
        ((step, days), rules, known)
        for step in range(1, len(steps) + 1)
        for days in (-1, 0, 1)
        for rules in (0, 1)
        for known in (*range(1, len(steps) + 1), None)
    ]
    agrees(registry, History([asset], steps, asked, None))


@pytest.mark.parametrize("acts", register_steps.SEQUELS)
def test_each_scene_of_a_register_agrees(county: tuple[Registry, Blank], acts: Any) -> None:
    """Issues a day apart: on record is what each said last of its visit."""
    registry, blank = county
    blank.put_back(registry)
    asset: Any = ("asset", "hydrant.pillar", "municipal", "T1", {})
    begun = histories.BEGUN - 5  # after the visits that it tells of
    steps: list[Any] = [(begun, [acts[0]]), *((1, [act]) for act in acts[1:])]
    asked: list[Any] = [((len(acts), 0), rules, None) for rules in (0, 1)]
    agrees(registry, History([asset], steps, asked, None))


@pytest.mark.parametrize("scene", region_steps.SCENES)
def test_each_scene_of_regions_agrees(county: tuple[Registry, Blank], scene: Any) -> None:
    """What is required, and what is lacking, before and after a unit ended."""
    registry, blank = county
    blank.put_back(registry)
    assets: Any = [("asset", "hydrant.pillar", "municipal", unit, {}) for unit in ("T1", "T2")]
    steps: list[Any] = [(10, list(step)) for step in scene]
    asked: list[Any] = [((2, days), rules, None) for days in (-1, 0) for rules in (0, 1)]
    agrees(registry, History(assets, steps, asked, None))


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
    register_steps.visits_agree(world)
    facts = told(world)
    for turn, (day, number, step) in enumerate(drawn.questions):
        known = None if step is None else world.after(step)
        asked = Cut(world.day(*day), registry.zone, known)
        hold(world, facts, asked, POLICIES[number], turn=turn)
        rows_agree(world, facts, world.day(*day))
    if drawn.after is not None:
        with histories.clock(world.known[-1] + dt.timedelta(days=drawn.after)):
            lists_agree(world, facts, POLICIES[0])


@settings(max_examples=4, suppress_health_check=list(HealthCheck), database=None)
@given(histories.history)
def test_each_store_agrees(registry_path: Place, drawn: History) -> None:
    renew(registry_path)
    with open_registry(registry_path, write=True) as registry:
        histories.found_county(registry)
        agrees(registry, drawn)
