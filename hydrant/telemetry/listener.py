"""Holds the lines of gateways that dial in and reads their sensors when they are due."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from time import monotonic
from typing import NamedTuple, Protocol

from hydrant import times
from hydrant.errors import StoreError, first_of
from hydrant.integrity.policy import Policy
from hydrant.store.facts.sensors import SensorRow
from hydrant.store.readings.readings import Attempt, Readings
from hydrant.store.readings.readings_care import resting
from hydrant.telemetry.dialin import HeldLink, HeldWire, Lines
from hydrant.telemetry.endpoint import caller_of
from hydrant.telemetry.link import always
from hydrant.telemetry.poll import poll_held
from hydrant.telemetry.record import Recorder
from hydrant.telemetry.result import PollResult, result_of
from hydrant.telemetry.schedule import PATIENCE, due
from hydrant.telemetry.unsolicited import Found, KnownQueries

#: How often it is looked whether a sensor is due, s.
_LOOK_S = 1.0
#: A gateway whose line ended is given so long to call again and say who it is, s.
_CALLING_S = 5.0
#: How often it is looked what is registered, s.
_LOOK_AGAIN_S = 3.0


class Dialling(NamedTuple):
    """Sensors behind gateways that dial in, and the limits."""

    sensors: list[SensorRow]
    policy: Policy


class Seats(Protocol):
    """Who of several listeners reads which gateway; see `hydrant.store.server_work.lines`."""

    def lease(self) -> Callable[[], bool]:
        """Tells whether what is ours to read now has been so without a break."""

    async def keep(self) -> None:
        """Keep our claim up until cancelled; raises `StoreError` when it is lost."""

    def settle(self, arrived: Collection[str], held: Collection[str]) -> Collection[str]:
        """Tell which lines arrived and which are held; those of them that others hold now."""

    def ours(self) -> Collection[str]:
        """Gateways that are ours to read."""

    def nowhere(self, gateways: Collection[str]) -> Collection[str]:
        """Those that no listener holds and that this one is to tell of."""


class Alone:
    """The seats of the only listener: whatever dials in is its own."""

    def __init__(self) -> None:
        self._held: Collection[str] = ()

    def lease(self) -> Callable[[], bool]:
        """It is so always."""
        return always

    async def keep(self) -> None:
        """There is nothing to keep up."""
        await asyncio.Event().wait()

    def settle(self, arrived: Collection[str], held: Collection[str]) -> Collection[str]:
        """Nobody else holds any."""
        del arrived
        self._held = held
        return ()

    def ours(self) -> Collection[str]:
        """All that are held."""
        return self._held

    def nowhere(self, gateways: Collection[str]) -> Collection[str]:
        """All."""
        return gateways


class Listener:
    """Gateways that dial in, and what is to be read behind them.

    Parameters
    ----------
    lines
        Who may call and how callers are dealt with.
    sensors
        Sensors with ``dialin://`` URLs.
    on_cycle
        Told what each round of reading did.
    on_sent
        Told what came of values that gateways sent without being asked.
    seats
        Shares the gateways out among several listeners.
    again
        What is registered by now: asked every few seconds; None where that never changes.
    """

    def __init__(
        self,
        lines: Lines,
        sensors: Sequence[SensorRow],
        store: Readings,
        policy: Policy,
        on_cycle: Callable[[PollResult], None],
        on_sent: Callable[[PollResult], None],
        seats: Seats | None = None,
        again: Callable[[], Dialling] | None = None,
    ) -> None:
        self._lines = lines
        self._sensors = list(sensors)
        self._store = store
        self._policy = policy
        self._on_cycle = on_cycle
        self._on_sent = on_sent
        self._seats = seats or Alone()
        self._again = again
        self._known: dict[str, HeldWire] = {}
        self._queries = KnownQueries(sensors)
        self._sent: list[tuple[Found, dt.datetime]] = []
        self._began = times.now()
        self._since: dict[str, dt.datetime] = {}
        lines.on_unasked = self._unasked

    async def serve(self, host: str, port: int, ready: Callable[[str], None]) -> None:
        """Accept callers and read until cancelled.

        Parameters
        ----------
        ready
            Told address and port once callers are accepted.

        Raises
        ------
        StoreError
            The address cannot be listened on.
        """
        try:
            server = await self._lines.listen(host, port)
        except OSError as error:
            where = f"{host}:{port}"
            raise StoreError("cli_listen.cannot", where=where, why=error.strerror) from None
        ready(f"{host}:{server.sockets[0].getsockname()[1]}")
        self._began = times.now()
        failure: BaseException | None = None
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._seats.keep())
                group.create_task(self._rounds())
                if self._again is not None:
                    group.create_task(self._look_again(self._again))
        except* StoreError as lost:
            failure = first_of(lost)
        finally:
            try:
                await self._lines.close()
            finally:
                self._keep_sent()
        if failure is not None:
            raise failure

    async def _look_again(self, again: Callable[[], Dialling]) -> None:
        """Follow what is registered: whoever is new may call, whoever was removed is left alone."""
        while True:
            await asyncio.sleep(_LOOK_AGAIN_S)
            # a registry that is held by another program must not hold up the lines
            found = await asyncio.to_thread(again)
            self._policy = found.policy
            if found.sensors != self._sensors:
                known = {row.uid for row in self._sensors}
                self._since |= {row.uid: times.now() for row in found.sensors
                                if row.uid not in known}  # fmt: skip
                self._sensors, self._queries = found.sensors, KnownQueries(found.sensors)
                callers = filter(None, (caller_of(row.url) for row in found.sensors))
                self._lines.allow(self._lines.allowed.with_ids(callers))

    async def _rounds(self) -> None:
        while True:
            await self._round()
            await asyncio.sleep(_LOOK_S)

    def _settle(self) -> None:
        """Let go of lines whose gateways have called another listener since."""
        held = dict(self._lines.held)
        arrived = [name for name, wire in held.items() if self._known.get(name) is not wire]
        self._known = held
        for name in self._seats.settle(arrived, held):
            held[name].drop()

    async def _round(self) -> None:
        self._keep_sent()
        sure = self._seats.lease()
        self._settle()
        waiting = self._due(self._store.attempts(), times.now())
        # what is not asked is no attempt: neither a row nor a step towards an alarm
        chosen = [row for row in waiting if not self._rests(row)]
        if chosen:
            link = partial(HeldLink, lines=self._lines, may_send=sure)
            result = await poll_held(
                chosen, self._store, policy=self._policy, link=link, may_send=sure
            )
            self._on_cycle(result)

    def _rests(self, row: SensorRow) -> bool:
        wire = self._lines.held.get(caller_of(row.url) or "")
        return wire is not None and wire.rests(row.unit_id)

    def _due(self, attempts: Mapping[str, Attempt], now: dt.datetime) -> list[SensorRow]:
        """Sensors to read now; who has never called is given a few intervals to do so."""
        rest = resting(self._store)
        waiting = due(self._sensors, attempts, now=now)
        named = {row.uid: caller_of(row.url) for row in waiting}
        elsewhere = {name for name in named.values() if name} - set(self._seats.ours())
        # a sensor with a wrong URL is nobody's: each listener tells of it
        readable = {*self._seats.ours(), *self._seats.nowhere(elsewhere), None}

        def may_have_called(row: SensorRow) -> bool:
            if named[row.uid] in self._lines.held:
                return True
            last = attempts.get(row.uid)
            if last is not None and last.failures == 0:  # it may be calling just now
                return (now - last.at).total_seconds() > row.interval_s + _CALLING_S
            waited_s = (now - self._since.get(row.uid, self._began)).total_seconds()
            return last is not None or waited_s > (PATIENCE + 1) * row.interval_s

        return [
            row
            for row in waiting
            if row.uid not in rest and named[row.uid] in readable and may_have_called(row)
        ]

    def _unasked(self, wire: HeldWire) -> None:
        at = times.now()
        found = self._queries.take(str(wire.identity), wire.buffer, wire.rests)
        self._sent.extend((answer, at) for answer in found)

    def _keep_sent(self) -> None:
        """Store what came unasked since the last round, together."""
        sent, self._sent = self._sent, []
        if not sent:
            return
        sensors = {row.uid: row for (row, _, _), _ in sent}
        recorder = Recorder(self._store, sensors=len(sensors), policy=self._policy)
        for (row, measured, raw), at in sent:
            recorder.add(row, measured, raw, at=at)
        self._on_sent(result_of(list(sensors.values()), recorder, {}, monotonic()))
