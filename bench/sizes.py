"""Measures what a reading costs in time, space and log: ``python -m bench.sizes [READINGS]``.

Writes bench/SIZES.md, from which `bench.capacity` computes. Keys are as long as real ones, values
as irregular; readings come in polls of 2,000 sensors.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from hydrant import times
from hydrant.exchange.reading_export import write_readings
from hydrant.ids import new_uid
from hydrant.store.file.migrate import create
from hydrant.store.ground.place import Place, Server
from hydrant.store.readings.reading_pages import reading_pages
from hydrant.store.readings.readings import Reading, Readings
from hydrant.store.readings.readings_file import open_readings
from tests.server import cluster

PAGE = Path(__file__).with_name("SIZES.md")
_SENSORS = 20_000
_POLL = 2_000


def polls(count: int) -> Iterator[list[Reading]]:
    """Readings by poll, a tenth of the sensors each, all of them every quarter of an hour."""
    chance = random.Random(5)
    keys = [(new_uid(), new_uid()) for _ in range(_SENSORS)]
    begun = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    for number in range(count // _POLL):
        turn, part = divmod(number, _SENSORS // _POLL)
        at = begun + dt.timedelta(minutes=15 * turn)
        yield [
            Reading(sensor, asset, at + dt.timedelta(milliseconds=chance.randrange(60_000)),
                    round(chance.gauss(300, 20), 3), 0, None, f"{chance.randrange(2**32):08x}")
            for sensor, asset in keys[part * _POLL : (part + 1) * _POLL]
        ]  # fmt: skip


def stored(store: Readings, count: int) -> float:
    """Readings a second, latest values kept."""
    spent, stored = 0.0, 0
    for rows in polls(count):
        begun = time.perf_counter()
        stored += store.save(rows, run_uid=new_uid())
        spent += time.perf_counter() - begun
    return stored / spent


def on_file(folder: Path, count: int) -> dict[str, float]:
    path: Place = folder / "c.readings.db"
    with open_readings(path) as store:
        rate = stored(store, count)
        write_readings(folder / "r.parquet", reading_pages(store), {}, zone=times.zone())
    assert isinstance(path, Path)
    parquet = (folder / "r.parquet").stat().st_size / count
    return {"file rate": rate, "file bytes": path.stat().st_size / count, "parquet bytes": parquet}


def on_server(count: int) -> dict[str, float]:
    with cluster(durable=True) as server:
        place = Server(server.database("sizes"))
        create(place, settings={"policy": "zhejiang", "zone": "Asia/Shanghai"})
        with open_readings(place) as store:
            ask = store.connection.server  # type: ignore[attr-defined]
            (begun,) = ask("SELECT pg_current_wal_lsn()::text").fetchone()
            rate = stored(store, count)
            (wal,) = ask("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), %s::pg_lsn)::float8",
                         (begun,)).fetchone()  # fmt: skip
            (space,) = ask("SELECT sum(pg_total_relation_size(inhrelid))::float8 FROM pg_inherits "
                           "WHERE inhparent = 'hydrant.reading'::regclass").fetchone()  # fmt: skip
            (names,) = ask("SELECT pg_total_relation_size('hydrant.latest')::float8").fetchone()
    return {"server rate": rate, "server bytes": space / count, "wal bytes": wal / count,
            "latest bytes": names / _SENSORS}  # fmt: skip


LINES = {
    "file rate": ("readings stored on a file, latest kept, readings/s", 0),
    "server rate": ("readings stored on a server, latest kept, readings/s", 0),
    "file bytes": ("a reading on a file, bytes", 0),
    "server bytes": ("a reading on a server with its index, bytes", 0),
    "latest bytes": ("latest values of a sensor on a server, bytes", 0),
    "wal bytes": ("log of the server for a reading, bytes", 0),
    "parquet bytes": ("a reading as Parquet, bytes", 1),
}


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as name:
        found = on_file(Path(name), count) | on_server(count)
    rows = [f"| {words} | {found[key]:,.{digits}f} |" for key, (words, digits) in LINES.items()]
    PAGE.write_text(
        "# What a reading costs\n\n"
        f"Written by `python -m bench.sizes` on {dt.datetime.now(dt.UTC):%Y-%m-%d}: {count:,} readings of "
        f"{_SENSORS:,} sensors\nin polls of {_POLL:,}, one after the other by one process; program and server "
        "(PostgreSQL 15, its usual\ndurability) on the same two cores, while others used the machine.\n\n"
        "| what | measured |\n|---|---|\n" + "\n".join(rows) + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
