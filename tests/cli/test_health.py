"""Health tells what is wrong and what is not known, on both stores, to people and machines."""

from __future__ import annotations

import datetime as dt
import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from prometheus_client.parser import text_string_to_metric_families

from hydrant import times
from hydrant.report import health as rules
from hydrant.report.health import Queue, State
from hydrant.resources import resource
from hydrant.store.ground.location import readings_path
from hydrant.store.ground.place import Server
from hydrant.store.readings.readings import Reading, RunResult
from hydrant.store.readings.readings_file import open_readings
from hydrant.survey.draft import draft_folder
from hydrant.vocabulary import Quality
from tests.conftest import Program


def states(ran: Any) -> dict[str, str]:
    return {check["name"]: check["state"] for check in ran.json["data"]["checks"]}


def sensors(program: Program, count: int) -> list[str]:
    program.data("asset", "add", "H1", "--kind", "hydrant", "--lon", 120, "--lat", 30, "--crs",
                 "cgcs2000")  # fmt: skip
    return [
        program.data("sensor", "add", "H1", "--profile", "keller-33x", "--url", "tcp://127.0.0.1:1",
                     "--unit", n + 1, "--every", 600)["sensor"]["uid"] for n in range(count)
    ]  # fmt: skip


def polled(program: Program, uids: list[str], *, ago_s: float, answered: bool = True) -> None:
    """A poll that ended so long ago, with a good value or a silent attempt of each sensor."""
    at = times.now() - dt.timedelta(seconds=ago_s)
    quality = Quality.GOOD if answered else Quality.BAD_TIMEOUT
    value = 300.0 if answered else None
    with open_readings(readings_path(program.db)) as store:
        run = store.begin_run(len(uids))
        store.save([Reading(uid, "a", at, value, int(quality), None, None) for uid in uids])
        count = len(uids) if answered else 0
        store.end_run(run, RunResult(count, len(uids) - count, len(uids), 0, 0))
        with store.transaction():
            store.connection.execute(
                "UPDATE poll_run SET started_at = ?1, ended_at = ?1 WHERE uid = ?2",
                (times.to_text(at), run),
            )


SERVERS_OWN = ("connections", "transactions", "archive", "standbys")


