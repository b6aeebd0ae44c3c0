"""Times commands in pairs, so that a busy machine slows both sides alike."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Pair:
    """Medians of both sides in seconds, and the median of the ratios of neighbouring runs."""

    ours_s: float
    peer_s: float
    ratio: float


def paired(ours: Callable[[], float], peer: Callable[[], float], *, runs: int) -> Pair:
    """Run both sides in turn, `runs` times; each gives its own time in seconds."""
    pairs = [(ours(), peer()) for _ in range(runs)]
    return Pair(
        statistics.median(one for one, _ in pairs),
        statistics.median(other for _, other in pairs),
        statistics.median(one / other for one, other in pairs),
    )


def process_s(words: Sequence[str | Path]) -> float:
    """Wall time of a whole process that must succeed; what it says where it does not is shown."""
    started = time.perf_counter()
    ran = subprocess.run(
        list(map(str, words)),
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=clean(),
    )
    spent = time.perf_counter() - started
    if ran.returncode != 0:
        sys.exit(f"{words}: {ran.returncode}, {ran.stderr.decode(errors='replace')}")
    return spent


def clean() -> dict[str, str]:
    """Environment without the user's own configuration."""
    return {**os.environ, "LC_ALL": "C.UTF-8", "XDG_CONFIG_HOME": "/nonexistent"}


def peak_mb(words: Sequence[str | Path]) -> float:
    """Largest resident memory of a process, MB."""
    script = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    out = subprocess.check_output(
        [sys.executable, "-c", script, *map(str, words)], env=clean(), text=True
    )
    return int(out) / 1024


def resident_mb() -> float:
    """Resident memory of this process now, MB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1024**2
