"""What a poll did: who answered, who failed and whether that is news, who is back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

from hydrant.errors import InputRefused
from hydrant.store.facts.sensors import SensorRow
from hydrant.store.readings.readings import AlarmChange, Latest, RunResult
from hydrant.telemetry.quality import Reason
from hydrant.telemetry.record import Recorder
from hydrant.telemetry.schedule import PATIENCE


@dataclass(frozen=True, slots=True)
class Failure:
    """A sensor that gave no value, and why.

    Attributes
    ----------
    news
        Whether it is to be told now: of an outage when it begins, which is after as many silent
        attempts as its alarm; of what the device itself says, and of a device that never answered,
        at once.
    """

    sensor: SensorRow
    reason: Reason
    refusal: InputRefused | None = None
    news: bool = True


@dataclass(frozen=True, slots=True)
class Recovery:
    """A sensor that gives values again, and since when it had given none (stored text).

    Attributes
    ----------
    gateway
        Whether it had failed with its whole gateway.
    """

    sensor: SensorRow
    last_good: str | None
    gateway: bool = False


@dataclass(frozen=True, slots=True)
class PollResult:
    """What a poll did.

    Attributes
    ----------
    run
        Counts as the contract names them.
    transitions
        Alarms opened and cleared.
    names
        What to call each sensor's asset, by the sensor's uid.
    recoveries
        Sensors that failed the time before and do not any more.
    unreached
        Sensors that were due but not come to within the time given; they are due still.
    """

    sensors: int
    run: RunResult
    duration_s: float
    failures: tuple[Failure, ...]
    transitions: tuple[AlarmChange, ...]
    names: Mapping[str, str]
    recoveries: tuple[Recovery, ...] = ()
    unreached: tuple[SensorRow, ...] = ()


def poll_data(result: PollResult) -> dict[str, Any]:
    """What scripts rely on (contract: JSON of ``poll``)."""
    run = result.run
    return {
        "sensors": result.sensors,
        "answered": run.answered,
        "failed": run.failed,
        "stored": run.stored,
        "alarms_opened": run.opened,
        "alarms_cleared": run.cleared,
        "duration_s": round(result.duration_s, 3),
        "unreached": len(result.unreached),
        "failures": [
            {
                "sensor": failure.sensor.uid,
                "reason": str(failure.reason),
                "asset": failure.sensor.name,
                "quantity": failure.sensor.quantity,
                "url": failure.sensor.url,
                "unit": failure.sensor.unit_id,
            }
            for failure in result.failures
        ],
    }


def result_of(
    sensors: Sequence[SensorRow],
    recorder: Recorder,
    refusals: Mapping[str, InputRefused],
    started: float,
    awaited: Sequence[SensorRow] = (),
) -> PollResult:
    """Result of a poll that has read what it could; ends the recorder's run."""
    run = recorder.finish()
    return PollResult(
        sensors=recorder.attempted,
        run=run,
        duration_s=monotonic() - started,
        failures=tuple(_failures(sensors, recorder, refusals)),
        transitions=tuple(recorder.transitions),
        names={row.uid: row.name for row in (*sensors, *awaited)},
        recoveries=tuple(_recoveries(sensors, recorder)),
        unreached=tuple(row for row in sensors if recorder.last(row.uid) is None),
    )


def _failures(
    sensors: Iterable[SensorRow],
    recorder: Recorder,
    refusals: Mapping[str, InputRefused],
) -> Iterator[Failure]:
    for row in sensors:
        measured = recorder.last(row.uid)
        if measured is None or measured.usable:
            continue
        reason = measured.reason or Reason.SETUP
        before = recorder.former.get(row.uid)
        yield Failure(row, reason, refusals.get(row.uid), before is None or _begins(before, reason))


def _begins(before: Latest, reason: Reason) -> bool:
    """Whether a failure that follows on a former attempt is one to be told."""
    if not reason.unheard:
        return before.reason != reason
    return before.failures == PATIENCE and before.good_at is not None


def _was_outage(before: Latest) -> bool:
    """Whether it was told that a sensor gave no value."""
    if before.value is not None or before.reason is None:
        return False
    lost = before.reason in _UNHEARD
    return not lost or before.failures > PATIENCE or before.good_at is None


_UNHEARD = frozenset(reason.value for reason in Reason if reason.unheard)
_GATEWAYS = frozenset(reason.value for reason in Reason if reason.concerns_gateway)


def _recoveries(sensors: Iterable[SensorRow], recorder: Recorder) -> Iterator[Recovery]:
    for row in sensors:
        before, measured = recorder.former.get(row.uid), recorder.last(row.uid)
        back = measured is not None and measured.usable
        if before is not None and back and _was_outage(before):
            yield Recovery(row, before.good_at, before.reason in _GATEWAYS)
