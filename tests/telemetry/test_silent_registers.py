"""What a device does not answer costs its neighbours nothing, whatever else it does answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydrant.integrity.policy_reader import load_policy
from hydrant.store.ground.location import readings_path
from hydrant.store.ground.place import Place
from hydrant.store.readings.readings import Readings
from hydrant.store.readings.readings_file import open_readings
from hydrant.telemetry import reader
from hydrant.telemetry.link import Link
from hydrant.telemetry.plan import Request, plan_for, single
from hydrant.telemetry.poll import poll
from hydrant.telemetry.profile_reader import load_profile, profile_names
from hydrant.telemetry.quality import ExchangeError, Reason
from hydrant.telemetry.reader import UnitAnswers, read_unit
from hydrant.telemetry.simulator import SimulatedGateway, SimulatedUnit, serve
from tests.telemetry.lines import listening, tcp
from tests.telemetry.test_poll import sensor

PROFILE = load_profile("keller-33x")
POINTS = ("p1", "p2", "temperature", "tob1", "tob2")


@dataclass
class Device:
    """Stands for the link to a unit that is silent to some points, or to long questions.

    With `numbered` False it behaves as a line whose answers bear no number: what came late could be
    taken for the answer to another question of the same shape.
    """

    silent: set[str] = field(default_factory=set)
    most: int = 125
    numbered: bool = True
    lost: list[int] = field(default_factory=list)
    busy: int = 0
    asked: list[Request] = field(default_factory=list)
    waits: int = 0
    unheard: dict[int, int] = field(default_factory=dict)

    def in_doubt(self, request: Request, unit: int) -> bool:
        del unit
        address = self.unheard.get(request.count)
        return not self.numbered and address is not None and address != request.address

    async def read(self, request: Request, unit: int, *, pause_s: float) -> tuple[int, ...]:
        assert not self.in_doubt(request, unit), "a late answer could be taken for this one"
        del pause_s
        self.asked.append(request)
        if self.busy:
            self.busy -= 1
            raise ExchangeError(Reason.BUSY)
        touched = {n for n in self.silent if request.touches(PROFILE.points[n])}
        if touched or request.count > self.most or len(self.asked) in self.lost:
            self.waits += 1
            self.unheard[request.count] = request.address
            raise ExchangeError(Reason.TIMEOUT)
        return (1,) * request.count

    def cycles(self, count: int, names: tuple[str, ...] = POINTS) -> list[UnitAnswers]:
        """So many cycles of a poll that remembers what it learned; waits count of the last."""
        refused: frozenset[str] = frozenset()
        heard: bool | None = None
        found = []
        for _ in range(count):
            self.asked.clear()
            self.unheard.clear()
            self.waits = 0
            link = cast("Link", self)
            answers = asyncio.run(read_unit(link, 1, PROFILE, names, refused, heard=heard))
            refused, heard = answers.refused, bool(answers.registers)
            found.append(answers)
        return found


@given(
    st.sets(st.sampled_from(POINTS), max_size=4),
    st.sampled_from([2, 4, 125]),
    st.booleans(),
)
def test_every_point_that_a_device_gives_is_read(
    silent: set[str], most: int, numbered: bool
) -> None:
    device = Device(silent, most, numbered)
    found = device.cycles(8)
    for name in POINTS:
        given_at_all = any(name in answers.registers for answers in found)
        assert given_at_all == (name not in silent), name
    if most == 125:  # what it is silent to is known by then, and asked for last
        assert set(found[-1].registers) == set(POINTS) - silent
        assert {name for name, why in found[-1].failures.items()
                if why is Reason.REGISTER_SILENT} == silent  # fmt: skip


def test_a_dead_unit_costs_one_wait_in_a_cycle() -> None:
    device = Device(set(POINTS))
    (*_, last) = device.cycles(4)
    assert device.waits == 1
    assert last.silence is Reason.TIMEOUT
    assert not last.registers


def test_who_falls_silent_costs_two_waits_once() -> None:
    device = Device()
    device.cycles(1)
    device.silent = set(POINTS)
    asyncio.run(read_unit(cast("Link", device), 1, PROFILE, POINTS, heard=True))
    assert device.waits == 2


@pytest.mark.parametrize("lost", [[1], [2], [1, 4]])
def test_a_lost_answer_is_asked_for_again(lost: list[int]) -> None:
    device = Device(lost=lost)
    answers = asyncio.run(read_unit(cast("Link", device), 1, PROFILE, POINTS, heard=True))
    assert set(answers.registers) == set(POINTS)
    assert not answers.failures


def test_a_busy_device_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_BUSY_S", (0.0, 0.0))
    assert not Device(busy=2).cycles(1)[0].failures
    found = Device(busy=9).cycles(1)[0].failures
    assert set(found.values()) == {Reason.BUSY}


@pytest.mark.parametrize("name", profile_names())
def test_a_lost_answer_is_asked_for_again_whatever_the_profile(name: str) -> None:
    profile = load_profile(name)
    names = tuple(point.name for point in profile.points.values() if point.quantity is not None)
    for lost in ([1], [2]):
        link = cast("Link", Device(lost=lost))
        assert not asyncio.run(read_unit(link, 1, profile, names, heard=True)).failures


@given(st.sets(st.sampled_from(POINTS), min_size=1))
def test_no_range_reads_a_register_that_is_asked_for_apart(apart: set[str]) -> None:
    for request in plan_for(PROFILE, POINTS, frozenset(apart)):
        if len(request.points) > 1:
            assert not any(request.touches(PROFILE.points[name]) for name in apart)
    assert single(PROFILE.points["p1"]).touches(PROFILE.points["p1"])


@pytest.fixture
def readings(registry_path: Place) -> Iterator[Readings]:
    with open_readings(readings_path(registry_path)) as opened:
        yield opened


def test_a_second_look_that_fails_does_not_hide_the_first(readings: Readings) -> None:
    """A low pressure is read again at once; the device is silent then."""

    def script(request: bytes) -> list[tuple[float, bytes]]:
        first = len(line.requests) == 1
        return [(0.0, tcp(request, 3, 4, 0x3F, 0x00, 0, 0))] if first else []

    with listening(script) as line:
        row = sensor("s", f"tcp://127.0.0.1:{line.port}", 1)
        result = poll([row], readings, policy=load_policy("zhejiang"), recheck_s=0.01)
    assert (result.run.answered, result.failures) == (1, ())
    values = [
        value for (value,) in readings.connection.execute("SELECT value FROM reading ORDER BY at")
    ]
    assert values == [50.0, None]  # every attempt is one row all the same


def test_a_silent_register_is_named_and_rests(readings: Readings) -> None:
    """Over real Modbus: the pressure is read in each cycle, the other sensor is told of."""
    silent = SimulatedUnit(PROFILE, lambda: {"p1": 300.0})
    with serve([SimulatedGateway({1: silent})]) as (url,):
        rows = [sensor("p", url, 1), sensor("q", url, 2)]
        for _ in range(3):
            result = poll(rows, readings, policy=load_policy("zhejiang"), recheck_s=0.01)
    assert [failure.sensor.uid for failure in result.failures] == ["q"]
    assert readings.attempts()["p"].failures == 0
