"""Readings that were sent, and what became of them when they were taken in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import NamedTuple

from hydrant import times
from hydrant.store.facts.sensors import SensorRow
from hydrant.store.readings.alarm_spans import Span
from hydrant.store.readings.readings import AlarmChange
from hydrant.store.readings.sent_readings import Held
from hydrant.telemetry.quality import Measured


class Sent(NamedTuple):
    """A reading that was sent, with its sensor, its value in the internal unit and as sent."""

    line: int
    sensor: SensorRow
    at: dt.datetime
    measured: Measured
    said: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Sensor and moment as they are stored."""
        return self.sensor.uid, times.to_text(self.at)


class Contradiction(NamedTuple):
    """A reading that says something else of a moment than what is held."""

    sent: Sent
    held: Held


@dataclass(slots=True)
class Intake:
    """What became of sent readings.

    Attributes
    ----------
    known
        How many say what is held already.
    corrected
        Those that took the place of another value, with that value.
    contradicted
        Those that were not stored, as another value is held of their moment.
    summed
        Those of hours that were summed up: what is held of their moments is known no more.
    early
        Those stored that were measured before their sensor is said to have hung there.
    rested
        Those stored that were measured while their sensor was out of service.
    unusable
        Those stored that gave no value.
    transitions
        Alarms that were opened or ended.
    withdrawn
        Alarms that turned out never to have been.
    """

    stored: int = 0
    known: int = 0
    corrected: list[Contradiction] = field(default_factory=list)
    contradicted: list[Contradiction] = field(default_factory=list)
    summed: list[Sent] = field(default_factory=list)
    early: list[Sent] = field(default_factory=list)
    rested: list[Sent] = field(default_factory=list)
    unusable: list[Sent] = field(default_factory=list)
    transitions: list[AlarmChange] = field(default_factory=list)
    withdrawn: list[Span] = field(default_factory=list)
