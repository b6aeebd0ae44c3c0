"""Which alarms a row of values raises, with what else is known of the asset."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydrant.integrity.policy_reader import load_policy
from hydrant.store.readings.readings import Reading, Readings
from hydrant.store.readings.readings_file import open_readings
from hydrant.telemetry.alarm import AlarmState, Rule, Transition, step
from hydrant.telemetry.quality import Measured, Reason
from hydrant.telemetry.record import Recorder
from hydrant.telemetry.watch import Watch
from hydrant.vocabulary import AlarmKind
from tests.telemetry.test_poll import sensor

POLICY = load_policy("zhejiang")
START = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
Told = list[tuple[str, str]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Readings]:
    with open_readings(tmp_path / "r.db") as opened:
        yield opened


def tell(store: Readings, *samples: tuple[str, float | None], every_s: float = 300) -> Told:
    """Alarms that samples (quantity and value) of one asset raise and clear, in order."""
    watch, told = Watch(store.latest(), store.alarm_states(), POLICY), []
    for number, (quantity, value) in enumerate(samples):
        one = sensor(f"s-{quantity}", "tcp://h", 1, asset_uid="a", quantity=quantity)
        measured = Measured.missing(Reason.TIMEOUT) if value is None else Measured.good(value)
        at = START + dt.timedelta(seconds=every_s * number)
        changes, _ = watch.judge(one, measured, at)
        told += [(str(c.kind), "opened" if c.opened else "cleared") for c in changes
                 if c.opened or c.cleared]  # fmt: skip
    return told


def row(quantity: str, *values: float | None) -> list[tuple[str, float | None]]:
    return [(quantity, value) for value in values]


def test_limit_at_rest_holds_until_use_is_proven(store: Readings) -> None:
    low = row("pressure", 120, 120, 120)
    assert tell(store, *low) == [("low_pressure", "opened")]
    assert tell(store, ("flow", 15.0), *low) == [("opening", "opened")]
    assert tell(store, ("water_presence", 1), *low) == []
    assert tell(store, ("flow", 15.0), *row("pressure", 90, 90)) == [
        ("opening", "opened"),
        ("low_pressure", "opened"),
    ]
    # a flow of long ago proves nothing
    assert tell(store, ("flow", 15.0), *low, every_s=4000) == [
        ("opening", "opened"),
        ("low_pressure", "opened"),
    ]


def test_high_pressure_and_its_deadband(store: Readings) -> None:
    told = tell(store, *row("pressure", 1010, 1010, 990, 990, 980, 980))
    assert told == [("high_pressure", "opened"), ("high_pressure", "cleared")]


def test_sudden_drop(store: Readings) -> None:
    opened, cleared = ("sudden_drop", "opened"), ("sudden_drop", "cleared")
    assert tell(store, *row("pressure", 400, 280, 280)) == [opened]
    # it lasts until the pressure is back, also by steps, and however long that takes
    assert tell(store, *row("pressure", 400, 280, 290, 299, 301, 280)) == [opened, cleared]
    assert tell(store, *row("pressure", 400, 280, None, None, 280, 390)) == [opened, cleared]
    # a further drop is no news, and coming back to what was low already is no end
    assert tell(store, *row("pressure", 400, 280, 170, 280)) == [opened]
    assert tell(store, *row("pressure", 400, 280), every_s=4000) == []
    # a second look half a second later confirms the drop, it does not end it
    assert tell(store, *row("pressure", 400), every_s=300) == []
    watch = Watch(store.latest(), store.alarm_states(), POLICY)
    one = sensor("s", "tcp://h", 1)
    times_s = [(0.0, 400.0), (300.0, 280.0), (300.5, 280.0)]
    told = [
        str(change.kind)
        for at, value in times_s
        for change in watch.judge(one, Measured.good(value), START + dt.timedelta(seconds=at))[0]
    ]
    assert told == ["sudden_drop"]


@pytest.mark.parametrize("every_s", [300, 4000, 90_000])
def test_a_drop_is_remembered_from_poll_to_poll(store: Readings, every_s: float) -> None:
    """Each poll is a process of its own; the next readings may be hours apart."""
    one, told = sensor("s", "tcp://h", 1), []
    moments = [0.0, 300.0, 300.0 + every_s, 300.0 + 2 * every_s, 300.0 + 3 * every_s]
    for seconds, value in zip(moments, (400.0, 280.0, 285.0, 290.0, 350.0), strict=True):
        at = START + dt.timedelta(seconds=seconds)
        recorder = Recorder(store, sensors=1, policy=POLICY)
        recorder.add(one, Measured.good(value), None, at=at)
        recorder.finish()
        told += [(change.kind, change.opened, value) for change in recorder.transitions]
    assert told == [("sudden_drop", True, 280.0), ("sudden_drop", False, 350.0)]


def test_water_that_stays_is_a_leak(store: Readings) -> None:
    assert tell(store, *row("water_presence", 1, 1, 1)) == []
    long = tell(store, *row("water_presence", *[1] * 8, 0, 0))
    assert long == [("undrained", "opened"), ("undrained", "cleared")]


def test_frost_only_where_water_stands(store: Readings) -> None:
    assert tell(store, *row("temperature", -5, -5, -5)) == []
    assert tell(store, ("water_presence", 0), *row("temperature", -5, -5)) == []
    told = tell(store, ("water_presence", 1), *row("temperature", 1, 1, 4, 4))
    assert told == [("freezing", "opened"), ("freezing", "cleared")]


def test_tilt_and_battery(store: Readings) -> None:
    assert tell(store, *row("tilt", 3, -14, -14)) == [("knock_down", "opened")]
    assert tell(store, *row("battery", 3.6, 2.9, 2.9, 3.05, 3.05)) == [("battery", "opened")]


def test_one_alarm_for_a_gateway_not_forty(store: Readings) -> None:
    tried = [sensor(f"s{n}", "tcp://h:1", n) for n in range(1, 41)]
    for row in tried:
        silent = Reading(row.uid, "a", START, None, 1, "timeout", None, silent=True)
        store.save([silent])
        store.save([silent._replace(at=START + dt.timedelta(seconds=1))])
    watch = Watch(store.latest(), store.alarm_states(), POLICY)
    gone = [(row, Measured.missing(Reason.CONNECT_TIMEOUT)) for row in tried]
    (change,) = watch.absences(gone, START)
    assert (change.kind, change.sensor_uid, change.opened) == (
        AlarmKind.GATEWAY_OFFLINE, "tcp://h:1", True,
    )  # fmt: skip
    assert list(watch.absences(gone, START)) == []
    # one unit stays silent, the gateway and the others are back
    back = [(row, Measured.good(300.0)) for row in tried[1:]]
    found = list(watch.absences([(tried[0], Measured.missing(Reason.TIMEOUT)), *back], START))
    assert [(c.kind, c.sensor_uid, c.opened) for c in found] == [
        (AlarmKind.GATEWAY_OFFLINE, "tcp://h:1", False),
        (AlarmKind.STALE, "s1", True),
    ]


samples = st.lists(st.none() | st.floats(-100, 1000, width=16), max_size=30)


@given(samples, st.integers(1, 4), st.floats(0, 2000), st.booleans())
def test_machine_neither_loses_nor_invents(
    values: list[float | None], count: int, after_s: float, above: bool
) -> None:
    """Against a plain reading of the rule: a run of samples beyond the limit, long enough."""
    rule = Rule(AlarmKind.LOW_PRESSURE, 140.0, 20.0, count, after_s, above)
    state, seen = AlarmState(), []
    for number, value in enumerate(values):
        state, transition = step(state, rule, value, number * 300.0)
        if transition is not None:
            seen.append((number, transition))
    assert seen == expected(values, rule)


def expected(values: list[float | None], rule: Rule) -> list[tuple[int, Transition]]:
    found: list[tuple[int, Transition]] = []
    active = False
    run: list[int] = []
    for number, value in enumerate(values):
        if value is None:
            continue
        if rule.above:
            speaks = value <= 120 if active else value > 140
        else:
            speaks = value >= 160 if active else value < 140
        run = [*run, number] if speaks else []
        old_enough = active or (run and (number - run[0]) * 300.0 >= rule.after_s)
        if len(run) >= rule.samples and old_enough:
            active = not active
            found.append((number, Transition.OPENED if active else Transition.CLEARED))
            run = []
    return found
