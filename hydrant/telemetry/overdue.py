"""How far behind polling is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from hydrant.store.facts.sensors import SensorRow
from hydrant.store.readings.readings import Readings
from hydrant.store.readings.readings_care import resting
from hydrant.telemetry.schedule import wait_s

#: A sensor is late once it has waited this share of its interval beyond its turn.
_LATE_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Overdue:
    """How far behind polling is.

    Attributes
    ----------
    longest_gap_s
        Longest time since a sensor was last tried, seconds; None where none ever was. One that
        has been silent for long is tried once an hour only.
    asset
        Asset of that sensor.
    overdue
        Sensors that have waited half an interval beyond their turn.
    never
        Sensors that were never tried.
    """

    longest_gap_s: float | None
    asset: str | None
    overdue: int
    never: int


def overdue(sensors: Sequence[SensorRow], store: Readings, *, now: dt.datetime) -> Overdue:
    """How far behind polling is with these sensors; those out of service do not count."""
    attempts, rest = store.attempts(), resting(store)
    awake = [row for row in sensors if row.uid not in rest]
    gaps = [
        ((now - attempts[row.uid].at).total_seconds(), row.name)
        for row in awake
        if row.uid in attempts
    ]
    late = sum(
        wait_s(row, attempts, now=now) < -_LATE_SHARE * row.interval_s
        for row in awake
        if row.uid in attempts
    )
    longest = max(gaps, default=(None, None))
    gap_s = None if longest[0] is None else round(longest[0], 1)
    return Overdue(gap_s, longest[1], late, sum(row.uid not in attempts for row in awake))
