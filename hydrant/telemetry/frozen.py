"""Devices that go on giving their last value; pure but for what it remembers.

Some transmitters keep the last valid value when they fail, so that a dead sensor looks healthy.
A main's pressure never stands still to the last digit for a day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from hydrant import times
from hydrant.store.readings import Latest
from hydrant.telemetry.quality import Measured, Reason
from hydrant.vocabulary import Quality, Quantity

#: The same registers for so long and so many times are not believed. Source: ours.
FROZEN_AFTER = dt.timedelta(hours=24)
FROZEN_SAMPLES = 24


@dataclass(slots=True)
class _Run:
    raw: str
    since: dt.datetime
    count: int


class Standstill:
    """How long each sensor has given the same registers."""

    def __init__(self, latest: Mapping[str, Latest]) -> None:
        self._runs = {
            uid: _Run(known.raw, times.from_text(known.same_since), known.same)
            for uid, known in latest.items()
            if known.raw is not None
        }

    def judged(
        self, uid: str, quantity: str, measured: Measured, raw: str | None, at: dt.datetime
    ) -> Measured:
        """The value, uncertain when its registers have stood still for too long."""
        if raw is None:
            return measured
        run = self._runs.get(uid)
        if run is None or run.raw != raw:
            self._runs[uid] = _Run(raw, at, 1)
            return measured
        run.count += 1
        frozen = run.count > FROZEN_SAMPLES and at - run.since >= FROZEN_AFTER
        if frozen and quantity == Quantity.PRESSURE and measured.quality is Quality.GOOD:
            return Measured(measured.value, Quality.UNCERTAIN, Reason.FROZEN)
        return measured
