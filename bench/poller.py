"""Polls simulated gateways: the bound, bare pymodbus, and a plain sequential script as peers."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import random
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from pymodbus.client import AsyncModbusTcpClient, ModbusTcpClient

from bench.measure import resident_mb
from hydrant.integrity.policy_reader import load_policy
from hydrant.store.facts.sensors import SensorRow
from hydrant.store.readings.readings_file import open_readings
from hydrant.telemetry.poll import poll
from hydrant.telemetry.profile_reader import load_profile
from hydrant.telemetry.simulator import SimulatedGateway, SimulatedUnit, serve

TIMEOUT_S = 1.0
#: Units behind each gateway.
UNITS = 5


@dataclass(frozen=True)
class Field:
    """Gateways to poll: answer times by gateway and unit; None for a gateway that is dead."""

    delays: tuple[tuple[float, ...] | None, ...]

    @property
    def bound_s(self) -> float:
        """The longest of each gateway's own sum of answer times and timeouts."""
        return max(UNITS * TIMEOUT_S if units is None else sum(units) for units in self.delays)


def field(gateways: int, units: int, *, slow: bool) -> Field:
    """A field of gateways; slow ones answer in 50-300 ms and 2 % of them are dead."""
    chance = random.Random(gateways)

    def gateway() -> tuple[float, ...] | None:
        if slow and chance.random() < 0.02:
            return None
        return tuple(chance.uniform(0.05, 0.3) if slow else 0.0 for _ in range(units))

    return Field(tuple(gateway() for _ in range(gateways)))


def _simulate(delays: Sequence[tuple[float, ...] | None], pipe: object, stop: object) -> None:
    profile = load_profile("keller-33x")

    def unit(delay_s: float, silent: bool) -> SimulatedUnit:
        return SimulatedUnit(profile, lambda: None if silent else {"p1": 300.0}, delay_s=delay_s)

    gateways = [
        SimulatedGateway(
            {
                number: unit(delay, units is None)
                for number, delay in enumerate(units or (0.0,) * UNITS, 1)
            }
        )
        for units in delays
    ]
    with serve(gateways) as urls:
        pipe.send(urls)  # type: ignore[attr-defined]
        stop.wait()  # type: ignore[attr-defined]


@contextmanager
def simulated(found: Field) -> Iterator[list[str]]:
    """The field, served by a process of its own; yields the gateways' URLs."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    stop = context.Event()
    process = context.Process(target=_simulate, args=(found.delays, theirs, stop))
    process.start()
    try:
        yield ours.recv()
    finally:
        stop.set()
        process.join()


def sensors(urls: Sequence[str], units: int) -> list[SensorRow]:
    """One pressure sensor for every unit."""
    return [
        SensorRow(
            uid=f"{url}#{unit}",
            asset_uid=f"a{url}{unit}",
            asset_code=f"H{unit}",
            asset_kind="hydrant.pillar",
            quantity="pressure",
            reference=None,
            side=None,
            height_m=None,
            profile="keller-33x",
            profile_version="1",
            url=f"{url}?timeout={TIMEOUT_S}",
            unit_id=unit,
            interval_s=60,
            parameters={},
            enabled=True,
        )
        for url in urls
        for unit in range(1, units + 1)
    ]


def ours_s(urls: Sequence[str], units: int, *, cycles: int = 1) -> tuple[float, int]:
    """Seconds of the last of some cycles with everything stored, and sensors that answered."""
    rows, policy = sensors(urls, units), load_policy("zhejiang")
    took_s, answered = 0.0, 0
    with tempfile.TemporaryDirectory() as folder, open_readings(Path(folder) / "r.db") as store:
        for _ in range(cycles):
            started = time.perf_counter()
            result = poll(rows, store, policy=policy)
            took_s, answered = time.perf_counter() - started, result.run.answered
    return took_s, answered


async def _bare(urls: Sequence[str], units: int) -> int:
    """Bare pymodbus, gateways side by side: reads the same blocks and keeps nothing."""

    async def gateway(url: str) -> int:
        host, _, port = url.removeprefix("tcp://").partition(":")
        client = AsyncModbusTcpClient(
            host, port=int(port), timeout=TIMEOUT_S, retries=0, reconnect_delay=0
        )
        await client.connect()
        answered = 0
        for unit in range(1, units + 1):
            answer = await client.read_holding_registers(2, count=2, device_id=unit)
            answered += not answer.isError()
        client.close()
        return answered

    return sum(await asyncio.gather(*map(gateway, urls)))


def bare_s(urls: Sequence[str], units: int) -> tuple[float, int]:
    """Seconds and answers of bare pymodbus."""
    started = time.perf_counter()
    answered = asyncio.run(_bare(urls, units))
    return time.perf_counter() - started, answered


def sequential_s(urls: Sequence[str], units: int) -> tuple[float, int]:
    """A plain script: one gateway after another with pymodbus's synchronous client."""
    started, answered = time.perf_counter(), 0
    for url in urls:
        host, _, port = url.removeprefix("tcp://").partition(":")
        client = ModbusTcpClient(host, port=int(port), timeout=TIMEOUT_S, retries=0)
        client.connect()  # type: ignore[no-untyped-call]
        for unit in range(1, units + 1):
            try:
                answer = client.read_holding_registers(2, count=2, device_id=unit)
            except OSError:
                continue
            except Exception as error:
                if "Modbus" not in type(error).__name__:
                    raise
                break
            answered += not answer.isError()
        client.close()  # type: ignore[no-untyped-call]
    return time.perf_counter() - started, answered


def modbus_serial(folder: Path) -> Callable[[Sequence[str], int], tuple[float, int]]:
    """The npm package modbus-serial, as a function like the others; installed into a folder."""
    subprocess.run(
        ["npm", "install", "--silent", "--no-save", "--prefix", folder, "modbus-serial@8"],
        check=True,
    )
    script = Path(__file__).with_name("peer_poller.js")

    def timed(urls: Sequence[str], units: int) -> tuple[float, int]:
        wanted = folder / "urls.json"
        wanted.write_text(json.dumps({"urls": urls, "units": units, "timeout": TIMEOUT_S}))
        out = subprocess.check_output(
            ["node", script, folder / "node_modules" / "modbus-serial", wanted]
        )
        seconds, answered = json.loads(out)
        return float(seconds), int(answered)

    return timed


def _weigh(urls: Sequence[str], units: int, pipe: Connection) -> None:
    seen_mb = [resident_mb()]
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.01):
            seen_mb.append(resident_mb())

    watcher = threading.Thread(target=look)
    watcher.start()
    _, answered = ours_s(urls, units)
    done.set()
    watcher.join()
    pipe.send((answered, seen_mb[0], max(seen_mb)))


def weigh(urls: Sequence[str], units: int) -> tuple[int, float, float]:
    """Answers of a poll in a process of its own, and its memory before and at most, MB."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_weigh, args=(urls, units, theirs))
    process.start()
    answered, before_mb, peak_mb = ours.recv()
    process.join()
    return answered, before_mb, peak_mb
