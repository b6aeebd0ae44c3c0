"""What keeps going outlives what happens to its registry, and follows what is edited."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from hydrant.telemetry.endpoint import parse
from hydrant.telemetry.same_line import ends_of, spelled_otherwise
from tests.conftest import Program
from tests.telemetry.lines import Line, listening, rtu, tcp
from tests.telemetry.test_no_gauge import HEAD, point

GOOD = (3, 4, 0x40, 0x88, 0, 0)  # 4.25 bar


@contextmanager
def running(program: Program, *words: object) -> Iterator[subprocess.Popen[str]]:
    """A command of the program beside the test."""
    place = getattr(program.db, "url", None) or str(program.db)
    with subprocess.Popen(
        [sys.executable, "-m", "hydrant", *map(str, words), "--db", place, "--lang", "en"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=os.environ.copy(),
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def within(seconds: float, what: Callable[[], bool]) -> bool:
    """Whether something becomes true in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if what():
            return True
        time.sleep(0.1)
    return False


def asked_more(line: Line, seconds: float = 15) -> bool:
    before = len(line.requests)
    return within(seconds, lambda: len(line.requests) > before + 1)


def held(path: Path, seconds: float) -> None:
    """Hold a file as a long import does."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=10)
    connection.execute("BEGIN EXCLUSIVE")
    time.sleep(seconds)
    connection.execute("ROLLBACK")
    connection.close()


def replaced(path: Path) -> None:
    """Put a copy in the place of a file, after a while without it."""
    aside = path.with_suffix(".aside")
    path.rename(aside)
    time.sleep(2)
    shutil.copy(aside, path.with_suffix(".new"))
    path.with_suffix(".new").rename(path)


def hydrant(program: Program, code: str = "A1") -> None:
    program.data("asset", "add", code, "--kind", "hydrant.pillar", "--lon", 120.1, "--lat", 30.2,
                 "--crs", "wgs84")  # fmt: skip


def sensor(program: Program, url: str, *more: object, code: str = "A1") -> None:
    program.data("sensor", "add", code, "--url", url, "--unit", 1, "--every", 1,
                 *(more or ("--profile", "keller-33x")))  # fmt: skip


def good(program: Program, code: str = "A1") -> float | None:
    (listed,) = program.data("sensor", "list", code)["sensors"]
    value: float | None = (listed.get("latest") or {}).get("value")
    return value


@pytest.mark.parametrize("happens", ["held", "replaced", "readings held", "readings replaced"])
def test_a_watch_outlives_what_happens_to_its_files(program: Program, happens: str) -> None:
    with listening(lambda request: [(0.0, tcp(request, *GOOD))]) as line:
        hydrant(program)
        sensor(program, f"tcp://127.0.0.1:{line.port}")
        path = Path(str(program.db))
        if "readings" in happens:
            path = path.with_suffix(".readings.db")
        with running(program, "poll", "--watch") as watch:
            assert within(15, lambda: len(line.requests) > 1)
            held(path, 7) if "held" in happens else replaced(path)
            assert watch.poll() is None
            assert asked_more(line)
            assert within(15, lambda: good(program) == 425.0)
            watch.terminate()
            assert watch.stderr is not None
            lines = watch.stderr.read().splitlines()
    # a file that goes and one that comes in its place: each is said once, and that it is over
    assert len(lines) <= 4, lines


@pytest.mark.parametrize("happens", ["held", "replaced", "readings held", "readings replaced"])
def test_a_listener_outlives_what_happens_to_its_files(program: Program, happens: str) -> None:
    hydrant(program)
    sensor(program, "dialin://GW-1?timeout=2")
    path = Path(str(program.db))
    if "readings" in happens:
        path = path.with_suffix(".readings.db")
    with dialling(program) as (listen, port), gateway(port, "GW-1") as asked:
        assert within(15, lambda: len(asked) > 1)
        held(path, 7) if "held" in happens else replaced(path)
        assert listen.poll() is None
        before = len(asked)
        assert within(20, lambda: len(asked) > before + 1)


def test_a_listener_follows_what_is_registered(program: Program) -> None:
    hydrant(program, "A1")
    hydrant(program, "B2")
    sensor(program, "dialin://GW-1?timeout=2")
    with dialling(program) as (_, port), gateway(port, "GW-1") as one:
        assert within(15, lambda: len(one) > 1)
        sensor(program, "dialin://GW-2?timeout=2", code="B2")
        with gateway(port, "GW-2") as two:
            assert within(15, lambda: len(two) > 1)
            # it was given time to call from its registration on
            alarms = program.data("alarm", "list", "--all")["alarms"]
            assert [alarm["asset"] for alarm in alarms if alarm["asset"] == "dialin://GW-2"] == []
        program.data("sensor", "remove", "A1")
        time.sleep(5)
        before = len(one)
        time.sleep(3)
        assert len(one) == before


@contextmanager
def dialling(program: Program) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A listener and its port."""
    with running(program, "listen", "--host", "127.0.0.1", "--port", 0) as listen:
        assert listen.stderr is not None
        yield listen, int(listen.stderr.readline().partition("127.0.0.1:")[2].split()[0])


