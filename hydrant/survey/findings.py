"""Findings of defects: what somebody states of one, and alarms that speak for one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.model.inputs import DefectInput, validated
from hydrant.store.facts import defects
from hydrant.store.facts.merging import present_key
from hydrant.store.facts.sensors import list_sensors
from hydrant.store.ground.place import Place
from hydrant.store.opened.kept_policy import policy_of
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Writer
from hydrant.store.readings.readings_alarms import Alarm, list_alarms
from hydrant.store.readings.readings_file import view_readings
from hydrant.survey.form import load_form
from hydrant.vocabulary import AlarmKind, Severity
from hydrant.written_dates import moment_typed


def moment_of(registry: Registry, at: str | None) -> dt.datetime:
    """When something was found or repaired: now unless stated.

    Raises
    ------
    InputRefused
        The text is no moment, or lies ahead.
    """
    moment = times.now() if at is None else moment_typed(at, registry.zone)
    if moment > times.now():
        raise InputRefused("survey.future", at=at)
    return moment


def finding(
    registry: Registry,
    code: str,
    *,
    severity: Severity | None,
    at: str | None,
    due: str | None,
    note: str | None,
    by: str,
) -> DefectInput:
    """A finding as somebody states it; how grave it is says the registry's policy otherwise.

    Raises
    ------
    InputRefused
        A moment is none or lies ahead.
    """
    return validated(
        DefectInput,
        code=code,
        severity=severity or policy_of(registry).severity_of(code),
        found_at=moment_of(registry, at),
        found_by=by,
        due=due and moment_typed(due, registry.zone),
        note=note,
    )


def lasting_alarms(readings: Place, *, hours: float) -> list[Alarm]:
    """Open alarms that speak for a defect and were confirmed so many hours ago or earlier."""
    before = times.to_text(times.now() - dt.timedelta(hours=hours))
    with view_readings(readings) as store:
        alarms = [] if store is None else list_alarms(store)
    return [a for a in alarms if AlarmKind.of(a.kind).defect and a.confirmed_at <= before]


def propose(writer: Writer, lasting: Iterable[Alarm]) -> list[str]:
    """Propose a defect for each of these alarms that has none yet; uids of the new ones."""
    registry = writer.registry
    # an asset that was merged into another has taken its sensors there
    on = {row.uid: row.asset_uid for row in list_sensors(registry, disabled=True)}
    proposed = []
    for alarm in lasting:
        known = load_form().defect(str(AlarmKind.of(alarm.kind).defect))
        entered = validated(
            DefectInput,
            code=known.code,
            severity=policy_of(registry).severity_of(known.code),
            found_at=times.from_text(alarm.confirmed_at),
            found_by="poll",
        )
        asset = present_key(registry, on.get(alarm.sensor_uid, alarm.asset_uid))
        fault = defects.propose_defect(writer, asset, entered, source="alarm", key=alarm.uid)
        if fault is not None:
            proposed.append(fault.uid)
    return proposed
