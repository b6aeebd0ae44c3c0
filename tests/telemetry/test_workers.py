"""Many workers on one registry: killed, paused and resumed, and no gateway is polled by two."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hydrant.store.care.work import work_state
from hydrant.store.file.migrate import create
from hydrant.store.ground.place import Server
from hydrant.telemetry.worker import ShardPoller
from tests.conftest import Program, missing, own_cluster
from tests.server import OWN

psycopg = pytest.importorskip("psycopg")
pytestmark = pytest.mark.peer

GATEWAYS = int(os.environ.get("HYDRANT_WORKER_GATEWAYS", "30"))
ROUNDS = int(os.environ.get("HYDRANT_WORKER_ROUNDS", "2"))
#: Devices behind each gateway, asked one after the other: a poll is long enough to be met.
UNITS = 4
#: Cycle, in which all are read, and silence after which a worker is taken for dead, s. The
#: sensors' own interval is long, so that no poll ends by itself while its worker is paused.
TICK_S, STALLED_S = 3, 6
HYDRANT = [sys.executable, "-m", "hydrant"]


class Witness:
    """The simulated gateways, in a process of their own."""

    def __init__(self, count: int, least_s: float, most_s: float) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.telemetry.witness", str(count), str(least_s),
             str(most_s)],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        self._teller, *self.ports = json.loads(self.process.stdout.readline())

    def figures(self) -> list[dict[str, Any]]:
        with socket.create_connection(("127.0.0.1", self._teller)) as asked:
            said = b"".join(iter(lambda: asked.recv(65536), b""))
        found: list[dict[str, Any]] = json.loads(said)
        return found

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


def behind(database: Server, seen: Witness, units: int) -> None:
    """Register sensors behind the gateways."""
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("SET search_path TO hydrant, public; SET hydrant.writing TO 'on'")
        for number, port in enumerate(seen.ports):
            connection.execute(
                "INSERT INTO asset (uid, code, kind, service) VALUES (%s, %s, 'hydrant', "
                "'municipal')",
                (f"a{number}", f"H-{number}"),
            )
            for unit in range(1, units + 1):
                connection.execute(
                    "INSERT INTO sensor (uid, asset_uid, quantity, profile, url, unit_id, "
                    "interval_s, enabled) VALUES (%s, %s, 'pressure', 'keller-33x', %s, %s, 900, "
                    "true)",
                    (f"s{number}.{unit}", f"a{number}", f"tcp://127.0.0.1:{port}?timeout=3",
                     unit),
                )  # fmt: skip


@pytest.fixture
def witness(database: Server) -> Iterator[Witness]:
    """Gateways that count, with sensors behind each in the registry."""
    seen = Witness(GATEWAYS, 0.05, 0.2)
    behind(database, seen, UNITS)
    yield seen
    seen.end()


@pytest.fixture
def slow(database: Server) -> Iterator[Witness]:
    """A few gateways that take two seconds for an answer."""
    seen = Witness(4, 2.0, 2.0)
    behind(database, seen, 1)
    yield seen
    seen.end()


class Workers:
    """Processes that poll; whatever is left at the end is killed."""

    def __init__(self, place: Server, folder: Path) -> None:
        self._place, self._folder = place, folder
        self.live: list[subprocess.Popen[str]] = []
        self.logs: list[Path] = []

    def start(
        self, *, every: int = TICK_S, shards: int = max(6, GATEWAYS // 25)
    ) -> subprocess.Popen[str]:
        log = self._folder / f"worker{len(self.logs)}.log"
        self.logs.append(log)
        with log.open("w") as file:
            begun = subprocess.Popen(
                [*HYDRANT, "worker", "--all", "--every", str(every), "--stalled", str(STALLED_S),
                 "--shards", str(shards), "--at-once", "2", "--lang", "en",
                 "--db", self._place.url],
                stdout=file, stderr=subprocess.STDOUT, text=True,
            )  # fmt: skip
        self.live.append(begun)
        return begun

    def kill(self, worker: subprocess.Popen[str]) -> None:
        worker.kill()
        worker.wait()
        self.live.remove(worker)

    def end(self) -> None:
        for worker in self.live:
            with contextlib.suppress(OSError):
                worker.send_signal(signal.SIGCONT)
            worker.kill()
            worker.wait()

    def said(self) -> str:
        return "\n".join(log.read_text() for log in self.logs)


@pytest.fixture
def workers(database: Server, tmp_path: Path) -> Iterator[Workers]:
    group = Workers(database, tmp_path)
    yield group
    group.end()


def until(what: Any, seconds: float, else_told: Callable[[], str] = str) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, else_told()
        time.sleep(0.2)


def test_killed_and_paused_workers_never_poll_at_once_and_block_nothing(
    database: Server, witness: Witness, workers: Workers, program_on: Program
) -> None:
    chance = random.Random(6)
    for _ in range(3):
        workers.start()
    until(lambda: all(seen["polls"] for seen in witness.figures()), 60)
    for _ in range(ROUNDS):
        time.sleep(chance.uniform(0, TICK_S))
        workers.kill(chance.choice(workers.live))
        workers.start()
        time.sleep(chance.uniform(0, TICK_S))
        paused = chance.choice(workers.live)
        paused.send_signal(signal.SIGSTOP)
        time.sleep(chance.uniform(0.2, 2 * STALLED_S))
        paused.send_signal(signal.SIGCONT)
    time.sleep(3 * TICK_S)
    seen = witness.figures()
    gap_s = max(found["gap_s"] for found in seen)
    blocked = sum(found["last_s"] > 3 * TICK_S for found in seen)
    overlaps = [how for found in seen for how in found["overlaps"]]
    polls = sum(found["polls"] for found in seen)
    told = (
        f"\n{GATEWAYS} gateways, 3 workers, {ROUNDS} kills, {ROUNDS} pauses: {polls:.0f} polls, "
        f"{len(overlaps)} overlaps, {blocked} blocked, longest gap {gap_s:.1f} s "
        f"(cycle {TICK_S} s, stalled after {STALLED_S} s)"
    )
    assert (overlaps, blocked) == ([], 0), workers.said()
    state = work_state(database)
    assert state is not None
    assert state.workers == 3
    status = program_on.data("worker", "status")
    assert status["workers"] == 3
    assert status["overdue"]["never"] == 0
    # asked to stop they end in order and leave nothing behind
    for worker in workers.live:
        worker.send_signal(signal.SIGTERM)
    assert [worker.wait(30) for worker in workers.live] == [0, 0, 0], workers.said()
    ended = work_state(database)
    assert ended is not None
    assert (ended.members, ended.doing) == ((), 0)
    print(told)


def test_gateways_of_a_killed_worker_rest_until_its_last_answer_has_come(
    database: Server, slow: Witness, workers: Workers
) -> None:
    for _ in range(2):
        workers.start(every=1, shards=1)
    for _ in range(2):
        until(lambda: busy(database, workers), 30)
        time.sleep(0.5)  # they have been asked, and the next cycle's job waits
        (killed,) = busy(database, workers)
        workers.kill(killed)
        workers.start(every=1, shards=1)
    before = sum(found["polls"] for found in slow.figures())
    until(lambda: sum(found["polls"] for found in slow.figures()) > before + 4, 30)
    assert [how for found in slow.figures() for how in found["overlaps"]] == []


class Lent:
    """Whoever takes gateways for a poller, whose right to poll ends at some moment."""

    def __init__(self, seconds: float = 60.0) -> None:
        self._end = time.monotonic() + seconds

    def lease(self) -> Callable[[], bool]:
        return lambda: time.monotonic() < self._end

    def take(self, names: Iterable[str]) -> set[str]:
        return set(names)

    def give_back(self, names: Iterable[str]) -> None:
        pass


def test_gateways_of_a_poll_that_was_broken_off_rest_until_its_answers_have_come(
    database: Server, slow: Witness
) -> None:
    for seconds in (0.5, 60.0):  # the next job of a shard begins once the one before has ended
        poller = ShardPoller(database, Lent(seconds), shards=1, polled=lambda _: None,
                             failed=lambda error: pytest.fail(str(error)))  # fmt: skip
        poller(0, 1)
    assert [how for found in slow.figures() for how in found["overlaps"]] == []
    assert all(found["polls"] for found in slow.figures())


def test_workers_outlive_restarts_of_the_database(tmp_path: Path) -> None:
    chance = random.Random(7)
    with own_cluster(durable=True) as server:
        if server.data is None:
            missing(OWN)
        place = Server(server.database("restarts"))
        create(place, settings={"policy": "zhejiang", "zone": "Asia/Shanghai"})
        seen, group = Witness(GATEWAYS, 0.05, 0.2), Workers(place, tmp_path)
        behind(place, seen, UNITS)
        try:
            for _ in range(3):
                group.start()
            for _ in range(ROUNDS):
                polled_anew(seen, group)
                time.sleep(chance.uniform(0, TICK_S))
                server.restart()
            polled_anew(seen, group)
            assert all(worker.poll() is None for worker in group.live), group.said()
            assert [how for found in seen.figures() for how in found["overlaps"]] == []
            gap_s = max(found["gap_s"] for found in seen.figures())
        finally:
            group.end()
            seen.end()
    print(f"\n{GATEWAYS} gateways, 3 workers, {ROUNDS} restarts of the database: 0 overlaps, "
          f"longest gap {gap_s:.1f} s")  # fmt: skip


def polled_anew(seen: Witness, workers: Workers) -> None:
    """Wait until every gateway has been polled once more, however long its rest."""
    before = [found["polls"] for found in seen.figures()]

    def all_polled() -> bool:
        now = [found["polls"] for found in seen.figures()]
        return all(new > old + 1 for new, old in zip(now, before, strict=True))

    until(all_polled, 60, workers.said)


def busy(database: Server, workers: Workers) -> list[subprocess.Popen[str]]:
    """Workers that poll at this moment."""
    state = work_state(database)
    working = () if state is None else (m.process for m in state.members if m.doing)
    numbers = set(working)
    return [worker for worker in workers.live if worker.pid in numbers]


@pytest.fixture
def program_on(database: Server, capsys: pytest.CaptureFixture[str]) -> Program:
    return Program(database, capsys)
