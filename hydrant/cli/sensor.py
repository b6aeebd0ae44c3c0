"""``hydrant sensor``: which device measures what, where."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from hydrant import times
from hydrant.cli import sensor_export
from hydrant.cli.frame import Note, Result, Settings, command, group, helper
from hydrant.cli.screen import Screen
from hydrant.cli.sensor_gateway import gateway_notes, refuse_alike
from hydrant.cli.sensor_rest import withdrawn_rest
from hydrant.cli.sensor_view import (
    former_note,
    reading_rows,
    rest_notes,
    sensor_data,
    show_sensors,
    show_test,
    test_json,
)
from hydrant.errors import CommandLineError
from hydrant.model.inputs import SensorInput, validated
from hydrant.model.tables import Asset
from hydrant.store.facts.assets import find_asset
from hydrant.store.facts.sensors import (
    SensorRow,
    add_sensor,
    end_sensor,
    find_sensor,
    list_sensors,
    same_device,
    sensors_named,
)
from hydrant.store.ground.location import readings_path
from hydrant.store.opened.writer import Writer
from hydrant.store.readings.readings_alarms import close_alarms
from hydrant.store.readings.readings_care import (
    left_behind,
    recorded_pauses,
    resting,
    resume,
    suspend,
)
from hydrant.store.readings.readings_file import open_readings, view_readings
from hydrant.store.readings.sent_readings import FormerReading, former_readings
from hydrant.telemetry.poll import read_once
from hydrant.telemetry.quality import Reason
from hydrant.telemetry.reader import UnitAnswers
from hydrant.telemetry.setup import ReadySensor, check_entered, ready
from hydrant.vocabulary import PressureReference, Quantity, ValveSide
from hydrant.written_dates import moment_typed

h = helper("sensor")
app = group("sensor")

EXIT_DEVICE = 5
#: A quarter of an hour: what battery and cellular budgets of hydrants commonly allow.
DEFAULT_INTERVAL_S = 900

SensorArgument = Annotated[str, typer.Argument(help=h("sensor"))]
SensorsArgument = Annotated[str, typer.Argument(metavar="SENSOR|ASSET", help=h("sensors"))]
ReasonOption = Annotated[
    str | None, typer.Option("--reason", "--why", metavar="TEXT", help=h("reason"))
]
ByOption = Annotated[str | None, typer.Option("--by", metavar="NAME", help=h("by"))]


@command(app, "add")
def add(
    settings: Settings,
    asset: Annotated[str, typer.Argument(help=h("asset"))],
    *,
    profile: Annotated[str, typer.Option("--profile", metavar="NAME", help=h("profile"))],
    url: Annotated[str, typer.Option("--url", metavar="URL", help=h("url"))],
    unit: Annotated[int, typer.Option("--unit", metavar="N", help=h("unit"))],
    every: Annotated[
        int, typer.Option("--every", metavar="SECONDS", help=h("every"))
    ] = DEFAULT_INTERVAL_S,
    quantity: Annotated[Quantity, typer.Option("--quantity", help=h("quantity"))] = (
        Quantity.PRESSURE
    ),
    reference: Annotated[
        PressureReference | None, typer.Option("--reference", help=h("reference"))
    ] = None,
    side: Annotated[ValveSide | None, typer.Option("--side", help=h("side"))] = None,
    height: Annotated[
        float | None, typer.Option("--height", metavar="METRES", help=h("height"))
    ] = None,
    point: Annotated[str | None, typer.Option("--point", metavar="NAME", help=h("point"))] = None,
    device_unit: Annotated[
        str | None, typer.Option("--device-unit", metavar="UNIT", help=h("device_unit"))
    ] = None,
    loop: Annotated[
        str | None, typer.Option("--loop", metavar="LOW:HIGH:UNIT", help=h("loop"))
    ] = None,
    atmosphere: Annotated[
        float | None, typer.Option("--atmosphere", metavar="KPA", help=h("atmosphere"))
    ] = None,
    since: Annotated[str | None, typer.Option("--from", metavar="DATE", help=h("from"))] = None,
    by: ByOption = None,
) -> Result:
    """Register a device on an asset."""
    entered = validated(
        SensorInput,
        quantity=quantity,
        reference=reference,
        side=side,
        height_m=height,
        profile=_profile_name(profile),
        url=url,
        unit_id=unit,
        interval_s=every,
    )
    parameters = _parameters(point=point, unit=device_unit, loop=loop, atmosphere=atmosphere)
    version = check_entered(entered, parameters)
    with settings.writing(by) as writer:
        place = find_asset(writer.registry, asset)
        refuse_alike(entered.url, list_sensors(writer.registry))
        others = same_device(writer.registry, entered, parameters, asset_uid=place.uid)
        row = _added(writer, place, entered, version, parameters, since)
        notes = [Note.of("cli_sensor.shared", url=url, unit=unit, asset=other) for other in others]
        notes += gateway_notes(entered.url, list_sensors(writer.registry))
    return Result(
        {"sensor": sensor_data(row, None)},
        lambda screen: screen.line("cli_sensor.added", asset=row.name, uid=row.uid),
        tuple(notes),
    )


def _added(
    writer: Writer,
    place: Asset,
    entered: SensorInput,
    version: str,
    parameters: dict[str, Any],
    since: str | None,
) -> SensorRow:
    """The sensor as it is on record from then on; from now where no moment is stated."""
    stands = None if since is None else moment_typed(since, writer.registry.zone)
    sensor = add_sensor(
        writer, place, entered, profile_version=version, parameters=parameters, since=stands
    )
    writer.flush()
    return find_sensor(writer.registry, sensor.uid)


def _profile_name(profile: str) -> str:
    """A shipped profile's name; the path of a technician's own made independent of the folder."""
    return str(Path(profile).resolve()) if profile.endswith(".toml") else profile


def _parameters(
    *, point: str | None, unit: str | None, loop: str | None, atmosphere: float | None
) -> dict[str, Any]:
    values: dict[str, Any] = {"point": point, "unit": unit, "atmosphere_kpa": atmosphere}
    if loop is not None:
        parts = loop.split(":")
        try:
            low, high, loop_unit = float(parts[0]), float(parts[1]), parts[2]
        except (ValueError, IndexError):
            raise CommandLineError("cli_sensor.loop_wrong", value=loop) from None
        values |= {"at_4ma": low, "at_20ma": high, "loop_unit": loop_unit}
    return {name: value for name, value in values.items() if value is not None}


@command(app, "list")
def list_(
    settings: Settings,
    asset: Annotated[str | None, typer.Argument(help=h("asset"))] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help=h("all"))] = False,
) -> Result:
    """List the devices and what each last said."""
    with settings.registry() as registry:
        uid = None if asset is None else find_asset(registry, asset).uid
        rows = list_sensors(registry, asset_uid=uid, disabled=everything)
        zone = registry.zone
    with view_readings(readings_path(settings.path)) as store:
        latest = {} if store is None else store.latest()
        rest = {} if store is None else resting(store)
        rests = [] if store is None or not everything else recorded_pauses(store)
        former = [] if store is None else former_readings(store, [row.uid for row in rows])
    found = [sensor_data(row, latest.get(row.uid), rest.get(row.uid)) for row in rows]
    if everything:
        for one in found:
            one["rests"] = [p._asdict() for p in rests if p.sensor_uid == one["uid"]]
    data = {"sensors": found, "former_readings": [one._asdict() for one in former]}
    notes = _notes(rows, [] if asset is None else former, zone) + rest_notes(rests, rows, zone)
    return Result(data, lambda screen: show_sensors(screen, rows, latest, rest, zone), notes)


def _notes(
    rows: Sequence[SensorRow], former: Sequence[FormerReading], zone: ZoneInfo
) -> tuple[Note, ...]:
    nothing = () if rows else (Note.of("cli_sensor.none"),)
    # what a withdrawn suspension let count again has the value it had
    other = [one for one in former if one.reason != Reason.OUT_OF_SERVICE]
    return (*nothing, *(former_note(one, rows, zone) for one in other))


@command(app, "test")
def test(settings: Settings, sensor: SensorArgument) -> Result:
    """Read a device once and show everything it says; nothing is stored."""
    with settings.registry() as registry:
        row = find_sensor(registry, sensor)
    device = ready(row)
    answers = _answers(device)
    points = reading_rows(device, answers)
    outlet = device.outcome(answers)
    show = partial(show_test, device=device, points=points, outlet=outlet)
    code = 0 if outlet.usable else EXIT_DEVICE
    return Result(test_json(row, points, outlet), show, exit_code=code)


def _answers(device: ReadySensor) -> UnitAnswers:
    """Everything that a device measures, read once."""
    names = tuple(p.name for p in device.profile.points.values() if p.quantity is not None)
    return asyncio.run(read_once(device, names))


@command(app, "suspend")
def suspend_(
    settings: Settings,
    sensor: SensorsArgument,
    *,
    why: Annotated[
        str | None, typer.Option("--reason", "--why", metavar="TEXT", help=h("why"))
    ] = None,
    by: ByOption = None,
) -> Result:
    """Take a device, or all of an asset, out of service for a while; open alarms wait."""
    rows, actor = _named(settings, sensor), settings.actor(by)
    with open_readings(readings_path(settings.path)) as store:
        for row in rows:
            suspend(store, row.uid, by=actor, why=why)
    return Result(
        {"sensors": [row.uid for row in rows]},
        lambda screen: screen.line("cli_sensor.suspended", asset=rows[0].name, count=len(rows)),
    )


@command(app, "resume")
def resume_(
    settings: Settings,
    sensor: SensorsArgument,
    *,
    withdraw: Annotated[bool, typer.Option("--withdraw", help=h("withdraw"))] = False,
    reason: ReasonOption = None,
    by: ByOption = None,
) -> Result:
    """Put a device, or all of an asset, back into service."""
    if withdraw:
        return withdrawn_rest(settings, sensor, reason, settings.actor(by))
    rows = _named(settings, sensor)
    with open_readings(readings_path(settings.path)) as store:
        rested = [row.uid for row in rows if resume(store, row.uid)]
    return Result(
        {"sensors": rested},
        lambda screen: screen.line("cli_sensor.resumed", asset=rows[0].name, count=len(rested)),
    )


def _named(settings: Settings, name: str) -> list[SensorRow]:
    with settings.registry() as registry:
        return sensors_named(registry, name)


@command(app, "remove")
def remove(
    settings: Settings,
    sensor: SensorArgument,
    *,
    at: Annotated[str | None, typer.Option("--at", metavar="TIME", help=h("at"))] = None,
    by: ByOption = None,
) -> Result:
    """Stop reading a device; its readings stay, and what they proved."""
    with settings.writing(by) as writer:
        row = find_sensor(writer.registry, sensor)
        moment = None if at is None else moment_typed(at, writer.registry.zone)
        zone = writer.registry.zone
        end_sensor(writer, row.uid, at=moment)
    later = _closed(settings, row.uid, moment or times.now())
    note = Note.of("cli_sensor.later", asset=row.name, readings=later[0], alarms=later[1])
    return Result(
        {"sensor": row.uid, "later_readings": later[0], "later_alarms": later[1]},
        partial(_show_removed, row=row, moment=moment, zone=zone),
        (note.warning(),) if any(later) else (),
    )


def _show_removed(
    screen: Screen, *, row: SensorRow, moment: dt.datetime | None, zone: ZoneInfo
) -> None:
    if row.enabled or moment is None:
        screen.line("cli_sensor.removed", asset=row.name, uid=row.uid)
        return
    former, at = times.stored_local_text(row.until, zone) or "–", times.local_text(moment, zone)
    screen.line("cli_sensor.end_moved", asset=row.name, uid=row.uid, former=former, at=at)


def _closed(settings: Settings, uid: str, moment: dt.datetime) -> tuple[int, int]:
    """Readings and alarms of a sensor after the moment of its end; what is open of it is closed."""
    path = readings_path(settings.path)
    with view_readings(path) as seen:
        if seen is None:
            return 0, 0
    with open_readings(path) as store:
        later = left_behind(store, uid, times.to_text(moment))
        close_alarms(store, uid)
    return later


sensor_export.add_to(app)
