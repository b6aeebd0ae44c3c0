"""Ten thousand gateways that are dead: those that live are read, in bounded time and memory."""

from __future__ import annotations

import json
import resource
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydrant.integrity.policy_reader import load_policy
from hydrant.store.facts.sensors import SensorRow
from hydrant.store.ground.backend import one_row
from hydrant.store.readings.readings_file import open_readings
from hydrant.telemetry.poll import poll
from tests.faults.county import devices
from tests.faults.trial import finished, started

#: How long a call to a gateway may take, s.
TIMEOUT_S = 1.0


@dataclass(frozen=True, slots=True)
class DeadField:
    """A poll of a field of dead gateways with a few that live."""

    dead: int
    living: int
    answered: int
    rows: int
    took_s: float
    grown_mb: float
    grown_again_mb: float

    @property
    def wrong(self) -> int:
        """Living ones without a value, attempts without a row."""
        return self.living - self.answered + abs(self.dead + self.living - self.rows)


@contextmanager
def swallowing() -> Iterator[int]:
    """A port at every loopback address that answers no call: the queue of calls is full."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("0.0.0.0", 0))
        server.listen(0)
        port = int(server.getsockname()[1])
        for _ in range(4):
            caller = stack.enter_context(socket.socket())
            caller.settimeout(0.2)
            with suppress(TimeoutError):
                caller.connect(("127.0.0.1", port))
        yield port


def _sensor(number: int, url: str) -> SensorRow:
    facts: tuple[Any, ...] = (f"s{number}", f"a{number}", f"A{number}", "hydrant.pillar", "pressure", None, None,
             None, "keller-33x", "1", url, 1, 900, {}, True)  # fmt: skip
    return SensorRow(*facts)


def dead_field(count: int, folder: Path) -> DeadField:
    """Poll so many dead gateways twice, and those of the sample that live among them."""
    folder.mkdir(parents=True, exist_ok=True)
    with swallowing() as port, _living() as living:
        dead = [_sensor(n, f"tcp://127.{1 + n // 65025}.{1 + n // 255 % 255}.{1 + n % 254}:{port}"
                        f"?timeout={TIMEOUT_S}") for n in range(count)]  # fmt: skip
        sensors = [*dead, *(_sensor(count + n, url) for n, url in enumerate(living))]
        ended = finished(started(_polls(sensors, folder), folder), limit_s=900)
    assert ended.code == 0, ended.err
    found = json.loads(ended.out)
    return DeadField(count, len(living), **found)


@contextmanager
def _living() -> Iterator[list[str]]:
    """Gateways with a device of the profile polled here."""
    from hydrant.telemetry.profile_reader import load_profile
    from hydrant.telemetry.simulator import SimulatedGateway, SimulatedUnit

    unit = SimulatedUnit(load_profile("keller-33x"), lambda: {"p1": 350.0})
    with devices([SimulatedGateway({1: unit}) for _ in range(20)]) as urls:
        yield urls


def _polls(sensors: list[SensorRow], folder: Path) -> Callable[[Callable[[], None]], int]:
    def body(acknowledge: Callable[[], None]) -> int:
        policy = load_policy("zhejiang")
        path = Path(tempfile.mkdtemp(dir=folder)) / "r.db"
        with open_readings(path) as store:
            begun = _peak_mb()
            result = poll(sensors, store, policy=policy)
            once = _peak_mb()
            poll(sensors, store, policy=policy)
            twice = _peak_mb()
            rows = one_row(store.connection.execute("SELECT count(*) FROM reading"))[0]
        print(json.dumps({"answered": result.run.answered, "rows": rows // 2,
                          "took_s": result.duration_s, "grown_mb": once - begun,
                          "grown_again_mb": twice - once}))  # fmt: skip
        return 0

    return body


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
