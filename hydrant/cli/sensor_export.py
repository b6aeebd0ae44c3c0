"""``hydrant sensor export``: readings as a file for analysis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from hydrant import times
from hydrant.cli.frame import Note, Result, Settings, command, helper
from hydrant.cli.screen import Screen
from hydrant.cli.whole_file import not_the_registry, written_whole
from hydrant.errors import InputRefused
from hydrant.exchange.reading_export import Known, Written, check_form, write_readings
from hydrant.store.facts.sensor_places import sensor_places
from hydrant.store.facts.sensors import sensors_named
from hydrant.store.ground.location import readings_path
from hydrant.store.opened.registry import Registry
from hydrant.store.readings.reading_pages import ReadingRow, quantities, reading_pages, summed_hours
from hydrant.store.readings.readings import Readings
from hydrant.store.readings.readings_file import view_readings
from hydrant.written_dates import moment_typed

h = helper("sensor_export")


def add_to(app: typer.Typer) -> None:
    """Add the command to its group."""
    command(app, "export")(export)


def export(
    settings: Settings,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=h("file"))],
    sensor: Annotated[str | None, typer.Argument(metavar="SENSOR|ASSET", help=h("sensor"))] = None,
    *,
    since: Annotated[str | None, typer.Option("--from", metavar="TIME", help=h("from"))] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="TIME", help=h("to"))] = None,
) -> Result:
    """Write readings with their quality and place; the file's ending says the form."""
    check_form(file)
    with settings.registry() as registry:
        not_the_registry(registry.path, file)
        uids = None if sensor is None else _uids(registry, sensor)
        first, last = _moment(registry, since), _moment(registry, until)
        zone = registry.zone
        known = {uid: Known(*place) for uid, place in sensor_places(registry).items()}
    with (
        settings.progress("cli_sensor_export.progress") as advance,
        view_readings(readings_path(settings.path)) as store,
    ):
        if store is None:
            raise InputRefused("exchange.no_readings", file=file)
        pages = reading_pages(store, sensors=uids, since=first, until=last)
        counted = (_counted(page, advance) for page in pages)
        written = _written(file, counted, _with_read(store, known), zone)
        hours = summed_hours(store)
    notes = (Note.of("cli_sensor_export.summed", hours=f"{hours:,}"),) if hours else ()
    return Result(
        {"file": str(file), **asdict(written)}, lambda screen: _show(screen, file, written), notes
    )


def _show(screen: Screen, file: Path, written: Written) -> None:
    screen.line(
        "cli_sensor_export.written",
        file=file,
        readings=f"{written.readings:,}",
        good=f"{written.good:,}",
        sensors=f"{written.sensors:,}",
    )


def _written(
    file: Path, pages: Iterator[list[ReadingRow]], known: dict[str, Known], zone: ZoneInfo
) -> Written:
    """What of the pages was written to the file, which is there whole or not at all."""
    done: list[Written] = []
    written_whole(file, lambda path: done.append(write_readings(path, pages, known, zone=zone)))
    return done[0]


def _uids(registry: Registry, sensor: str) -> list[str]:
    """A sensor, or all that ever stood on an asset: their readings stay."""
    return [row.uid for row in sensors_named(registry, sensor, ended=True)]


def _moment(registry: Registry, text: str | None) -> str | None:
    return None if text is None else times.to_text(moment_typed(text, registry.zone))


def _with_read(store: Readings, known: dict[str, Known]) -> dict[str, Known]:
    """Also sensors that are no longer, or never were, on record here."""
    nobody = {uid: Known(None, None, None, word, None, None)
              for uid, word in quantities(store).items()}  # fmt: skip
    return nobody | known


def _counted(page: list[ReadingRow], advance: object) -> list[ReadingRow]:
    if callable(advance):
        advance(len(page))
    return page
