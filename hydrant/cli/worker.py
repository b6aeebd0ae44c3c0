"""``hydrant worker``: one of many pollers of a registry on a server."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hydrant import times
from hydrant.cli.frame import Note, Result, Settings, command, group, helper, say
from hydrant.cli.poll_view import notes_of
from hydrant.cli.screen import Screen
from hydrant.errors import CommandLineError, HydrantError
from hydrant.messages import error_text, text
from hydrant.store.care.work import on_server, work_state
from hydrant.store.care.work import prepare as prepare_work
from hydrant.store.facts.sensors import list_sensors
from hydrant.store.ground.location import readings_path
from hydrant.store.ground.place import server_extra
from hydrant.store.ground.workers import STALLED_S, WorkState
from hydrant.store.readings.readings_file import view_readings
from hydrant.telemetry.overdue import Overdue, overdue
from hydrant.telemetry.result import PollResult
from hydrant.telemetry.worker import ShardPoller, Totals

if TYPE_CHECKING:
    from hydrant.store.server_work.guard import Guard

h = helper("worker")
app = group("worker", default="run")


@command(app, "run")
def run(
    settings: Settings,
    *,
    every: Annotated[float, typer.Option("--every", metavar="SECONDS", help=h("every"))] = 60.0,
    shards: Annotated[int | None, typer.Option("--shards", metavar="N", help=h("shards"))] = None,
    at_once: Annotated[int, typer.Option("--at-once", metavar="N", help=h("at_once"))] = 4,
    stalled: Annotated[
        float, typer.Option("--stalled", metavar="SECONDS", help=h("stalled"))
    ] = STALLED_S,
    once: Annotated[bool, typer.Option("--once", help=h("once"))] = False,
    everything: Annotated[bool, typer.Option("--all", help=h("all"))] = False,
) -> Result:
    """Poll shards of gateways with other workers until stopped."""
    if every < 1 or at_once < 1 or stalled < 3 or (shards is not None and shards < 1):
        raise CommandLineError("cli_worker.range")
    place, told = on_server(settings.path), _Reporter(settings)
    with server_extra():
        from hydrant.store.server_work.queue import Plan  # noqa: PLC0415  a file needs no driver
        from hydrant.store.server_work.serving import serve  # noqa: PLC0415  as above
    totals, started = Totals(), times.now()

    def plan_for(guard: Guard) -> Plan:
        poller = ShardPoller(
            place, guard, shards=shards, polled=told.read, failed=told.failed,
            everything=everything, lead_s=0.0 if once else every / 2, totals=totals,
        )  # fmt: skip
        return Plan(poller.shards, poller, every, at_once, once)

    if not once:
        say(text("cli_worker.begun", settings.lang, file=place, every=f"{every:g}"))
    cycles, closed = serve(place, plan_for, stalled_s=stalled, lost=told.lost)
    data = {"cycles": cycles, "closed": closed, **asdict(totals)}
    data["duration_s"] = round((times.now() - started).total_seconds(), 3)
    code = told.exit_code(totals) if once else 0
    return Result(
        data, lambda screen: screen.line("cli_worker.ended", **data), tuple(told.notes), code
    )


class _Reporter:
    """Tells on the way what polls found; with ``--once --json`` it is kept for the envelope."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.notes: list[Note] = []
        self._failure: HydrantError | None = None

    def read(self, result: PollResult) -> None:
        """A shard was polled."""
        for note in notes_of(result):
            self._say(note)

    def failed(self, error: HydrantError) -> None:
        """A shard could not be polled."""
        self._failure = error
        say(error_text(error, self._settings.lang))

    def lost(self, error: HydrantError) -> None:
        """The session ended; another is begun."""
        why = error.facts.get("why") or error_text(error, self._settings.lang)
        say(text("cli_worker.again", self._settings.lang, why=why))

    def exit_code(self, totals: Totals) -> int:
        """As for ``hydrant poll``: 5 where no sensor answered."""
        if self._failure is not None:
            return self._failure.exit_code
        return 5 if totals.failed and not totals.answered else 0

    def _say(self, note: Note) -> None:
        if self._settings.json:
            self.notes = [*self.notes[-999:], note]
        else:
            say(text(note.key, self._settings.lang, **note.facts))


@command(app, "status")
def status(settings: Settings) -> Result:
    """Who works, what is queued, and what has not been read for longest."""
    place = on_server(settings.path)
    found = work_state(place)
    with settings.registry(hurry=True) as registry, view_readings(readings_path(place)) as store:
        called = [row for row in list_sensors(registry) if not row.waited_for]
        assert store is not None  # noqa: S101  a server has its readings from the start
        late = overdue(called, store, now=times.now())
    return Result(
        _status_data(found, late), lambda screen: _show_status(screen, settings, found, late)
    )


def _status_data(found: WorkState | None, late: Overdue) -> dict[str, Any]:
    state = WorkState((), 0, 0, 0, 0.0) if found is None else found
    return {
        "prepared": found is not None,
        "workers": state.workers,
        "waiting": state.waiting,
        "ahead": state.ahead,
        "doing": state.doing,
        "oldest_wait_s": round(state.oldest_wait_s, 1),
        "members": [
            {**asdict(member), "seen_s": round(member.seen_s, 1)} for member in state.members
        ],
        "overdue": asdict(late),
    }


def _show_status(
    screen: Screen, settings: Settings, found: WorkState | None, late: Overdue
) -> None:
    if found is None:
        screen.line("cli_worker.never")
    else:
        _show_members(screen, settings, found)
        screen.line(
            "cli_worker.queue",
            waiting=found.waiting,
            doing=found.doing,
            oldest=f"{found.oldest_wait_s:.0f}",
        )
    if late.longest_gap_s is not None:
        screen.line(
            "cli_worker.gap",
            gap=f"{late.longest_gap_s:.0f}",
            asset=late.asset,
            overdue=late.overdue,
            never=late.never,
        )


def _show_members(screen: Screen, settings: Settings, found: WorkState) -> None:
    if not found.members:
        screen.line("cli_worker.nobody")
        return
    columns = ("kind", "host", "process", "seen", "doing", "lines", "state")
    rows = [
        (
            text(f"cli_worker.{member.kind}", settings.lang), member.host, str(member.process),
            f"{member.seen_s:.0f}", str(member.doing), str(member.lines),
            text("cli_worker.stalled_now" if member.stalled else "cli_worker.live", settings.lang),
        )
        for member in found.members
    ]  # fmt: skip
    titles = [text(f"cli_worker.column_{name}", settings.lang) for name in columns]
    screen.table(titles, rows, numeric=(2, 3, 4, 5))


@command(app, "prepare")
def prepare(settings: Settings) -> Result:
    """Make what workers need in the database, as its owner."""
    made = prepare_work(settings.path)

    def show(screen: Screen) -> None:
        screen.line("cli_worker.prepared" if made else "cli_worker.ready", file=settings.path)

    return Result({"made": made}, show)
