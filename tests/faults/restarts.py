"""A database server that is stopped hard and started again under polls and imports."""

from __future__ import annotations

import random
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hydrant.exchange.sample import load_sample
from hydrant.exchange.sample_devices import gateways, register
from hydrant.store.file.migrate import create
from hydrant.store.ground.place import Server
from hydrant.store.opened.registry import open_registry
from hydrant.store.opened.transactions import transaction
from tests.faults.county import SETTINGS, answering, devices, write_rows
from tests.faults.trial import PATIENCE, Ended, finished, program, started
from tests.server import OWN, Cluster, Lacking, cluster


@dataclass(slots=True)
class Restarts:
    """What became of commands under which the server was restarted."""

    restarts: int = 0
    commands: int = 0
    whole: int = 0
    told: int = 0
    failures: list[str] = field(default_factory=list)


def restarts(count: int, folder: Path) -> Restarts | None:
    """Restart the server so many times while commands run; None where there is no server."""
    try:
        return _restarts(count, folder)
    except Lacking as lacking:
        print(lacking)
        return None


def _restarts(count: int, folder: Path) -> Restarts | None:
    folder.mkdir(parents=True, exist_ok=True)
    found, chance = Restarts(), random.Random(1)
    sensors = answering()
    with devices(gateways(sensors)) as urls, cluster(durable=True) as server:
        if server.data is None:
            print(OWN)
            return None
        place = Server(server.database("faults"))
        create(place, settings=SETTINGS)
        with open_registry(place, write=True) as registry:
            load_sample(registry)
            with transaction(registry, actor="t", origin="t") as writer:
                register(writer, sensors, urls)
        for number in range(count):
            if not PATIENCE.left:
                break
            _one(server, place, folder, number, chance, found)
        checked = finished(started(program(["--db", place.url, "db", "check"]), folder))
        if checked.code != 0:
            found.failures.append(f"check ended with {checked.code}: {checked.out}{checked.err}")
    return found


def _one(
    server: Cluster,
    place: Server,
    folder: Path,
    number: int,
    chance: random.Random,
    found: Restarts,
) -> None:
    rows = folder / f"rows-{number}.csv"
    write_rows(rows, count=40, first=number * 40)
    import_, poll = ["import", str(rows), "--crs", "cgcs2000"], ["poll", "--all"]
    for words in (import_, poll):
        before = _counts(place)
        child = started(program(["--db", place.url, *words, "--lang", "en"]), folder)
        time.sleep(chance.uniform(0.02, 0.5))
        server.restart()
        found.restarts += 1
        ended = finished(child)
        found.commands += 1
        _judge(place, words[0], ended, before, found)


def _judge(place: Server, word: str, ended: Ended, before: dict[str, int], found: Restarts) -> None:
    after = _counts(place)
    grown = {name: after[name] - before[name] for name in after}
    if ended.bad or ended.code is None:
        found.failures.append(f"{word} ended with {ended.code}: {ended.err[-600:]}")
    elif ended.code in {0, 5}:
        found.whole += 1
        if word == "import" and grown["asset"] != 40:
            found.failures.append(f"import acknowledged, {grown} written")
    else:
        found.told += 1
    # a commit whose answer was cut off is there although it was not acknowledged
    if word == "import" and (grown["asset"] not in {0, 40} or
                             (grown["asset"] > 0) != (grown["change"] > 0)):  # fmt: skip
        found.failures.append(f"half: {grown} after {ended.code}")


def _counts(place: Server) -> dict[str, int]:
    import psycopg

    with closing(psycopg.connect(place.url)) as connection:
        found: Any = connection.execute(
            "SELECT (SELECT count(*) FROM hydrant.asset), (SELECT count(*) FROM hydrant.change), "
            "(SELECT count(*) FROM hydrant.reading)"
        ).fetchone()
    return dict(zip(("asset", "change", "reading"), found, strict=True))
