"""When sensors are read: never too rarely while they answer, ever more rarely while they do not."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from hydrant.store.readings.readings import Attempt, Readings
from hydrant.telemetry.profile_reader import load_profile
from hydrant.telemetry.schedule import LONGEST_REST_S, due, rest_s, wait_s
from hydrant.telemetry.simulator import SimulatedGateway, SimulatedUnit, serve
from tests.conftest import Program
from tests.telemetry.test_poll import add, run, sensor, store, unit  # noqa: F401

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
intervals = st.integers(10, 86_400)


@given(intervals, st.integers(0, 200), st.text(max_size=20))
def test_rest_grows_with_the_outage_and_stays_bounded(
    interval: int, failures: int, gateway: str
) -> None:
    rest = rest_s(interval, failures, gateway)
    assert interval <= rest <= 1.1 * max(LONGEST_REST_S, interval)
    if failures <= 2:
        assert rest == interval
    assert rest_s(interval, failures + 2, gateway) >= min(rest, LONGEST_REST_S) / 1.1


@given(intervals, st.floats(0, 2))
def test_due_within_its_interval_and_not_long_before(interval: int, age: float) -> None:
    one = sensor("s", "tcp://h", 1, interval_s=interval)
    attempts = {"s": Attempt(NOW - dt.timedelta(seconds=interval * age), 0)}
    if age >= 1:
        assert due([one], attempts, now=NOW) == [one]
    if age < 0.9:
        assert due([one], attempts, now=NOW) == []


def test_clock_set_back_lets_no_sensor_rest() -> None:
    one = sensor("s", "tcp://h", 1)
    assert wait_s(one, {"s": Attempt(NOW + dt.timedelta(hours=1), 9)}, now=NOW) == 0


def test_silence_is_counted_and_an_answer_ends_it(store: Readings) -> None:  # noqa: F811
    shown: dict[str, bool] = {"silent": True}
    device = SimulatedUnit(
        load_profile("keller-33x"), lambda: None if shown["silent"] else {"p1": 300.0}
    )
    with serve([SimulatedGateway({1: device})]) as (url,):
        one = sensor("s", url, 1)
        assert [f.news for f in run(store, one).failures] == [True]
        assert [f.news for f in run(store, one).failures] == [False]
        run(store, one)
        assert store.attempts()["s"].failures == 3
        assert wait_s(one, store.attempts(), now=dt.datetime.now(dt.UTC)) > 1700
        shown["silent"] = False
        result = run(store, one)
    assert [r.sensor.uid for r in result.recoveries] == ["s"]
    assert store.attempts()["s"].failures == 0


def test_bad_value_is_no_silence(store: Readings) -> None:  # noqa: F811
    with serve([SimulatedGateway({1: unit(None)})]) as (url,):
        one = sensor("s", url, 1)
        for _ in range(4):
            run(store, one)
    assert store.attempts()["s"].failures == 0


def test_poll_ends_in_time_and_says_what_it_did_not_reach(program: Program) -> None:
    slow = {n: unit(300.0, delay_s=0.2) for n in range(1, 9)}
    with serve([SimulatedGateway(slow)]) as (url,):
        for number in slow:
            add(program, url, f"A{number}", number)
        ran = program("poll", "--within", 0.7, "--json")
        data = ran.data
        assert 0 < data["answered"] < 8
        assert data["unreached"] == 8 - data["sensors"]
        assert any(m["key"] == "cli_poll.unreached" for m in ran.json["messages"])
        # the others are still due, and come first
        assert program.data("poll", "--within", 5)["sensors"] == data["unreached"]


def test_cron_mail_is_news_only(program: Program) -> None:
    with serve([SimulatedGateway({1: unit(300.0)})]) as (url,):
        add(program, url)
        add(program, url, "B2", 2)
        assert program("poll", "--all").err.count("B2") == 1
        assert program("poll", "--all").err == ""


def test_metrics_and_log(program: Program, tmp_path: Path) -> None:
    metrics, log = tmp_path / "hydrant.prom", tmp_path / "hydrant.log.jsonl"
    with serve([SimulatedGateway({1: unit(95.0)})]) as (url,):
        add(program, url)
        add(program, url, "B2", 2)
        for _ in range(2):
            program("poll", "--all", "--metrics", metrics, "--log", log)
    text = metrics.read_text(encoding="utf-8")
    assert "\nhydrant_poll_answered 1\n" in text
    assert "\nhydrant_alarms_open 1\n" in text
    assert f'hydrant_gateway_silent_sensors{{gateway="{url}"}} 0' in text
    events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [event["event"] for event in events] == ["failure", "alarm_opened", "poll", "poll"]
    ran = program("poll", "--all", "--metrics", tmp_path / "no" / "x.prom")
    assert ran.code in (4, 5)
    assert "x.prom" in ran.err