@contextmanager
def gateway(port: int, identity: str) -> Iterator[list[bytes]]:
    """A gateway that dials in and calls again when it is cut off; what it was asked."""
    asked: list[bytes] = []
    stop = threading.Event()

    def live() -> None:
        while not stop.wait(0.2):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as line:
                line.sendall(identity.encode() + b"\r\n")
                line.settimeout(0.5)
                while not stop.is_set():
                    with suppress(TimeoutError):
                        request = line.recv(64)
                        if not request:
                            break
                        asked.append(request)
                        line.sendall(rtu(1, *GOOD))

    thread = threading.Thread(target=live, daemon=True)
    thread.start()
    try:
        yield asked
    finally:
        stop.set()
        thread.join()


def test_a_watch_follows_a_profile_that_is_edited(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(HEAD + point("uint16", "scale = 1"), encoding="utf-8")
    with listening(lambda request: [(0.0, tcp(request, 3, 2, 1, 0))]) as line:
        hydrant(program)
        sensor(program, f"tcp://127.0.0.1:{line.port}", "--profile", file)
        with running(program, "poll", "--watch"):
            assert within(15, lambda: good(program) == 256.0)
            file.write_text(HEAD + point("uint16", "scale = 2"), encoding="utf-8")
            assert within(15, lambda: good(program) == 512.0)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("tcp://127.0.0.1:502", "tcp://localhost:502", True),
        ("tcp://127.0.0.1:502", "rtu+tcp://localhost:502", True),
        ("tcp://127.0.0.1:502", "tcp://localhost:503", False),
        ("tcp://127.0.0.1:502", "udp://localhost:502", False),
        ("tcp://127.0.0.1:502", "tcp://no-such-name.invalid:502", False),
        ("tcp://127.0.0.1:502?timeout=1", "tcp://127.0.0.1:502", False),  # of one name anyway
        ("dialin://localhost", "dialin://127.0.0.1", False),
    ],
)
def test_two_spellings_of_one_line(one: str, other: str, same: bool) -> None:
    found = spelled_otherwise(parse(one), [parse(other)])
    assert (found == parse(other).name) is same


def test_a_link_to_a_serial_line_is_that_line(tmp_path: Path) -> None:
    device = tmp_path / "ttyUSB0"
    device.touch()
    (tmp_path / "by-id").symlink_to(device)
    ends = [ends_of(parse(f"serial://{tmp_path / name}")) for name in ("ttyUSB0", "by-id")]
    assert ends[0] == ends[1] != frozenset()


def test_a_gateway_spelled_in_two_ways_is_called_by_one_at_a_time(program: Program) -> None:
    open_now, most = 0, 0

    def script(request: bytes) -> list[tuple[float, bytes]]:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        time.sleep(0.3)
        open_now -= 1
        return [(0.0, tcp(request, *GOOD))]

    with listening(script) as line:
        hydrant(program, "A1")
        hydrant(program, "B2")
        sensor(program, f"tcp://127.0.0.1:{line.port}")
        said = program("sensor", "add", "B2", "--profile", "keller-33x", "--unit", 2, "--url",
                       f"tcp://localhost:{line.port}")  # fmt: skip
        assert "127.0.0.1" in said.err
        assert program.data("poll", "--all")["answered"] == 2
    assert most == 1


def test_ids_that_say_the_same_are_refused(program: Program) -> None:
    hydrant(program, "A1")
    hydrant(program, "B2")
    sensor(program, "dialin://D8B04C0012FE")
    ran = program("sensor", "add", "B2", "--profile", "keller-33x", "--unit", 1, "--url",
                  "dialin://d8:b0:4c:00:12:fe")  # fmt: skip
    assert ran.code == 3
    assert "D8B04C0012FE" in ran.err
    sensor(program, "dialin://DTU-1", code="B2")
