"""Registries on which faults are tried, and the commands that write to them."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hydrant.exchange.sample import SampleSensor, load_sample, sample_sensors
from hydrant.exchange.sample_devices import gateways, register
from hydrant.model.tables import Asset
from hydrant.store.care.backup import back_up
from hydrant.store.file.migrate import create
from hydrant.store.ground import gpkg
from hydrant.store.migrations import CHANGES
from hydrant.store.opened.registry import open_registry
from hydrant.store.opened.transactions import transaction
from hydrant.telemetry.simulator import SimulatedGateway, serve
from tests.faults.trial import Body, program
from tests.survey import histories

SETTINGS = {"policy": "zhejiang", "zone": "Asia/Shanghai"}
#: Visits that one child records, each acknowledged by itself.
VISITS = 4


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that writes.

    Attributes
    ----------
    template
        Folder that each trial gets a copy of.
    registry
        Name of the registry in it.
    steps
        States that it may leave besides the first: one for each acknowledged part.
    readings
        Whether it writes to the readings store rather than the registry.
    made
        Name of the file it makes, where it makes one.
    again
        Whether the same command may be given once more, and completes the work then.
    acknowledges
        Whether ending well says that the work was done; a reading command says so in a remark.
    """

    name: str
    template: Path
    registry: str
    lines: tuple[tuple[str, ...], ...]
    steps: int = 1
    readings: bool = False
    made: str | None = None
    again: bool = True
    acknowledges: bool = True

    def body(self, folder: Path) -> Body:
        """What a child does on its copy."""
        return program(*(self._words(folder, line) for line in self.lines))

    def _words(self, folder: Path, line: tuple[str, ...]) -> list[str]:
        words = [word.replace("{folder}", str(folder)) for word in line]
        return ["--db", str(folder / self.registry), *words, "--lang", "en"]

    def copy(self, folder: Path) -> Path:
        """A fresh copy of the template."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.template, folder)
        return folder


@dataclass(slots=True)
class Templates:
    """Where the templates are."""

    folder: Path
    devices: list[str] = field(default_factory=list)


def sample_county(folder: Path) -> Path:
    """The sample county's registry, without sensors."""
    folder.mkdir(parents=True)
    path = folder / "county.gpkg"
    create(path, settings=SETTINGS)
    with open_registry(path, write=True) as registry:
        load_sample(registry)
    return path


def write_rows(path: Path, *, count: int = 400, first: int = 0) -> None:
    """A register of new assets, each with a visit."""
    lines = (f"NEW-{n},hydrant.pillar,{119.9 + n % 20 * 0.0021:.6f},{29.9 + n // 20 * 0.0023:.6f},"
             f"works,2025-03-0{1 + n % 9}\n" for n in range(first, first + count))  # fmt: skip
    path.write_text(
        "code,kind,lon,lat,inspection_outcome,inspection_at\n" + "".join(lines), "utf-8"
    )


def _older(folder: Path) -> None:
    """A registry of version 2 with some assets."""
    folder.mkdir()
    with closing(sqlite3.connect(folder / "old.gpkg", isolation_level=None)) as raw:
        raw.execute(f"PRAGMA application_id = {gpkg.APPLICATION_ID}")
        raw.execute(f"PRAGMA user_version = {gpkg.USER_VERSION}")
        gpkg.register_functions(raw)
        raw.execute("BEGIN")
        for change in CHANGES[:2]:
            for statement in change.statements():
                raw.execute(statement)
            raw.execute("INSERT INTO migration (version, name, applied_at) VALUES (?, ?, '2025')",
                        (change.version, change.name))  # fmt: skip
        settings = {**SETTINGS, "writer": "old", "writing": "old"}
        raw.executemany("INSERT INTO setting (key, value) VALUES (?, ?)", list(settings.items()))
        raw.executemany(
            "INSERT INTO asset (uid, recorded_at, code, kind, service, geom) VALUES (?, ?, ?, "
            "'hydrant', 'municipal', ?)",
            [(f"old-{n}", "2025-01-01T00:00:00.000Z", f"O{n}", _point(n)) for n in range(200)],
        )
        raw.execute("DELETE FROM setting WHERE key = 'writing'")
        raw.execute("COMMIT")


