"""One poll: gateways side by side, behind each one request at a time, everything recorded."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from time import monotonic

from hydrant.errors import HydrantError, InputRefused, first_of
from hydrant.integrity.policy import Policy
from hydrant.store.facts.sensors import SensorRow
from hydrant.store.readings.readings import Latest, Readings
from hydrant.telemetry.endpoint import Endpoint
from hydrant.telemetry.handles import most_connections
from hydrant.telemetry.link import BrokenOff, Link, always
from hydrant.telemetry.plan import raw_text
from hydrant.telemetry.quality import Measured, Reason
from hydrant.telemetry.reader import UnitAnswers, read_unit
from hydrant.telemetry.record import Recorder
from hydrant.telemetry.result import PollResult, result_of
from hydrant.telemetry.same_line import SharedLines
from hydrant.telemetry.setup import ReadySensor, ready
from hydrant.telemetry.wire import opener

#: Rest before a suspect value is read again, s: long enough for a pressure wave to pass.
RECHECK_S = 0.5
#: So many gateways are called at a time.
_SETTING_OUT = 50
#: How often it is looked whether a poll may go on, s.
_WATCH_S = 0.2

Units = dict[int, dict[str, list[ReadySensor]]]


@dataclass(slots=True)
class Gateway:
    """A gateway and who is behind it: sensors by unit and profile."""

    endpoint: Endpoint
    units: Units = field(default_factory=dict)


def poll(
    sensors: Sequence[SensorRow],
    store: Readings,
    *,
    policy: Policy,
    advance: Callable[[int], None] = lambda _: None,
    recheck_s: float = RECHECK_S,
    within_s: float | None = None,
    awaited: Sequence[SensorRow] = (),
    may_send: Callable[[], bool] = always,
) -> PollResult:
    """Read sensors once and record every attempt.

    Parameters
    ----------
    policy
        Its limits decide on alarms.
    advance
        Called with the number of sensors just done.
    recheck_s
        Rest before a suspect value is read again, seconds.
    within_s
        Longest time for the whole, seconds; None for as long as it takes.
    awaited
        Sensors that send by themselves; an alarm tells of those that have stopped to.
    may_send
        Whether gateways may be spoken to still; once it says no the poll is broken off at once,
        and what was not read is due still.
    """
    started = monotonic()
    with _undisturbed():
        assets = {row.asset_uid for row in (*sensors, *awaited)}
        recorder = Recorder(store, sensors=len(sensors), policy=policy, assets=assets)
        refusals: dict[str, InputRefused] = {}
        try:
            gateways = _slowest_first(_grouped(sensors, recorder, refusals), recorder.former)
            link = partial(Link, opens=opener(), may_send=may_send)
            cycle = _cycle(gateways, recorder, link, advance, recheck_s)
            asyncio.run(_in_time(cycle, within_s, may_send))
        finally:
            recorder.flush()
        recorder.await_from(awaited)
        return result_of(sensors, recorder, refusals, started, awaited)


async def poll_held(
    sensors: Sequence[SensorRow],
    store: Readings,
    *,
    policy: Policy,
    link: Callable[[Endpoint], Link],
    recheck_s: float = RECHECK_S,
    may_send: Callable[[], bool] = always,
) -> PollResult:
    """Read sensors once over lines that are held already, as `poll` does over its own.

    Parameters
    ----------
    link
        Makes the link to a gateway.
    may_send
        As for `poll`.
    """
    started = monotonic()
    assets = {row.asset_uid for row in sensors}
    recorder = Recorder(store, sensors=len(sensors), policy=policy, assets=assets)
    refusals: dict[str, InputRefused] = {}
    try:
        gateways = _grouped(sensors, recorder, refusals)
        cycle = _cycle(gateways, recorder, link, lambda _: None, recheck_s)
        await _in_time(cycle, None, may_send)
    finally:
        recorder.flush()
    return result_of(sensors, recorder, refusals, started)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keep the collector of cyclic garbage from going over a whole field again and again.

    What a cycle leaves behind is collected after it.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


async def _in_time(
    cycle: Awaitable[None], within_s: float | None, may_send: Callable[[], bool]
) -> None:
    """Break a cycle off when its time or its right is over; what was read by then is recorded."""
    failure: BaseException | None = None
    try:
        async with asyncio.timeout(within_s), asyncio.TaskGroup() as group:
            watching = group.create_task(_while(may_send)) if may_send is not always else None
            await cycle
            if watching is not None:
                watching.cancel()
    except* (TimeoutError, BrokenOff):
        pass
    except* HydrantError as failed:
        failure = first_of(failed)
    if failure is not None:
        raise failure


async def _while(may_send: Callable[[], bool]) -> None:
    """Last as long as gateways may be spoken to; an answer may be long in coming."""
    while may_send():
        await asyncio.sleep(_WATCH_S)
    raise BrokenOff


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


def _slowest_first(gateways: list[Gateway], former: Mapping[str, Latest]) -> list[Gateway]:
    """Gateways whose devices were silent the time before go first.

    Their timeouts are the longest part of a cycle and should run while the others answer.
    """

    def silent(gateway: Gateway) -> int:
        return sum(
            former[sensor.row.uid].failures > 0
            for profiles in gateway.units.values()
            for found in profiles.values()
            for sensor in found
            if sensor.row.uid in former
        )

    return sorted(gateways, key=silent, reverse=True)


def _patient(one: Endpoint, other: Endpoint) -> Endpoint:
    """The gateway with the longer of two sets of times, where its sensors state different ones."""
    if one == other:
        return one
    return replace(
        one,
        connect_timeout_s=max(one.connect_timeout_s, other.connect_timeout_s),
        timeout_s=max(one.timeout_s, other.timeout_s),
        pause_s=max(one.pause_s, other.pause_s),
    )


async def _cycle(
    gateways: Sequence[Gateway],
    recorder: Recorder,
    link: Callable[[Endpoint], Link],
    advance: Callable[[int], None],
    recheck_s: float,
) -> None:
    places = asyncio.Semaphore(most_connections(len(gateways)))
    mistakes: list[BaseException] = []
    lines = SharedLines()

    async def visit(gateway: Gateway) -> None:
        async with places, lines.taken(gateway.endpoint):
            reading = _Visit(gateway, recorder, link, advance, recheck_s).run()
            mistake = await _mistake_in(reading)
        if mistake is not None:
            mistakes.append(mistake)

    try:
        async with asyncio.TaskGroup() as group:
            for number, gateway in enumerate(gateways, 1):
                group.create_task(visit(gateway))
                if number % _SETTING_OUT == 0:
                    # the first, whose timeouts are the longest part, have sent before the last
                    await asyncio.sleep(0)
    finally:
        if mistakes:
            raise mistakes[0]


async def _mistake_in(reading: Coroutine[None, None, None]) -> BaseException | None:
    """A mistake of ours at one gateway, to be told once all the others have been read.

    What concerns the whole poll, a store that is lost or a right to poll that has ended, is raised.
    """
    task = asyncio.ensure_future(reading)
    try:
        await asyncio.wait((task,))
    finally:
        task.cancel()
    failure = task.exception()
    if isinstance(failure, HydrantError | BrokenOff):
        raise failure
    return failure


class _Visit:
    """The reading of one gateway in one cycle."""

    def __init__(
        self,
        gateway: Gateway,
        recorder: Recorder,
        link: Callable[[Endpoint], Link],
        advance: Callable[[int], None],
        recheck_s: float,
    ) -> None:
        self._units = gateway.units
        self._link = link(gateway.endpoint)
        self._recorder = recorder
        self._advance = advance
        self._recheck_s = recheck_s
        self._name = gateway.endpoint.name
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
            silent = answers.silence
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
        profile = sensors[0].profile
        device = self._name, unit, profile.name
        refused = self._recorder.refused(device)
        heard = self._recorder.heard(sensor.row.uid for sensor in sensors)
        answers = await read_unit(self._link, unit, profile, names, refused, heard=heard)
        self._recorder.note_refused(device, answers.refused)
        # whoever could not be reached for one unit is not called again for the next
        if answers.silence is not None and answers.silence.concerns_gateway:
            self._gone = answers.silence
        return answers

    def _record(self, sensor: ReadySensor, answers: UnitAnswers) -> bool:
        """Record a sensor's attempt; whether it should be read again at once."""
        if answers.unasked.intersection(sensor.names):
            return False  # what was not asked is no attempt
        got = {n: answers.registers[n] for n in sensor.names if n in answers.registers}
        return self._recorder.add(sensor.row, sensor.outcome(answers), raw_text(got) or None)


async def read_once(sensor: ReadySensor, names: tuple[str, ...]) -> UnitAnswers:
    """Answers of a sensor's unit, for a technician's test; nothing is stored."""
    link = Link(sensor.endpoint)
    try:
        return await read_unit(link, sensor.row.unit_id, sensor.profile, names)
    finally:
        link.close()
