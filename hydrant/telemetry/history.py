"""What a sensor's earlier values say of a new one; pure but for what it remembers.

Some transmitters keep the last valid value when they fail, so that a dead sensor looks healthy;
others jump where nature cannot. Neither value is thrown away: it is kept as uncertain, and good
again as soon as the device moves on, or a second look confirms the jump.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

from hydrant import times
from hydrant.integrity.policy import Policy
from hydrant.store.readings.readings import Latest
from hydrant.telemetry.quality import Measured, Reason
from hydrant.vocabulary import Quality, Quantity

#: Values closer together than this are held to a second's pace, s: noise is no jump.
_LEAST_S = 1.0
#: A jump is looked at again at once, but only once in so long, s.
_LOOK_AGAIN_S = 60.0


class _Run(NamedTuple):
    """Registers that stand still: since when, and how many times they came."""

    raw: str
    since: dt.datetime
    seen: int


class _Sample(NamedTuple):
    value: float
    at: dt.datetime


class History:
    """What is remembered of each sensor of a registry.

    Parameters
    ----------
    former
        Last attempt and last good value of each sensor.
    policy
        Its ``quality`` figures decide.
    """

    def __init__(self, former: Mapping[str, Latest], policy: Policy) -> None:
        self._former = former
        self._frozen = policy.frozen
        self._frozen_after = dt.timedelta(hours=policy.frozen.after_h)
        self._steepest = {name: pace.value for name, pace in policy.steepest.items()}
        self._runs: dict[str, _Run] = {}
        self._good: dict[str, _Sample] = {}
        self._jumps: dict[str, _Sample] = {}

    def judged(
        self, uid: str, quantity: str, measured: Measured, raw: str | None, at: dt.datetime
    ) -> tuple[Measured, bool]:
        """A value with the quality that its history leaves it, and whether to look again."""
        if measured.quality is not Quality.GOOD or measured.value is None:
            self._stands_still(uid, raw, at)
            return measured, False
        if self._stands_still(uid, raw, at) and quantity == Quantity.PRESSURE:
            return Measured(measured.value, Quality.UNCERTAIN, Reason.FROZEN), False
        if quantity in self._steepest:
            return self._paced(uid, self._steepest[quantity], measured.value, at)
        return measured, False

    def recall(self, uid: str, measured: Measured, at: dt.datetime) -> None:
        """Take note of a value that was judged before."""
        if measured.value is None:
            return
        new = _Sample(measured.value, at)
        self._jumps.pop(uid, None)
        if measured.quality is Quality.GOOD:
            self._good[uid] = new
        elif measured.reason is Reason.TOO_FAST:
            self._jumps[uid] = new

    def _stands_still(self, uid: str, raw: str | None, at: dt.datetime) -> bool:
        """Whether the same registers have come for too long; a main's pressure never does."""
        if raw is None:
            return False
        run = self._runs.get(uid) or self._former_run(uid)
        if run is None or run.raw != raw:
            self._runs[uid] = _Run(raw, at, 1)
            return False
        self._runs[uid] = run = _Run(raw, run.since, run.seen + 1)
        return run.seen > self._frozen.samples and at - run.since >= self._frozen_after

    def _former_run(self, uid: str) -> _Run | None:
        known = self._former.get(uid)
        if known is None or known.raw is None:
            return None
        return _Run(known.raw, times.from_text(known.same_since), known.same)

    def _paced(
        self, uid: str, steepest: float, value: float, at: dt.datetime
    ) -> tuple[Measured, bool]:
        """A value that changes no faster than it can, or as fast as it did a look before."""
        new = _Sample(value, at)
        good = self._good.get(uid) or self._former_good(uid)
        jump = self._jumps.pop(uid, None) or self._former_jump(uid)
        if good is None or _within(good, new, steepest) or _confirms(jump, new, steepest):
            self._good[uid] = new
            return Measured.good(value), False
        self._jumps[uid] = new
        seen = jump is not None and (at - jump.at).total_seconds() < _LOOK_AGAIN_S
        return Measured(value, Quality.UNCERTAIN, Reason.TOO_FAST), not seen

    def _former_good(self, uid: str) -> _Sample | None:
        known = self._former.get(uid)
        if known is None or known.good_at is None or known.good_value is None:
            return None
        return _Sample(known.good_value, times.from_text(known.good_at))

    def _former_jump(self, uid: str) -> _Sample | None:
        known = self._former.get(uid)
        if known is None or known.reason != Reason.TOO_FAST or known.value is None:
            return None
        return _Sample(known.value, times.from_text(known.at))


def _within(before: _Sample, after: _Sample, steepest: float) -> bool:
    seconds = max(abs((after.at - before.at).total_seconds()), _LEAST_S)
    return abs(after.value - before.value) <= steepest * seconds


def _confirms(jump: _Sample | None, new: _Sample, steepest: float) -> bool:
    return jump is not None and _within(jump, new, steepest)
