"""Generated inputs in any number: ``python -m tests.hostile.run --inputs 100000 --write FILE``.

Each parser has a process of its own with bounded memory. An input that ends in anything but a
result or a refusal, or that costs over five seconds of the processor, is kept and counted.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import os
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests import marked

SLOW_S = 5.0
#: Address space of a process, bytes: what a small laptop has left.
MEMORY = 3_000_000_000


@dataclass(slots=True)
class Found:
    """What became of the inputs of one parser."""

    parser: str
    inputs: int = 0
    refused: int = 0
    failed: int = 0
    slow: int = 0
    longest_s: float = 0.0
    peak_mb: int = 0
    failures: dict[str, int] = field(default_factory=dict)


def _bounded() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _peak_mb() -> int:
    if sys.platform == "win32":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def run_parser(name: str, first: int, count: int, keep: Path | None) -> Found:
    """Give a parser so many inputs."""
    from tests.hostile.rig import refused, rigged

    _bounded()
    found = Found(name)
    base = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with TemporaryDirectory(dir=base) as folder, rigged(Path(folder)) as (parsers, rig):
        parser = parsers[name]
        path = Path(folder) / f"input{parser.ending}"
        for number in range(first, first + count):
            data = parser.input(number)
            path.write_bytes(data)
            # a hang, also one that costs nothing, is told by its own trace and ends the process
            faulthandler.dump_traceback_later(60, exit=True)
            begun = time.process_time()
            try:
                found.refused += refused(rig, parser, path)
            except Exception as error:
                found.failed += 1
                _note(found, error, number, data, keep, parser.ending)
            # of the process: what others do on the machine is no fault of an input
            took_s = time.process_time() - begun
            faulthandler.cancel_dump_traceback_later()
            found.inputs += 1
            found.longest_s = max(found.longest_s, took_s)
            if took_s > SLOW_S:
                found.slow += 1
                _note(found, TimeoutError("slow"), number, data, keep, parser.ending)
    found.peak_mb = _peak_mb()
    return found


def _note(
    found: Found, error: Exception, number: int, data: bytes, keep: Path | None, ending: str
) -> None:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if "/hydrant/" in f.filename] or frames
    place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "-"
    what = f"{type(error).__name__} at {place}: {str(error)[:100]}"
    kind = f"{type(error).__name__} at {place}"
    new = not any(one.startswith(kind) for one in found.failures)
    key = next((one for one in found.failures if one.startswith(kind)), what)
    found.failures[key] = found.failures.get(key, 0) + 1
    if new and keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        (keep / f"{found.parser}-{number}{ending}").write_bytes(data)
        trace = "".join(traceback.format_exception(error))
        (keep / f"{found.parser}-{number}.txt").write_text(trace[-6000:], "utf-8", "replace")


def merged(one: Found, other: Found) -> Found:
    """Sums and maxima of two runs of a parser."""
    failures = dict(one.failures)
    for key, count in other.failures.items():
        failures[key] = failures.get(key, 0) + count
    return Found(
        one.parser, one.inputs + other.inputs, one.refused + other.refused,
        one.failed + other.failed, one.slow + other.slow, max(one.longest_s, other.longest_s),
        max(one.peak_mb, other.peak_mb), failures,
    )  # fmt: skip


HEAD = """The processes had {memory:.0f} GB of address space.

| parser | inputs | refused | tracebacks | over {slow:.0f} s | longest, s | peak, MB |
|---|---|---|---|---|---|---|
"""


def page(all_found: list[Found]) -> str:
    """The figures as a page."""
    lines = [
        f"| {f.parser} | {f.inputs:,} | {f.refused:,} | {f.failed} | {f.slow} | {f.longest_s:.2f} "
        f"| {f.peak_mb} |\n"
        for f in all_found
    ]
    return HEAD.format(memory=MEMORY / 1e9, slow=SLOW_S) + "".join(lines)


def names() -> list[str]:
    """Names of all parsers."""
    from tests.hostile.rig import rigged

    with TemporaryDirectory() as folder, rigged(Path(folder)) as (parsers, _):
        return list(parsers)


def main() -> int:
    """Run as the options say; 1 when anything failed or was slow."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--inputs", type=int, default=1000)
    options.add_argument("--first", type=int, default=0)
    options.add_argument("--parser", action="append")
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--chunk", type=int, default=5000)
    options.add_argument("--keep", type=Path)
    options.add_argument("--write", type=Path)
    options.add_argument("--state", type=Path, help="JSON of figures, taken up by a later run")
    chosen = options.parse_args()
    all_found: dict[str, Found] = {}
    if chosen.state is not None and chosen.state.exists():
        all_found = {f["parser"]: Found(**f) for f in json.loads(chosen.state.read_text())}
    for name in chosen.parser or names():
        left, first = chosen.inputs, chosen.first
        jobs = []
        with ProcessPoolExecutor(chosen.jobs, max_tasks_per_child=1) as pool:
            while left > 0:
                count = min(chosen.chunk, left)
                jobs.append(pool.submit(run_parser, name, first, count, chosen.keep))
                left, first = left - count, first + count
            found = Found(name)
            for job in jobs:
                try:
                    found = merged(found, job.result())
                except BrokenProcessPool:
                    found.failed += 1
                    found.failures["the process died"] = 1
        if name in all_found and chosen.first > 0:
            found = merged(all_found[name], found)
        all_found[name] = found
        print(f"{name:14} {found.inputs:8,} refused {found.refused:8,} failed {found.failed} "
              f"slow {found.slow} longest {found.longest_s:.2f} s, {found.peak_mb} MB", flush=True)  # fmt: skip
        for what, count in found.failures.items():
            print(f"    {count} × {what}", flush=True)
        if chosen.state is not None:
            chosen.state.write_text(json.dumps([asdict(f) for f in all_found.values()]))
        if chosen.write is not None:
            marked.put(chosen.write, "nox -s hostile -- INPUTS", page(list(all_found.values())))
    return 1 if any(f.failed or f.slow for f in all_found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
