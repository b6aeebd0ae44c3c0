"""Measures a registry on PostgreSQL beside the file: ``python -m bench.server [PART …]``.

Starts a throw-away server with its usual durability (fsync on).
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from bench import facts, measure
from bench.points import places, write_points
from bench.run import search
from hydrant.integrity.policy_reader import load_policy
from hydrant.report.integrity import assess
from hydrant.store.copying import copy_registry
from hydrant.store.evidence import Cut
from hydrant.store.migrate import create
from hydrant.store.place import Place, Server
from hydrant.store.readings import Reading
from hydrant.store.readings_file import open_readings
from hydrant.store.registry import open_registry
from tests.server import Cluster, cluster

SETTINGS = {"policy": "zhejiang", "zone": "Asia/Shanghai"}
FULL = 1_000_000


def main() -> None:
    """Print one line for each measurement."""
    with tempfile.TemporaryDirectory() as name, cluster(durable=True) as server:
        assert server is not None, "no PostgreSQL"
        parts = {p.__name__: p for p in (importing, near, readings, integrity)}
        for part in sys.argv[1:] or parts:
            parts[part](Path(name), server)


def tell(work: str, seconds: float, more: str = "") -> None:
    print(f"{work}: {seconds:.2f} s {more}", flush=True)


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


def importing(folder: Path, server: Cluster) -> None:
    source = write_points(folder / "300k.csv", 300_000)
    there = empty(server, "import")
    tell("import 300,000 points, server", take(source, there))
    tell("the same again, nothing changes", take(source, there))
    here = folder / "import.gpkg"
    create(here, settings=SETTINGS)
    tell("import 300,000 points, file", take(source, here))
    tell("db copy of it, server to file", clock(
        lambda: copy_registry(there, folder / "back.gpkg", advance=lambda _: None)))  # fmt: skip


def near(folder: Path, server: Cluster) -> None:
    for count in (10_000, 100_000, FULL):
        place = empty(server, f"near{count}")
        take(write_points(folder / "points.csv", count), place)
        with psycopg.connect(place.url, autocommit=True) as raw:
            raw.execute("ANALYZE hydrant.asset")
        with open_registry(place) as registry:
            for lon, lat in places(20):
                search(registry, lon, lat)
            spent = [clock(lambda: search(registry, lon, lat)) for lon, lat in places(200)]  # noqa: B023
        tell(f"nearest 5 of {count:,}, server, 1,000 times", sorted(spent)[100] * 1000)


def readings(_folder: Path, server: Cluster) -> None:
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

        tell("1 M readings stored, latest kept", clock(save), f"{new[-1]:,} new")
        tell("the same 1 M again", clock(save), f"{new[-1]:,} new")
        server_sql = store.connection.server  # type: ignore[attr-defined]
        server_sql("TRUNCATE reading")
        plain = [
            (r.sensor_uid, r.asset_uid, r.at.isoformat(timespec="milliseconds")[:23] + "Z",
             r.value, r.quality, r.reason, r.raw, None)
            for r in rows
        ]  # fmt: skip
        tell("1 M readings by staged COPY alone", clock(keep), f"{new[-1]:,} new")
        tell("the same 1 M again", clock(keep), f"{new[-1]:,} new")
        server_sql("TRUNCATE reading")
    tell("1 M readings by plain COPY", clock(lambda: plain_copy(place, plain)))


def plain_copy(place: Server, rows: list[Any]) -> None:
    columns = "sensor_uid, asset_uid, at, value, quality, reason, raw, run_uid"
    with (
        psycopg.connect(place.url) as raw,
        raw.cursor() as cursor,
        cursor.copy(f"COPY hydrant.reading ({columns}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def integrity(folder: Path, server: Cluster) -> None:
    here = facts.registry_with_facts(folder / "facts.gpkg", FULL)
    there = Server(server.database("facts"))
    spent = clock(lambda: copy_registry(here, there, advance=lambda _: None))
    tell("db copy of 1 M assets, file to server, proven", spent)
    for name, place in (("server", there), ("file", here)):
        tell(f"integrity by county, 1 M assets, {name}", clock(lambda: figures(place)))  # noqa: B023


def figures(place: Place) -> None:
    with open_registry(place) as registry:
        cut = Cut(dt.date(2025, 12, 31), registry.zone)
        assess(registry, cut, load_policy("zhejiang"), by="county")


if __name__ == "__main__":
    main()
