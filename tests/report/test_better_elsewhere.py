"""What counts as better for who has an exported file alone is named: whole random histories."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from hydrant.cli.main import run
from hydrant.integrity.policy_reader import load_policy
from hydrant.report.listing import judged
from hydrant.store.evidence.evidence import today
from hydrant.store.evidence.sensor_facts import sensor_facts
from hydrant.store.file.migrate import create
from hydrant.store.ground.place import Place
from hydrant.store.opened.registry import Registry, open_registry
from hydrant.store.views.export_rows import export_rows
from tests.conftest import SETTINGS
from tests.report import histories
from tests.report.histories import History

FORMS = ("csv", "xlsx", "geojson", "gpkg")
EXAMPLES = int(os.environ.get("HYDRANT_EXPORT_EXAMPLES", "30"))
#: From worst to best; what is not counted at all is worst, for elsewhere it would be built.
ORDER = ("", "defective", "untested", "stale", "intact")


def said(*words: object) -> dict[str, Any]:
    """What a command says as JSON; it must succeed."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run([*map(str, words), "--json"])
    told: dict[str, Any] = json.loads(out.getvalue())
    assert code == 0, told
    return told


def classes(registry: Registry) -> dict[str, str]:
    """The class of each existing asset today, by key."""
    asked, policy = today(registry), load_policy(registry.policy)
    pressures = sensor_facts(registry, asked, policy).pressures
    found = judged(registry, asked, policy, pressures=pressures)
    return {one.uid: str(one.verdict.condition) for one in found}


def elsewhere(folder: Path, file: Path, policy: str) -> dict[str, str]:
    """The class of each asset in an empty registry that took in a file, by its key in the file.

    That of one which does not exist there is empty.
    """
    other = folder / "other.gpkg"
    for path in folder.glob("other.*"):
        path.unlink()
    create(other, settings=SETTINGS | {"policy": policy})
    with open_registry(other, write=True) as registry:
        histories.found_county(registry)
    # a unit that was split here is not there, and rows of such units are refused
    said("import", file, "--crs", "cgcs2000", "--skip-bad", "--db", other)
    with open_registry(other) as registry:
        found = classes(registry)
        rows = registry.connection.execute("SELECT uid, external_key FROM asset").fetchall()
    return {key: found.get(uid, "") for uid, key in rows}


def named_and_true(folder: Path, place: Place, form: str) -> tuple[Any, Any]:
    """What an export names as better elsewhere, and what is."""
    file = folder / f"out.{form}"
    with open_registry(place) as registry:
        here, policy = classes(registry), registry.policy
        assume(any(export_rows(registry, today(registry), regions=None, kind=None)))
    told = said("export", file, "--db", place)
    named = {row["uid"]: (row["here"] or "", row["there"]) for row in told["data"]["better_there"]}
    assert told["data"]["overstated"] == len(named)
    warned = {message["key"] for message in told["messages"] if message["level"] == "warning"}
    assert bool(named) == bool(warned & {"cli_export.overstated", "cli_export.overstated_more"})
    there = elsewhere(folder, file, policy)
    better = {
        uid: (here.get(uid, ""), word)
        for uid, word in there.items()
        if ORDER.index(word) > ORDER.index(here.get(uid, ""))
    }
    # the file says which those are, and its good visits of them are taken without a verdict
    taken = {uid: (word, min(best, "untested", key=ORDER.index))
             for uid, (word, best) in named.items() if uid in there}  # fmt: skip
    return {uid: row for uid, row in taken.items() if row[0] != row[1]}, better


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("better")


def played(place: Place, drawn: History, later: int) -> dt.datetime:
    """Write a history; the moment that is asked for, so many days after it."""
    with open_registry(place, write=True) as registry:
        histories.found_county(registry)
        world = histories.play(registry, drawn)
    return world.known[-1] + dt.timedelta(days=later)


@settings(max_examples=EXAMPLES, derandomize=EXAMPLES <= 1000, database=None, deadline=None,
          phases=(Phase.explicit, Phase.generate),
          suppress_health_check=list(HealthCheck))  # fmt: skip
@given(histories.history, st.sampled_from(FORMS), st.sampled_from((0, 40, 400)),
       st.sampled_from(("zhejiang", "gb")))  # fmt: skip
def test_what_is_better_elsewhere_is_named(
    folder: Path, drawn: History, form: str, later: int, policy: str
) -> None:
    place = folder / "here.gpkg"
    for path in folder.glob("here.*"):
        path.unlink()
    create(place, settings=SETTINGS | {"policy": policy})
    moment = played(place, drawn, later)
    with histories.clock(moment):
        named, better = named_and_true(folder, place, form)
    assert named == better