def _point(number: int) -> bytes:
    from hydrant.model.geopoint import encode_point

    return encode_point(120 + number / 1000, 30.0)


def _outside(path: Path) -> None:
    """Edits by another program that wait to be taken in."""
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        gpkg.register_functions(raw)
        raw.execute("UPDATE asset SET owner = 'elsewhere' WHERE fid % 3 = 0")
        raw.execute("UPDATE inspection SET note = 'by hand' WHERE fid % 50 = 0")


def answering() -> list[SampleSensor]:
    """Those of the sample that answer."""
    return [sensor for sensor in sample_sensors() if not sensor.silent]


@contextmanager
def devices(simulated: Sequence[SimulatedGateway]) -> Iterator[list[str]]:
    """Simulated gateways, answering in a process of their own; their URLs.

    A thread of this process must not be there when it forks.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            with serve(simulated) as urls:
                os.write(writing, " ".join(urls).encode() + b"\n")
                while os.getppid() > 1:
                    time.sleep(0.5)
        finally:
            os._exit(0)
    os.close(writing)
    try:
        with open(reading) as file:
            yield file.readline().split()
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


@contextmanager
def operations(base: Path) -> Iterator[dict[str, Operation]]:
    """All operations by name, while their devices answer."""
    county = sample_county(base / "county")
    write_rows(base / "county" / "rows.csv")
    outside = base / "outside"
    shutil.copytree(base / "county", outside)
    _outside(outside / county.name)
    _older(base / "older")
    later = base / "later"
    shutil.copytree(base / "county", later)
    back_up(later / county.name, later / "b.gpkg")
    with open_registry(later / county.name, write=True) as registry:
        with transaction(registry, actor="t", origin="t") as writer:
            writer.add(Asset(code="LATER", kind="hydrant", geom=(119.9, 29.9)))
    office = histories.set_up(_made(base / "office"))
    days = [("visit", number % 4, "works") for number in range(8)]
    histories.work(office.bundle(0), [*days, ("edit", 1, "owner", "crew")], crew=0)
    polled = base / "polled"
    shutil.copytree(base / "county", polled)
    visits = tuple(
        ("survey", "record", f"YUN-00{n + 1}", "--outcome", "fails", "--defect", "no_water", "--note",
         f"visit-{n}", "--at", f"2025-06-0{n + 1}") for n in range(VISITS)
    )  # fmt: skip
    with devices(gateways(answering())) as urls:
        with (
            open_registry(polled / county.name, write=True) as registry,
            transaction(registry, actor="t", origin="t") as writer,
        ):
            register(writer, answering(), urls)
        name = county.name
        yield {
            operation.name: operation
            for operation in (
                Operation("import", base / "county", name,
                          (("import", "{folder}/rows.csv", "--crs", "cgcs2000"),)),
                Operation("survey", base / "county", name, visits, steps=VISITS, again=False),
                Operation("poll", polled, name, (("poll", "--all"),), readings=True, again=False),
                Operation("merge", base / "office", office.registry.name,
                          (("survey", "merge", "{folder}/" + office.bundle(0).name),)),
                Operation("migrate", base / "older", "old.gpkg", (("db", "migrate"),)),
                Operation("outside edits", outside, name, (("asset", "list"),), acknowledges=False),
                Operation("backup", base / "county", name,
                          (("db", "backup", "{folder}/copy.gpkg"),), made="copy.gpkg"),
                Operation("restore", later, name, (("db", "restore", "{folder}/b.gpkg"),)),
            )
        }  # fmt: skip


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
