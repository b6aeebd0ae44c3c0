"""``hydrant health``: whether the registry and what is around it are looked after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from hydrant import times
from hydrant.cli.frame import Result, Settings, command, helper, single
from hydrant.cli.health_metrics import metrics_text
from hydrant.cli.screen import Screen
from hydrant.cli.whole_file import written_whole
from hydrant.errors import CommandLineError, InputRefused, StoreError
from hydrant.integrity.policy import Policy
from hydrant.messages import Note, text
from hydrant.report import health as rules
from hydrant.report.followed import changed_policy
from hydrant.report.health import Finding, Queue, State
from hydrant.report.question import at_hand
from hydrant.store.care.work import work_state
from hydrant.store.evidence.sensor_facts import AtHand
from hydrant.store.facts.sensors import SensorRow, list_sensors
from hydrant.store.ground.location import readings_path
from hydrant.store.ground.place import Place
from hydrant.store.migrations import LATEST
from hydrant.store.opened.kept_policy import kept_policy, policy_of
from hydrant.store.opened.registry import Registry, open_registry
from hydrant.store.readings.health import last_good, last_polls, server_state, waiting
from hydrant.store.readings.readings import Readings
from hydrant.store.readings.readings_alarms import heeded_alarms
from hydrant.store.readings.readings_care import resting
from hydrant.store.readings.readings_file import view_readings
from hydrant.survey.draft import left_drafts

h = helper("health")
app = single("health")

EXIT_CRITICAL, EXIT_STORE, EXIT_THRESHOLD = 1, 4, 6
#: Every name that a finding may have, in the order in which they are shown.
NAMES = (
    *("registry", "policy", "disk", "backup", "poll", "sensors", "readings", "alarms", "outside"),
    *(
        "conflicts",
        "bundles",
        "drafts",
        "connections",
        "transactions",
        "archive",
        "standbys",
        "queue",
    ),
)
_SENSED = ("poll", "sensors", "readings", "alarms")


@command(app, "health")
def health(
    settings: Settings,
    *,
    backups: Annotated[
        Path | None, typer.Option("--backups", metavar="FOLDER", help=h("backups"))
    ] = None,
    disk: Annotated[Path | None, typer.Option("--disk", metavar="FOLDER", help=h("disk"))] = None,
    skip: Annotated[
        list[str] | None, typer.Option("--skip", metavar="NAME", help=h("skip"))
    ] = None,
    metrics: Annotated[
        Path | None, typer.Option("--metrics", metavar="FILE", help=h("metrics"))
    ] = None,
) -> Result:
    """Look over registry, backup, polls, sensors, server; what is not known is said so."""
    left_out = set(skip or ())
    if left_out - set(NAMES):
        unknown = ", ".join(sorted(left_out - set(NAMES)))
        raise CommandLineError("cli_health.no_name", name=unknown, known=", ".join(NAMES))
    now = times.now()
    found = [f for f in _look(settings.path, backups, disk, now) if f.name not in left_out]
    found.sort(key=lambda finding: NAMES.index(finding.name))
    told = metrics_text(found, now)
    on_stdout = metrics is not None and str(metrics) == "-"
    if metrics is not None and not on_stdout:
        written_whole(metrics, lambda path: _write(path, told))
    state = rules.worst(found)

    def show(screen: Screen) -> None:
        if on_stdout:
            screen.verbatim(told.rstrip("\n"))
        else:
            _show(screen, found, state)

    data = {"state": state, "checks": [_data(finding, settings) for finding in found]}
    return Result(data, show, exit_code=_exit_code(found, state))


def _look(
    place: Place, backups: Path | None, disk: Path | None, now: dt.datetime
) -> Iterator[Finding]:
    yield rules.disk(disk or place.resolve().parent)
    yield rules.backup(backups, now)
    yield rules.drafts(left_drafts(place), now)
    try:
        sensors, served, findings = _registry(place, now)
        yield from findings
    except StoreError as error:
        yield rules.not_opened(error)
        yield from rules.unseen("policy", *_SENSED, "outside", "conflicts", "bundles")
        return
    try:
        with view_readings(readings_path(place)) as readings:
            yield from _readings(readings, sensors, now)
    except StoreError:
        yield from rules.unseen(*_SENSED)
    if served and (queue := _queue(place)) is not None:
        yield rules.queue(queue)


def _registry(place: Place, now: dt.datetime) -> tuple[list[SensorRow], bool, list[Finding]]:
    """Its sensors, whether a server serves it, and what is found."""
    with open_registry(place) as registry:
        findings = [rules.opened(LATEST), *rules.wait(waiting(registry), now)]
        state = server_state(registry)
        if state is not None:
            findings.extend(rules.server(state))
        findings += (
            rules.policy(_policy(registry), kept=kept_policy(registry) is not None),
            rules.readings(_at_hand(registry)),
        )
        return list_sensors(registry), state is not None, findings


def _policy(registry: Registry) -> Note | Policy | InputRefused:
    """What the registry follows, what is to be said of that, or why it cannot be read."""
    try:
        policy = policy_of(registry)
    except InputRefused as error:
        return error
    return changed_policy(registry, policy) or policy


def _at_hand(registry: Registry) -> AtHand | InputRefused:
    try:
        return at_hand(registry)
    except InputRefused as error:
        return error


def _readings(
    readings: Readings | None, sensors: list[SensorRow], now: dt.datetime
) -> Iterator[Finding]:
    if readings is None:
        yield from (rules.poll(None, sensors, now), rules.fresh({}, sensors, now), rules.alarms(0))
        return
    rest = resting(readings)
    awake = [sensor for sensor in sensors if sensor.uid not in rest]
    yield rules.poll(last_polls(readings), awake, now)
    yield rules.fresh(last_good(readings), awake, now)
    yield rules.alarms(len(heeded_alarms(readings, now)))


def _queue(place: Place) -> Queue | None:
    """Work that waits for workers; None where there never was one."""
    state = work_state(place)
    if state is None:
        return None
    return Queue(
        workers=state.workers,
        stalled=sum(member.stalled for member in state.members if member.kind == "worker"),
        waiting=state.waiting,
        doing=state.doing,
        oldest_wait_s=state.oldest_wait_s,
    )


def _exit_code(found: list[Finding], state: State) -> int:
    registry = next((finding for finding in found if finding.name == "registry"), None)
    if registry is not None and registry.state is State.CRITICAL:
        return EXIT_STORE
    return {State.OK: 0, State.CRITICAL: EXIT_CRITICAL}.get(state, EXIT_THRESHOLD)


def _data(finding: Finding, settings: Settings) -> dict[str, object]:
    return {
        "name": finding.name,
        "state": finding.state,
        "text": text(finding.key, settings.lang, **finding.facts),
        "values": dict(finding.values),
    }


def _show(screen: Screen, found: list[Finding], state: State) -> None:
    headings = [screen.t(f"cli_health.column_{name}") for name in ("check", "state", "message")]
    rows = [
        (
            screen.t(f"cli_health.name_{finding.name}"),
            screen.t(f"cli_health.state_{finding.state}"),
            screen.t(finding.key, **finding.facts),
        )
        for finding in found
    ]
    screen.table(headings, rows, whole=(0, 1))
    screen.line(f"cli_health.overall_{state}", count=sum(f.state is not State.OK for f in found))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
