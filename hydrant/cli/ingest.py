"""``hydrant ingest``: readings that devices or platforms send."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from hydrant.cli.frame import Note, Result, Settings, command, helper, single
from hydrant.cli.screen import Screen
from hydrant.errors import HydrantError, InputRefused, Phrase
from hydrant.exchange.encoding import decode, read_bytes
from hydrant.exchange.reading_file import SentReading, sent_readings
from hydrant.integrity.policy_reader import load_policy
from hydrant.messages import text
from hydrant.store.location import readings_path
from hydrant.store.readings import RunResult
from hydrant.store.readings_file import open_readings
from hydrant.store.sensors import SensorRow, list_sensors
from hydrant.telemetry.pushed import evaluate
from hydrant.telemetry.quality import Measured
from hydrant.telemetry.record import Recorder

h = helper("ingest")
app = single("ingest")

EXIT_REFUSED = 3
_SHOWN = 20


@dataclass(slots=True)
class _Taken:
    """Readings that can be stored, in order of time, and the lines that cannot."""

    readings: list[tuple[SentReading, SensorRow, Measured]] = field(default_factory=list)
    refused: list[tuple[int, Phrase]] = field(default_factory=list)


@command(app, "ingest")
def ingest(
    settings: Settings,
    file: Annotated[str, typer.Argument(metavar="FILE|-", help=h("file"))],
) -> Result:
    """Store readings from a file or, with "-", from standard input."""
    content = _content(file)
    with settings.registry() as registry:
        sensors, policy = list_sensors(registry), load_policy(registry.policy)
        taken = _take(sent_readings(content, registry.zone), sensors)
    with open_readings(readings_path(settings.path)) as store:
        recorder = Recorder(
            store, sensors=len({row.uid for _, row, _ in taken.readings}), policy=policy
        )
        for sent, row, measured in taken.readings:
            recorder.add(row, measured, None, at=sent.at)
        run = recorder.finish()
    data = {
        "read": len(taken.readings) + len(taken.refused),
        "stored": run.stored,
        "known": len(taken.readings) - run.stored,
        "refused": len(taken.refused),
        "alarms_opened": run.opened,
        "alarms_cleared": run.cleared,
        "rows": [
            {"line": line, "reason": text(why.key, settings.lang, **why.facts)}
            for line, why in taken.refused
        ],
    }
    notes = tuple(
        Note.of("cli_ingest.refused", file=file, line=line, why=why)
        for line, why in taken.refused[:_SHOWN]
    )
    return Result(data, lambda s: _show(s, data, run), notes, EXIT_REFUSED if taken.refused else 0)


def _show(screen: Screen, data: dict[str, object], run: RunResult) -> None:
    screen.line("cli_ingest.done", **data)
    if run.opened or run.cleared:
        screen.line("cli_poll.alarms", opened=run.opened, cleared=run.cleared)


def _content(file: str) -> str:
    if file == "-":
        return decode(Path("-"), sys.stdin.buffer.read(), None)
    path = Path(file)
    return decode(path, read_bytes(path), None)


def _take(lines: Iterable[SentReading | tuple[int, Phrase]], sensors: list[SensorRow]) -> _Taken:
    taken = _Taken()
    for entry in lines:
        if isinstance(entry, tuple):
            taken.refused.append(entry)
            continue
        try:
            row = _meant(entry, sensors)
            taken.readings.append((entry, row, evaluate(row, entry.value, entry.unit)))
        except HydrantError as error:
            taken.refused.append((entry.line, Phrase(error.key, error.facts)))
    # whatever order they were sent in, alarms follow the order of measuring
    taken.readings.sort(key=lambda reading: reading[0].at)
    return taken


def _meant(sent: SentReading, sensors: list[SensorRow]) -> SensorRow:
    """The one sensor that a reading names; raises `InputRefused` when none or several fit."""

    def fits(row: SensorRow) -> bool:
        if sent.quantity is not None and row.quantity != sent.quantity:
            return False
        if sent.by == "sensor":
            return row.uid == sent.name
        if sent.by == "device":
            return row.url.partition("?")[0] == f"push://{sent.name}"
        return sent.name in (row.asset_code, row.asset_uid)

    found = [row for row in sensors if fits(row)]
    if len(found) != 1:
        key = "cli_ingest.nobody" if not found else "cli_ingest.several"
        raise InputRefused(key, name=sent.name, by=sent.by)
    return found[0]
