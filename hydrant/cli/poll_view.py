"""How a poll is told: counts for scripts, a line for people, a line for every problem."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from hydrant.cli.envelope import envelope, write_json
from hydrant.cli.frame import Note, Settings, say
from hydrant.cli.screen import Screen
from hydrant.errors import Phrase
from hydrant.messages import text
from hydrant.store.facts.sensors import SensorRow
from hydrant.store.readings.readings import AlarmChange
from hydrant.telemetry.result import Failure, PollResult, Recovery, poll_data
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


def tell_cycle(settings: Settings, result: PollResult, more: Iterable[Note] = ()) -> None:
    """Show one cycle of many: a line, or an object in JSON, and a line per problem."""
    if result.sensors == 0:
        return
    if settings.json:
        data = poll_data(result)
        write_json(envelope(settings.command, data=data, messages=[], exit_code=0))
    else:
        show_poll(Screen(settings.lang), result, registered=result.sensors)
    for note in (*notes_of(result), *more):
        say(text(note.key, settings.lang, **note.facts))


def notes_of(result: PollResult) -> tuple[Note, ...]:
    """One line per problem; a gateway that is gone is one problem, not one per sensor.

    An outage is told when it begins and when it ends, so that a cron mail is news, and never as
    its alarm, too.
    """
    news = sorted((failure for failure in result.failures if failure.news), key=_place)
    failures = [_failure_note(list(group)) for _, group in groupby(news, key=_place)]
    lasting = len(result.failures) - len(news)
    told = [Note.of("cli_poll.lasting", count=lasting)] if lasting and failures else []
    unreached = []
    if result.unreached:
        unreached = [Note.of("cli_poll.unreached", count=len(result.unreached))]
    known = _outages(result, news)
    alarms = [
        alarm_note(change, result.names)
        for change in result.transitions
        if (change.sensor_uid, change.opened) not in known or change.kind not in _ABSENCE
    ]
    return _once((*failures, *told, *_recovered(result.recoveries), *unreached, *alarms))


#: Alarms that say no more than that nothing is heard.
_ABSENCE = (AlarmKind.STALE, AlarmKind.GATEWAY_OFFLINE)


def _outages(result: PollResult, news: Iterable[Failure]) -> set[tuple[str, bool]]:
    """Sensors and gateways whose outage is told to begin (true) or to end."""
    told: set[tuple[str, bool]] = set()
    for sensor, begins in (
        *((failure.sensor, True) for failure in news),
        *((recovery.sensor, False) for recovery in result.recoveries),
    ):
        told |= {(sensor.uid, begins), (_gateway(sensor), begins)}
    return told


def _once(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Each line once: two sensors of an asset may have the same to say."""
    return tuple({(note.key, str(note.facts)): note for note in notes}.values())


def _recovered(recoveries: Iterable[Recovery]) -> Iterator[Note]:
    """Who gives values again: a line for a gateway that was gone, else one for each sensor."""

    def place(found: Recovery) -> tuple[bool, str]:
        return found.gateway, _gateway(found.sensor)

    for (gone, url), group in groupby(sorted(recoveries, key=place), key=place):
        found = list(group)
        if gone and len(found) > 1:
            yield Note.of("cli_poll.gateway_recovered", url=url, count=len(found))
        else:
            yield from (
                Note.of(
                    "cli_poll.recovered",
                    asset=one.sensor.name,
                    quantity=Phrase(f"vocabulary.quantity.{one.sensor.quantity}"),
                    url=url,
                )
                for one in found
            )


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
