"""``hydrant listen``: gateways that dial in, held and read on schedule."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from time import monotonic, sleep
from typing import Annotated

import typer

from hydrant.cli.frame import Result, Settings, command, helper, say, single
from hydrant.cli.poll_view import notes_of, tell_cycle
from hydrant.errors import CommandLineError, HydrantError, Phrase, StoreError
from hydrant.messages import text
from hydrant.store.care.work import seats
from hydrant.store.facts.sensors import list_sensors
from hydrant.store.ground.location import readings_path
from hydrant.store.ground.place import Place, Server
from hydrant.store.opened.kept_policy import policy_of
from hydrant.store.readings.readings_file import open_readings
from hydrant.telemetry.dialin import Lines, Manners
from hydrant.telemetry.endpoint import caller_of
from hydrant.telemetry.listener import Dialling, Listener, Seats
from hydrant.telemetry.registration import Allowed
from hydrant.telemetry.result import PollResult
from hydrant.telemetry.run_lock import only_one

#: After readings could not be stored, s.
_RETRY_S = 1.0

h = helper("listen")
app = single("listen")


@command(app, "listen")
def listen(
    settings: Settings,
    *,
    port: Annotated[int, typer.Option("--port", metavar="N", help=h("port"))],
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help=h("host"))] = "0.0.0.0",  # noqa: S104
    acknowledge: Annotated[str | None, typer.Option("--ack", metavar="TEXT", help=h("ack"))] = None,
    reply: Annotated[str | None, typer.Option("--reply", metavar="TEXT", help=h("reply"))] = None,
    idle: Annotated[float, typer.Option("--idle", metavar="SECONDS", help=h("idle"))] = 600.0,
    prefix: Annotated[
        list[str] | None, typer.Option("--prefix", metavar="TEXT", help=h("prefix"))
    ] = None,
    heartbeat: Annotated[
        list[str] | None, typer.Option("--heartbeat", metavar="TEXT", help=h("heartbeat"))
    ] = None,
    seconds: Annotated[
        float | None, typer.Option("--for", metavar="SECONDS", help=h("for"))
    ] = None,
) -> Result:
    """Hold the lines of gateways that dial in and read their sensors when due."""
    if idle <= 0 or not 0 <= port <= 65535:
        raise CommandLineError("cli_listen.range")
    manners = Manners(_bytes(acknowledge), _bytes(reply), idle_s=idle)
    allowed = Allowed((), prefixes=prefix or (), heartbeats=heartbeat or ())
    desk = _Desk(settings, host, port, manners, allowed)
    with _seats(settings.path) as seats, suppress(TimeoutError, KeyboardInterrupt):
        desk.work(seats, seconds)
    counts = desk.counts
    return Result(counts, lambda screen: screen.line("cli_listen.ended", **counts))


class _Desk:
    """A listener on one port, and what it did so far."""

    def __init__(
        self, settings: Settings, host: str, port: int, manners: Manners, allowed: Allowed
    ) -> None:
        self._settings, self._host, self._port = settings, host, port
        self._manners, self._allowed = manners, allowed
        self._again = _Again(settings)
        self._totals = _Totals(settings, len(self._again.found.sensors))
        self._begun = False

    @property
    def counts(self) -> dict[str, int]:
        """What came of it, for scripts."""
        return self._totals.counts

    def work(self, seats: Seats | None, seconds: float | None) -> None:
        """Hold lines and read until the time is over.

        Readings that are held or were replaced end nothing: the lines are let go, gateways call
        again, and readings are stored as soon as they can be. A server is another matter: whoever
        lost it has lost its seats.
        """
        until = None if seconds is None else monotonic() + seconds
        while True:
            try:
                self._listen(seats, None if until is None else until - monotonic())
            except StoreError as error:
                if not self._begun or isinstance(self._settings.path, Server):
                    raise
                self._again.tell(error)
                sleep(_RETRY_S)

    def _listen(self, seats: Seats | None, seconds: float | None) -> None:
        found = self._again.look()
        callers = filter(None, (caller_of(row.url) for row in found.sensors))
        events = partial(_event, self._settings)
        lines = Lines(self._allowed.with_ids(callers), self._manners, events)
        totals, again = self._totals, self._again.look
        try:
            with open_readings(readings_path(self._settings.path)) as store:
                sensors, policy = found
                listener = Listener(
                    lines, sensors, store, policy, totals.read, totals.sent, seats, again
                )
                asyncio.run(_for(listener.serve(self._host, self._port, self._ready), seconds))
        finally:
            self.counts["turned_away"] += lines.admission.turned_away

    def _ready(self, where: str) -> None:
        if not self._begun:
            count = len(self._again.found.sensors)
            _say(self._settings, "cli_listen.begun", count=count, where=where)
        self._begun = True
        self._port = int(where.rpartition(":")[2])  # the same one again, should it begin anew


def _dialing_in(settings: Settings) -> Dialling:
    """Sensors whose gateways dial in, and the limits; the registry is closed again."""
    with settings.registry(hurry=True) as registry:
        sensors = [row for row in list_sensors(registry) if row.url.startswith("dialin:")]
        return Dialling(sensors, policy_of(registry))


class _Again:
    """What is registered by now, or was when the registry could last be read."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._amiss = settings, ""
        self.found = _dialing_in(settings)

    def look(self) -> Dialling:
        """Read the registry; that it is away is told once, and once that it is back."""
        remarks = len(self._settings.notes)
        try:
            self.found = _dialing_in(self._settings)
        except HydrantError as error:
            self.tell(error)
        else:
            if self._amiss:
                _say(self._settings, "cli_listen.back")
            self._amiss = ""
        del self._settings.notes[remarks:]  # they were made when it was read first
        return self.found

    def tell(self, error: HydrantError) -> None:
        """Say what is amiss, once for as long as it lasts."""
        if self._amiss != error.key:
            _say(self._settings, "cli_listen.away", why=Phrase(error.key, error.facts))
        self._amiss = error.key


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode()


@contextmanager
def _seats(place: Place) -> Iterator[Seats | None]:
    """What shares gateways out among the listeners of a server; a file has one listener."""
    if isinstance(place, Server):
        with seats(place) as taken:
            yield taken
        return
    with only_one(place, "listen"):
        yield None


async def _for(work: Awaitable[None], seconds: float | None) -> None:
    async with asyncio.timeout(seconds):
        await work


class _Totals:
    """What a listener did so far, told as it happens."""

    def __init__(self, settings: Settings, sensors: int) -> None:
        self._settings = settings
        self.counts = {"sensors": sensors, "answered": 0, "failed": 0, "stored": 0}
        self.counts["turned_away"] = 0

    def read(self, result: PollResult) -> None:
        """Sensors were read."""
        self.counts["answered"] += result.run.answered
        self.counts["failed"] += result.run.failed
        self.counts["stored"] += result.run.stored
        tell_cycle(self._settings, result)

    def sent(self, result: PollResult) -> None:
        """Values came without being asked for."""
        self.counts["stored"] += result.run.stored
        for note in notes_of(result):
            _say(self._settings, note.key, **note.facts)


def _event(settings: Settings, event: str, who: str) -> None:
    _say(settings, f"cli_listen.{event}", who=who)


def _say(settings: Settings, key: str, /, **facts: object) -> None:
    say(text(key, settings.lang, **facts))
