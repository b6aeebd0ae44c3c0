"""Measures the program against its peers and writes bench/RESULTS.md.

``nox -s bench`` runs everything; ``nox -s bench -- near`` renews one part of the page.
"""

from __future__ import annotations

import math
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from bench import facts, measure, poller
from bench.points import places, write_points
from bench.results_page import Line, load_now, section, sections, write
from hydrant.geo.distance import distance_bearing
from hydrant.integrity.policy_reader import load_policy
from hydrant.model.geopoint import decode_point
from hydrant.report.integrity import assess
from hydrant.report.near import FARTHEST_M, FIRST_M, Wish, around, nearest
from hydrant.store.evidence.evidence import Cut
from hydrant.store.ground.gpkg import RTREE, register_functions
from hydrant.store.opened.registry import Registry, open_registry
from hydrant.survey.outside_triage import take_in

HYDRANT = Path(sys.executable).with_name("hydrant")

_ONE_COMMAND = """
import typer
app = typer.Typer()
@app.command()
def hello(name: str) -> None:
    "Say hello."
app()
"""
_PYOGRIO = """
import csv, struct, sys
import numpy as np, pyogrio.raw
with open(sys.argv[1], newline="", encoding="utf-8") as file:
    rows = list(csv.reader(file))
columns = list(zip(*rows[1:]))
head = struct.pack("<BI", 1, 1)
wkb = np.array([head + struct.pack("<dd", float(x), float(y)) for x, y in zip(*columns[2:4])], object)
fields = [np.array(columns[i], object) for i in (0, 1, 4, 5)]
pyogrio.raw.write(sys.argv[2], wkb, fields, ["code", "kind", "address", "owner"],
                  geometry_type="Point", crs="EPSG:4490", driver="GPKG", layer="asset")
"""


def main() -> None:
    """Measure the parts named on the command line, or all, and write the results."""
    found = {name: text for name, text in sections().items() if name in PARTS}
    with tempfile.TemporaryDirectory() as folder:
        for name in sys.argv[1:] or PARTS:
            load, lines = load_now(), []
            for line in PARTS[name](Path(folder)):
                print(" | ".join(line), flush=True)
                lines.append(line)
            gdal = version("ogr2ogr", "--version")
            found[name] = section(lines, load=load, gdal=gdal)
            write({part: found[part] for part in PARTS if part in found})


def version(*words: str) -> str:
    """First words of what a program says of itself."""
    return subprocess.check_output(words, text=True).strip().partition(", released")[0]


def startup(folder: Path) -> Iterator[Line]:
    """``--help`` against that of a Typer program of one command."""
    script = folder / "one.py"
    script.write_text(_ONE_COMMAND, encoding="utf-8")
    found = measure.paired(
        lambda: measure.process_s([HYDRANT, "--help"]),
        lambda: measure.process_s([sys.executable, script, "--help"]),
        runs=15,
    )
    yield told("`hydrant --help`, whole process", found, "one-command Typer program", "≤ 1.3")


def told(work: str, found: measure.Pair, peer: str, promised: str) -> Line:
    """A line of the table."""
    return (
        work,
        f"{found.ours_s:.2f} s",
        f"{peer}: {found.peer_s:.2f} s",
        f"{found.ratio:.2f} ({promised})",
    )


def registry_of(folder: Path, count: int) -> Path:
    """A registry with `count` points; made once per run of the benchmark."""
    path = folder / f"r{count}.gpkg"
    if not path.exists():
        source = write_points(folder / f"p{count}.csv", count)
        take(source, path)
    return path


def take(source: Path, path: Path) -> float:
    """Time to import a file into a new registry, its making not counted."""
    for old in path.parent.glob(path.stem + ".*"):
        old.unlink()
    measure.process_s([HYDRANT, "init", "--no-regions", "--db", path])
    return measure.process_s([HYDRANT, "import", source, "--crs", "cgcs2000", "--db", path])


