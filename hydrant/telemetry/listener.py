"""Holds the lines of gateways that dial in and reads their sensors when they are due."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from time import monotonic

from hydrant import times
from hydrant.errors import StoreError
from hydrant.integrity.policy import Policy
from hydrant.store.readings import Attempt, Readings
from hydrant.store.readings_care import resting
from hydrant.store.sensors import SensorRow
from hydrant.telemetry.dialin import HeldLink, HeldWire, Lines
from hydrant.telemetry.endpoint import parse
from hydrant.telemetry.poll import poll_held
from hydrant.telemetry.record import Recorder
from hydrant.telemetry.result import PollResult, result_of
from hydrant.telemetry.schedule import PATIENCE, due
from hydrant.telemetry.unasked import Found, KnownQueries

#: How often it is looked whether a sensor is due, s.
_LOOK_S = 1.0


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
    """

    def __init__(
        self,
        lines: Lines,
        sensors: Sequence[SensorRow],
        store: Readings,
        policy: Policy,
        on_cycle: Callable[[PollResult], None],
        on_sent: Callable[[PollResult], None],
    ) -> None:
        self._lines = lines
        self._sensors = sensors
        self._store = store
        self._policy = policy
        self._on_cycle = on_cycle
        self._on_sent = on_sent
        self._queries = KnownQueries(sensors)
        self._sent: list[tuple[Found, dt.datetime]] = []
        self._began = times.now()
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
        try:
            while True:
                await self._round()
                await asyncio.sleep(_LOOK_S)
        finally:
            self._lines.close()
            server.close()
            self._keep_sent()

    async def _round(self) -> None:
        self._keep_sent()
        chosen = self._due(self._store.attempts(), times.now())
        if chosen:
            link = partial(HeldLink, lines=self._lines)
            result = await poll_held(chosen, self._store, policy=self._policy, link=link)
            self._on_cycle(result)

    def _due(self, attempts: Mapping[str, Attempt], now: dt.datetime) -> list[SensorRow]:
        """Sensors to read now; who has never called is given a few intervals to do so."""
        rest = resting(self._store)

        def may_have_called(row: SensorRow) -> bool:
            waited_s = (now - self._began).total_seconds()
            return (
                row.uid in attempts
                or parse(row.url).host in self._lines.held
                or waited_s > (PATIENCE + 1) * row.interval_s
            )

        return [
            row
            for row in due(self._sensors, attempts, now=now)
            if row.uid not in rest and may_have_called(row)
        ]

    def _unasked(self, wire: HeldWire) -> None:
        at = times.now()
        found = self._queries.take(str(wire.identity), wire.buffer)
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
