"""How alarms are told."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from hydrant import times
from hydrant.cli.screen import Screen
from hydrant.store.facts.sensors import SensorRow
from hydrant.store.readings.alarm_proof import ended_at
from hydrant.store.readings.readings_alarms import Alarm
from hydrant.vocabulary import AlarmKind


def name_of(alarm: Alarm, sensors: Mapping[str, SensorRow]) -> str:
    """What people call what an alarm is about."""
    sensor = sensors.get(alarm.sensor_uid)
    if sensor is not None:
        return sensor.name
    return alarm.asset_uid or alarm.sensor_uid  # a gateway stands for all behind it


def alarm_json(
    alarm: Alarm, sensors: Mapping[str, SensorRow], rest: Container[str]
) -> dict[str, Any]:
    """An alarm as scripts see it.

    Parameters
    ----------
    rest
        Sensors that are out of service.
    """
    sensor = sensors.get(alarm.sensor_uid)
    return {
        "uid": alarm.uid,
        "sensor": alarm.sensor_uid,
        "asset": name_of(alarm, sensors),
        "quantity": None if sensor is None else sensor.quantity,
        "kind": alarm.kind,
        "value": alarm.value,
        "limit": alarm.limit_value,
        "unit": AlarmKind.of(alarm.kind).unit,
        "confirmed_at": alarm.confirmed_at,
        "cleared_at": _ended(alarm, sensor),
        "withdrawn_at": alarm.withdrawn_at,
        "state": _state(alarm, rest),
        "acknowledged_at": alarm.acknowledged_at,
        "acknowledged_by": alarm.acknowledged_by,
        "shelved_until": alarm.shelved_until,
    }


def show_alarms(
    screen: Screen,
    alarms: Sequence[Alarm],
    sensors: Mapping[str, SensorRow],
    rest: Container[str],
    zone: ZoneInfo,
    vain: Mapping[str, str],
) -> None:
    """Alarms, a line each, in the registry's local time; `vain` says which prove nothing, why."""
    if not alarms:
        return
    titles = ("asset", "kind", "value", "since", "until", "state", "uid")
    screen.table(
        [screen.t(f"cli_alarm.{title}_title") for title in titles],
        [
            (
                name_of(alarm, sensors),
                screen.t(f"cli_alarm.kind_{alarm.kind}"),
                _measured(alarm),
                _local(alarm.confirmed_at, zone),
                _local(_ended(alarm, sensors.get(alarm.sensor_uid)), zone),
                "; ".join(_standing(screen, alarm, rest, vain.get(alarm.uid))),
                alarm.uid,
            )
            for alarm in alarms
        ],
    )


def _standing(
    screen: Screen, alarm: Alarm, rest: Container[str], vain: str | None
) -> Iterator[str]:
    yield screen.t(f"cli_alarm.state_{_state(alarm, rest)}")
    if vain is not None:
        yield screen.t(f"cli_alarm.proofless_{vain}")


def _ended(alarm: Alarm, sensor: SensorRow | None) -> str | None:
    return ended_at(alarm, None if sensor is None else sensor.until)


def _local(moment: str | None, zone: ZoneInfo) -> str | None:
    if moment is None:
        return None
    return times.from_text(moment).astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _measured(alarm: Alarm) -> str | None:
    unit = AlarmKind.of(alarm.kind).unit
    if unit is None or alarm.value is None or alarm.limit_value is None:
        return None
    sign = "<" if alarm.value < alarm.limit_value else ">"
    return f"{alarm.value:.4g} {sign} {alarm.limit_value:g} {unit}"


def _state(alarm: Alarm, rest: Container[str]) -> str:
    if alarm.withdrawn_at is not None:
        return "withdrawn"
    if alarm.cleared_at is not None:
        return "cleared"
    if alarm.sensor_uid in rest:
        return "out_of_service"
    if alarm.shelved_at(times.now()):
        return "shelved"
    return "open" if alarm.acknowledged_at is None else "acknowledged"
