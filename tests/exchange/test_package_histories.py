"""What a county hands up is judged above as it was below: on any day, and by what was known here.

Histories are those of the figures (`tests.report.histories`); packages are taken on the way.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings

from hydrant.errors import InputRefused
from hydrant.exchange.package_file import open_package, write_package
from hydrant.exchange.package_shapes import Figures
from hydrant.exchange.package_taking import take_package
from hydrant.ids import new_uid
from hydrant.report.assessment import figures_of
from hydrant.report.integrity import assess
from hydrant.store.evidence.evidence import Cut
from hydrant.store.evidence.sensor_facts import sensor_facts
from hydrant.store.file.migrate import create
from hydrant.store.ground.place import Place
from hydrant.store.opened.registry import Registry, open_registry
from hydrant.store.opened.transactions import transaction
from tests.conftest import SETTINGS, renew
from tests.report import histories
from tests.report.histories import ZONE, Blank, History

EXAMPLES = int(os.environ.get("HYDRANT_EXAMPLES", "40"))
POLICIES = histories.policies()[:2]
NONE = Figures(policy="zhejiang", policy_digest="", completeness=None, working_order={})
#: How long after the last step the last package is made: nothing lies ahead any more.
SETTLED = dt.timedelta(days=480)


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Registry, Blank]]:
    """An open registry with the county's regions alone, and what puts it back to that."""
    folder = tmp_path_factory.mktemp("county")
    blank, live = folder / "blank.gpkg", folder / "live.gpkg"
    create(blank, settings=SETTINGS)
    with open_registry(blank, write=True) as registry:
        histories.found_county(registry)
    live.write_bytes(blank.read_bytes())
    kept = Blank(blank, live)
    with open_registry(live, write=True) as registry:
        registry.connection.execute("PRAGMA synchronous = OFF")
        yield registry, kept
    kept.close()


class Levels:
    """A county and its city; moments at which packages were made below and taken above."""

    def __init__(self, below: Registry, above: Registry, folder: Path) -> None:
        self.below, self.above, self._folder = below, above, folder
        self.known: list[tuple[dt.datetime, dt.datetime]] = []

    def hand_up(self, moment: dt.datetime) -> bool:
        """Make and take a package; False where rows from ahead of their time forbid it."""
        file = self._folder / f"{len(self.known)}.hydrant.zip"
        with histories.clock(moment) as clock:
            made = clock()
            day = made.astimezone(ZONE).date().isoformat()
            write_package(
                file, self.below, region=None, codes=None, tree=None, as_of=day, figures=NONE
            )
            try:
                with open_package(file) as package:
                    take_package(self.above, package, actor="t", accept_withdrawals=True)
            except InputRefused:
                return False
            self.known.append((made, clock()))
        return True

    def agree(self, day: dt.date, known: tuple[dt.datetime, dt.datetime] | None) -> None:
        """Figures of both are equal, and what sensors say of each asset."""
        moments = (None, None) if known is None else known
        for policy in POLICIES:
            told: list[Any] = []
            for registry, moment in zip((self.below, self.above), moments, strict=True):
                cut = Cut(day, ZONE, moment)
                report = assess(registry, cut, policy, region="C", by="township")
                said = sensor_facts(registry, cut, policy).pressures
                told.append((figures_of(report), _newest(said)))
            assert told[0] == told[1], (day, known)


def _newest(pressures: Any) -> dict[tuple[str, bool], str]:
    found: dict[tuple[str, bool], str] = {}
    for fact in sorted(pressures, key=lambda fact: fact.at):
        found[fact.asset_uid, fact.low] = fact.at
    return found


def play(levels: Levels, drawn: History) -> None:
    """Write a history below, hand it up on the way and at the end, and compare."""
    taken = 0
    with histories.clock(histories.BEGUN_AT) as now:
        world = histories.World(levels.below, now)
        histories._step(world, drawn.assets)
        for days, operations in drawn.steps:
            now.moment += dt.timedelta(days=days)
            histories._step(world, operations)
            taken += levels.hand_up(world.known[-1] + dt.timedelta(seconds=1))
    event(f"taken on the way: {min(taken, 2)}")
    end = world.known[-1] + SETTLED
    if not levels.hand_up(end):
        event("refused at the end")
        return
    with histories.clock(end + dt.timedelta(seconds=1)):
        for day, _, _ in drawn.questions:
            asked = min(world.day(*day), end.astimezone(ZONE).date())
            for known in (None, *levels.known):
                levels.agree(asked, known)


@settings(
    max_examples=EXAMPLES,
    derandomize=EXAMPLES <= 1000,
    report_multiple_bugs=False,
    database=None,
    suppress_health_check=list(HealthCheck),
    deadline=None,
)
@given(histories.history)
def test_the_level_above_judges_as_the_one_below(
    county: tuple[Registry, Blank], tmp_path_factory: pytest.TempPathFactory, drawn: History
) -> None:
    below, blank = county
    blank.put_back(below)
    folder = tmp_path_factory.mktemp("city")
    create(folder / "city.gpkg", settings=SETTINGS)
    with open_registry(folder / "city.gpkg", write=True) as above:
        above.connection.execute("PRAGMA synchronous = OFF")
        play(Levels(below, above, folder), drawn)
    for file in folder.iterdir():
        file.unlink()


@settings(max_examples=3, suppress_health_check=list(HealthCheck), database=None, deadline=None)
@given(histories.history)
def test_so_does_each_store(
    county: tuple[Registry, Blank],
    registry_path: Place,
    tmp_path_factory: pytest.TempPathFactory,
    drawn: History,
) -> None:
    below, blank = county
    blank.put_back(below)
    renew(registry_path)
    with open_registry(registry_path, write=True) as above:
        with transaction(above, actor="t", origin="t"):
            above.connection.execute(
                "UPDATE setting SET value = ? WHERE key = 'writer'", (new_uid(),)
            )
        play(Levels(below, above, tmp_path_factory.mktemp("city")), drawn)
