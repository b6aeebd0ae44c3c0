"""Sensors out of service, expected use, refused registers, and who has stopped to send."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from hydrant import times
from hydrant.integrity.policy_reader import load_policy
from hydrant.store.care.mend_readings import is_silent
from hydrant.store.ground.location import readings_path
from hydrant.store.ground.place import Place
from hydrant.store.readings import readings_file
from hydrant.store.readings.readings import Readings
from hydrant.store.readings.readings_care import expect_use, refused_points
from hydrant.store.readings.readings_file import open_readings, view_readings
from hydrant.store.sql import readings_schema
from hydrant.telemetry.poll import poll
from hydrant.telemetry.profile_reader import load_profile
from hydrant.telemetry.quality import Measured, Reason
from hydrant.telemetry.record import Recorder
from hydrant.telemetry.simulator import SimulatedGateway, SimulatedUnit, serve
from hydrant.vocabulary import Quality
from tests.conftest import Program
from tests.telemetry.test_poll import sensor

POLICY = load_policy("zhejiang")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Readings]:
    with open_readings(tmp_path / "r.db") as opened:
        yield opened


def test_a_refused_register_is_asked_for_apart_until_it_is_given(store: Readings) -> None:
    shown: dict[str, float | None] = {"p1": 300.0}
    asked: list[int] = []

    def values() -> dict[str, float | None]:
        asked.append(1)
        return dict(shown)

    def requests(*expected: str | None) -> int:
        asked.clear()
        result = poll(sensors, store, policy=POLICY, recheck_s=0.01)
        told = {failure.sensor.uid: str(failure.reason) for failure in result.failures}
        assert [told.get(row.uid) for row in sensors] == list(expected)
        return len(asked)

    device = SimulatedUnit(load_profile("keller-33x"), values)
    with serve([SimulatedGateway({1: device})]) as (url,):
        sensors = [
            sensor("p", url, 1),
            sensor("t", url, 1, parameters={"point": "p2"}),
        ]
        assert requests(None, "illegal_address") == 3  # together, then each alone
        assert requests(None, "illegal_address") == 2  # known: the good one is not refused again
        assert refused_points(store) == {(url, 1, "keller-33x"): frozenset({"p2"})}
        shown["p2"] = 310.0
        assert requests(None, None) == 2
        assert refused_points(store) == {}
        assert requests(None, None) == 1  # and together again


def test_expected_use_raises_no_alarm_and_ends(store: Readings) -> None:
    start = times.now()
    until = start + dt.timedelta(hours=1)
    expect_use(store, "a", since=start, until=until, by="Wang", why="flow test")
    flow = sensor("f", "push://f", 1, asset_uid="a", quantity="flow")

    def opened(minutes: int, value: float) -> int:
        recorder = Recorder(store, sensors=1, policy=POLICY)
        recorder.add(flow, Measured.good(value), None, at=start + dt.timedelta(minutes=minutes))
        return recorder.finish().opened

    assert [opened(10, 20.0), opened(50, 20.0), opened(61, 20.0)] == [0, 0, 1]


def test_who_has_stopped_to_send_is_told_once(store: Readings) -> None:
    ago = times.to_text(times.now() - dt.timedelta(days=2))
    never = sensor("never", "push://n", 1, interval_s=3600, registered_at=ago)
    fresh = sensor("new", "push://m", 1, interval_s=3600, registered_at=times.to_text(times.now()))

    def told() -> list[tuple[str, bool]]:
        result = poll([], store, policy=POLICY, awaited=[never, fresh])
        return [(change.sensor_uid, change.opened) for change in result.transitions]

    assert told() == [("never", True)]
    assert told() == []
    recorder = Recorder(store, sensors=1, policy=POLICY)
    recorder.add(never, Measured.good(300.0), None, at=times.now())
    assert recorder.finish().cleared == 1
    assert told() == []


def test_out_of_service(program: Program) -> None:
    program.data("asset", "add", "A1", "--kind", "hydrant.pillar", "--lon", 120.1, "--lat", 30.2,
                 "--crs", "wgs84")  # fmt: skip
    device = SimulatedUnit(load_profile("keller-33x"), lambda: {"p1": 90.0})
    with serve([SimulatedGateway({1: device})]) as (url,):
        program.data("sensor", "add", "A1", "--profile", "keller-33x", "--url", url, "--unit", 1)
        assert program("poll", "--all", "--fail-on-alarm").code == 6
        program.data("sensor", "suspend", "A1", "--why", "valve work", "--by", "Wang")
        ran = program("poll", "--all", "--fail-on-alarm", "--json")
        assert (ran.code, ran.data["sensors"]) == (0, 0)
        (listed,) = program.data("sensor", "list")["sensors"]
        assert listed["out_of_service"]["why"] == "valve work"
        assert "out of service" in program("sensor", "list").out
        # the alarm neither ends nor is forgotten
        (alarm,) = program.data("alarm", "list")["alarms"]
        assert alarm["state"] == "out_of_service"
        program.data("sensor", "resume", "A1")
        assert program("poll", "--all", "--fail-on-alarm").code == 6
        assert program.data("sensor", "resume", "A1")["sensors"] == []


def test_a_file_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with sqlite3.connect(path) as old:
        old.executescript(readings_schema.CHANGES[0])
        old.execute(f"PRAGMA application_id = {readings_file._APPLICATION_ID}")
        old.execute("PRAGMA user_version = 1")
        old.execute("INSERT INTO poll_run (uid, started_at, sensors) VALUES ('u', 'x', 1)")
    old.close()
    with view_readings(path) as store:
        assert store is not None
        assert refused_points(store) == {}
        assert store.connection.execute("SELECT uid FROM poll_run").fetchall() == [("u",)]


def test_what_a_wrong_clock_dated_ahead_is_doubted_and_hides_nothing(
    registry_path: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    present = times.now()

    def at(shift: dt.timedelta, kpa: float) -> None:
        monkeypatch.setattr(times, "now", lambda: present + shift)
        recorder = Recorder(readings, sensors=1, policy=POLICY)
        recorder.add(sensor("s", "tcp://s", 1), Measured.good(kpa), "p1=0")
        recorder.finish()

    with open_readings(readings_path(registry_path)) as readings:
        at(dt.timedelta(0), 400.0)
        at(dt.timedelta(days=1), 300.0)
        assert readings.latest()["s"].value == 300.0
        at(dt.timedelta(minutes=15), 200.0)  # the clock was set right meanwhile
        known = readings.latest()["s"]
        assert (known.value, known.good_value) == (200.0, 200.0)
        assert known.at == times.to_text(present + dt.timedelta(minutes=15))
        rows = readings.connection.execute(
            "SELECT value, quality, reason FROM reading ORDER BY at"
        ).fetchall()
        assert rows == [
            (400.0, 0, None), (200.0, 0, None), (300.0, int(Quality.UNCERTAIN), "clock"),
        ]  # fmt: skip


@pytest.mark.file_only
@pytest.mark.parametrize("reason", list(Reason))
def test_silence_that_is_counted_is_counted_again_from_what_is_stored(reason: Reason) -> None:
    assert is_silent(Measured.missing(reason).quality, reason.value) == reason.unheard
