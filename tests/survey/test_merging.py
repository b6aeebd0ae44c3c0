from __future__ import annotations

import os
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.survey import histories
from tests.survey.histories import CREWS, Office, bring_back, set_up, told, work


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return set_up(tmp_path_factory.mktemp("office"))


@pytest.fixture
def office(template: Office, tmp_path: Path) -> Office:
    return template.copy(tmp_path / "office")


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("histories")


@settings(
    max_examples=int(os.environ.get("HYDRANT_HISTORIES", "30")),
    suppress_health_check=list(HealthCheck),
)
@given(days=histories.days, seed=st.integers(0, 10**6))
def test_the_order_of_merging_decides_nothing(
    template: Office, scratch: Path, days: Any, seed: int
) -> None:
    folder = scratch / "one"
    shutil.rmtree(scratch)
    office = template.copy(folder)
    states: list[Path] = []
    for crew, (before, after) in enumerate(days):
        work(office.bundle(crew), before, crew=crew)
        states.append(folder / f"{CREWS[crew]}-noon.gpkg")
        shutil.copy(office.bundle(crew), states[-1])
        work(office.bundle(crew), after, crew=crew)
    finals = [office.bundle(crew) for crew in range(len(days))]
    chance = random.Random(seed)
    results = []
    for number, order in enumerate((finals, [*states, *finals], [*states, *finals])):
        if number:
            chance.shuffle(order)
        mine = office.copy(scratch / f"order-{number}")
        bring_back(mine, order)
        result = told(mine.registry)
        bring_back(mine, order)
        assert told(mine.registry) == result, "merging again changed something"
        results.append(result)
    for other in results[1:]:
        assert other == results[0]
