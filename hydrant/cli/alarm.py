"""``hydrant alarm``: what needs somebody's attention."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Annotated

import typer

from hydrant import times
from hydrant.cli.alarm_view import alarm_json, name_of, show_alarms
from hydrant.cli.frame import Note, Result, Settings, command, group, helper
from hydrant.cli.screen import Screen
from hydrant.cli.sensed import remark_at_hand
from hydrant.errors import AmbiguousCode, CommandLineError, InputRefused
from hydrant.store.facts.assets import find_asset
from hydrant.store.facts.sensors import SensorRow, list_sensors
from hydrant.store.ground.location import readings_path
from hydrant.store.opened.registry import Registry
from hydrant.store.readings.alarm_proof import proofless
from hydrant.store.readings.readings import Readings
from hydrant.store.readings.readings_alarms import Alarm, acknowledge, list_alarms, shelve
from hydrant.store.readings.readings_care import expect_use, resting
from hydrant.store.readings.readings_file import open_readings, view_readings

h = helper("alarm")
app = group("alarm")

AlarmArgument = Annotated[str, typer.Argument(metavar="ALARM", help=h("alarm"))]
ByOption = Annotated[str | None, typer.Option("--by", metavar="NAME", help=h("by"))]


@command(app, "list")
def list_(
    settings: Settings,
    *,
    everything: Annotated[bool, typer.Option("--all", help=h("all"))] = False,
) -> Result:
    """List open alarms, newest first."""
    with settings.registry() as registry:
        sensors, zone = _known(registry), registry.zone
        remark_at_hand(settings, registry)
    with view_readings(readings_path(settings.path)) as store:
        alarms = [] if store is None else list_alarms(store, cleared=everything)
        rest = {} if store is None else resting(store)
        vain = {} if store is None else _proofless(store, alarms, sensors)
    data = {
        "alarms": [
            alarm_json(alarm, sensors, rest) | {"proves_nothing": vain.get(alarm.uid)}
            for alarm in alarms
        ]
    }
    notes = () if alarms else (Note.of("cli_alarm.none"),)
    return Result(
        data, lambda screen: show_alarms(screen, alarms, sensors, rest, zone, vain), notes
    )


@command(app, "ack")
def ack(settings: Settings, alarm: AlarmArgument, *, by: ByOption = None) -> Result:
    """Note that somebody has seen an alarm and sees to it."""
    sensors = _sensors(settings)
    with open_readings(readings_path(settings.path)) as store:
        found = _find(list_alarms(store), alarm, sensors)
        acknowledge(store, found.uid, by=settings.actor(by))
    name = name_of(found, sensors)
    return Result(
        {"alarm": found.uid}, lambda screen: screen.line("cli_alarm.acknowledged", asset=name)
    )


@command(app, "shelve")
def shelve_(
    settings: Settings,
    alarm: AlarmArgument,
    *,
    hours: Annotated[float, typer.Option("--hours", metavar="N", help=h("hours"))] = 24.0,
    by: ByOption = None,
) -> Result:
    """Put an alarm aside for a time; it stays open but does not fail a poll."""
    until = _in_hours(hours)
    sensors = _sensors(settings)
    with open_readings(readings_path(settings.path)) as store:
        found = _find(list_alarms(store), alarm, sensors)
        shelve(store, found.uid, until=until, by=settings.actor(by))
    data = {"alarm": found.uid, "until": times.to_text(until)}
    return Result(data, _for_hours("cli_alarm.shelved", asset=name_of(found, sensors), hours=hours))


@command(app, "expect")
def expect(
    settings: Settings,
    asset: Annotated[str, typer.Argument(help=h("asset"))],
    *,
    hours: Annotated[float, typer.Option("--hours", metavar="N", help=h("hours"))] = 24.0,
    why: Annotated[
        str | None, typer.Option("--reason", "--why", metavar="TEXT", help=h("why"))
    ] = None,
    by: ByOption = None,
) -> Result:
    """Announce that water may be drawn from an asset: opening it raises no alarm meanwhile."""
    until = _in_hours(hours)
    with settings.registry() as registry:
        found = find_asset(registry, asset)
        uid, name = found.uid, found.code or found.uid
    with open_readings(readings_path(settings.path)) as store:
        expect_use(store, uid, since=times.now(), until=until, by=settings.actor(by), why=why)
    data = {"asset": uid, "until": times.to_text(until)}
    return Result(data, _for_hours("cli_alarm.expected", asset=name, hours=hours))


def _proofless(
    store: Readings, alarms: list[Alarm], sensors: Mapping[str, SensorRow]
) -> dict[str, str]:
    """Why some alarms prove nothing of their asset, by the alarm's uid."""
    found = {
        alarm.uid: proofless(store, alarm, row.since, row.until)
        for alarm in alarms
        if (row := sensors.get(alarm.sensor_uid)) is not None
    }
    return {uid: why for uid, why in found.items() if why is not None}


def _for_hours(key: str, *, asset: str, hours: float) -> Callable[[Screen], None]:
    return lambda screen: screen.line(key, asset=asset, hours=f"{hours:g}")


def _in_hours(hours: float) -> dt.datetime:
    if not 0 < hours <= 24 * 366:
        raise CommandLineError("cli_alarm.hours_wrong", value=hours)
    return times.now() + dt.timedelta(hours=hours)


def _sensors(settings: Settings) -> dict[str, SensorRow]:
    with settings.registry() as registry:
        return _known(registry)


def _known(registry: Registry) -> dict[str, SensorRow]:
    return {row.uid: row for row in list_sensors(registry, disabled=True)}


def _find(alarms: list[Alarm], wanted: str, sensors: Mapping[str, SensorRow]) -> Alarm:
    """The open alarm with a uid, or the only one of an asset."""
    found = [a for a in alarms if wanted in (a.uid, a.asset_uid, name_of(a, sensors))]
    if not found:
        raise InputRefused("telemetry.no_alarm", uid=wanted)
    if len(found) > 1:
        candidates = ", ".join(alarm.uid for alarm in found)
        raise AmbiguousCode(
            "telemetry.ambiguous_alarm", name=wanted, count=len(found), candidates=candidates
        )
    return found[0]
