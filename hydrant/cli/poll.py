"""``hydrant poll``: read the sensors that are due."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from hydrant import times
from hydrant.cli.frame import Note, Result, Settings, command, helper, say, single
from hydrant.cli.poll_log import leave
from hydrant.cli.poll_view import notes_of, show_poll, tell_cycle
from hydrant.errors import HydrantError, Phrase
from hydrant.messages import text
from hydrant.store.facts.sensors import SensorRow
from hydrant.store.ground.location import readings_path
from hydrant.store.ground.place import place_seen
from hydrant.store.readings.readings import Readings
from hydrant.store.readings.readings_alarms import heeded_alarms
from hydrant.store.readings.readings_file import open_readings
from hydrant.telemetry.cycle import Registered, awake, read, registered, to_read
from hydrant.telemetry.result import PollResult, poll_data
from hydrant.telemetry.run_lock import only_one
from hydrant.telemetry.schedule import wait_s

h = helper("poll")
app = single("poll")

EXIT_STORE = 4
EXIT_DEVICE = 5
EXIT_ALARM = 6
#: While watching, after what ended a turn, s.
_RETRY_S = 1.0
#: While watching, the registry is looked at again at least this often for new sensors, s.
_LOOK_AGAIN_S = 60.0


@command(app, "poll")
def poll(
    settings: Settings,
    *,
    everything: Annotated[bool, typer.Option("--all", help=h("all"))] = False,
    watch: Annotated[bool, typer.Option("--watch", help=h("watch"))] = False,
    strict: Annotated[bool, typer.Option("--strict", help=h("strict"))] = False,
    fail_on_alarm: Annotated[
        bool, typer.Option("--fail-on-alarm", help=h("fail_on_alarm"))
    ] = False,
    within: Annotated[
        float | None, typer.Option("--within", metavar="SECONDS", help=h("within"))
    ] = None,
    metrics: Annotated[
        Path | None, typer.Option("--metrics", metavar="FILE", help=h("metrics"))
    ] = None,
    log: Annotated[Path | None, typer.Option("--log", metavar="FILE", help=h("log"))] = None,
) -> Result:
    """Read what is due, once; or keep going."""
    turn = _Turn(settings, everything, within, metrics, log)
    turn.found = _registered(settings)
    with only_one(settings.path):
        while watch:
            turn.go_on()
        with open_readings(readings_path(settings.path)) as store:
            result = turn.read(store)
            open_alarms = heeded_alarms(store, times.now())
    code = _exit_code(result, strict=strict, alarm=fail_on_alarm and bool(open_alarms))
    return Result(
        poll_data(result),
        lambda screen: show_poll(screen, result, registered=len(turn.found.called)),
        (*notes_of(result), *turn.unwritten),
        EXIT_STORE if turn.unwritten else code,
    )


@dataclass(slots=True)
class _Turn:
    """One turn of polling, or, where it is to keep going, one after another.

    Attributes
    ----------
    found
        What is registered, or was when the registry could last be read.
    unwritten
        What could not be left for machines in the last turn.
    """

    settings: Settings
    everything: bool
    within_s: float | None
    metrics: Path | None
    log: Path | None
    found: Registered = field(init=False)
    unwritten: list[Note] = field(default_factory=list)
    _amiss: str | None = None
    _seen: object = None

    def read(self, store: Readings) -> PollResult:
        """Read what is due and leave for machines what they were asked to be left.

        What cannot be left is told beside the alarms, not in place of them.
        """
        chosen = to_read(self.found, store, everything=self.everything)
        with self.settings.progress("cli_poll.progress", len(chosen)) as advance:
            result = read(chosen, self.found, store, within_s=self.within_s, advance=advance)
        self.unwritten = [
            Note.of(error.key, **error.facts)
            for error in leave(self.metrics, self.log, result, store, self.found.called)
        ]
        return result

    def go_on(self) -> None:
        """Read turn after turn while the files stay what they are.

        A registry that is held, away or replaced ends nothing: what was registered is read on, and
        readings are stored again as soon as they can be.
        """
        try:
            with open_readings(readings_path(self.settings.path)) as store:
                self._seen = place_seen(self.settings.path)
                while self._seen == place_seen(self.settings.path):
                    result = self.read(store)
                    tell_cycle(self.settings, result, self.unwritten)
                    _sleep(awake(self.found.called, store), store)
                    if self._look_again():
                        self._tell_back()
        except HydrantError as error:
            self._tell_away(error)
            time.sleep(_RETRY_S)
            self._look_again()

    def _look_again(self) -> bool:
        """Follow what is registered; whether the registry could be read."""
        remarks = len(self.settings.notes)
        try:
            self.found = _registered(self.settings)
        except HydrantError as error:
            self._tell_away(error)
            return False
        finally:
            del self.settings.notes[remarks:]  # they were made when it was read first
        return True

    def _tell_away(self, error: HydrantError) -> None:
        """Say what is amiss, once for as long as it lasts."""
        if self._amiss != error.key:
            why = Phrase(error.key, error.facts)
            say(text("cli_poll.away", self.settings.lang, why=why))
        self._amiss = error.key

    def _tell_back(self) -> None:
        if self._amiss is not None:
            say(text("cli_poll.back", self.settings.lang))
        self._amiss = None


def _registered(settings: Settings) -> Registered:
    with settings.registry(hurry=True) as registry:
        return registered(registry)


def _sleep(sensors: list[SensorRow], store: Readings) -> None:
    attempts, now = store.attempts(), times.now()
    soonest = min((wait_s(sensor, attempts, now=now) for sensor in sensors), default=_LOOK_AGAIN_S)
    time.sleep(max(0.2, min(soonest, _LOOK_AGAIN_S)))


def _exit_code(result: PollResult, *, strict: bool, alarm: bool) -> int:
    nobody = result.sensors > 0 and result.run.answered == 0
    if nobody or (strict and (result.run.failed or result.unreached)):
        return EXIT_DEVICE
    return EXIT_ALARM if alarm else 0
