"""Faults in any number: ``python -m tests.faults.run 1000 --write docs/reliability.md``.

Each operation is killed COUNT times; other faults come in a share of it that fits their cost.
Exits with 1 when anything ended as it must not.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from tests.faults import writes
from tests.faults.page import Row, put
from tests.faults.trial import PATIENCE

Job = Callable[[], Row | None]


def jobs(count: int, base: Path) -> Iterator[tuple[str, Job]]:
    """Everything that is tried, by name; made while their devices answer."""
    from tests.faults import county

    with county.operations(base) as operations:
        for name, operation in operations.items():
            yield f"kill {name}", partial(kill_row, operation, count, base)
        for name, operation in operations.items():
            yield f"power {name}", partial(power_row, operation, count, base)
        for name, operation in operations.items():
            yield f"full {name}", partial(disk_row, operation, count, base, broken=False)
            yield f"broken {name}", partial(disk_row, operation, count, base, broken=True)
            yield f"small {name}", partial(small_row, operation, max(2, count // 20), base)
        yield "flips", partial(flip_row, base / "county" / "county.gpkg", count, base)
        yield "overlap", partial(overlap_row, operations["poll"], max(2, count // 5), base)
        yield "clock", partial(clock_row, operations["poll"], max(2, count // 10), base)
        yield "summer time", partial(summer_row, base / "county" / "county.gpkg", base)
    yield "gateways", partial(gateway_row, 10 * count, base)
    yield "restarts", partial(restart_row, max(2, count // 20), base)


def _failures(name: str, failures: list[str]) -> None:
    for failure in failures[:20]:
        print(f"    {name}: {failure[:1500]}", flush=True)


def kill_row(operation: object, count: int, base: Path) -> Row:
    """Kills of one operation."""
    from tests.faults.county import Operation
    from tests.faults.kills import kill

    assert isinstance(operation, Operation)
    k = kill(operation, count, base / "trial")
    _failures(k.name, k.failures)
    part = k.killed - k.before - k.after - k.half
    numbers = (k.inside, k.before, part, k.after, k.unacknowledged, k.lost, k.half)
    return Row(k.name, k.killed, "", k.wrong, numbers)


def power_row(operation: object, count: int, base: Path) -> Row:
    """Power cuts under one operation."""
    from tests.faults.county import Operation
    from tests.faults.power import cut

    assert isinstance(operation, Operation)
    k = cut(operation, count, base / "trial")
    _failures(k.name, k.failures)
    part = k.trials - k.before - k.after - k.half
    result = (
        f"{k.before:,} as before, {part:,} with part of its steps, {k.after:,} done, of which "
        f"{k.unacknowledged:,} not yet acknowledged; {k.lost:,} acknowledged and lost, "
        f"{k.half:,} half"
    )
    return Row(f"power cut: {k.name}", k.trials, result, k.wrong)


def disk_row(operation: object, count: int, base: Path, *, broken: bool) -> Row:
    """A full or failing disk at every write of one operation."""
    from tests.faults.county import Operation
    from tests.faults.disk import fill
    from tests.faults.writes import Meet

    assert isinstance(operation, Operation)
    k = fill(operation, count, base / "trial", meet=Meet.BROKEN if broken else Meet.FULL)
    _failures(k.name, k.failures)
    what = "a disk that fails" if broken else "a disk that is full"
    result = f"{k.before:,} as before, {k.trials - k.before:,} with whole steps, 0 lost, 0 half"
    return Row(f"{what} from one write on: {k.name}", k.trials,
               result if not k.wrong else f"{k.lost} lost, {k.half} half", k.wrong)  # fmt: skip


def small_row(operation: object, count: int, base: Path) -> Row | None:
    """A real file system that fills up under one operation."""
    from tests.faults.county import Operation
    from tests.faults.disk import fill_small_disk

    assert isinstance(operation, Operation)
    k = fill_small_disk(operation, count, base / "trial")
    if k is None:
        return None
    _failures(k.name, k.failures)
    result = f"{k.before:,} refused in one line, {k.trials - k.before:,} with whole steps"
    return Row(f"a small file system that fills up: {k.name}", k.trials, result, k.wrong)


def flip_row(path: Path, count: int, base: Path) -> Row:
    """Inverted bits."""
    from tests.faults.flips import flip

    f = flip(path, count, base / "trial")
    _failures("flips", f.failures)
    shares = [f"{100 * n / f.trials:.1f} %" for n in (f.told, f.without_effect, f.silent)]
    result = (
        f"{shares[0]} named by `db check` or refused, {shares[1]} without effect on any rate, "
        f"{shares[2]} changed a rate and were not seen; no traceback"
    )
    for where in f.silent_where:
        print(f"    flips, not seen: {where}", flush=True)
    return Row("one bit of the registry inverted", f.trials, result, len(f.failures))


def overlap_row(operation: object, count: int, base: Path) -> Row:
    """Two polls at once."""
    from tests.faults.county import Operation
    from tests.faults.overlap import overlap

    assert isinstance(operation, Operation)
    o = overlap(operation, count, base / "trial")
    _failures("overlap", o.failures)
    result = (
        f"{o.refused:,} second runs ended with 7, {o.both:,} came after the first had ended; "
        f"{o.readings:,} readings, none twice"
    )
    return Row("two runs of cron at once", o.pairs, result, len(o.failures))


def clock_row(operation: object, count: int, base: Path) -> Row:
    """A clock that jumps under polls."""
    from tests.faults.clock import polls
    from tests.faults.county import Operation

    assert isinstance(operation, Operation)
    c = polls(operation, count, base / "trial")
    _failures("clock", c.failures)
    result = (
        f"{c.readings:,} readings, none dropped; {c.doubted:,} that turned out to be dated ahead "
        "marked as doubtful"
    )
    return Row("polls while the clock jumps by an hour or a day, there and back", c.polls, result,
               len(c.failures))  # fmt: skip


def summer_row(path: Path, base: Path) -> Row:
    """Days on which clocks are changed."""
    from tests.faults.clock import summer_time

    c = summer_time(path, base / "dst")
    _failures("summer time", c.failures)
    return Row("moments of days on which clocks change (three zones)", c.visits,
               "each on its own local day, days follow without gap", len(c.failures))  # fmt: skip


def gateway_row(count: int, base: Path) -> Row:
    """Dead gateways."""
    from tests.faults.gateways import TIMEOUT_S, dead_field

    g = dead_field(count, base / "dead")
    result = (
        f"{g.living} living ones among them all read, the whole in {g.took_s:.0f} s at a timeout "
        f"of {TIMEOUT_S:.0f} s; {g.grown_mb:.0f} MB, {g.grown_again_mb:.0f} MB more in a second poll"
    )
    return Row("dead gateways in one poll", g.dead, result, g.wrong)


def restart_row(count: int, base: Path) -> Row | None:
    """Restarts of the database server."""
    from tests.faults.restarts import restarts

    r = restarts(count, base / "restarts")
    if r is None:
        return None
    _failures("restarts", r.failures)
    result = f"{r.whole:,} imports and polls came through, {r.told:,} ended in one line, 0 half"
    return Row("PostgreSQL stopped hard and started under imports and polls", r.restarts, result,
               len(r.failures))  # fmt: skip


def main() -> int:
    """Run as the options say; 1 when anything ended wrong."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("count", type=int, nargs="?", default=1000)
    options.add_argument("--only", action="append", help="beginning of the names to run")
    options.add_argument("--not", dest="but", action="append", default=[])
    options.add_argument("--seconds", type=float, help="longest for each of them")
    options.add_argument("--write", type=Path)
    options.add_argument("--state", type=Path, help="JSON of rows, taken up by a later run")
    chosen = options.parse_args()
    writes.restart_with_shim("tests.faults.run")
    if chosen.seconds is not None:
        PATIENCE.seconds = chosen.seconds
    rows: dict[str, Row] = {}
    disk = "/dev/shm" if os.path.isdir("/dev/shm") else None
    base = Path(tempfile.mkdtemp(prefix="hydrant-faults-", dir=disk))
    os.environ.update(XDG_DATA_HOME=str(base / "data"), XDG_CONFIG_HOME=str(base / "config"),
                      LC_ALL="C.UTF-8", COLUMNS="100")  # fmt: skip
    for name in ("HYDRANT_DB", "HYDRANT_LANG"):
        os.environ.pop(name, None)
    try:
        for name, job in jobs(chosen.count, base):
            if any(name.startswith(start) for start in chosen.but) or not (
                chosen.only is None or any(name.startswith(start) for start in chosen.only)
            ):
                continue
            begun = time.perf_counter()
            PATIENCE.begin()
            row = job()
            if row is None:
                print(f"{name}: not possible here", flush=True)
                continue
            rows[name] = row
            numbers = "/".join(map(str, row.kills)) or row.result
            print(f"{name}: {row.trials:,}, wrong {row.wrong}: {numbers} "
                  f"({time.perf_counter() - begun:.0f} s)", flush=True)  # fmt: skip
            _keep(chosen.state, chosen.write, rows)
    finally:
        shutil.rmtree(base, ignore_errors=True)
        writes.tidy()
    return 1 if any(row.wrong for row in rows.values()) else 0


def _keep(state: Path | None, page: Path | None, rows: dict[str, Row]) -> None:
    known: dict[str, Row] = {}
    if state is not None:
        if state.exists():
            told = json.loads(state.read_text("utf-8"))
            known = {n: Row(**{**r, "kills": tuple(r["kills"])}) for n, r in told.items()}
        known |= rows
        state.write_text(json.dumps({name: row.plain() for name, row in known.items()}), "utf-8")
    if page is not None:
        put(page, list((known or rows).values()))


if __name__ == "__main__":
    sys.exit(main())
