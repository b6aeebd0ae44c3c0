"""What cron mails: an outage when it begins and when it ends, and no single lost answer."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import pytest

from hydrant import times
from hydrant.cli.poll_view import notes_of
from hydrant.integrity.policy_reader import load_policy
from hydrant.messages import text
from hydrant.store.facts.sensors import SensorRow
from hydrant.store.ground.backend import one_row
from hydrant.store.ground.location import readings_path
from hydrant.store.ground.place import Place
from hydrant.store.readings.readings import Readings
from hydrant.store.readings.readings_file import open_readings
from hydrant.telemetry.endpoint import Endpoint
from hydrant.telemetry.link import Link
from hydrant.telemetry.plan import Request
from hydrant.telemetry.poll import poll, poll_held
from hydrant.telemetry.profile_reader import load_profile
from hydrant.telemetry.quality import ExchangeError, Reason
from hydrant.telemetry.result import PollResult
from hydrant.telemetry.schedule import PATIENCE
from hydrant.telemetry.simulator import SimulatedGateway, SimulatedUnit, serve
from hydrant.vocabulary import Language
from tests.conftest import Program
from tests.telemetry.test_poll import add, sensor, unit

POLICY = load_policy("zhejiang")


@pytest.fixture
def readings(registry_path: Place) -> Iterator[Readings]:
    with open_readings(readings_path(registry_path)) as opened:
        yield opened


def told(readings: Readings, *rows: SensorRow) -> list[str]:
    """The lines of one poll's mail."""
    result = poll(rows, readings, policy=POLICY, recheck_s=0.01)
    return [text(note.key, Language.EN, **note.facts) for note in notes_of(result)]


@dataclass
class Switched:
    """A device that answers or does not, as it is switched."""

    on: bool = True
    shown: dict[str, float | None] = field(default_factory=lambda: {"p1": 300.0})

    def unit(self) -> SimulatedUnit:
        def values() -> dict[str, float | None] | None:
            return dict(self.shown) if self.on else None

        return SimulatedUnit(load_profile("keller-33x"), values)


@pytest.mark.parametrize("silent", range(1, 7))
def test_an_outage_is_told_when_its_alarm_begins(readings: Readings, silent: int) -> None:
    device = Switched()
    with serve([SimulatedGateway({1: device.unit()})]) as (url,):
        row = sensor("s", url, 1)
        assert told(readings, row) == []
        device.on = False
        lines = [told(readings, row) for _ in range(silent)]
        device.on = True
        back = told(readings, row)
        assert told(readings, row) == []
    lasting = silent > PATIENCE
    assert [n for n, found in enumerate(lines, 1) if found] == ([PATIENCE + 1] if lasting else [])
    assert all(len(found) <= 1 for found in lines)  # the outage, and not its alarm as well
    assert len(back) == lasting


def test_who_never_answered_is_told_at_once_and_once(readings: Readings) -> None:
    with serve([SimulatedGateway({1: unit(300.0)})]) as (url,):
        row = sensor("s", url, 2)
        lines = [told(readings, row) for _ in range(5)]
    assert len(lines[0]) == 1
    assert "ALARM" in lines[PATIENCE][0]  # that it lasts
    assert [len(found) for found in lines] == [1, 0, 1, 0, 0]


def test_a_gateway_is_one_line_going_and_coming(readings: Readings) -> None:
    behind = {n: unit(300.0) for n in range(1, 6)}
    with serve([SimulatedGateway(behind)]) as (url,):
        rows = [sensor(f"s{n}", url, n) for n in behind]
        assert told(readings, *rows) == []
    lines = [told(readings, *rows) for _ in range(4)]
    assert [len(found) for found in lines] == [0, 0, 1, 0]
    # called by another name by now: the sensors are the same
    with serve([SimulatedGateway(behind)]) as (other,):
        (line,) = told(readings, *(replace(row, url=row.url.replace(url, other)) for row in rows))
    assert "5 sensors" in line


