"""One cycle of polling a registry: which sensors are to be read, and reading them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from hydrant import times
from hydrant.integrity.policy import Policy
from hydrant.store.facts.sensors import SensorRow, list_sensors
from hydrant.store.opened.kept_policy import policy_of
from hydrant.store.opened.registry import Registry
from hydrant.store.readings.readings import Readings
from hydrant.store.readings.readings_care import resting
from hydrant.telemetry.poll import poll
from hydrant.telemetry.result import PollResult
from hydrant.telemetry.schedule import due


class Registered(NamedTuple):
    """Sensors to call, those that send by themselves, and the limits."""

    called: list[SensorRow]
    awaited: list[SensorRow]
    policy: Policy


def registered(registry: Registry) -> Registered:
    """What stands in a registry, which may be closed then."""
    sensors, policy = list_sensors(registry), policy_of(registry)
    called = [row for row in sensors if not row.waited_for]
    return Registered(called, [row for row in sensors if row.url.startswith("push:")], policy)


def awake(sensors: list[SensorRow], store: Readings) -> list[SensorRow]:
    """Sensors that are not out of service."""
    rest = resting(store)
    return [row for row in sensors if row.uid not in rest]


def to_read(found: Registered, store: Readings, *, everything: bool) -> list[SensorRow]:
    """Sensors that are due, or all that are not out of service."""
    able = awake(found.called, store)
    return able if everything else due(able, store.attempts(), now=times.now())


def read(
    chosen: list[SensorRow],
    found: Registered,
    store: Readings,
    *,
    within_s: float | None = None,
    advance: Callable[[int], None] = lambda _: None,
) -> PollResult:
    """Read the chosen sensors once.

    Parameters
    ----------
    within_s
        Longest time, seconds; None is the shortest interval, when the next run comes.
    """
    longest_s = min((row.interval_s for row in chosen), default=None)
    return poll(
        chosen,
        store,
        policy=found.policy,
        advance=advance,
        within_s=longest_s if within_s is None else within_s,
        awaited=found.awaited,
    )