def importing(folder: Path) -> Iterator[Line]:
    """Import of 300,000 points, against GDAL writing the same points."""
    count = 300_000
    source = write_points(folder / f"p{count}.csv", count)
    path, other = folder / f"r{count}.gpkg", folder / "peer.gpkg"

    def ogr2ogr() -> float:
        other.unlink(missing_ok=True)
        return measure.process_s(
            ["ogr2ogr", "-q", "-f", "GPKG", other, source, "-oo", "X_POSSIBLE_NAMES=lon", "-oo",
             "Y_POSSIBLE_NAMES=lat", "-a_srs", "EPSG:4490"]
        )  # fmt: skip

    def pyogrio() -> float:
        other.unlink(missing_ok=True)
        return measure.process_s([sys.executable, "-c", _PYOGRIO, source, other])

    found = measure.paired(lambda: take(source, path), ogr2ogr, runs=5)
    yield told("import 300,000 points", found, version("ogr2ogr", "--version"), "≤ 1.3")
    wheel = statistics.median(pyogrio() for _ in range(3))
    import pyogrio as peer  # noqa: PLC0415  only this part needs it

    gdal = ".".join(map(str, peer.__gdal_version__))
    yield ("— the same beside", "", f"pyogrio {peer.__version__} (GDAL {gdal}): {wheel:.2f} s", "")
    peak = peak_of_import(source, path)
    yield ("— its memory", f"{peak:.0f} MB", "limit: 600 MB", f"{peak / 600:.2f} (≤ 1)")
    again = measure.process_s([HYDRANT, "import", source, "--crs", "cgcs2000", "--db", path])
    yield ("— the same file again (nothing changes)", f"{again:.2f} s", "", "")


def near(folder: Path) -> Iterator[Line]:
    """``near`` as a process, and inside the process against the bare index."""
    path = registry_of(folder, 300_000)
    found = measure.paired(
        lambda: measure.process_s([HYDRANT, "near", "120.1", "29.1", "--db", path]),
        lambda: measure.process_s([sys.executable, "-c", "import sqlmodel"]),
        runs=15,
    )
    yield told("`hydrant near`, 300,000 assets, whole process", found, "`import sqlmodel`", "≤ 0.6")
    ours: dict[int, float] = {}
    for count in (10_000, 100_000, 1_000_000):
        with open_registry(registry_of(folder, count)) as registry:
            looked = places(200)
            pair = measure.paired(
                partial(timed, search, registry, looked),
                partial(timed, bare, registry, looked),
                runs=7,
            )
            whole = statistics.median(timed(look, registry, looked) for _ in range(7))
        ours[count] = whole
        promised = " (≤ 1.5)" if count == 1_000_000 else ""
        yield (
            f"nearest 5 of {count:,}, in the process",
            f"{pair.ours_s / len(looked) * 1e3:.2f} ms",
            f"bare R-tree box and sort: {pair.peer_s / len(looked) * 1e3:.2f} ms",
            f"{pair.ratio:.2f}{promised}",
        )
        yield ("— with condition and flow", f"{whole / len(looked) * 1e3:.2f} ms", "", "")
    flat = ours[1_000_000] / ours[10_000]
    yield ("— with condition, from 10,000 to 1 M", "", "flat", f"{flat:.2f} (≤ 1.3)")


def timed(look_around: Callable[[Registry, float, float], object], registry: Registry,
          looked: list[tuple[float, float]]) -> float:  # fmt: skip
    """Seconds to look around every place."""
    started = time.perf_counter()
    for lon, lat in looked:
        look_around(registry, lon, lat)
    return time.perf_counter() - started


_POLICY = load_policy("zhejiang")
_WISH = Wish(5, None, None, False, None)


def search(registry: Registry, lon: float, lat: float) -> object:
    """Ours, as far as the peer goes: nearest five with their geodesic distances."""
    radius_m = FIRST_M
    while len(found := around(registry, lon, lat, radius_m)) < 5 and radius_m < FARTHEST_M:
        radius_m *= 2
    return sorted(found, key=found.__getitem__)[:5]


def look(registry: Registry, lon: float, lat: float) -> object:
    """Ours: nearest five with condition and flow."""
    cut = Cut(datetime.now(UTC).date(), registry.zone)
    return nearest(registry, lon, lat, _WISH, cut=cut, policy=_POLICY, pressures=[])


def bare(registry: Registry, lon: float, lat: float) -> object:
    """The peer: growing boxes on the index until five are within, sorted by distance."""
    radius = 0.0025
    while True:
        rows = registry.connection.execute(
            f"SELECT a.uid, a.geom FROM {RTREE} r JOIN asset a ON a.fid = r.id "
            "WHERE r.minx <= ? AND r.maxx >= ? AND r.miny <= ? AND r.maxy >= ?",
            (lon + radius, lon - radius, lat + radius, lat - radius),
        ).fetchall()
        if len(rows) >= 5 or radius > 8:
            points = ((decode_point(geom), uid) for uid, geom in rows)
            return sorted(
                (distance_bearing(lon, lat, *point)[0], uid) for point, uid in points if point
            )[:5]
        radius *= 2


SIZES = (10_000, 100_000, 1_000_000)


