"""One device's fault is that device's: whatever it refuses or says, every other one is read."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import combinations, product
from pathlib import Path
from typing import cast

import pytest

from hydrant.errors import first_of
from hydrant.integrity.policy_reader import load_policy
from hydrant.store.facts.sensors import SensorRow
from hydrant.store.readings.readings import Readings
from hydrant.store.readings.readings_care import refused_points
from hydrant.store.readings.readings_file import open_readings
from hydrant.telemetry import codec
from hydrant.telemetry.decode import encode
from hydrant.telemetry.evaluate import Setup
from hydrant.telemetry.link import Link
from hydrant.telemetry.plan import Request, plan_for
from hydrant.telemetry.poll import poll
from hydrant.telemetry.profile_reader import load_profile
from hydrant.telemetry.quality import ExchangeError, Reason
from hydrant.telemetry.reader import read_unit
from hydrant.telemetry.result import PollResult
from hydrant.telemetry.simulator import SimulatedGateway, SimulatedUnit, registers_of, serve
from tests.conftest import Program
from tests.telemetry.lines import Script, listening, tcp
from tests.telemetry.test_poll import sensor

POLICY = load_policy("zhejiang")
PROFILE = load_profile("keller-33x")
#: Points of the transmitter and what they show on an ordinary day.
ORDINARY: dict[str, float] = {"p1": 300.0, "p2": 310.0, "tob1": 12.0, "tob2": 13.0}
#: What each point may show so that it is read again at once; absent where no value is suspect.
SUSPECT = {"p1": 50.0, "p2": 60.0}
REFUSED = [set(names) for size in (1, 2, 3) for names in combinations(ORDINARY, size)]
DOUBTED = [set(), {"p1"}, {"p2"}, {"p1", "p2"}]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Readings]:
    with open_readings(tmp_path / "r.db") as opened:
        yield opened


def shown(refused: set[str], doubted: set[str]) -> dict[str, float | None]:
    values = {**ORDINARY, **{name: SUSPECT[name] for name in doubted}}
    return {name: value for name, value in values.items() if name not in refused}


def strict(refused: set[str], doubted: set[str]) -> Script:
    """A device that refuses every request over a register that it does not have."""
    memory = registers_of(PROFILE, {"temperature": 12.0, **shown(refused, doubted)}, Setup())

    def script(request: bytes) -> list[tuple[float, bytes]]:
        function, first, count = struct.unpack(">BHH", request[7:12])
        wanted = [(function, first + n) for n in range(count)]
        if not memory.keys() >= set(wanted):
            return [(0.0, tcp(request, function | 0x80, 2))]
        data = b"".join(memory[place].to_bytes(2, "big") for place in wanted)
        return [(0.0, tcp(request, function, len(data), *data))]

    return script


def behind(url: str, gateway: str, number: int = 1) -> list[SensorRow]:
    """A sensor for every point of a transmitter."""
    return [
        sensor(
            f"{gateway}-{name}",
            url,
            number,
            asset_uid=f"asset-{gateway}",
            quantity=str(PROFILE.points[name].quantity),
            parameters={"point": name},
        )
        for name in ORDINARY
    ]


def cycle(store: Readings, sensors: list[SensorRow]) -> PollResult:
    return poll(sensors, store, policy=POLICY, recheck_s=0.001)


def test_refused_registers_beside_suspect_values(store: Readings) -> None:
    """Every set of refused registers with every set of suspect values, a gateway for each."""
    cases = list(product(REFUSED, DOUBTED))
    with ExitStack() as lines:
        urls = [
            f"tcp://127.0.0.1:{lines.enter_context(listening(strict(*case))).port}"
            for case in cases
        ]
        sensors = [row for n, url in enumerate(urls) for row in behind(url, str(n))]
        wanted = {f"{n}-{name}" for n, (refused, _) in enumerate(cases) for name in refused}
        for turn in range(3):  # refused the first time, known to be refused, and again
            result = cycle(store, sensors)
            failed = {failure.sensor.uid: str(failure.reason) for failure in result.failures}
            assert failed == dict.fromkeys(wanted, "illegal_address"), turn
            assert result.unreached == ()
    known = refused_points(store)
    for url, (refused, _) in zip(urls, cases, strict=True):
        assert known[url, 1, PROFILE.name] == refused
    low = {
        uid
        for (uid,) in store.connection.execute(
            "SELECT sensor_uid FROM alarm WHERE kind = 'low_pressure'"
        )
    }
    assert low == {
        f"{n}-{name}" for n, (refused, doubted) in enumerate(cases) for name in doubted - refused
    }


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_units_of_one_gateway_do_not_suffer_for_each_other(
    store: Readings, order: tuple[int, int]
) -> None:
    """A refusal with a suspect value, and an ordinary device, at one gateway in either order."""
    ill, well = order
    units = {
        ill: SimulatedUnit(PROFILE, lambda: shown({"tob2"}, {"p1"})),
        well: SimulatedUnit(PROFILE, lambda: shown(set(), set())),
    }
    with serve([SimulatedGateway(units)]) as (url,):
        result = cycle(store, [*behind(url, "ill", ill), *behind(url, "well", well)])
    assert {failure.sensor.uid for failure in result.failures} == {"ill-tob2"}


class _Refusing:
    """Stands for a link to a device that refuses some registers."""

    def __init__(self, refused: set[str]) -> None:
        self._refused = refused

    def in_doubt(self, request: Request, unit: int) -> bool:
        del request, unit
        return False

    async def read(self, request: Request, unit: int, *, pause_s: float) -> tuple[int, ...]:
        del unit, pause_s
        if any(point.name in self._refused for point in request.points):
            raise ExchangeError(Reason.ILLEGAL_ADDRESS)
        return (0,) * request.count


@pytest.mark.parametrize("before", [set(), {"p1"}, {"tob1", "tob2"}, set(ORDINARY)])
@pytest.mark.parametrize("now", [set(), {"p1"}, {"p2", "tob1"}, set(ORDINARY)])
def test_what_is_refused_can_be_asked_for_again(before: set[str], now: set[str]) -> None:
    """It is handed back to a function that remembers its answers, which takes no plain set."""
    link = cast("Link", _Refusing(now))
    answers = asyncio.run(read_unit(link, 1, PROFILE, tuple(ORDINARY), frozenset(before)))
    assert type(answers.refused) is frozenset
    assert answers.refused == now
    asked = plan_for(PROFILE, tuple(ORDINARY), answers.refused)
    assert {point.name for request in asked for point in request.points} == set(ORDINARY)


@pytest.mark.parametrize(
    "wrong",
    [
        {"quantity": "preasure"},
        {"reference": "relative"},
        {"side": "upper"},
        {"height_m": "two"},
        {"height_m": float("inf")},
        {"unit_id": 256},
        {"unit_id": -1},
        {"unit_id": "one"},
        {"parameters": {"point": ["p1"]}},
        {"parameters": {"atmosphere_kpa": "high"}},
        {"parameters": {"depth": 3}},
        {"url": "tcp://host:99999"},
    ],
)
def test_what_another_program_wrote_wrongly_is_that_sensors_fault(
    store: Readings, wrong: dict[str, object]
) -> None:
    with serve([SimulatedGateway({1: SimulatedUnit(PROFILE, lambda: dict(ORDINARY))})]) as (url,):
        ill = replace(sensor("ill", url, 1), **wrong)  # type: ignore[arg-type]
        result = cycle(store, [ill, *behind(url, "well")])
    (failure,) = result.failures
    assert (failure.sensor.uid, failure.reason) == ("ill", Reason.SETUP)
    assert failure.refusal is not None


@pytest.mark.parametrize("host", [".example", f"{'a' * 70}.example", "a\0b"])
@pytest.mark.parametrize("scheme", ["tcp", "tls", "udp", "rtu+tcp"])
def test_a_name_that_can_be_none_is_that_gateways_fault(
    store: Readings, scheme: str, host: str
) -> None:
    with serve([SimulatedGateway({1: SimulatedUnit(PROFILE, lambda: dict(ORDINARY))})]) as (url,):
        ill = replace(sensor("ill", url, 1), url=f"{scheme}://{host}:802")
        result = cycle(store, [ill, *behind(url, "well")])
    (failure,) = result.failures
    assert failure.sensor.uid == "ill"
    assert failure.reason in {Reason.NAME_UNKNOWN, Reason.UNREACHABLE, Reason.SETUP}


def test_a_mistake_of_ours_is_told_once_all_others_have_been_read(
    store: Readings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program may fall over one device, but the day's other readings and alarms are kept."""
    values = codec.values

    def falls_over(message: bytes, request: Request) -> tuple[int, ...]:
        found = values(message, request)
        if found == poison:
            raise AssertionError("a mistake")
        return found

    poison = encode(6.66, "float32", "ABCD")
    monkeypatch.setattr(codec, "values", falls_over)
    ill = SimulatedUnit(PROFILE, lambda: {"p1": 666.0})
    well = SimulatedUnit(PROFILE, lambda: {"p1": 50.0}, delay_s=0.05)
    with (
        serve([SimulatedGateway({1: ill}), SimulatedGateway({1: well})]) as urls,
        pytest.raises(BaseExceptionGroup) as told,
    ):
        cycle(store, [sensor(f"s{n}", url, 1) for n, url in enumerate(urls)])
    assert str(first_of(told.value)) == "a mistake"
    assert store.connection.execute("SELECT DISTINCT sensor_uid FROM reading").fetchall() == [
        ("s1",)
    ]
    assert store.connection.execute("SELECT sensor_uid, kind FROM alarm").fetchall() == [
        ("s1", "low_pressure")
    ]


def test_the_command_ends_in_order(program: Program) -> None:
    """A burst main at a transmitter that lacks a channel, polled again and again."""
    device = SimulatedUnit(PROFILE, lambda: shown({"tob2"}, {"p1"}))
    with serve([SimulatedGateway({1: device})]) as (url,):
        program.data("asset", "add", "H1", "--kind", "hydrant.pillar", "--lon", 120.1, "--lat",
                     30.2, "--crs", "wgs84")  # fmt: skip
        for rest in ((), ("--quantity", "temperature", "--point", "tob2")):
            program.data("sensor", "add", "H1", "--profile", "keller-33x", "--url", url,
                         "--unit", 1, *rest)  # fmt: skip
        codes = [program("poll", "--all", "--fail-on-alarm", "--json").code for _ in range(2)]
    assert codes == [6, 6]
