"""One poll: gateways side by side, behind each one request at a time, everything recorded."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic

from hydrant.errors import InputRefused
from hydrant.store.readings import AlarmChange, Readings, RunResult
from hydrant.store.sensors import SensorRow
from hydrant.telemetry.alarm import LowRule
from hydrant.telemetry.endpoint import Endpoint
from hydrant.telemetry.handles import most_connections
from hydrant.telemetry.link import Link
from hydrant.telemetry.plan import raw_text
from hydrant.telemetry.quality import Measured, Reason
from hydrant.telemetry.reader import SILENT, UnitAnswers, read_unit
from hydrant.telemetry.record import Recorder
from hydrant.telemetry.setup import ReadySensor, ready

#: Rest before a suspect value is read again, s: long enough for a pressure wave to pass.
RECHECK_S = 0.5
#: A sensor is due a little early, so that the jitter of cron never skips a turn.
_EARLY_SHARE, _EARLY_MOST_S = 0.1, 30.0

Units = dict[int, dict[str, list[ReadySensor]]]


@dataclass(slots=True)
class Gateway:
    """A gateway and who is behind it: sensors by unit and profile."""

    endpoint: Endpoint
    units: Units = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure:
    """A sensor that gave no value, and why."""

    sensor: SensorRow
    reason: Reason
    refusal: InputRefused | None = None


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
    """

    sensors: int
    run: RunResult
    duration_s: float
    failures: tuple[Failure, ...]
    transitions: tuple[AlarmChange, ...]
    names: Mapping[str, str]


def due(
    sensors: Iterable[SensorRow], attempted: Mapping[str, dt.datetime], *, now: dt.datetime
) -> list[SensorRow]:
    """Sensors whose interval has passed since they were last tried."""
    return [sensor for sensor in sensors if wait_s(sensor, attempted, now=now) <= 0]


def wait_s(sensor: SensorRow, attempted: Mapping[str, dt.datetime], *, now: dt.datetime) -> float:
    """Seconds until a sensor is due; zero or less when it is."""
    last = attempted.get(sensor.uid)
    # a time yet to come was written before the clock was set back: the sensor must not rest
    if last is None or last > now:
        return 0.0
    early = min(sensor.interval_s * _EARLY_SHARE, _EARLY_MOST_S)
    return sensor.interval_s - early - (now - last).total_seconds()


def poll(
    sensors: Sequence[SensorRow],
    store: Readings,
    *,
    rules: Mapping[str, LowRule | None],
    advance: Callable[[int], None] = lambda _: None,
    recheck_s: float = RECHECK_S,
) -> PollResult:
    """Read sensors once and record every attempt.

    Parameters
    ----------
    rules
        Low-pressure rule by family of the asset.
    advance
        Called with the number of sensors just done.
    recheck_s
        Rest before a suspect value is read again, seconds.
    """
    started = monotonic()
    recorder = Recorder(store, sensors=len(sensors), rules=rules)
    refusals: dict[str, InputRefused] = {}
    try:
        gateways = _grouped(sensors, recorder, refusals)
        asyncio.run(_cycle(gateways, recorder, advance, recheck_s))
    finally:
        recorder.flush()
    run = recorder.finish()
    failed = recorder.failures()
    failures = tuple(
        Failure(row, failed[row.uid].reason or Reason.SETUP, refusals.get(row.uid))
        for row in sensors
        if row.uid in failed
    )
    return PollResult(
        sensors=len(sensors),
        run=run,
        duration_s=monotonic() - started,
        failures=failures,
        transitions=tuple(recorder.transitions),
        names={row.uid: row.name for row in sensors},
    )