def growth(folder: Path) -> Iterator[Line]:
    """Import from 10,000 to 1 M points."""
    times = {}
    for count in SIZES:
        source, path = write_points(folder / f"g{count}.csv", count), folder / f"r{count}.gpkg"
        peak = peak_of_import(source, path)
        times[count] = take(source, path)
        per_point = f"{times[count] / count * 1e6:.0f} µs a point, {peak:.0f} MB"
        yield (f"import {count:,} points", f"{times[count]:.2f} s", per_point, "")
    yield grown("— from 100,000 to 1 M", times[1_000_000] / times[100_000])


def grown(work: str, ours: float) -> Line:
    """How much longer ten times as much takes, from 100,000 on, against n log n."""
    bound = 10 * math.log(1_000_000) / math.log(100_000)
    return (work, f"{ours:.1f} times as long", f"n log n: {bound:.0f} times as long",
            f"{ours / bound:.2f} (≤ 1)")  # fmt: skip


def peak_of_import(source: Path, path: Path) -> float:
    """Largest memory of an import into a new registry, MB."""
    for old in path.parent.glob(path.stem + ".*"):
        old.unlink()
    measure.process_s([HYDRANT, "init", "--no-regions", "--db", path])
    return measure.peak_mb([HYDRANT, "import", source, "--crs", "cgcs2000", "--db", path])


def outside(folder: Path) -> Iterator[Line]:
    """Taking in what another program did: texts, moves and new points, in a file of 20,000."""
    path, count = registry_of(folder, 20_000), 10_000
    connection = sqlite3.connect(path)
    register_functions(connection)
    with connection:
        for sql in (
            "UPDATE asset SET address = address || ' x' WHERE fid <= 5000",
            "UPDATE asset SET geom = (SELECT geom FROM asset b WHERE b.fid = asset.fid + 10000), "
            "name = 'n' || fid WHERE fid BETWEEN 5001 AND 8000",
            "INSERT INTO asset (kind, geom, name) SELECT kind, geom, 'added' FROM asset "
            "WHERE fid BETWEEN 8001 AND 10000",
        ):
            connection.execute(sql)
    connection.close()
    with open_registry(path, write=True) as registry:
        started = time.perf_counter()
        taken = take_in(registry)
        took_s = time.perf_counter() - started
    if taken.rows != count:
        sys.exit(f"{taken.rows} rows instead of {count}")
    each = f"{took_s / count * 1e3:.2f} ms each, {taken.waiting:,} cells wait for somebody"
    yield (f"take in {count:,} changes by another program", f"{took_s:.2f} s", each, "")


def polling(folder: Path) -> Iterator[Line]:
    """A poll cycle against its bound, against bare pymodbus, and a plain script."""
    slow = poller.field(2000, 5, slow=True)
    with poller.simulated(slow) as urls:
        found_s, answered = poller.ours_s(urls, 5, cycles=3)
    dead = sum(units is None for units in slow.delays)
    yield (
        f"poll 2,000 gateways × 5 units, 50-300 ms, {dead} dead, 1 s timeout, third cycle",
        f"{found_s:.2f} s, {answered:,} answered",
        f"bound: {slow.bound_s:.2f} s",
        f"{found_s / slow.bound_s:.2f} (≤ 1.1)",
    )
    few = poller.field(100, 5, slow=True)
    with poller.simulated(few) as urls:
        ours_s, _ = poller.ours_s(urls, 5)
        plain_s, _ = poller.sequential_s(urls, 5)
    yield (
        "— 100 of such gateways",
        f"{ours_s:.2f} s",
        f"plain sequential pymodbus script: {plain_s:.2f} s",
        f"{ours_s / plain_s:.3f}",
    )
    instant = poller.field(400, 5, slow=False)
    with poller.simulated(instant) as urls:
        pair = measure.paired(
            lambda: poller.ours_s(urls, 5, cycles=2)[0],
            lambda: poller.bare_s(urls, 5)[0],
            runs=5,
        )
    rate = 1 / pair.ratio
    yield (
        "poll 400 gateways × 5 units, instant answers, all stored",
        f"{2000 / pair.ours_s:,.0f} reads/s",
        f"bare pymodbus, storing nothing: {2000 / pair.peer_s:,.0f} reads/s",
        f"{rate:.2f} (≥ 0.7)",
    )
    peer = poller.modbus_serial(folder)
    with poller.simulated(slow) as urls:
        peer_s, answered = peer(urls, 5)
    yield (
        "— the 2,000 gateways beside",
        "",
        f"npm modbus-serial 8, storing nothing: {peer_s:.2f} s, {answered:,} answered",
        f"{found_s / peer_s:.2f}",
    )
    with poller.simulated(instant) as urls:
        pair = measure.paired(
            lambda: poller.ours_s(urls, 5, cycles=2)[0], lambda: peer(urls, 5)[0], runs=5
        )
    yield (
        "— the 400 gateways beside",
        "",
        f"npm modbus-serial 8, storing nothing: {2000 / pair.peer_s:,.0f} reads/s",
        f"{1 / pair.ratio:.2f}",
    )
    half = poller.field(5000, 1, slow=False)
    with poller.simulated(half) as first, poller.simulated(half) as second:
        answered, before_mb, peak_mb = poller.weigh([*first, *second], 1)
    yield (
        f"— memory for 10,000 gateways, {answered:,} answered",
        f"{peak_mb:.0f} MB",
        f"before the poll: {before_mb:.0f} MB",
        "",
    )


