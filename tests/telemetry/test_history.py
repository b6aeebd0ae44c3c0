"""A device that repeats its last value is not believed for ever."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydrant.integrity.policy_reader import load_policy
from hydrant.store.readings.readings import Readings
from hydrant.store.readings.readings_file import open_readings
from hydrant.telemetry.history import History
from hydrant.telemetry.quality import Measured, Reason
from hydrant.telemetry.record import Recorder
from hydrant.vocabulary import Quality
from tests.telemetry.test_poll import sensor

START = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Readings]:
    with open_readings(tmp_path / "r.db") as opened:
        yield opened


def poll_hourly(store: Readings, hours: range, raw: str | None, quantity: str = "pressure") -> None:
    """One attempt an hour, each by a run of its own, as cron does."""
    for hour in hours:
        recorder = Recorder(store, sensors=1, policy=load_policy("zhejiang"))
        one = sensor("s", "tcp://h", 1, quantity=quantity)
        value = Measured.missing(Reason.TIMEOUT) if raw is None else Measured.good(300.0)
        recorder.add(one, value, raw, at=START + dt.timedelta(hours=hour))
        recorder.finish()


def latest(store: Readings) -> tuple[int, str | None]:
    found = store.latest()["s"]
    return found.quality, found.reason


def test_standing_still_for_a_day_is_uncertain(store: Readings) -> None:
    poll_hourly(store, range(24), "p1=40780000")
    assert latest(store) == (0, None)
    poll_hourly(store, range(24, 26), "p1=40780000")
    assert latest(store) == (int(Quality.UNCERTAIN), "frozen")
    poll_hourly(store, range(26, 27), "p1=40780001")
    assert latest(store) == (0, None)


def test_silence_in_between_does_not_hide_it(store: Readings) -> None:
    poll_hourly(store, range(20), "p1=40780000")
    poll_hourly(store, range(20, 30), None)
    poll_hourly(store, range(30, 36), "p1=40780000")
    assert latest(store) == (int(Quality.UNCERTAIN), "frozen")


def test_other_quantities_may_stand_still(store: Readings) -> None:
    poll_hourly(store, range(40), "tilt=0000", quantity="tilt")
    assert latest(store) == (0, None)


def level(store: Readings, *samples: tuple[float, float]) -> list[tuple[int, str | None, bool]]:
    """What becomes of levels (seconds, metres), each recorded by a run of its own."""
    told = []
    for seconds, value in samples:
        recorder = Recorder(store, sensors=1, policy=load_policy("zhejiang"))
        at = START + dt.timedelta(seconds=seconds)
        one = sensor("s", "tcp://h", 1, quantity="level")
        again = recorder.add(one, Measured.good(value), f"p1={value}", at=at)
        recorder.finish()
        told.append((*latest(store), again))
    return told


def test_a_jump_is_uncertain_until_a_second_look_confirms_it(store: Readings) -> None:
    good, doubtful = (0, None, False), (int(Quality.UNCERTAIN), "too_fast", True)
    assert level(store, (0, 3.0), (60, 20.0), (60.5, 20.01)) == [good, doubtful, good]


def test_a_jump_that_was_none_leaves_no_trace(store: Readings) -> None:
    good, doubtful = (0, None, False), (int(Quality.UNCERTAIN), "too_fast", True)
    assert level(store, (0, 3.0), (60, 20.0), (60.5, 3.02)) == [good, doubtful, good]
    assert store.latest()["s"].good_value == 3.02


def test_a_wild_sensor_is_looked_at_again_once_not_for_ever(store: Readings) -> None:
    told = level(store, (0, 3.0), (60, 20.0), (60.5, 90.0), (61.0, 200.0))
    assert [again for *_, again in told] == [False, True, False, False]


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=20), st.integers(1, 600))
def test_what_changes_no_faster_than_it_can_is_never_doubted(
    steps: list[float], every_s: int
) -> None:
    """A walk whose every step keeps the pace stays good, whatever came before."""
    history = History({}, load_policy("zhejiang"))
    pace = load_policy("zhejiang").steepest["level"].value
    value = 0.0
    for number, step in enumerate(steps):
        value += step / 50 * pace * every_s * 0.999
        at = START + dt.timedelta(seconds=number * every_s)
        measured, again = history.judged("s", "level", Measured.good(value), str(number), at)
        assert (measured.quality, again) == (Quality.GOOD, False)
