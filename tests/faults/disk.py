"""A disk that is full, or fails, at every single write of every operation.

The shim refuses the n-th write and all after it. The command must end with one plain line, the
file must say what it said before, and once there is room the same command must do its work. The
same is then done on a real, small file system that fills up.
"""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.county import Operation
from tests.faults.kills import Kills, judge, measured, next_command
from tests.faults.trial import NONE, PATIENCE, Ended, Fault, trial
from tests.faults.writes import Meet
from tests.parts import lacking


def fill(operation: Operation, count: int, folder: Path, *, meet: Meet = Meet.FULL) -> Kills:
    """Refuse an operation's writes from the first, second, ... on; at most so many of them."""
    known = measured(operation, folder)
    numbers = list(range(1, known.writes + 1))
    if count < len(numbers):
        numbers = sorted(random.Random(operation.name).sample(numbers, count))
    found = Kills(operation.name)
    for number in numbers:
        if not PATIENCE.left:
            break
        mine = operation.copy(folder)
        ended = trial(operation.body(mine), mine, Fault(meet, number))
        _worded(ended, found, number, meet)
        judge(operation, known, mine, ended, found, refused=True)
    shutil.rmtree(folder, ignore_errors=True)
    return found


def _worded(ended: Ended, found: Kills, number: int, meet: Meet) -> None:
    """One line that says what is the matter."""
    words = ("full", "No space left") if meet is Meet.FULL else ("failed", "Input/output", "error")
    words = (*words, "stopped while it wrote")
    told = any(word in ended.err for word in words)
    if ended.bad or ended.code is None or (ended.code and not told):
        found.failures.append(f"write {number}: ended with {ended.code}: {ended.err[-600:]}")


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path | None]:
    """A file system of so many bytes, mounted for a while; None where this user may not."""
    folder.mkdir(parents=True, exist_ok=True)
    if lacking("mount"):
        yield None
        return
    words = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    if subprocess.run(words, check=False, capture_output=True).returncode:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill_small_disk(operation: Operation, count: int, folder: Path) -> Kills | None:
    """Run an operation with less and less room left; None where nothing can be mounted."""
    known = measured(operation, folder)
    grown = _grown(operation, folder)
    found = Kills(operation.name)
    with small_disk(folder.with_name("small"), 256 << 20) as disk:
        if disk is None:
            return None
        for number in range(count):
            if not PATIENCE.left:
                break
            mine = operation.copy(disk / "trial")
            room = max(grown, 1 << 16) * number // count
            _leave(disk, room)
            ended = trial(operation.body(mine), mine, NONE)
            (disk / "ballast").unlink(missing_ok=True)
            if ended.code not in {0, 5}:
                _worded(ended, found, number, Meet.FULL)
            judge(operation, known, mine, ended, found, refused=True)
    return found


def _grown(operation: Operation, folder: Path) -> int:
    """How much room an operation takes, bytes, with its journals at their largest."""
    mine = operation.copy(folder)
    before = sum(file.stat().st_size for file in mine.rglob("*") if file.is_file())
    trial(operation.body(mine), mine, NONE)
    after = sum(file.stat().st_size for file in mine.rglob("*") if file.is_file())
    return 2 * (after - before) + before


def _leave(disk: Path, room: int) -> None:
    """Fill a disk but for so many bytes."""
    free = shutil.disk_usage(disk).free
    with (disk / "ballast").open("wb") as file:
        remaining = max(0, free - room)
        block = b"\0" * (1 << 20)
        while remaining > 0:
            file.write(block[:remaining])
            remaining -= len(block)


__all__ = ["fill", "fill_small_disk", "next_command", "small_disk"]
