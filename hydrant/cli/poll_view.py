"""How a poll is told: counts for scripts, a line for people, a line for every problem."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from hydrant.cli.envelope import envelope, write_json
from hydrant.cli.frame import Note, Settings, say
from hydrant.cli.screen import Screen
from hydrant.errors import Phrase
from hydrant.messages import text
from hydrant.store.facts.sensors import SensorRow
from hydrant.store.readings.readings import AlarmChange
from hydrant.telemetry.result import Failure, PollResult, poll_data
from hydrant.vocabulary import AlarmKind


def show_poll(screen: Screen, result: PollResult, *, registered: int) -> None:
    """Print the counts."""
    if result.sensors == 0:
        screen.line("cli_poll.nothing_due" if registered else "cli_poll.none_to_call")
        return
    run = result.run
    screen.line(
        "cli_poll.done",
        sensors=result.sensors,
        answered=run.answered,
        failed=run.failed,
        stored=run.stored,
        duration=f"{result.duration_s:.1f}",
    )
    if run.opened or run.cleared:
        screen.line("cli_poll.alarms", opened=run.opened, cleared=run.cleared)


def tell_cycle(settings: Settings, result: PollResult) -> None:
    """Show one cycle of many: a line, or an object in JSON, and a line per problem."""
    if result.sensors == 0:
        return
    if settings.json:
        data = poll_data(result)
        write_json(envelope(settings.command, data=data, messages=[], exit_code=0))
    else:
        show_poll(Screen(settings.lang), result, registered=result.sensors)
    for note in notes_of(result):
        say(text(note.key, settings.lang, **note.facts))


def notes_of(result: PollResult) -> tuple[Note, ...]:
    """One line per problem; a gateway that is gone is one problem, not one per sensor.

    An outage is told when it begins and when it ends, so that a cron mail is news.
    """
    news = sorted((failure for failure in result.failures if failure.news), key=_place)
    failures = [_failure_note(list(group)) for _, group in groupby(news, key=_place)]
    lasting = len(result.failures) - len(news)
    told = [Note.of("cli_poll.lasting", count=lasting)] if lasting and failures else []
    recoveries = [
        Note.of("cli_poll.recovered", asset=found.sensor.name, url=_gateway(found.sensor))
        for found in result.recoveries
    ]
    unreached = []
    if result.unreached:
        unreached = [Note.of("cli_poll.unreached", count=len(result.unreached))]
    alarms = [alarm_note(change, result.names) for change in result.transitions]
    return (*failures, *told, *recoveries, *unreached, *alarms)


def _gateway(sensor: SensorRow) -> str:
    return sensor.url.partition("?")[0]


def _place(failure: Failure) -> tuple[str, str, str]:
    gateway = _gateway(failure.sensor)
    single = "" if failure.reason.concerns_gateway else failure.sensor.uid
    return gateway, str(failure.reason), single


def _failure_note(group: list[Failure]) -> Note:
    first = group[0]
    sensor = first.sensor
    if first.refusal is not None:
        why = Phrase(first.refusal.key, first.refusal.facts)
        return Note.of("cli_poll.setup_wrong", asset=sensor.name, uid=sensor.uid, why=why)
    url = _gateway(sensor)
    if first.reason.concerns_gateway:
        return Note.of(
            "cli_poll.gateway_failed", url=url, count=len(group), why=first.reason.phrase
        )
    return Note.of(
        "cli_poll.sensor_failed",
        asset=sensor.name,
        quantity=Phrase(f"vocabulary.quantity.{sensor.quantity}"),
        url=url,
        unit=sensor.unit_id,
        why=first.reason.phrase,
    )


def alarm_note(change: AlarmChange, names: Mapping[str, str]) -> Note:
    """The line that tells of an alarm; what is not among the names of sensors is a gateway."""
    name = names.get(change.sensor_uid, change.sensor_uid)
    what = Phrase(f"cli_alarm.kind_{change.kind}")
    key = "alarm_opened" if change.opened else "alarm_cleared"
    unit = AlarmKind.of(change.kind).unit
    if unit is None or change.value is None:
        return Note.of(f"cli_poll.{key}_plain", asset=name, what=what)
    return Note.of(
        f"cli_poll.{key}",
        asset=name,
        what=what,
        value=f"{change.value:.4g} {unit}",
        limit=f"{change.limit:g} {unit}",
    )
