"""Measures a registry on PostgreSQL beside the file: ``python -m bench.server [PART …]``.

Starts a throw-away server with its usual durability (fsync on). All parts together write
bench/SERVER.md, some only print.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg

from bench import facts, measure
from bench.points import places, write_points
from bench.run import search
from hydrant.integrity.policy_reader import load_policy
from hydrant.report.integrity import assess
from hydrant.store.care.copying import copy_registry
from hydrant.store.evidence.evidence import Cut
from hydrant.store.file.migrate import create
from hydrant.store.ground.place import Place, Server
from hydrant.store.opened.registry import open_registry
from hydrant.store.readings.readings import Reading
from hydrant.store.readings.readings_file import open_readings
from tests.server import Cluster, cluster

SETTINGS = {"policy": "zhejiang", "zone": "Asia/Shanghai"}
FULL = 1_000_000
PAGE = Path(__file__).with_name("SERVER.md")


#: Work, what the server took, what the file took where that was measured.
Line = tuple[str, ...]


def main() -> None:
    """Print one line for each measurement, and write the page when everything was measured."""
    lines: list[Line] = []
    with tempfile.TemporaryDirectory() as name, cluster(durable=True) as server:
        with psycopg.connect(server.database("version")) as raw:
            version = f"{raw.info.server_version // 10_000}"
        parts = {p.__name__: p for p in (importing, near, readings, integrity)}
        for part in sys.argv[1:] or parts:
            for line in parts[part](Path(name), server):
                print(f"| {' | '.join(line)} |", flush=True)
                lines.append(line)
    if not sys.argv[1:]:
        PAGE.write_text(page(lines, version), encoding="utf-8")


def page(lines: list[Line], version: str) -> str:
    """The measurements as a page."""
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"""# A registry on a server, beside the file

Written by `nox -s bench_server` on {dt.datetime.now(dt.UTC).date()}: PostgreSQL {version} with PostGIS and its usual
durability, on the two cores that also ran the program, while others used the machine; every row is
sealed. One run each, server and file in turn; seconds are for orientation.

| work | server | file |
|---|---|---|
{table}
"""


def seconds(spent: float) -> str:
    return f"{spent:.1f} s" if spent < 100 else f"{spent:.0f} s"


def clock(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def empty(server: Cluster, name: str) -> Server:
    place = Server(server.database(name))
    create(place, settings=SETTINGS)
    return place


def take(source: Path, place: Place) -> float:
    words: list[str | Path] = [
        sys.executable,
        "-m",
        "hydrant",
        "import",
        source,
        "--crs",
        "cgcs2000",
        "--db",
    ]
    return measure.process_s([*words, place.url if isinstance(place, Server) else place])


def importing(folder: Path, server: Cluster) -> Iterator[Line]:
    source = write_points(folder / "300k.csv", 300_000)
    there, here = empty(server, "import"), folder / "import.gpkg"
    create(here, settings=SETTINGS)
    both = [seconds(take(source, place)) for place in (there, here)]
    yield ("import 300,000 points, whole process", *both)
    both = [seconds(take(source, place)) for place in (there, here)]
    yield ("— the same file again (nothing changes)", *both)
    spent = clock(lambda: copy_registry(there, folder / "back.gpkg", advance=lambda _: None))
    work = "`db copy` of them (600,000 rows and more), server to file, proven equal"
    yield (work, seconds(spent), "")


def near(folder: Path, server: Cluster) -> Iterator[Line]:
    for count in (10_000, 100_000, FULL):
        source = write_points(folder / "points.csv", count)
        there, here = empty(server, f"near{count}"), folder / f"near{count}.gpkg"
        create(here, settings=SETTINGS)
        both = []
        for place in (there, here):
            take(source, place)
            both.append(f"{nearest_ms(place):.2f} ms")
        yield (f"nearest 5 of {count:,}, in the process", *both)


def nearest_ms(place: Place) -> float:
    """Median time of looking around a place, milliseconds."""
    if isinstance(place, Server):
        with psycopg.connect(place.url, autocommit=True) as raw:
            raw.execute("ANALYZE hydrant.asset")
    with open_registry(place) as registry:
        for lon, lat in places(20):
            search(registry, lon, lat)
        spent = [clock(lambda: search(registry, lon, lat)) for lon, lat in places(200)]  # noqa: B023
    return sorted(spent)[100] * 1000


def readings(_folder: Path, server: Cluster) -> Iterator[Line]:
    place = empty(server, "readings")
    begun = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    rows = [
        Reading(f"s{n % 2000}", "a", begun + dt.timedelta(minutes=5 * (n // 2000)), 300.0 + n % 7,
                0, None, f"{n % 7:04x}")
        for n in range(FULL)
    ]  # fmt: skip
    with open_readings(place) as store:
        new: list[int] = []

        def save() -> None:
            new.append(sum(store.save(rows[i : i + 50_000]) for i in range(0, FULL, 50_000)))

        def keep() -> None:
            new.append(sum(store.keep(plain[i : i + 50_000]) for i in range(0, FULL, 50_000)))

        work = "1 M readings of 2,000 sensors stored with latest values, 50,000 at a time"
        yield (work, seconds(clock(save)), "")
        again = seconds(clock(save))
        yield (f"— the same again: {new[-1]:,} new", again, "")
        server_sql = store.connection.server  # type: ignore[attr-defined]
        server_sql("TRUNCATE reading")
        plain = [
            (r.sensor_uid, r.asset_uid, r.at.isoformat(timespec="milliseconds")[:23] + "Z",
             r.value, r.quality, r.reason, r.raw, None)
            for r in rows
        ]  # fmt: skip
        yield ("1 M readings by staged COPY alone", seconds(clock(keep)), "")
        again = seconds(clock(keep))
        yield (f"— the same again: {new[-1]:,} new", again, "")
        server_sql("TRUNCATE reading")
    spent = seconds(clock(lambda: plain_copy(place, plain)))
    yield ("1 M readings by plain COPY (with the same index and partitions)", spent, "")


def plain_copy(place: Server, rows: list[Any]) -> None:
    columns = "sensor_uid, asset_uid, at, value, quality, reason, raw, run_uid"
    with (
        psycopg.connect(place.url) as raw,
        raw.cursor() as cursor,
        cursor.copy(f"COPY hydrant.reading ({columns}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def integrity(folder: Path, server: Cluster) -> Iterator[Line]:
    here = facts.registry_with_facts(folder / "facts.gpkg", FULL)
    there = Server(server.database("facts"))
    spent = clock(lambda: copy_registry(here, there, advance=lambda _: None))
    work = "`db copy` of 1 M assets and 5 M dated facts, file to server, proven equal"
    yield (work, seconds(spent), "")
    both = [seconds(clock(lambda: figures(place))) for place in (there, here)]  # noqa: B023
    yield ("integrity by county, 1 M assets, 5 M dated facts", *both)


def figures(place: Place) -> None:
    with open_registry(place) as registry:
        cut = Cut(dt.date(2025, 12, 31), registry.zone)
        assess(registry, cut, load_policy("zhejiang"), by="county")


if __name__ == "__main__":
    main()
