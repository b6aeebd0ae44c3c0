"""``hydrant poll``: read the sensors that are due."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from hydrant import times
from hydrant.cli.frame import Result, Settings, command, helper, single
from hydrant.cli.poll_log import append_log, write_metrics
from hydrant.cli.poll_view import notes_of, show_poll, tell_cycle
from hydrant.store.facts.sensors import SensorRow
from hydrant.store.ground.location import readings_path
from hydrant.store.readings.readings import Readings
from hydrant.store.readings.readings_alarms import heeded_alarms
from hydrant.store.readings.readings_file import open_readings
from hydrant.telemetry.cycle import Registered, awake, read, registered, to_read
from hydrant.telemetry.result import PollResult, poll_data
from hydrant.telemetry.run_lock import only_one
from hydrant.telemetry.schedule import wait_s

h = helper("poll")
app = single("poll")

EXIT_DEVICE = 5
EXIT_ALARM = 6
#: While watching, the registry is looked at again at least this often for new sensors, s.
_LOOK_AGAIN_S = 60.0


@command(app, "poll")
def poll(
    settings: Settings,
    *,
    everything: Annotated[bool, typer.Option("--all", help=h("all"))] = False,
    watch: Annotated[bool, typer.Option("--watch", help=h("watch"))] = False,
    strict: Annotated[bool, typer.Option("--strict", help=h("strict"))] = False,
    fail_on_alarm: Annotated[
        bool, typer.Option("--fail-on-alarm", help=h("fail_on_alarm"))
    ] = False,
    within: Annotated[
        float | None, typer.Option("--within", metavar="SECONDS", help=h("within"))
    ] = None,
    metrics: Annotated[
        Path | None, typer.Option("--metrics", metavar="FILE", help=h("metrics"))
    ] = None,
    log: Annotated[Path | None, typer.Option("--log", metavar="FILE", help=h("log"))] = None,
) -> Result:
    """Read what is due, once; or keep going."""
    found = _registered(settings)
    with only_one(settings.path), open_readings(readings_path(settings.path)) as store:
        while True:
            result = _read(settings, store, found, everything=everything, within_s=within)
            open_alarms = heeded_alarms(store, times.now())
            _leave(metrics, log, result, store, found.called, len(open_alarms))
            if not watch:
                break
            tell_cycle(settings, result)
            _sleep(awake(found.called, store), store)
            found = _registered(settings)
    code = _exit_code(result, strict=strict, alarm=fail_on_alarm and bool(open_alarms))
    return Result(
        poll_data(result),
        lambda screen: show_poll(screen, result, registered=len(found.called)),
        notes_of(result),
        code,
    )


def _leave(
    metrics: Path | None,
    log: Path | None,
    result: PollResult,
    store: Readings,
    sensors: list[SensorRow],
    open_alarms: int,
) -> None:
    """Leave for machines what they were asked to be left."""
    if metrics is not None:
        write_metrics(metrics, result, store, sensors, open_alarms=open_alarms)
    if log is not None:
        append_log(log, result)


def _registered(settings: Settings) -> Registered:
    with settings.registry(hurry=True) as registry:
        return registered(registry)


def _read(
    settings: Settings,
    store: Readings,
    found: Registered,
    *,
    everything: bool,
    within_s: float | None,
) -> PollResult:
    chosen = to_read(found, store, everything=everything)
    with settings.progress("cli_poll.progress", len(chosen)) as advance:
        return read(chosen, found, store, within_s=within_s, advance=advance)


def _sleep(sensors: list[SensorRow], store: Readings) -> None:
    attempts, now = store.attempts(), times.now()
    soonest = min((wait_s(sensor, attempts, now=now) for sensor in sensors), default=_LOOK_AGAIN_S)
    time.sleep(max(0.2, min(soonest, _LOOK_AGAIN_S)))


def _exit_code(result: PollResult, *, strict: bool, alarm: bool) -> int:
    nobody = result.sensors > 0 and result.run.answered == 0
    if nobody or (strict and (result.run.failed or result.unreached)):
        return EXIT_DEVICE
    return EXIT_ALARM if alarm else 0