def test_what_is_not_known_is_never_good(program: Program, store: str) -> None:
    ran = program("health", "--json")
    found = states(ran)
    schema = json.loads(resource("schemas", "health.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(ran.data)
    assert ran.code == 6
    assert (found["registry"], found["backup"], found["poll"]) == ("ok", "unknown", "ok")
    assert (found["disk"] == "unknown") == (store == "server")
    assert ("archive" in found) == (store == "server")
    skipped = [word for name in ("backup", "disk", *SERVERS_OWN) for word in ("--skip", name)]
    assert program("health", *skipped).code == 0
    assert program("health", "--skip", "nonsense").code == 2


def test_polls_and_sensors_grow_old(program: Program) -> None:
    uids = sensors(program, 4)
    assert states(program("health", "--json"))["poll"] == "critical"
    for ago_s, poll, fresh in ((60, "ok", "ok"), (2400, "warning", "critical"),
                               (9000, "critical", "critical")):  # fmt: skip
        with open_readings(readings_path(program.db)) as opened, opened.transaction():
            opened.connection.execute("DELETE FROM latest")
            opened.connection.execute("DELETE FROM poll_run")
        polled(program, uids, ago_s=ago_s)
        found = states(program("health", "--json"))
        assert (found["poll"], found["sensors"]) == (poll, fresh), ago_s
    polled(program, uids, ago_s=1, answered=False)
    ran = program("health", "--json")
    assert (states(ran)["poll"], ran.code) == ("critical", 1)
    for uid in uids:
        program.data("sensor", "suspend", uid)
    assert states(program("health", "--json"))["sensors"] == "ok"


def test_one_shard_of_dead_gateways_is_no_dead_poll(program: Program) -> None:
    uids = sensors(program, 3)
    polled(program, uids, ago_s=90)
    polled(program, uids[:1], ago_s=30, answered=False)
    assert states(program("health", "--json"))["poll"] == "ok"


def test_a_time_to_come_is_not_fresh(program: Program) -> None:
    uids = sensors(program, 1)
    polled(program, uids, ago_s=-7200)
    found = states(program("health", "--json"))
    assert (found["poll"], found["sensors"]) == ("unknown", "critical")


def test_backups_grow_old(program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    for made, state in ((None, "unknown"), ((), "critical"), (("x.txt",), "critical")):
        if made is not None:
            folder.mkdir(exist_ok=True)
            for name in made:
                (folder / name).write_text("x")
        assert states(program("health", "--backups", folder, "--json"))["backup"] == state
    (folder / "empty.gpkg").touch()
    assert states(program("health", "--backups", folder, "--json"))["backup"] == "critical"
    file = folder / "county.dump"
    file.write_text("x")
    now = times.now().timestamp()
    for hours, state in ((1, "ok"), (30, "warning"), (300, "critical"), (-5, "unknown")):
        os.utime(file, (now, now - 3600 * hours))
        assert states(program("health", "--backups", folder, "--json"))["backup"] == state


def test_prometheus_reads_every_state(program: Program, tmp_path: Path) -> None:
    sensors(program, 1)
    file = tmp_path / "hydrant.prom"
    ran = program("health", "--metrics", file, "--json")
    families = {f.name: f for f in text_string_to_metric_families(file.read_text("utf-8"))}
    told: dict[str, dict[str, float]] = {}
    for sample in families["hydrant_health"].samples:
        told.setdefault(sample.labels["check"], {})[sample.labels["state"]] = sample.value
    for name, state in states(ran).items():
        assert told[name] == {word: float(word == state) for word in State}
    assert "hydrant_health_backup_age_seconds" not in families
    assert families["hydrant_health_sensors_fresh_ratio"].samples[0].value == 0
    assert program("health", "--metrics", "-").out.startswith("# HELP hydrant_health_timestamp")
    assert program("health", "--metrics", tmp_path / "none" / "x.prom").code == 4
    assert not list(tmp_path.glob(".*.prom"))


def test_a_registry_that_does_not_open_is_critical_and_told(
    bare_program: Program, tmp_path: Path
) -> None:
    for lang in ("en", "zh"):
        ran = bare_program("health", "--metrics", tmp_path / "m.prom", lang=lang)
        assert ran.code == 4
        assert "hydrant init" in ran.out
    assert 'hydrant_health{check="registry",state="critical"} 1' in (tmp_path / "m.prom").read_text(
        "utf-8"
    )
    assert states(bare_program("health", "--json"))["conflicts"] == "unknown"


@pytest.mark.parametrize(("days", "state"), [(None, "ok"), (0.5, "ok"), (1.5, "warning")])
def test_a_visit_left_half_answered_is_told(
    program: Program, days: float | None, state: str
) -> None:
    if days is not None:
        draft_folder(program.db).mkdir()
        file = draft_folder(program.db) / "a.b.json"
        file.write_text("{}", "utf-8")
        then = (times.now() - dt.timedelta(days=days)).timestamp()
        os.utime(file, (then, then))
    ran = program("health", "--json")
    (found,) = (one for one in ran.json["data"]["checks"] if one["name"] == "drafts")
    assert (found["state"], "1" in found["text"]) == (state, days is not None)


@pytest.mark.file_only
def test_changes_of_other_programs_wait(program: Program) -> None:
    sensors(program, 1)
    connection = sqlite3.connect(program.db)
    connection.execute("UPDATE inspection SET note = 'x'")
    connection.execute("INSERT INTO region (uid, recorded_at, recorded_by, code, level) VALUES "
                       "('', '', 'qgis', '99', 'county')")  # fmt: skip
    connection.commit()
    connection.close()
    found = program("health", "--json")
    assert states(found)["outside"] == "warning"


def test_a_login_that_sees_nothing_of_the_server_says_so(
    program: Program, store: str, request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    if store == "file":
        return
    program.data("db", "roles", "hydrant_test_watcher", "--as", "auditor")
    server = request.getfixturevalue("postgres")
    try:
        url = str(program.db.url).replace("postgres@", "hydrant_test_watcher@")
        watcher = Program(Server(url), capsys)
        found = states(watcher("health", "--json"))
        assert (found["registry"], found["connections"], found["transactions"]) == (
            "ok", "unknown", "unknown",
        )  # fmt: skip
        assert states(program("health", "--json"))["connections"] == "ok"
    finally:
        server.run("DROP ROLE hydrant_test_watcher")


@pytest.mark.file_only
def test_a_backup_holds_the_readings_too(
    program: Program, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    uids = sensors(program, 2)
    polled(program, uids, ago_s=30)
    with open_readings(readings_path(program.db)):  # as a poll that is under way
        told = program.data("db", "backup", tmp_path / "copy.gpkg")
    assert Path(told["readings"]).is_file()
    copy = Program(tmp_path / "copy.gpkg", capsys)
    assert copy.data("sensor", "list") == program.data("sensor", "list")
    assert states(copy("health", "--json"))["sensors"] == "ok"
    (tmp_path / "copy.gpkg").unlink()
    assert program("db", "backup", tmp_path / "copy.gpkg").code == 4


@pytest.mark.parametrize(
    ("queue", "state"),
    [
        (Queue(3, 0, 2, 3, 1.0), State.OK),
        (Queue(0, 0, 0, 0, 0.0), State.WARNING),
        (Queue(0, 0, 5, 0, 1.0), State.CRITICAL),
        (Queue(0, 1, 0, 1, 0.0), State.CRITICAL),
        (Queue(2, 1, 0, 1, 0.0), State.WARNING),
        (Queue(2, 0, 9, 2, 90.0), State.WARNING),
        (Queue(2, 0, 9, 2, 900.0), State.CRITICAL),
    ],
)
def test_a_queue_without_workers_is_never_good(queue: Queue, state: State) -> None:
    assert rules.queue(queue).state is state