def smaller(folder: Path, cut: Cut, fresh: str) -> Iterator[Line]:
    """Both rates of fewer assets by county."""
    for count in SIZES[:2]:
        path = facts.registry_with_facts(folder / f"facts{count}.gpkg", count)
        pair = measure.paired(
            lambda: assessed_s(path, cut)[0],  # noqa: B023  called at once
            lambda: facts.by_hand_s(path, cut.end, fresh)[0],  # noqa: B023  as above
            runs=5,
        )
        work = f"integrity by county, {count:,} assets, {5 * count:,} dated facts"
        _, ours, peer, _ = told(work, pair, "one statement by hand on the same file", "")
        yield (work, ours, peer, f"{pair.ratio:.2f}")


def assessed_s(path: Path, cut: Cut) -> tuple[float, dict[str, int]]:
    """Seconds of the figures by county, and how many assets each class has."""
    with open_registry(path) as registry:
        started = time.perf_counter()
        found = assess(registry, cut, _POLICY, by="county").total.working_order
        took_s = time.perf_counter() - started
    return took_s, {n: getattr(found, n) for n in ("intact", "stale", "defective")}


def integrity(folder: Path) -> Iterator[Line]:
    """Both rates of a million assets by county, against one statement written by hand."""
    path = facts.registry_with_facts(folder / "facts.gpkg", 1_000_000)
    cut = Cut(date(2025, 10, 1), ZoneInfo("Asia/Shanghai"))
    fresh = cut.fresh_from(365)

    def ours() -> float:
        took_s, found = assessed_s(path, cut)
        classes.append(found)
        return took_s

    def by_hand() -> float:
        took_s, found = facts.by_hand_s(path, cut.end, fresh)
        classes.append({n: found.get(n, 0) for n in ("intact", "stale", "defective")})
        return took_s

    classes: list[dict[str, int]] = []
    pair = measure.paired(ours, by_hand, runs=3)
    duck, found = facts.duck_s(path, folder, cut.end, fresh)
    classes.append({n: found.get(n, 0) for n in ("intact", "stale", "defective")})
    if any(one != classes[0] for one in classes):
        sys.exit(f"the peers disagree: {classes}")
    work = "integrity by county, 1 M assets, 5 M dated facts"
    yield from smaller(folder, cut, fresh)
    yield told(work, pair, "one statement by hand on the same file", "≤ 1")
    yield ("— the same beside", "", f"DuckDB on Parquet of the same rows: {duck:.2f} s", "")
    script = (
        "import datetime as dt, sys, zoneinfo\n"
        "from pathlib import Path\n"
        "from hydrant.integrity.policy_reader import load_policy\n"
        "from hydrant.report.integrity import assess\n"
        "from hydrant.store.evidence.evidence import Cut\n"
        "from hydrant.store.opened.registry import open_registry\n"
        "with open_registry(Path(sys.argv[1])) as r:\n"
        "    cut = Cut(dt.date(2025, 10, 1), zoneinfo.ZoneInfo('Asia/Shanghai'))\n"
        "    assess(r, cut, load_policy('zhejiang'), by='county')\n"
    )
    peak = measure.peak_mb([sys.executable, "-c", script, path])
    yield ("— its memory", f"{peak:.0f} MB", "limit: 200 MB", f"{peak / 200:.2f} (≤ 1)")


PARTS: dict[str, Callable[[Path], Iterator[Line]]] = {
    "startup": startup,
    "import": importing,
    "growth": growth,
    "outside": outside,
    "near": near,
    "integrity": integrity,
    "poll": polling,
}


@contextmanager
def needed(program: str) -> Iterator[None]:
    """Say which program lacks before anything is measured."""
    if shutil.which(program) is None:
        sys.exit(f"{program} is needed as a peer; see .ci/run for how it is installed")
    yield


if __name__ == "__main__":
    with needed("ogr2ogr"), needed("npm"):
        main()
