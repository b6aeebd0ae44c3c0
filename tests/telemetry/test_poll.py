"""A poll over real Modbus: one row per attempt, nothing invented, nobody waits for the dead."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from hydrant.integrity.policy_reader import load_policy
from hydrant.store.facts.sensors import SensorRow
from hydrant.store.ground.location import readings_path
from hydrant.store.readings.readings import Readings
from hydrant.store.readings.readings_file import open_readings
from hydrant.telemetry.poll import poll
from hydrant.telemetry.profile_reader import load_profile
from hydrant.telemetry.result import PollResult
from hydrant.telemetry.run_lock import only_one
from hydrant.telemetry.simulator import SimulatedGateway, SimulatedUnit, serve
from hydrant.vocabulary import Quality
from tests.conftest import Program
from tests.telemetry.lines import listening

POLICY = load_policy("zhejiang")


def unit(kpa: float | None, *, silent: bool = False, delay_s: float = 0.0) -> SimulatedUnit:
    def values() -> dict[str, float | None] | None:
        return None if silent else {"p1": kpa}

    return SimulatedUnit(load_profile("keller-33x"), values, delay_s=delay_s)


def sensor(uid: str, url: str, number: int, **changes: object) -> SensorRow:
    facts: dict[str, object] = {
        "uid": uid,
        "asset_uid": f"asset-{uid}",
        "asset_code": uid,
        "asset_kind": "hydrant.pillar",
        "quantity": "pressure",
        "reference": None,
        "side": None,
        "height_m": None,
        "profile": "keller-33x",
        "profile_version": "1",
        "url": f"{url}?timeout=0.3",
        "unit_id": number,
        "interval_s": 900,
        "parameters": {},
        "enabled": True,
    }
    return SensorRow(*{**facts, **changes}.values())  # type: ignore[arg-type]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Readings]:
    with open_readings(tmp_path / "readings.db") as opened:
        yield opened


def run(store: Readings, *sensors: SensorRow) -> PollResult:
    return poll(sensors, store, policy=POLICY, recheck_s=0.01)


def rows(store: Readings) -> list[tuple[object, ...]]:
    return store.connection.execute(
        "SELECT sensor_uid, value, quality, reason FROM reading ORDER BY sensor_uid, at"
    ).fetchall()


@pytest.mark.parametrize("scheme", ["tcp", "rtu+tcp"])
def test_values_and_failures_are_recorded(store: Readings, scheme: str) -> None:
    behind = {1: unit(300.0), 2: unit(None), 3: unit(0, silent=True), 4: unit(250.0)}
    with serve([SimulatedGateway(behind, scheme)]) as (url,):
        result = run(store, *(sensor(f"s{n}", url, n) for n in behind))
    assert rows(store) == [
        ("s1", pytest.approx(300.0), 0, None),
        ("s2", None, int(Quality.BAD_SENSOR_FAILURE), "not_a_number"),
        ("s3", None, int(Quality.BAD_TIMEOUT), "timeout"),
        ("s4", pytest.approx(250.0), 0, None),
    ]
    assert (result.run.answered, result.run.failed, result.run.stored) == (2, 2, 4)
    assert {f.sensor.uid: str(f.reason) for f in result.failures} == {
        "s2": "not_a_number",
        "s3": "timeout",
    }


def test_low_pressure_is_confirmed_at_once_and_cleared_later(store: Readings) -> None:
    shown = {"p1": 95.0}
    device = SimulatedUnit(load_profile("keller-33x"), lambda: dict(shown))
    with serve([SimulatedGateway({1: device})]) as (url,):
        low = sensor("low", url, 1)
        assert run(store, low).run.opened == 1
        assert len(rows(store)) == 2  # the suspect was read again at once
        assert run(store, low).run.opened == 0
        shown["p1"] = 300.0
        assert run(store, low).run.cleared == 1
    (alarm,) = store.connection.execute("SELECT confirmed_at, cleared_at FROM alarm").fetchall()
    assert alarm[1] is not None


def test_silence_neither_opens_nor_clears(store: Readings) -> None:
    with serve([SimulatedGateway({1: unit(95.0)})]) as (url,):
        low = sensor("low", url, 1)
        run(store, low)
    result = run(store, low)  # the gateway is gone now
    assert (result.run.opened, result.run.cleared, result.run.failed) == (0, 0, 1)
    assert store.connection.execute("SELECT cleared_at FROM alarm").fetchall() == [(None,)]


def test_wrong_setup_is_one_failure_and_stops_nobody(store: Readings) -> None:
    with serve([SimulatedGateway({1: unit(300.0)})]) as (url,):
        result = run(
            store,
            sensor("good", url, 1),
            sensor("profile", url, 1, profile="no-such"),
            sensor("url", "carrier-pigeon://x", 1),
        )
    assert result.run.answered == 1
    assert {f.sensor.uid for f in result.failures if f.refusal} == {"profile", "url"}
    assert len(rows(store)) == 3


def test_gateways_side_by_side_and_one_request_at_a_time(store: Readings) -> None:
    behind = {n: unit(300.0, delay_s=0.05) for n in range(1, 5)}
    with serve([SimulatedGateway(behind)] * 8) as urls:
        sensors = [sensor(f"{g}-{n}", url, n) for g, url in enumerate(urls) for n in behind]
        started = monotonic()
        result = run(store, *sensors)
        took_s = monotonic() - started
    assert result.run.answered == 32
    # one gateway's own sum is 0.2 s; all in a row would be 1.6 s
    assert 0.2 <= took_s < 0.8


def test_requests_to_one_gateway_never_overlap(store: Readings) -> None:
    busy, overlaps = threading.Lock(), []

    def script(_: bytes) -> list[tuple[float, bytes]]:
        overlaps.append(not busy.acquire(blocking=False))
        time.sleep(0.02)
        busy.release()
        return []

    with listening(script) as line:
        url = f"tcp://127.0.0.1:{line.port}"
        run(store, *(sensor(f"s{n}", url, n) for n in range(1, 5)))
    assert overlaps == [False] * 8  # each is asked once more: its first answer may have been lost


def add(program: Program, url: str, code: str = "A1", number: int = 1) -> None:
    program.data("asset", "add", code, "--kind", "hydrant", "--lon", 120.1, "--lat", 30.2,
                 "--crs", "wgs84")  # fmt: skip
    program.data("sensor", "add", code, "--profile", "keller-33x", "--url", f"{url}?timeout=0.3",
                 "--unit", number)  # fmt: skip


def test_poll_command_and_exit_codes(program: Program) -> None:
    assert program("poll").code == 0  # no sensor is registered
    with serve([SimulatedGateway({1: unit(300.0), 2: unit(0, silent=True)})]) as (url,):
        add(program, url)
        data = program.data("poll")
        assert (data["sensors"], data["answered"], data["stored"]) == (1, 1, 1)
        assert program.data("poll")["sensors"] == 0  # not due again yet
        add(program, url, "B2", 2)
        ran = program("poll", "--all")
        assert ran.code == 0
        assert "B2" in ran.err
        assert program("poll", "--all", "--strict").code == 5
    assert program("poll", "--all").code == 5  # nobody answered


def test_poll_fails_on_alarm_unless_shelved(program: Program) -> None:
    with serve([SimulatedGateway({1: unit(95.0)})]) as (url,):
        add(program, url)
        ran = program("poll", "--fail-on-alarm", "--json")
        assert (ran.code, ran.data["alarms_opened"]) == (6, 1)
        program.data("alarm", "ack", "A1")
        assert program.data("alarm", "list")["alarms"][0]["state"] == "acknowledged"
        program.data("alarm", "shelve", "A1", "--hours", 2)
        assert program("poll", "--all", "--fail-on-alarm").code == 0


def test_second_poll_ends_at_once(program: Program) -> None:
    with only_one(program.db):
        ran = program("poll", "--json")
    assert ran.code == 7
    assert str(program.db) in ran.json["messages"][0]["text"]


def test_sensor_test_shows_every_point_and_stores_nothing(program: Program) -> None:
    with serve([SimulatedGateway({1: unit(300.0)})]) as (url,):
        add(program, url)
        data = program.data("sensor", "test", "A1")
    assert data["value"] == pytest.approx(300.0)
    assert {point["point"] for point in data["points"]} >= {"p1", "temperature"}
    with open_readings(readings_path(program.db)) as store:
        assert store.connection.execute("SELECT count(*) FROM reading").fetchone() == (0,)
    assert program("sensor", "test", "A1").code == 5


def test_refused_sensors(program: Program) -> None:
    add(program, "tcp://127.0.0.1:1")
    for flags, said in [
        (["--profile", "keller-33x", "--url", "http://x", "--unit", 1], "http://x"),
        (["--profile", "keller", "--url", "tcp://x", "--unit", 1], "keller-33x"),
        (["--profile", "keller-33x", "--url", "tcp://x", "--unit", 300], "300"),
        (["--profile", "keller-33x", "--url", "tcp://x", "--unit", 1, "--quantity", "flow"],
         "pressure"),
    ]:  # fmt: skip
        ran = program("sensor", "add", "A1", *flags)
        assert ran.code in (2, 3), ran
        assert said in ran.err
        assert len(ran.err.strip().splitlines()) == 1


def test_lasting_alarm_becomes_a_proposal_that_somebody_confirms(program: Program) -> None:
    with serve([SimulatedGateway({1: unit(95.0)})]) as (url,):
        add(program, url)
        program("poll")
    assert program.data("defect", "propose", "--after", 24)["proposed"] == []
    assert len(program.data("defect", "propose", "--after", 0)["proposed"]) == 1
    assert program.data("defect", "propose", "--after", 0)["proposed"] == []
    (listed,) = program.data("defect", "list")["defects"]
    assert (listed["code"], listed["state"]) == ("low_pressure", "proposed")
    program.data("defect", "confirm", "A1", "low_pressure")
    (listed,) = program.data("defect", "list")["defects"]
    assert listed["state"] == "confirmed"
    assert program("defect", "confirm", "A1", "low_pressure").code == 3


def test_good_pressure_makes_nothing_intact_and_low_pressure_breaks(program: Program) -> None:
    shown = {"p1": 300.0}
    device = SimulatedUnit(load_profile("keller-33x"), lambda: dict(shown))
    with serve([SimulatedGateway({1: device})]) as (url,):
        add(program, url)
        program("poll")
        assert program.data("explain", "A1")["condition"] == "untested"
        program.data("survey", "record", "A1", "--outcome", "works")
        assert program.data("explain", "A1")["condition"] == "intact"
        shown["p1"] = 95.0
        program("poll", "--all")
        assert program.data("explain", "A1")["condition"] == "defective"
