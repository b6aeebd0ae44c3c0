"""What lets many pollers share a registry: locks, leases, who is dead, who holds a line."""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from hydrant.errors import AlreadyRunning, StoreError
from hydrant.integrity.policy_reader import load_policy
from hydrant.store.care.work import prepare, work_state
from hydrant.store.ground.place import Server
from hydrant.store.opened.registry import open_registry
from hydrant.store.readings.readings_file import open_readings
from hydrant.telemetry import record
from hydrant.telemetry.poll import poll
from hydrant.telemetry.profile_reader import load_profile
from hydrant.telemetry.simulator import SimulatedGateway, SimulatedUnit, serve
from hydrant.telemetry.worker import shard_of
from hydrant.times import now, to_text
from tests.conftest import Program
from tests.contracts.test_json import held
from tests.server import Cluster
from tests.telemetry.test_dialin import Dtu
from tests.telemetry.test_poll import sensor
from tests.telemetry.test_workers import until

psycopg = pytest.importorskip("psycopg")
pytest.importorskip("procrastinate")
pytestmark = pytest.mark.peer


@pytest.fixture
def program_on(database: Server, capsys: pytest.CaptureFixture[str]) -> Program:
    return Program(database, capsys)


def test_every_gateway_is_in_one_shard() -> None:
    names = [f"tcp://10.0.{n // 250}.{n % 250}:502" for n in range(5000)]
    sizes = [sum(shard_of(name, 50) == number for name in names) for number in range(50)]
    assert sum(sizes) == 5000
    assert min(sizes) > 50


def test_a_gateway_is_held_by_one_and_free_when_its_session_ends(database: Server) -> None:
    from hydrant.store.server_work.guard import guarding  # noqa: PLC0415

    prepare(database)
    with guarding(database, "worker", stalled_s=30) as other:
        with guarding(database, "worker", stalled_s=30) as one:
            assert one.take(["a", "b"]) == {"a", "b"}
            assert one.take(["a"]) == set()  # nor does another thread of the same worker get it
            assert other.take(["a", "c"]) == {"c"}
            one.give_back(["a"])
            assert other.take(["a", "b"]) == {"a"}
        assert other.take(["b"]) == {"b"}


def test_a_stalled_worker_loses_its_session_and_notices(database: Server) -> None:
    from hydrant.store.server_work.guard import guarding  # noqa: PLC0415

    prepare(database)
    with guarding(database, "worker", stalled_s=3) as stalled:
        assert stalled.take(["a"]) == {"a"}
        lease = stalled.lease()
        with guarding(database, "worker", stalled_s=3) as other:
            time.sleep(1.2)
            other.beat()
            assert not stalled.sure()  # a third of the time without a word: nothing may be sent
            stalled.beat()
            assert stalled.sure()  # it was in time; but what it had asked meanwhile does not count
            assert not lease()
            other.tidy()
            assert other.take(["a"]) == set()  # but nobody else has it yet
            time.sleep(3.2)
            other.beat()
            other.tidy()
            until(lambda: other.take(["a"]), 5)
            with pytest.raises(StoreError):
                stalled.beat()
            assert not stalled.sure()
            assert other.sure()
            found = work_state(database)
            assert found is not None
            assert len(found.members) == 1


def test_poll_and_workers_keep_out_of_each_others_way(
    database: Server, program_on: Program
) -> None:
    from hydrant.store.server import locks  # noqa: PLC0415
    from hydrant.store.server_work.guard import guarding  # noqa: PLC0415

    prepare(database)
    with guarding(database, "worker", stalled_s=30):
        assert program_on("poll").code == 7
    assert program_on("poll").code == 0
    with locks.held(database, "poll") as got:
        assert got
        ran = program_on("worker", "run", "--once")
    assert ran.code == 7
    assert "hydrant poll" in ran.err


def test_what_is_refused(program: Program, program_on: Program, database: Server) -> None:
    ran = program("worker", "run", "--once")
    assert (ran.code, "hydrant poll" in ran.err) == (4, True)
    assert program("worker", "status").code == 4
    assert program("worker", "--every", 0.5).code == 2
    held("worker-status", program_on.data("worker", "status"))
    assert program_on.data("worker", "status")["prepared"] is False
    assert program_on.data("worker", "prepare") == {"made": True}
    assert program_on.data("worker", "prepare") == {"made": False}
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("COMMENT ON SCHEMA hydrant_work IS 'of another version'")
    ran = program_on("worker", "run", "--once")
    assert (ran.code, "hydrant worker prepare" in ran.err) == (4, True)
    assert program_on.data("worker", "prepare") == {"made": True}


