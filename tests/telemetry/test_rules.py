"""Physics, alarm and quality rules."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydrant.messages import text
from hydrant.telemetry.alarm import AlarmState, Rule, Transition, step
from hydrant.telemetry.decode import encode
from hydrant.telemetry.evaluate import Setup, measure
from hydrant.telemetry.physics import Mounting, at_outlet
from hydrant.telemetry.profile_reader import load_profile
from hydrant.telemetry.quality import Reason
from hydrant.vocabulary import AlarmKind, Language, PressureReference, Quality, ValveSide

RULE = Rule(AlarmKind.LOW_PRESSURE, 140.0, 20.0)


def test_absolute_pressure_and_height() -> None:
    absolute = Mounting(reference=PressureReference.ABSOLUTE)
    assert at_outlet(401.325, absolute).value == pytest.approx(300.0)
    # a sensor 2 m below the outlet feels two metres of water more than the outlet
    below = Mounting(height_m=-2.0)
    assert at_outlet(319.6133, below).value == pytest.approx(300.0, abs=0.01)


def test_dry_side_at_rest_is_neither_good_nor_low() -> None:
    rest = at_outlet(1.0, Mounting(side=ValveSide.DRY))
    assert rest.quality is Quality.UNCERTAIN
    assert rest.reason is Reason.DRY_AT_REST
    assert at_outlet(300.0, Mounting(side=ValveSide.DRY)).quality is Quality.GOOD


def run(values: list[float | None]) -> list[Transition]:
    state, seen = AlarmState(), []
    for value in values:
        state, transition = step(state, RULE, value)
        if transition is not None:
            seen.append(transition)
    return seen


def test_alarm_needs_two_samples_and_a_deadband() -> None:
    assert run([300, 95, 300, 95]) == []
    assert run([95, 95]) == [Transition.OPENED]
    assert run([95, 95, 150, 150, 150]) == [Transition.OPENED]
    assert run([95, 95, 160, 160]) == [Transition.OPENED, Transition.CLEARED]
    assert run([139.999, 139.999]) == [Transition.OPENED]
    assert run([140.0, 140.0]) == []


samples = st.lists(st.none() | st.floats(-100, 1000), max_size=30)


@given(samples)
def test_lost_data_changes_nothing(values: list[float | None]) -> None:
    assert run(values) == run([value for value in values if value is not None])


@given(samples)
def test_transitions_alternate(values: list[float | None]) -> None:
    seen = run(values)
    assert seen[::2] == [Transition.OPENED] * len(seen[::2])
    assert seen[1::2] == [Transition.CLEARED] * len(seen[1::2])


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (math.nan, Reason.NOT_A_NUMBER),
        (math.inf, Reason.INFINITE),
        (-math.inf, Reason.INFINITE),
        (50.0, Reason.OUT_OF_RANGE),  # 50 bar is no water main
    ],
)
def test_float_values_that_are_none(raw: float, reason: Reason) -> None:
    profile = load_profile("keller-33x")
    registers = {"p1": encode(raw, "float32", "ABCD")}
    found = measure(profile, "p1", registers, Setup())
    assert (found.value, found.reason) == (None, reason)


@pytest.mark.parametrize(
    ("unit", "decimals", "value", "found"),
    [
        (0, 3, 311, 311.0),
        (1, 1, 2630, 263.0),
        (3, 2, 250, 250.0),
        (7, 0, 30, 294.2),
        (9, 0, 30, Reason.UNKNOWN_UNIT_CODE),
        (1, 12, 30, Reason.BAD_DECIMALS),
        (1, 0, 32767, Reason.SENTINEL),
        (0, 0, 9, Reason.OUT_OF_RANGE),
    ],
)
def test_generic_transmitter(unit: int, decimals: int, value: int, found: float | Reason) -> None:
    profile = load_profile("generic-rs485-pressure")
    answers = {"unit_code": (unit,), "decimals": (decimals,), "pressure": (value,)}
    measured = measure(profile, "pressure", answers, Setup())
    if isinstance(found, Reason):
        assert measured.reason is found
    else:
        assert measured.value == pytest.approx(found, abs=0.05)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words_and_a_quality_that_is_not_good(reason: Reason) -> None:
    assert reason.quality is not Quality.GOOD
    for lang in Language:
        assert text(f"telemetry.reason_{reason}", lang)
