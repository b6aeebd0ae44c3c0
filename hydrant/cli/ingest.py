"""``hydrant ingest``: readings that devices or platforms send."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from hydrant.cli.frame import Result, Settings, command, helper, single
from hydrant.cli.ingest_view import EXIT_REFUSED, commas_of, ingest_data, notes_of, show_ingest
from hydrant.errors import HydrantError, Phrase
from hydrant.exchange.encoding import decode, read_bytes
from hydrant.exchange.reading_file import SentReading, sent_readings
from hydrant.store.facts.assets import merged_names
from hydrant.store.facts.sensors import SensorRow, list_sensors
from hydrant.store.ground.location import readings_path
from hydrant.store.opened.kept_policy import policy_of
from hydrant.store.opened.registry import Registry
from hydrant.store.readings.readings_file import open_readings
from hydrant.telemetry.addressee import addressee
from hydrant.telemetry.intake import take_in
from hydrant.telemetry.pushed import evaluate
from hydrant.telemetry.sent import Sent

h = helper("ingest")
app = single("ingest")


@dataclass(slots=True)
class _Read:
    """Readings that can be stored, and the lines that cannot."""

    sent: list[Sent] = field(default_factory=list)
    refused: list[tuple[int, Phrase]] = field(default_factory=list)
    commas: list[SentReading] = field(default_factory=list)


@command(app, "ingest")
def ingest(
    settings: Settings,
    file: Annotated[str, typer.Argument(metavar="FILE|-", help=h("file"))],
    *,
    encoding: Annotated[
        str | None, typer.Option("--encoding", metavar="NAME", help=h("encoding"))
    ] = None,
    correct: Annotated[bool, typer.Option("--correct", help=h("correct"))] = False,
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help=h("by"))] = None,
) -> Result:
    """Store readings from a file or, with "-", from standard input."""
    content = _content(file, encoding)
    with settings.registry() as registry:
        sensors = list_sensors(registry, disabled=True)
        policy, zone = policy_of(registry), registry.zone
        read = _read(sent_readings(content, zone), sensors, zone, _naming(registry, sensors))
    with open_readings(readings_path(settings.path)) as store:
        intake = take_in(
            store, read.sent, sensors, policy=policy, by=settings.actor(by), correct=correct
        )
    names = {row.uid: row.name for row in sensors}
    read.refused += [(one.line, Phrase("cli_ingest.summed")) for one in intake.summed]
    data = ingest_data(settings, intake, read.refused, names, zone)
    return Result(
        data,
        lambda screen: show_ingest(screen, data),
        (*commas_of(read.commas), *notes_of(intake, read.refused, names, zone, file)),
        EXIT_REFUSED if data["refused"] else 0,
    )


def _content(file: str, encoding: str | None) -> str:
    path = Path(file)
    content = sys.stdin.buffer.read() if file == "-" else read_bytes(path)
    return decode(path, content, encoding)


Naming = Callable[[str], str]


def _naming(registry: Registry, sensors: list[SensorRow]) -> Naming:
    """What an asset is called now; the plate of one that was merged is still on the street."""
    borne = {name for row in sensors for name in (row.asset_code, row.asset_uid)}
    merged = cache(lambda: merged_names(registry))

    def known_as(name: str) -> str:
        heirs = set() if name in borne else merged().get(name, set())
        return next(iter(heirs)) if len(heirs) == 1 else name

    return known_as


def _read(
    lines: Iterable[SentReading | tuple[int, Phrase]],
    sensors: list[SensorRow],
    zone: ZoneInfo,
    known_as: Naming,
) -> _Read:
    read = _Read()
    for entry in lines:
        if isinstance(entry, tuple):
            read.refused.append(entry)
            continue
        try:
            read.sent.append(_sent(entry, sensors, zone, known_as))
            if entry.comma:
                read.commas.append(entry)
        except HydrantError as error:
            read.refused.append((entry.line, Phrase(error.key, error.facts)))
    return read


def _sent(entry: SentReading, sensors: list[SensorRow], zone: ZoneInfo, known_as: Naming) -> Sent:
    sensor = addressee(
        sensors,
        by=entry.by,
        name=known_as(entry.name) if entry.by == "asset" else entry.name,
        quantity=entry.quantity,
        at=entry.at,
        zone=zone,
        also=[(by, known_as(name) if by == "asset" else name) for by, name in entry.also],
    )
    measured = evaluate(sensor, entry.value, entry.unit)
    return Sent(entry.line, sensor, entry.at, measured, entry.said)