def _grouped(
    sensors: Iterable[SensorRow], recorder: Recorder, refusals: dict[str, InputRefused]
) -> list[Gateway]:
    """Sensors by gateway; one whose set-up is wrong is recorded as failed and left out."""
    gateways: dict[str, Gateway] = {}
    for row in sensors:
        try:
            sensor = ready(row)
        except InputRefused as refusal:
            refusals[row.uid] = refusal
            recorder.add(row, Measured.missing(Reason.SETUP), None)
            continue
        name = sensor.endpoint.name
        gateway = gateways.setdefault(name, Gateway(sensor.endpoint))
        gateway.endpoint = _patient(gateway.endpoint, sensor.endpoint)
        unit = gateway.units.setdefault(row.unit_id, {})
        unit.setdefault(row.profile, []).append(sensor)
    return list(gateways.values())


def _patient(one: Endpoint, other: Endpoint) -> Endpoint:
    """The gateway with the longer of two sets of times, where its sensors state different ones."""
    return replace(
        one,
        connect_timeout_s=max(one.connect_timeout_s, other.connect_timeout_s),
        timeout_s=max(one.timeout_s, other.timeout_s),
        pause_s=max(one.pause_s, other.pause_s),
    )


async def _cycle(
    gateways: Sequence[Gateway],
    recorder: Recorder,
    advance: Callable[[int], None],
    recheck_s: float,
) -> None:
    places = asyncio.Semaphore(most_connections(len(gateways)))

    async def visit(gateway: Gateway) -> None:
        async with places:
            await _Visit(gateway, recorder, advance, recheck_s).run()

    async with asyncio.TaskGroup() as group:
        for gateway in gateways:
            group.create_task(visit(gateway))


class _Visit:
    """The reading of one gateway in one cycle."""

    def __init__(
        self,
        gateway: Gateway,
        recorder: Recorder,
        advance: Callable[[int], None],
        recheck_s: float,
    ) -> None:
        self._units = gateway.units
        self._link = Link(gateway.endpoint)
        self._recorder = recorder
        self._advance = advance
        self._recheck_s = recheck_s
        self._gone: Reason | None = None

    async def run(self) -> None:
        """Read every unit in turn; the connection is closed in any case."""
        try:
            for unit, profiles in sorted(self._units.items()):
                silent: Reason | None = None
                for sensors in profiles.values():
                    silent = await self._read(unit, sensors, silent)
                    self._advance(len(sensors))
        finally:
            self._link.close()

    async def _read(
        self, unit: int, sensors: list[ReadySensor], silent: Reason | None
    ) -> Reason | None:
        """Read sensors of one unit until none is suspect; why the unit is silent, if it is."""
        while sensors:
            answers = await self._answers(unit, sensors, silent)
            silent = next(filter(_silences, answers.failures.values()), None)
            sensors = [sensor for sensor in sensors if self._record(sensor, answers)]
            if sensors:
                await asyncio.sleep(self._recheck_s)
        return silent

    async def _answers(
        self, unit: int, sensors: list[ReadySensor], silent: Reason | None
    ) -> UnitAnswers:
        names = tuple(dict.fromkeys(name for sensor in sensors for name in sensor.names))
        known = self._gone or silent
        if known is not None:
            return UnitAnswers(failures=dict.fromkeys(names, known))
        answers = await read_unit(self._link, unit, sensors[0].profile, names)
        gone = (reason for reason in answers.failures.values() if reason.concerns_gateway)
        # whoever could not be reached for one unit is not called again for the next
        self._gone = next(gone, None)
        return answers

    def _record(self, sensor: ReadySensor, answers: UnitAnswers) -> bool:
        """Record a sensor's attempt; whether it should be read again at once."""
        got = {n: answers.registers[n] for n in sensor.names if n in answers.registers}
        return self._recorder.add(sensor.row, sensor.outcome(answers), raw_text(got) or None)


def _silences(reason: Reason) -> bool:
    return reason in SILENT or reason.concerns_gateway


async def read_once(sensor: ReadySensor, names: tuple[str, ...]) -> UnitAnswers:
    """Answers of a sensor's unit, for a technician's test; nothing is stored."""
    link = Link(sensor.endpoint)
    try:
        return await read_unit(link, sensor.row.unit_id, sensor.profile, names)
    finally:
        link.close()
