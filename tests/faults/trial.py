"""A fork server: everything is imported once, and each trial is a child that runs the program.

Starting Python for each of a thousand kills would take most of the time; a fork takes some
milliseconds. The parent has no threads and no open database when it forks.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hydrant.cli.main import run
from tests.faults import writes
from tests.faults.writes import Meet

#: What a child does; it is given a function by which it acknowledges a finished part.
Body = Callable[[Callable[[], None]], int]
TOO_LONG_S = 60.0


class Patience:
    """How long one kind of trial may go on; what fits into it is counted.

    Attributes
    ----------
    seconds
        For each kind, from `begin` on.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.begin()

    def begin(self) -> None:
        """Start the clock anew."""
        self._until = time.monotonic() + self.seconds

    @property
    def left(self) -> bool:
        """Whether there is time for another trial."""
        return time.monotonic() < self._until


PATIENCE = Patience(float("inf"))


@dataclass(frozen=True, slots=True)
class Fault:
    """What befalls a child: something at its n-th write, or a kill after so many seconds."""

    meet: Meet = Meet.COUNT
    number: int = 0
    after_s: float | None = None


NONE = Fault()


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended.

    Attributes
    ----------
    code
        Exit code; None where it was killed.
    acknowledged
        How many parts it said were done.
    writes
        How many writes it made below its folder; None where it was killed.
    """

    code: int | None
    acknowledged: int
    out: str
    err: str
    writes: int | None
    took_s: float

    @property
    def bad(self) -> bool:
        """Whether it ended as no user should see it: a traceback, a bug, more than one line."""
        return (
            self.code not in {None, 0, 1, 2, 3, 4, 5, 6, 7}
            or "Traceback" in self.err
            or (bool(self.code) and len(self.err.strip().splitlines()) > 1)
        )


def program(*lines: Sequence[object]) -> Body:
    """Run command lines one after the other, each acknowledged when it has ended well."""

    def body(acknowledge: Callable[[], None]) -> int:
        for words in lines:
            code = run([str(word) for word in words])
            sys.stdout.flush()
            if code not in {0, 5}:
                return code
            acknowledge()
        return 0

    return body


@dataclass(frozen=True, slots=True)
class Started:
    """A child that runs; `finished` waits for it."""

    child: int
    reading: int
    outputs: tuple[int, int]
    fault: Fault
    begun: float


def trial(body: Body, folder: Path, fault: Fault = NONE) -> Ended:
    """Run a body in a child of its own and let a fault befall it."""
    return finished(started(body, folder, fault))


def started(body: Body, folder: Path, fault: Fault = NONE) -> Started:
    """Begin a body in a child of its own."""
    reading, writing = os.pipe()
    outputs = (os.memfd_create("out"), os.memfd_create("err"))
    begun = time.perf_counter()
    child = os.fork()
    if child == 0:
        _become(body, folder, fault, writing, outputs)
    os.close(writing)
    return Started(child, reading, outputs, fault, begun)


def finished(one: Started, *, limit_s: float = TOO_LONG_S) -> Ended:
    """Wait for a child and say how it ended; one that takes too long ends with 124."""
    code = _wait(one.child, one.fault.after_s, limit_s)
    took_s = time.perf_counter() - one.begun
    said = b""
    while piece := os.read(one.reading, 65536):
        said += piece
    os.close(one.reading)
    parts = said.split(b"\n")
    out, err = (_text(fd) for fd in one.outputs)
    return Ended(None if code < 0 else code, parts.count(b"done"), out, err, _number(parts), took_s)


def _become(body: Body, folder: Path, fault: Fault, writing: int, outputs: tuple[int, int]) -> None:
    code = 99
    try:
        os.dup2(outputs[0], 1)
        os.dup2(outputs[1], 2)
        sys.stdout = open(1, "w", encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
        gc.freeze()
        writes.arm(fault.meet, fault.number, folder)
        code = body(lambda: (os.write(writing, b"done\n"), None)[1])
        count = writes.seen()
        writes.arm(Meet.NOTHING, 0, folder)
        os.write(writing, b"%d\n" % count)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _wait(child: int, after_s: float | None, limit_s: float) -> int:
    """Wait for the child, kill it in time; its exit code, or minus the signal."""
    watch = os.pidfd_open(child)
    timeout = limit_s if after_s is None else after_s
    ready, _, _ = select.select([watch], [], [], timeout)
    if not ready:
        os.kill(child, signal.SIGKILL)
        if after_s is None:
            os.waitpid(child, 0)
            os.close(watch)
            return 124
    _, status = os.waitpid(child, 0)
    os.close(watch)
    return os.waitstatus_to_exitcode(status)


def _number(parts: list[bytes]) -> int | None:
    return next((int(part) for part in parts if part.isdigit()), None)


def _text(fd: int) -> str:
    os.lseek(fd, 0, os.SEEK_SET)
    with open(fd, encoding="utf-8", errors="replace") as file:
        return file.read()
