from __future__ import annotations

import datetime as dt
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pygeodiff
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hydrant import times
from hydrant.store.ground.connection import connect
from hydrant.store.ground.place import Place, Server
from hydrant.store.opened.registry import open_registry
from hydrant.store.sides.bundle_file import (
    CARRIED,
    GUARDED,
    base_path,
    changes_since,
    copy_file,
    packed_in,
)
from hydrant.survey.merging import merge
from tests.conftest import TEMPLATE, Program
from tests.server import Cluster
from tests.survey import histories
from tests.survey.histories import CREWS, Office, bring_back, set_up, set_up_on, told, work


@pytest.fixture
def program_on(capsys: pytest.CaptureFixture[str]) -> Callable[[Place], Program]:
    return lambda path: Program(path, capsys)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return set_up(tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="session")
def server_template(postgres: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Office:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        return set_up_on(postgres, TEMPLATE, tmp_path_factory.mktemp("office"))


@pytest.fixture
def copies(server_template: Office) -> Iterator[Office]:
    """The office on a server; what is copied of it goes away after the test."""
    assert server_template.cluster is not None
    before = set(server_template.cluster.made)
    yield server_template
    for name in server_template.cluster.made - before:
        server_template.cluster.drop(name)


@pytest.fixture
def office(store: str, tmp_path: Path, request: pytest.FixtureRequest) -> Office:
    which = "template" if store == "file" else "copies"
    found: Office = request.getfixturevalue(which)
    return found.copy(tmp_path / "office")


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("histories")


@settings(
    max_examples=int(os.environ.get("HYDRANT_HISTORIES", "12")),
    derandomize="HYDRANT_HISTORIES" not in os.environ,  # CI says the same for the same code
    suppress_health_check=list(HealthCheck),
)
@given(days=histories.days, seed=st.integers(0, 10**6))
def test_the_order_of_merging_decides_nothing(
    template: Office, scratch: Path, days: Any, seed: int
) -> None:
    any_order(template, scratch, days, seed)


@settings(
    max_examples=max(3, int(os.environ.get("HYDRANT_HISTORIES", "12")) // 10),
    derandomize="HYDRANT_HISTORIES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)
@given(days=histories.days, seed=st.integers(0, 10**6))
def test_the_order_of_merging_into_a_server_decides_nothing(
    copies: Office, scratch: Path, days: Any, seed: int
) -> None:
    any_order(copies, scratch, days, seed)


def any_order(template: Office, scratch: Path, days: Any, seed: int) -> None:
    """Merge some days in different orders, and hold the outcomes against each other."""
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


def owner(office: Office, uid: str = "asset-0") -> Any:
    return told(office.registry)["asset"][uid]["owner"]


def conflicts(office: Office) -> list[tuple[str, str]]:
    return [(uid, field) for _, uid, field, *_ in told(office.registry)["conflicts"]]


def edit(path: Path, value: str, field: str = "owner") -> None:
    work(path, [("edit", 0, field, value)], crew=0)


def test_a_disputed_cell_keeps_its_base_until_it_is_resolved(
    office: Office, program_on: Callable[[Place], Program]
) -> None:
    for crew, value in enumerate(("one", "two")):
        edit(office.bundle(crew), value)
    bring_back(office, [office.bundle(0), office.bundle(1)])
    assert owner(office) is None
    program = program_on(office.registry)
    (conflict,) = program.data("survey", "conflicts", "list")["conflicts"]
    assert conflict["sides"] == {"base": None, "East": "one", "West": "two"}
    assert program("survey", "conflicts", "resolve", "x", "--take", "West").code == 3
    assert program("survey", "conflicts", "resolve", conflict["id"], "--take", "South").code == 3
    assert program("survey", "conflicts", "resolve", "--take", "West").code == 2
    program.data("survey", "conflicts", "resolve", conflict["id"][:13], "--take", "West")
    assert (owner(office), conflicts(office)) == ("two", [])
    bring_back(office, [office.bundle(0), office.bundle(1)])
    assert (owner(office), conflicts(office)) == ("two", [])  # a decision stands
    edit(office.bundle(0), "three")
    bring_back(office, [office.bundle(0)])
    assert (owner(office), conflicts(office)) == ("two", [("asset-0", "owner")])


def test_what_the_office_changed_meanwhile_is_a_side(office: Office) -> None:
    edit(office.registry, "office")
    bring_back(office, [office.bundle(1)])
    assert owner(office) == "office"  # nobody else wants anything of it
    edit(office.bundle(0), "one")
    bring_back(office, [office.bundle(0)])
    assert (owner(office), conflicts(office)) == (None, [("asset-0", "owner")])


def test_a_visit_withdrawn_in_a_bundle_is_withdrawn_at_the_office(
    office: Office, program_on: Callable[[Place], Program]
) -> None:
    home, crew = program_on(office.registry), program_on(office.bundle(0))
    crew.data("survey", "record", "asset-0", "--outcome", "works", "--at", "2026-01-05")
    crew.data("survey", "withdraw", "asset-0", "--at", "2026-01-05", "--reason", "slip")
    crew.data("defect", "withdraw", "asset-0", "defect-0", "--reason", "slip")  # the office's own
    bring_back(office, [office.bundle(0)])
    lines = home.data("asset", "history", "asset-0")["history"]
    gone = [
        (line["fact"], line["values"]["withdrawn_why"])
        for line in lines
        if "withdrawn_why" in line["values"]
    ]
    assert sorted(gone) == [("defect", "slip"), ("inspection", "slip")]
    assert home.data("defect", "list", "--asset", "asset-0")["defects"] == []


def test_a_row_deleted_in_a_bundle_is_never_lost(
    office: Office, program_on: Callable[[Place], Program]
) -> None:
    work(office.bundle(0), [("delete", "asset", 0)], crew=0)
    edit(office.bundle(1), "one")
    bring_back(office, [office.bundle(0), office.bundle(1)])
    assert conflicts(office) == [("asset-0", "*"), ("asset-0", "owner")]
    assert owner(office) is None
    program = program_on(office.registry)
    program.data("survey", "conflicts", "resolve", "--all", "--take", "keep")
    assert (owner(office), conflicts(office)) == ("one", [])


def test_two_copies_of_one_bundle_are_two_sides_and_an_old_copy_is_none(office: Office) -> None:
    bundle, copy, old = office.bundle(0), office.folder / "copy.gpkg", office.folder / "old.gpkg"
    edit(bundle, "one", "address")
    shutil.copy(bundle, old)
    shutil.copy(bundle, copy)
    edit(bundle, "one")
    work(copy, [("visit", 1, "fails")], crew=0)
    bring_back(office, [bundle, copy])
    before = told(office.registry)
    assert before["asset"]["asset-0"]["owner"] == "one"
    assert sum(row["outcome"] == "fails" for row in before["inspection"].values()) == 1
    with open_registry(office.registry, write=True) as registry:
        assert merge(registry, old, actor="t").older
        assert merge(registry, copy, actor="t").forked
    assert told(office.registry) == before


def test_what_two_crews_found_is_one(office: Office) -> None:
    find = ("find", histories.SPOTS[0], None, "hydrant", "one")
    again = ("find", histories.SPOTS[1], "N1", "hydrant.pillar", None)
    work(office.bundle(0), [find], crew=0)
    work(office.bundle(1), [again], crew=1)
    bring_back(office, [office.bundle(0), office.bundle(1)])
    result = told(office.registry)
    (uid,) = [uid for uid in result["asset"] if not uid.startswith("asset-")]
    asset = result["asset"][uid]
    assert (asset["code"], asset["kind"], asset["owner"]) == ("N1", "hydrant.pillar", "one")
    assert sum(visit["asset_uid"] == uid for visit in result["inspection"].values()) == 2
    assert result["conflicts"] == []


def test_a_wrong_clock_is_told_and_set_right_only_when_asked(
    office: Office, program_on: Callable[[Place], Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    day = dt.timedelta(days=1)
    true_now = times.now
    monkeypatch.setattr(times, "now", lambda: true_now() + day)
    work(office.bundle(0), [("visit", 0, "works")], crew=0)
    monkeypatch.setattr(times, "now", true_now)
    program = program_on(office.registry)
    ran = program("survey", "merge", office.bundle(0), "--json")
    assert ran.data["refused"] == 1
    assert [m["key"] for m in ran.json["messages"]] == ["survey.clock_ahead"]
    minutes = round(day.total_seconds() / 60)
    taken = program.data("survey", "merge", office.bundle(0), "--clock-ahead", minutes)
    assert (taken["refused"], taken["applied"]) == (0, 1)
    again = program.data("survey", "merge", office.bundle(0))
    assert (again["refused"], again["applied"]) == (0, 0)
    (at,) = [row["at"] for row in told(office.registry)["inspection"].values() if row["at"]]
    assert abs(times.from_text(at) - true_now()) < dt.timedelta(minutes=5)


def test_rows_that_cannot_stand_are_refused_and_the_rest_is_applied(office: Office) -> None:
    with closing(connect(office.bundle(0), write=True)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("UPDATE asset SET kind = 'volcano' WHERE uid = 'asset-0'")
        connection.execute("UPDATE asset SET owner = 'East' WHERE uid = 'asset-1'")
        connection.execute("UPDATE region SET name_en = 'X'")
        connection.execute(
            "INSERT INTO inspection (uid, asset_uid, outcome, recorded_at) "
            "VALUES ('v', 'nobody', 'works', '2026-01-01T00:00:00.000Z')"
        )
    with open_registry(office.registry, write=True) as registry:
        merged = merge(registry, office.bundle(0), actor="t")
    assert sorted(reason.key for _, reason in merged.refused) == [
        "survey.refused_guarded",
        "survey.refused_orphan",
        "survey.refused_word",
    ]
    assert owner(office, "asset-1") == "East"
    assert any(office.registry.with_suffix(".bundles").glob("*.back.gpkg"))  # kept whole


def test_a_stranger_is_no_bundle(
    office: Office, tmp_path: Path, program_on: Callable[[Place], Program]
) -> None:
    other = set_up(tmp_path / "other")
    program = program_on(office.registry)
    assert program("survey", "merge", other.registry).code == 3
    assert program("survey", "merge", other.bundle(0)).code == 3
    itself = program("survey", "merge", office.registry).code
    assert itself == (4 if isinstance(office.registry, Server) else 3)
    assert program("survey", "merge", tmp_path / "none.gpkg").code == 4


@pytest.mark.parametrize(
    ("made", "word"),
    [
        (None, "no such file"),
        (b"a note", "not a file that"),
        (b"", "not a file that"),
        ("cut", "file again from the crew"),
    ],
)
def test_what_is_said_of_a_crews_file_helps_with_that_file(
    made: bytes | str | None, word: str, office: Office, program_on: Callable[[Path], Program]
) -> None:
    bundle = office.bundle(0)
    whole = bundle.read_bytes()
    bundle.unlink()
    if made is not None:
        bundle.write_bytes(made if isinstance(made, bytes) else whole[: len(whole) // 2])
    ran = program_on(office.registry)("survey", "merge", bundle, lang="en")
    assert ran.code == 4
    assert word in ran.err
    assert "hydrant init" not in ran.err
    assert "backup" not in ran.err


def test_geodiff_names_the_same_rows(office: Office, tmp_path: Path) -> None:
    """An independent program finds the same differences between a bundle and its base."""
    days = [("edit", 0, "owner", "one"), ("visit", 1, "fails"), ("clear", 2),
            ("find", histories.SPOTS[0], "N1", "hydrant", None),
            ("delete", "inspection", 3)]  # fmt: skip
    work(office.bundle(0), days, crew=0)
    base = base_path(office.registry, packed_in(office.bundle(0)).uid)
    ours = {(change.entity, change.uid) for change in changes_since(base, office.bundle(0))}
    plain = []
    for number, path in enumerate((base, office.bundle(0))):
        plain.append(tmp_path / f"{number}.gpkg")
        copy_file(path, plain[-1])
        with closing(sqlite3.connect(plain[-1])) as connection:
            # geodiff's own SQLite knows no generated columns
            connection.execute("DROP INDEX IF EXISTS ix_inspection_decisive")
            for (index,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'inspection' "
                "AND sql LIKE '%effective_at%'"
            ).fetchall():
                connection.execute(f"DROP INDEX {index}")
            connection.execute("ALTER TABLE inspection DROP COLUMN effective_at")
            connection.commit()
    geodiff = pygeodiff.GeoDiff()
    geodiff.create_changeset(str(plain[0]), str(plain[1]), str(tmp_path / "diff"))
    geodiff.list_changes(str(tmp_path / "diff"), str(tmp_path / "json"))
    theirs = set()
    for change in json.loads((tmp_path / "json").read_text())["geodiff"]:
        if change["table"] in (*CARRIED, *GUARDED):
            fid = next(c.get("new", c.get("old")) for c in change["changes"] if c["column"] == 0)
            source = plain[0] if change["type"] == "delete" else plain[1]
            with closing(sqlite3.connect(source)) as connection:
                (uid,) = connection.execute(
                    f"SELECT uid FROM {change['table']} WHERE fid = ?", (fid,)
                ).fetchone()
            theirs.add((change["table"], uid))
    assert theirs == ours


def test_killed_at_any_moment_the_registry_is_as_before_or_after(
    office: Office, tmp_path: Path
) -> None:
    work(office.bundle(0), [("visit", number % 4, "works") for number in range(8)], crew=0)
    whole = office.copy(tmp_path / "whole")
    before = told(office.registry)
    bring_back(whole, [whole.bundle(0)])
    after = told(whole.registry)
    chance = random.Random(7)
    seen = set()
    for number in range(int(os.environ.get("HYDRANT_KILLS", "6"))):
        mine = office.copy(tmp_path / f"killed-{number}")
        process = subprocess.Popen(
            [sys.executable, "-m", "hydrant", "--db", str(mine.registry), "survey", "merge",
             str(mine.bundle(0))],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(chance.uniform(0.2, 1.6))
        process.kill()
        process.wait()
        state = told(mine.registry)
        assert state in (before, after)
        seen.add(state == after)
        bring_back(mine, [mine.bundle(0)])
        assert told(mine.registry) == after
        shutil.rmtree(mine.folder)
