"""Sent readings in any order and any split: the same evidence and alarms, and nothing lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hydrant import times
from hydrant.integrity.policy_reader import load_policy
from hydrant.model.tables import Asset, Sensor
from hydrant.store.evidence.evidence import Cut
from hydrant.store.evidence.sensor_facts import sensor_facts
from hydrant.store.facts.sensors import SensorRow, list_sensors
from hydrant.store.ground.location import readings_path
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.readings.readings import Readings
from hydrant.store.readings.readings_alarms import list_alarms
from hydrant.store.readings.readings_file import open_readings
from hydrant.store.readings.retention import retain
from hydrant.telemetry.intake import take_in
from hydrant.telemetry.pushed import evaluate
from hydrant.telemetry.sent import Intake, Sent

POLICY = load_policy("zhejiang")
START = dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC)
TABLES = ("reading", "latest", "alarm", "alarm_state", "former_reading", "reading_hour")


class Push(NamedTuple):
    """A reading: which quantity, how many steps of ten minutes after the start, the value."""

    quantity: str
    step: int
    value: float


VALUES = {
    "pressure": [60.0, 110.0, 139.0, 140.0, 155.0, 300.0, 480.0, 1100.0],
    "flow": [0.0, 0.6, 20.0],
    "temperature": [-5.0, 1.0, 20.0, 1500.0],
    "water_presence": [0.0, 1.0],
    "battery": [2.5, 3.05, 3.6, 59.0],
}
pushes = st.sampled_from(sorted(VALUES)).flatmap(
    lambda quantity: st.builds(
        Push, st.just(quantity), st.integers(0, 30), st.sampled_from(VALUES[quantity])
    )
)
readings = st.lists(pushes, min_size=1, max_size=14, unique_by=lambda push: push[:2])
calm = settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def sensed(registry: Registry) -> Registry:
    """A registry with one hydrant that carries a sensor of each quantity."""
    with transaction(registry, actor="t", origin="t") as writer:
        asset = Asset(code="A", kind="hydrant.pillar", geom=None, service="municipal")
        writer.add(asset)
        writer.flush()
        for quantity in VALUES:
            writer.add(
                Sensor(asset_uid=asset.uid, quantity=quantity, profile="pushed", unit_id=1,
                       url="push://d", interval_s=600, valid_from=START - dt.timedelta(days=1))
            )  # fmt: skip
    return registry


def empty(store: Readings) -> None:
    for table in TABLES:
        store.connection.execute(f"DELETE FROM {table}")


def send(
    store: Readings, sensors: Sequence[SensorRow], pushes: Sequence[Push], *, correct: bool = False
) -> Intake:
    by = {row.quantity: row for row in sensors}
    sent = [
        Sent(n, by[p.quantity], START + dt.timedelta(minutes=10 * p.step),
             evaluate(by[p.quantity], p.value, None))
        for n, p in enumerate(pushes, 1)
    ]  # fmt: skip
    return take_in(store, sent, sensors, policy=POLICY, by="t", correct=correct)


def told(registry: Registry, store: Readings) -> dict[str, Any]:
    """All that follows from readings: evidence, alarms, where they stand, latest values."""
    alarms = sorted(
        (a.sensor_uid, a.kind, a.confirmed_at, a.cleared_at or "", a.value)
        for a in list_alarms(store, cleared=True)
        if a.withdrawn_at is None
    )
    ask = store.connection.execute
    return {
        "alarms": alarms,
        "states": sorted(
            row for row in ask("SELECT sensor_uid, kind, active FROM alarm_state") if row[2]
        ),
        "latest": sorted(
            ask("SELECT sensor_uid, at, value, quality, good_at, good_value FROM latest")
        ),
        "readings": sorted(ask("SELECT sensor_uid, at, value, quality, reason FROM reading")),
        "evidence": [
            sorted((fact.at, fact.low) for fact in facts.pressures)
            for day in (START.date(), START.date() + dt.timedelta(days=1))
            for facts in [sensor_facts(registry, Cut(day, registry.zone, None), POLICY)]
        ],
    }


@calm
@given(readings, st.randoms(use_true_random=False), st.integers(1, 5))
# an older low pair after newer good ones; a low one between a pair; a flow that explains it
@example([Push("pressure", 9, 300), Push("pressure", 1, 60), Push("pressure", 0, 60)], None, 1)
@example([Push("pressure", 2, 60), Push("pressure", 0, 60), Push("pressure", 1, 300)], None, 1)
@example([Push("pressure", 1, 110), Push("pressure", 2, 110), Push("flow", 1, 20)], None, 1)
@example([Push("temperature", 0, 20), Push("temperature", 2, -5), Push("water_presence", 0, 1)],
         None, 1)  # fmt: skip
def test_any_order_and_any_split_say_the_same(
    sensed: Registry, pushes: list[Push], chance: Any, size: int
) -> None:
    sensors = list_sensors(sensed)
    mixed = list(pushes)
    if chance is not None:
        chance.shuffle(mixed)
    with open_readings(readings_path(sensed.path)) as store:
        empty(store)
        send(store, sensors, sorted(pushes, key=lambda push: push.step))
        at_once = told(sensed, store)
        empty(store)
        for start in range(0, len(mixed), size):
            send(store, sensors, mixed[start : start + size])
            # what is known is known, whenever it comes again
            again = send(store, sensors, mixed[: start + size])
            assert (again.stored, again.transitions, again.contradicted) == (0, [], [])
        assert told(sensed, store) == at_once


@calm
@given(st.lists(st.integers(0, 30), min_size=2, max_size=8, unique=True), st.integers(0, 7))
def test_two_low_ones_in_a_row_are_an_alarm_wherever_they_come(
    sensed: Registry, steps: list[int], last: int
) -> None:
    sensors = list_sensors(sensed)
    last %= len(steps)
    order = [*steps[:last], *steps[last + 1 :], steps[last]]
    with open_readings(readings_path(sensed.path)) as store:
        empty(store)
        for step in order:
            send(store, sensors, [Push("pressure", step, 60.0)])
        (alarm,) = list_alarms(store)
        assert alarm.confirmed_at == at(sorted(steps)[1])


def at(step: int) -> str:
    return times.to_text(START + dt.timedelta(minutes=10 * step))


@calm
@given(readings, readings)
def test_what_comes_later_changes_nothing_of_what_was_known(
    sensed: Registry, first: list[Push], later: list[Push]
) -> None:
    sensors = list_sensors(sensed)
    moments = {push[:2] for push in first}
    later = [push for push in later if push[:2] not in moments]

    def lows(known: dt.datetime | None) -> list[tuple[str, bool]]:
        cut = Cut(START.date() + dt.timedelta(days=1), sensed.zone, known)
        facts = sensor_facts(sensed, cut, POLICY).pressures
        return sorted((fact.at, fact.low) for fact in facts)

    with open_readings(readings_path(sensed.path)) as store:
        empty(store)
        send(store, sensors, first)
        # sensors recorded "now" are known at this moment, and nothing that is sent after it is
        known, then = times.now(), lows(None)
        while times.to_text(times.now()) == times.to_text(known):
            pass
        send(store, sensors, later)
        for push in first[:3]:
            other = push._replace(value=200.0 if push.quantity == "pressure" else 0.5)
            send(store, sensors, [other], correct=True)
        assert lows(known) == then


def test_another_value_of_a_moment_is_named_and_put_right_on_demand(sensed: Registry) -> None:
    sensors = list_sensors(sensed)
    with open_readings(readings_path(sensed.path)) as store:
        send(store, sensors, [Push("pressure", 0, 300.0), Push("pressure", 1, 300.0)])
        other = [Push("pressure", 0, 60.0), Push("pressure", 1, 60.0)]
        refused = send(store, sensors, other)
        said = [(c.sent.line, c.sent.measured.value, c.held.value) for c in refused.contradicted]
        assert said == [(1, 60.0, 300.0), (2, 60.0, 300.0)]
        assert (refused.stored, list_alarms(store)) == (0, [])
        assert [row[2] for row in told(sensed, store)["latest"]] == [300.0]
        put_right = send(store, sensors, other, correct=True)
        assert len(put_right.corrected) == 2
        assert [alarm.kind for alarm in list_alarms(store)] == ["low_pressure"]
        assert [row[2] for row in told(sensed, store)["latest"]] == [60.0]
        former = store.connection.execute(
            "SELECT at, value, replaced_by FROM former_reading ORDER BY at"
        ).fetchall()
        assert former == [(at(0), 300.0, "t"), (at(1), 300.0, "t")]
        back = send(store, sensors, [Push("pressure", 0, 300.0)], correct=True)
        assert [span.confirmed for span in back.withdrawn] == [at(1)]
        # one low reading is no alarm of low pressure, though it is a drop
        told_of = {alarm.kind: alarm.withdrawn_at for alarm in list_alarms(store, cleared=True)}
        assert set(told_of) == {"sudden_drop", "low_pressure"}
        assert told_of["sudden_drop"] is None
        assert told_of["low_pressure"] is not None


def test_two_values_of_a_moment_in_one_file_correct_nothing(sensed: Registry) -> None:
    sensors = list_sensors(sensed)
    with open_readings(readings_path(sensed.path)) as store:
        said = [Push("pressure", 0, 300.0), Push("pressure", 0, 60.0), Push("pressure", 0, 300.0)]
        for correct in (False, True):
            done = send(store, sensors, said, correct=correct)
            assert [one.sent.line for one in done.contradicted] == [2]
        assert [row[2] for row in told(sensed, store)["readings"]] == [300.0]


@calm
@given(st.lists(st.integers(0, 30), min_size=1, max_size=6, unique=True))
def test_after_old_readings_were_summed_up_a_late_one_takes_no_alarm_back(
    sensed: Registry, late: list[int]
) -> None:
    sensors = list_sensors(sensed)
    with open_readings(readings_path(sensed.path)) as store:
        empty(store)
        send(store, sensors, [Push("pressure", step, 60.0) for step in (40, 41, 42)])
        kept = told(sensed, store)["alarms"]
        retain(store, since=START.date() + dt.timedelta(days=3))
        done = send(store, sensors, [Push("pressure", step, 300.0) for step in late])
        assert done.withdrawn == []
        assert [alarm for alarm in told(sensed, store)["alarms"] if alarm in kept] == kept


lows = st.lists(
    st.builds(Push, st.just("pressure"), st.integers(0, 40), st.sampled_from([60.0, 139.0, 300.0])),
    min_size=1, max_size=12, unique_by=lambda push: push.step,
)  # fmt: skip
#: First step of the UTC day after the start: what is before it is summed up.
CUT = 12


@calm
@given(lows)
# one low reading was summed up, the next one is not
@example([Push("pressure", 11, 60), Push("pressure", 12, 60)])
@example([Push("pressure", 3, 60), Push("pressure", 12, 60)])
def test_no_low_pressure_is_lost_because_readings_were_summed_up(
    sensed: Registry, pushes: list[Push]
) -> None:
    sensors = list_sensors(sensed)
    early = [push for push in pushes if push.step < CUT]
    later = [push for push in pushes if push.step >= CUT]

    def low(*, summed: bool) -> list[str]:
        with open_readings(readings_path(sensed.path)) as store:
            empty(store)
            send(store, sensors, early)
            if summed:
                retain(store, since=START.date() + dt.timedelta(days=1))
            send(store, sensors, later)
            return [a.sensor_uid for a in list_alarms(store) if a.kind == "low_pressure"]

    assert set(low(summed=False)) <= set(low(summed=True))


def test_readings_of_summed_hours_are_refused_whatever_they_say(sensed: Registry) -> None:
    """Nothing is left to hold them against: the same again would count twice."""
    sensors = list_sensors(sensed)
    with open_readings(readings_path(sensed.path)) as store:
        empty(store)
        send(store, sensors, [Push("pressure", 2, 300.0), Push("pressure", 20, 300.0)])
        retain(store, since=START.date() + dt.timedelta(days=1))
        before = store.connection.execute("SELECT * FROM reading_hour").fetchall()
        for value, correct in ((300.0, False), (60.0, False), (60.0, True)):
            pushes = [Push("pressure", 2, value), Push("pressure", 1, value)]
            done = send(store, sensors, [*pushes, Push("pressure", 20, 300.0)], correct=correct)
            assert [one.line for one in done.summed] == [2, 1]
            assert (done.stored, done.known, done.corrected, done.contradicted) == (0, 1, [], [])
        # of a sensor that nothing was summed up of, old readings are news
        assert send(store, sensors, [Push("battery", 1, 3.6)]).stored == 1
        retain(store, since=START.date() + dt.timedelta(days=1))
        kept = store.connection.execute("SELECT * FROM reading_hour").fetchall()
        assert [row for row in kept if row in before] == before