def test_without_the_extra_one_line_names_it(
    database: Server, program_on: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "procrastinate"]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("queue", "serving"):
        monkeypatch.delitem(sys.modules, f"hydrant.store.server.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "procrastinate", None)
    for words in (("worker", "run", "--once"), ("worker", "prepare"), ("listen", "--port", 0)):
        ran = program_on(*words)
        assert ran.code == 4
        assert "pip install hydrant[server]" in ran.err
    assert program_on.data("worker", "status")["prepared"] is False


def test_a_poller_works_without_being_the_owner(
    database: Server, postgres: Cluster, program_on: Program, capsys: pytest.CaptureFixture[str]
) -> None:
    name = f"u_{random.getrandbits(40):x}"
    program_on.data("db", "roles", name, "--as", "poller")
    poller = Program(Server(database.url.replace("postgres@", f"{name}@")), capsys)
    poller.db = poller.db.url
    try:
        ran = poller("worker", "run", "--once")
        assert (ran.code, "hydrant worker prepare" in ran.err) == (4, True)
        prepare(database)
        done, found = poller.data("worker", "run", "--once"), poller.data("worker", "status")
        held("worker", done)
        held("worker-status", found)
        assert (done["jobs"], found["waiting"], found["prepared"]) == (1, 0, True)
    finally:
        connect = psycopg.connect(database.url, autocommit=True)
        connect.execute(f'DROP OWNED BY "{name}"; DROP ROLE "{name}"')
        connect.close()


def test_a_worker_whose_sessions_end_begins_anew(
    database: Server, postgres: Cluster, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with log.open("w") as file:
        worker = subprocess.Popen(
            [sys.executable, "-m", "hydrant", "worker", "--every", "1", "--db", database.url],
            stderr=file, stdout=file,
        )  # fmt: skip

    def begun() -> set[str]:
        state = work_state(database)
        return set() if state is None else {member.since for member in state.members}

    try:
        until(begun, 20)
        first = begun()
        name = database.url.rpartition("/")[2]
        postgres.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = '{name}' AND application_name LIKE 'hydrant%'"
        )
        until(lambda: begun() - first, 30)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0
        assert "Traceback" not in log.read_text("utf-8")
    finally:
        worker.kill()
        worker.wait()


def test_a_store_that_fails_within_a_poll_is_one_plain_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> int:
        raise StoreError("store.full", file="x")

    device = SimulatedUnit(load_profile("keller-33x"), lambda: {"p1": 95.0})
    with serve([SimulatedGateway({1: device})]) as (url,), open_readings(tmp_path / "r") as store:
        monkeypatch.setattr(record, "_BATCH_ROWS", 1)
        monkeypatch.setattr(store, "save", fail)
        with pytest.raises(StoreError):
            poll([sensor("s", url, 1)], store, policy=load_policy("zhejiang"))


def test_workers_of_another_version_must_stop_first(database: Server) -> None:
    from hydrant.store.server_work.guard import guarding  # noqa: PLC0415

    prepare(database)
    with guarding(database, "worker", stalled_s=30):
        with psycopg.connect(database.url, autocommit=True) as connection:
            connection.execute("COMMENT ON SCHEMA hydrant_work IS 'of another version'")
        with pytest.raises(AlreadyRunning):
            prepare(database)
    assert prepare(database)


class Counted(Dtu):
    """A gateway that notes when it is asked, and does not call again by itself."""

    def __init__(self, port: int) -> None:
        super().__init__(100, port, random.Random(1), 0.0)
        self.asked: list[float] = []

    def register(self, address: int) -> bytes:
        self.asked.append(time.monotonic())
        return super().register(address)

    async def live(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await self.talk(reader, writer)
        finally:
            writer.close()


def listener(place: Server) -> tuple[subprocess.Popen[str], int]:
    process = subprocess.Popen(
        [sys.executable, "-m", "hydrant", "listen", "--port", "0", "--host", "127.0.0.1",
         "--heartbeat", "Q", "--db", place.url, "--lang", "en"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    begun = process.stderr.readline()
    return process, int(begun.partition("127.0.0.1:")[2].split()[0])


async def lasting(what: Callable[[], bool], seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not what():
            await asyncio.sleep(0.1)


def test_a_line_is_read_where_it_is_and_moves(database: Server, program_on: Program) -> None:
    program_on.data("asset", "add", "A1", "--kind", "hydrant", "--lon", 120.1, "--lat", 30.2,
                    "--crs", "wgs84")  # fmt: skip
    program_on.data("sensor", "add", "A1", "--profile", "keller-33x", "--url",
                    "dialin://DTU-0100?timeout=1", "--unit", 1, "--every", 1)  # fmt: skip
    prepare(database)
    (first, one), (second, other) = listener(database), listener(database)
    spans: list[tuple[str, str]] = []  # while a listener held its line

    async def go() -> None:
        # its first line stays open, as when a 4G network forgets to say that it has ended
        here, there = Counted(one), Counted(other)
        tasks = [asyncio.create_task(here.live())]
        await lasting(lambda: len(here.asked) > 2, 20)
        first_asked = to_text(now())
        tasks.append(asyncio.create_task(there.live()))
        await lasting(lambda: len(there.asked) > 2, 20)
        until_moved = there.asked[0]
        assert [at for at in here.asked if at > until_moved] == []
        # its host dies without a word, and it calls the other again; until then it has not
        # dialled in, and a reading that is due may say so
        spans.append((first_asked, to_text(now())))
        second.kill()
        back = Counted(one)
        tasks.append(asyncio.create_task(back.live()))
        await lasting(lambda: len(back.asked) > 0, 20)
        again = to_text(now())
        await lasting(lambda: len(back.asked) > 2, 20)
        spans.append((again, to_text(now())))
        state = work_state(database)
        assert state is not None
        assert [(m.kind, m.lines) for m in state.members] == [("listener", 1)]
        for task in tasks:
            task.cancel()

    try:
        asyncio.run(go())
    finally:
        for process in (first, second):
            process.kill()
            process.communicate()
    with open_registry(database) as registry:
        rows = [
            reason
            for begun, ended in spans
            for (reason,) in registry.connection.execute(
                "SELECT reason FROM reading WHERE at BETWEEN ? AND ?", (begun, ended)
            )
        ]
    assert rows
    assert "not_dialled_in" not in rows