def test_two_sensors_of_an_asset_never_give_one_line_twice(readings: Readings) -> None:
    device = Switched(shown={"p1": 300.0, "temperature": 12.0})
    with serve([SimulatedGateway({1: device.unit()})]) as (url,):
        rows = [
            sensor("s", url, 1, asset_uid="a", asset_code="A1"),
            sensor("t", url, 1, asset_uid="a", asset_code="A1", quantity="temperature"),
        ]
        lines = told(readings, *rows)
        device.on = False
        for _ in range(4):
            lines += told(readings, *rows)
        device.on = True
        lines += told(readings, *rows)
    assert len(lines) == len(set(lines)) == 4


def test_what_the_device_itself_says_is_told_at_once(readings: Readings) -> None:
    device = Switched()
    with serve([SimulatedGateway({1: device.unit()})]) as (url,):
        row = sensor("s", url, 1)
        told(readings, row)
        device.shown = {"p1": None}
        assert [len(told(readings, row)) for _ in range(3)] == [1, 0, 0]
        device.shown = {"p1": 300.0}
        assert len(told(readings, row)) == 1


@pytest.mark.parametrize("option", ["--metrics", "--log"])
def test_an_alarm_is_told_although_nothing_can_be_left_for_machines(
    program: Program, tmp_path: Path, option: str
) -> None:
    with serve([SimulatedGateway({1: unit(20.0)})]) as (url,):
        add(program, url)
        ran = program("poll", "--all", option, tmp_path / "gone" / "file")
        again = program("poll", "--all")
    assert ran.code == 4
    assert ran.err.count("A1: ALARM") == 1
    assert "gone" in ran.err
    assert (again.code, again.err) == (0, "")


def test_a_drop_that_lasts_is_told_once_and_when_it_is_over(readings: Readings) -> None:
    """From poll to poll the store knows what the pressure must come back to."""
    device = Switched(shown={"p1": 400.0})
    with serve([SimulatedGateway({1: device.unit()})]) as (url,):
        row = sensor("s", url, 1)
        lines = []
        for kpa in (400.0, 280.0, 280.0, 290.0, 350.0, 350.0):
            device.shown = {"p1": kpa}
            # readings of minutes ago: a second look within the minute is no other reading
            earlier(readings, 5)
            lines.append(told(readings, row))
    assert [len(found) for found in lines] == [0, 1, 0, 0, 1, 0]


def earlier(readings: Readings, minutes: int) -> None:
    """Date what is stored earlier, as if time had passed."""
    latest = readings.latest()
    with readings.transaction():
        for uid, known in latest.items():
            at = times.to_text(times.from_text(known.at) - dt.timedelta(minutes=minutes))
            readings.connection.execute(
                "UPDATE latest SET at = ?, good_at = ?, same_since = ? WHERE sensor_uid = ?",
                (at, at, at, uid),
            )


class Losing:
    """Stands for the link to a gateway of which so many answers are lost."""

    def __init__(self, chance: random.Random, share: float) -> None:
        self._chance, self._share = chance, share

    def in_doubt(self, request: Request, unit: int) -> bool:
        del request, unit
        return False

    async def read(self, request: Request, unit: int, *, pause_s: float) -> tuple[int, ...]:
        del unit, pause_s
        if self._chance.random() < self._share:
            raise ExchangeError(Reason.TIMEOUT)
        return struct.unpack(f">{request.count}H", struct.pack(">f", 3.0))

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.file_only
def test_a_quiet_day_of_a_thousand_gateways_mails_nothing(readings: Readings) -> None:
    """Two answers in a hundred are lost, in every hour of a day."""
    chance, cycles = random.Random(1), 24
    rows = [sensor(f"s{n}", f"tcp://10.0.{n // 250}.{n % 250}:502", 1) for n in range(1000)]

    async def cycle(share: float) -> PollResult:
        def link(_: Endpoint) -> Link:
            return cast("Link", Losing(chance, share))

        return await poll_held(rows, readings, policy=POLICY, link=link)

    assert asyncio.run(cycle(0.0)).failures == ()  # the field is known
    results = [asyncio.run(cycle(0.02)) for _ in range(cycles)]
    assert [note for result in results for note in notes_of(result)] == []
    failed = sum(result.run.failed for result in results)
    assert 0 < failed < 60  # in every 2,500 attempts the answer is lost twice, and is counted
    count = readings.connection.execute("SELECT count(*) FROM reading WHERE quality = 0")
    assert one_row(count)[0] == (cycles + 1) * 1000 - failed
