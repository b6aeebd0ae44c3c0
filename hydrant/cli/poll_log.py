"""What a poll leaves for machines: Prometheus's text file, and events as JSON lines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hydrant import times
from hydrant.errors import StoreError
from hydrant.ids import new_uid
from hydrant.store.facts.sensors import SensorRow
from hydrant.store.readings.readings import Readings
from hydrant.store.readings.readings_alarms import heeded_alarms
from hydrant.telemetry.result import PollResult, poll_data
from hydrant.telemetry.schedule import PATIENCE


def leave(
    metrics: Path | None,
    log: Path | None,
    result: PollResult,
    store: Readings,
    sensors: Sequence[SensorRow],
) -> list[StoreError]:
    """Leave for machines what they were asked to be left; what could not be written."""
    failed: list[StoreError] = []
    try:
        if metrics is not None:
            count = len(heeded_alarms(store, times.now()))
            write_metrics(metrics, result, store, sensors, open_alarms=count)
    except StoreError as error:
        failed.append(error)
    try:
        if log is not None:
            append_log(log, result)
    except StoreError as error:
        failed.append(error)
    return failed


def write_metrics(
    path: Path,
    result: PollResult,
    store: Readings,
    sensors: Sequence[SensorRow],
    *,
    open_alarms: int,
) -> None:
    """Replace the text file for node_exporter's collector, at once or not at all.

    Raises
    ------
    StoreError
        It cannot be written.
    """
    lines = "\n".join(_lines(result, store, sensors, open_alarms)) + "\n"
    aside = path.with_name(f".{path.name}.{new_uid()}.part")
    try:
        aside.write_text(lines, encoding="utf-8")
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise StoreError("cli_poll.cannot_write", file=path, why=error.strerror) from None


def _lines(
    result: PollResult, store: Readings, sensors: Sequence[SensorRow], open_alarms: int
) -> Iterator[str]:
    run = result.run
    gauges = {
        "hydrant_poll_timestamp_seconds": times.now().timestamp(),
        "hydrant_poll_duration_seconds": round(result.duration_s, 3),
        "hydrant_poll_sensors": result.sensors,
        "hydrant_poll_answered": run.answered,
        "hydrant_poll_failed": run.failed,
        "hydrant_poll_unreached": len(result.unreached),
        "hydrant_alarms_open": open_alarms,
        "hydrant_sensors": len(sensors),
    }
    for name, value in gauges.items():
        yield f"# TYPE {name} gauge"
        yield f"{name} {value}"
    attempts = store.attempts()
    silent: Counter[str] = Counter()
    for sensor in sensors:
        attempt = attempts.get(sensor.uid)
        lost = attempt is not None and attempt.failures > PATIENCE
        silent[sensor.url.partition("?")[0]] += lost
    yield "# TYPE hydrant_gateway_silent_sensors gauge"
    for gateway, count in sorted(silent.items()):
        label = gateway.replace("\\", "\\\\").replace('"', '\\"')
        yield f'hydrant_gateway_silent_sensors{{gateway="{label}"}} {count}'


def append_log(path: Path, result: PollResult) -> None:
    """Append a line per failure that is news, recovery and alarm, and one for the run.

    Raises
    ------
    StoreError
        It cannot be written.
    """
    at = times.to_text(times.now())
    lines = "".join(
        json.dumps({"at": at, **event}, ensure_ascii=False) + "\n" for event in _events(result)
    )
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(lines)
    except OSError as error:
        raise StoreError("cli_poll.cannot_write", file=path, why=error.strerror) from None


def _events(result: PollResult) -> Iterator[dict[str, Any]]:
    for failure in result.failures:
        if failure.news:
            yield _about(failure.sensor) | {"event": "failure", "reason": str(failure.reason)}
    for recovery in result.recoveries:
        yield _about(recovery.sensor) | {"event": "recovery", "last_good": recovery.last_good}
    for change in result.transitions:
        yield {
            "event": "alarm_opened" if change.opened else "alarm_cleared",
            "alarm": change.kind,
            "sensor": change.sensor_uid,
            "asset": result.names.get(change.sensor_uid),
            "value": change.value,
            "limit": change.limit,
        }
    counts = {name: value for name, value in poll_data(result).items() if name != "failures"}
    yield {"event": "poll", **counts}


def _about(sensor: SensorRow) -> dict[str, Any]:
    return {
        "sensor": sensor.uid,
        "asset": sensor.name,
        "gateway": sensor.url.partition("?")[0],
        "unit": sensor.unit_id,
    }
