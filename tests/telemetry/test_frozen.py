"""A device that repeats its last value is not believed for ever."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from hydrant.integrity.policy import load_policy
from hydrant.store.readings import Readings, open_readings
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
