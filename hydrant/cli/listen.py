"""``hydrant listen``: gateways that dial in, held and read on schedule."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Annotated

import typer

from hydrant import times
from hydrant.cli.frame import Result, Settings, command, helper, say, single
from hydrant.cli.poll_view import tell_cycle
from hydrant.cli.run_lock import only_one
from hydrant.errors import CommandLineError, StoreError
from hydrant.integrity.policy import Policy, load_policy
from hydrant.messages import text
from hydrant.store.location import readings_path
from hydrant.store.readings import Readings, open_readings
from hydrant.store.sensors import SensorRow, list_sensors
from hydrant.telemetry.dialin import Allowed, HeldLink, HeldWire, Lines, Manners
from hydrant.telemetry.endpoint import parse
from hydrant.telemetry.poll import PollResult, poll_held
from hydrant.telemetry.record import Recorder
from hydrant.telemetry.schedule import due
from hydrant.telemetry.unasked import KnownQueries

h = helper("listen")
app = single("listen")

#: How often it is looked whether a sensor is due, s.
_LOOK_S = 1.0


@command(app, "listen")
def listen(
    settings: Settings,
    *,
    port: Annotated[int, typer.Option("--port", metavar="N", help=h("port"))],
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help=h("host"))] = "0.0.0.0",  # noqa: S104
    acknowledge: Annotated[str | None, typer.Option("--ack", metavar="TEXT", help=h("ack"))] = None,
    reply: Annotated[str | None, typer.Option("--reply", metavar="TEXT", help=h("reply"))] = None,
    idle: Annotated[float, typer.Option("--idle", metavar="SECONDS", help=h("idle"))] = 600.0,
    seconds: Annotated[
        float | None, typer.Option("--for", metavar="SECONDS", help=h("for"))
    ] = None,
) -> Result:
    """Hold the lines of gateways that dial in and read their sensors when due."""
    if idle <= 0 or not 0 <= port <= 65535:
        raise CommandLineError("cli_listen.range")
    with settings.registry() as registry:
        sensors = [row for row in list_sensors(registry) if row.url.startswith("dialin:")]
        policy = load_policy(registry.policy)
    manners = Manners(
        None if acknowledge is None else acknowledge.encode(),
        None if reply is None else reply.encode(),
        idle_s=idle,
    )
    allowed = Allowed(parse(row.url).host for row in sensors)
    lines = Lines(allowed, manners, on_event=partial(_event, settings))
    totals: dict[str, int] = {"sensors": len(sensors), "answered": 0, "failed": 0, "stored": 0}
    with only_one(settings.path, "listen"), open_readings(readings_path(settings.path)) as store:
        work = _serve(settings, lines, sensors, store, policy, (host, port), totals)
        with suppress(TimeoutError, KeyboardInterrupt):
            asyncio.run(_for(work, seconds))
    return Result(totals, lambda screen: screen.line("cli_listen.ended", **totals))


async def _for(work: asyncio.Future[None] | object, seconds: float | None) -> None:
    async with asyncio.timeout(seconds):
        await work  # type: ignore[misc]


async def _serve(
    settings: Settings,
    lines: Lines,
    sensors: list[SensorRow],
    store: Readings,
    policy: Policy,
    address: tuple[str, int],
    totals: dict[str, int],
) -> None:
    try:
        server = await lines.listen(*address)
    except OSError as error:
        where = f"{address[0]}:{address[1]}"
        raise StoreError("cli_listen.cannot", where=where, why=error.strerror) from None
    queries = KnownQueries(sensors)

    def unasked(wire: HeldWire) -> None:
        found = list(queries.take(str(wire.identity), wire.buffer))
        if found:
            recorder = Recorder(store, sensors=len(found), policy=policy)
            for row, measured, raw in found:
                recorder.add(row, measured, raw)
            totals["stored"] += recorder.finish().stored

    lines.on_unasked = unasked
    port = server.sockets[0].getsockname()[1]
    _say(settings, "cli_listen.begun", where=f"{address[0]}:{port}", count=len(sensors))
    try:
        while True:
            attempts = store.attempts()
            # whoever has never called is not told to have failed before he could
            chosen = [
                row
                for row in due(sensors, attempts, now=times.now())
                if parse(row.url).host in lines.held or row.uid in attempts
            ]
            if chosen:
                link: Callable[..., HeldLink] = partial(HeldLink, lines=lines)
                result = await poll_held(chosen, store, policy=policy, link=link)
                _tell(settings, result, totals)
            await asyncio.sleep(_LOOK_S)
    finally:
        lines.close()
        server.close()


def _tell(settings: Settings, result: PollResult, totals: dict[str, int]) -> None:
    totals["answered"] += result.run.answered
    totals["failed"] += result.run.failed
    totals["stored"] += result.run.stored
    tell_cycle(settings, result)


def _event(settings: Settings, event: str, who: str) -> None:
    _say(settings, f"cli_listen.{event}", who=who)


def _say(settings: Settings, key: str, /, **facts: object) -> None:
    say(text(key, settings.lang, **facts))
