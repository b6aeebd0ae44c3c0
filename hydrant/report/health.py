"""How the registry and what is around it are kept: one finding each, and what is not known."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from hydrant.errors import HydrantError, InputRefused, Phrase
from hydrant.integrity.policy import Policy
from hydrant.messages import Note
from hydrant.store.evidence.sensor_facts import AtHand
from hydrant.store.facts.sensors import SensorRow
from hydrant.store.readings.health import Polls, ServerState, Waiting, age_s


class State(StrEnum):
    """How good a finding is; what is not known is no kind of good."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at.

    Attributes
    ----------
    name
        Its word, the same in JSON, metrics and ``--skip``.
    key, facts
        Message that tells it.
    values
        Its numbers by the ending of their metric's name.
    """

    name: str
    state: State
    key: str
    facts: Mapping[str, object] = field(default_factory=dict)
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on a figure is a warning, and critical.

    Attributes
    ----------
    disk
        Free share of the disk.
    backup_h
        Age of the newest backup: a daily one with two hours of slack, a week and a day.
    intervals
        Intervals without a poll, or without a good value: two may be missed by chance.
    least_interval_s
        A poll is not expected more often than cron commonly comes.
    fresh
        Share of sensors with a good value of late.
    connections
        Share of the server's connections in use.
    transaction_s
        Age of the oldest transaction: it holds back cleaning, and may hold the writer's lock.
    archive_s
        Age of the last archived segment of the server's log: what a disaster may cost.
    queue_s
        How long work has waited for a worker.
    bundle_days
        Days since a bundle was packed that did not come back.
    draft_days
        Days since a visit was left half answered: a round may go on the next morning.
    """

    disk: tuple[float, float] = (0.15, 0.05)
    backup_h: tuple[float, float] = (26, 192)
    intervals: tuple[float, float] = (3, 12)
    least_interval_s: float = 300
    fresh: tuple[float, float] = (0.95, 0.5)
    connections: tuple[float, float] = (0.8, 0.95)
    transaction_s: tuple[float, float] = (300, 3600)
    archive_s: tuple[float, float] = (3600, 86400)
    queue_s: tuple[float, float] = (60, 600)
    bundle_days: float = 7
    draft_days: float = 1


LIMITS = Limits()
#: Clocks of two machines may differ by so much, s; what is later still says nothing of its age.
_CLOCKS_S = 60.0


@dataclass(frozen=True, slots=True)
class Queue:
    """Work that waits for workers on a server.

    Attributes
    ----------
    workers, stalled
        Those that live, and those that hang.
    waiting, doing
        Jobs that are due, and under way.
    oldest_wait_s
        How long the longest waiting one has been due, s.
    """

    workers: int
    stalled: int
    waiting: int
    doing: int
    oldest_wait_s: float


def worst(findings: Sequence[Finding]) -> State:
    """Critical, then unknown and warning alike (told as warning), then good."""
    states = {finding.state for finding in findings}
    if State.CRITICAL in states:
        return State.CRITICAL
    return State.WARNING if states - {State.OK} else State.OK


def opened(version: int) -> Finding:
    """The registry opens, and its schema is the program's: opening refuses any other."""
    return Finding("registry", State.OK, "health.opens", {"version": version})


def not_opened(error: HydrantError) -> Finding:
    """The registry does not open."""
    why = Phrase(error.key, error.facts)
    return Finding("registry", State.CRITICAL, "health.not_opened", {"why": why})


def disk(folder: Path | None) -> Finding:
    """Free space where the registry is; a server's own disk is seen only from there."""
    if folder is None:
        return Finding("disk", State.UNKNOWN, "health.disk_unseen")
    try:
        used = shutil.disk_usage(folder)
    except OSError:
        return Finding("disk", State.UNKNOWN, "health.no_folder", {"folder": folder})
    share = used.free / used.total
    facts = {"percent": f"{100 * share:.0f}", "gb": f"{used.free / 1e9:,.1f}", "folder": folder}
    values = {"disk_free_ratio": share, "disk_free_bytes": float(used.free)}
    return Finding("disk", _below(share, LIMITS.disk), "health.disk", facts, values)


#: What backups are called: of a file, of a server, and a base backup's folder.
_BACKUPS = ("*.gpkg", "*.dump", "*.sql*", "*.pgdump", "*/backup_manifest")


def backup(folder: Path | None, now: dt.datetime) -> Finding:
    """Age of the newest backup in a folder."""
    if folder is None:
        return Finding("backup", State.UNKNOWN, "health.backup_unknown")
    if not folder.is_dir():
        return Finding("backup", State.UNKNOWN, "health.no_folder", {"folder": folder})
    files = [file for name in _BACKUPS for file in folder.glob(name) if file.stat().st_size]
    if not files:
        return Finding("backup", State.CRITICAL, "health.no_backup", {"folder": folder})
    newest = max(files, key=lambda file: file.stat().st_mtime)
    age = now.timestamp() - newest.stat().st_mtime
    if age < -_CLOCKS_S:
        return Finding("backup", State.UNKNOWN, "health.future")
    state = _above(age / 3600, LIMITS.backup_h)
    facts = {"file": newest.name, "age": span(age)}
    return Finding("backup", state, "health.backup", facts, {"backup_age_seconds": age})


def poll(run: Polls | None, sensors: Sequence[SensorRow], now: dt.datetime) -> Finding:
    """Age of the last poll against the shortest interval of the sensors that are called."""
    intervals = [sensor.interval_s for sensor in sensors if not sensor.waited_for]
    if not intervals:
        return Finding("poll", State.OK, "health.nothing_to_poll")
    if run is None:
        return Finding("poll", State.CRITICAL, "health.never_polled", {"sensors": len(intervals)})
    age = age_s(run.ended_at or run.began_at, now)
    if age < -_CLOCKS_S:
        return Finding("poll", State.UNKNOWN, "health.future")
    state = _above(age / max(min(intervals), LIMITS.least_interval_s), LIMITS.intervals)
    if run.ended_at is None:
        return Finding("poll", State.CRITICAL, "health.poll_broken", {"age": span(age)})
    if run.sensors and not run.answered:
        state = State.CRITICAL
    facts = {"age": span(age), "answered": run.answered, "sensors": run.sensors}
    return Finding("poll", state, "health.poll", facts, {"poll_age_seconds": age})


def fresh(good: Mapping[str, str], sensors: Sequence[SensorRow], now: dt.datetime) -> Finding:
    """Share of sensors with a good value within three of their intervals."""
    if not sensors:
        return Finding("sensors", State.OK, "health.no_sensors")
    count = sum(
        sensor.uid in good
        and -_CLOCKS_S <= age_s(good[sensor.uid], now) <= LIMITS.intervals[0] * sensor.interval_s
        for sensor in sensors
    )
    share = count / len(sensors)
    facts = {"fresh": count, "sensors": len(sensors), "percent": f"{int(1000 * share) / 10:.1f}"}
    values = {"sensors": float(len(sensors)), "sensors_fresh_ratio": share}
    return Finding("sensors", _below(share, LIMITS.fresh), "health.sensors", facts, values)


def alarms(count: int) -> Finding:
    """Alarms that nobody has put aside."""
    return _counted("alarms", count)


def wait(found: Waiting, now: dt.datetime) -> Iterator[Finding]:
    """Edits of other programs, conflicts of crews, bundles that are out."""
    yield _counted("outside", found.edits + found.reviews)
    yield _counted("conflicts", found.conflicts)
    days = 0.0 if found.oldest_bundle is None else age_s(found.oldest_bundle, now) / 86400
    state = State.WARNING if days > LIMITS.bundle_days else State.OK
    key = "health.bundles" if found.bundles else "health.no_bundles"
    facts = {"count": found.bundles, "days": int(days)}
    yield Finding("bundles", state, key, facts, {"bundles": float(found.bundles)})


def drafts(changed: Sequence[dt.datetime], now: dt.datetime) -> Finding:
    """Visits that crews left half answered: what they found counts nowhere yet."""
    days = max((now - at).total_seconds() / 86400 for at in changed) if changed else 0.0
    state = State.WARNING if days > LIMITS.draft_days else State.OK
    key = "health.drafts" if changed else "health.no_drafts"
    facts = {"count": len(changed), "days": int(days)}
    return Finding("drafts", state, key, facts, {"drafts": float(len(changed))})


def server(found: ServerState) -> Iterator[Finding]:
    """Connections, oldest transaction, archive and standbys of a server."""
    values = {"database_bytes": float(found.bytes)}
    if found.connections is None or found.oldest_s is None:
        yield Finding("connections", State.UNKNOWN, "health.hidden", {}, values)
        yield Finding("transactions", State.UNKNOWN, "health.hidden")
    else:
        share = found.connections / found.most_connections
        used = {"count": found.connections, "most": found.most_connections}
        values |= {"connections": float(found.connections), "connections_ratio": share}
        state = _above(share, LIMITS.connections)
        yield Finding("connections", state, "health.connections", used, values)
        state = _above(found.oldest_s, LIMITS.transaction_s)
        seen = {"transaction_age_seconds": found.oldest_s}
        age = {"age": span(found.oldest_s)}
        yield Finding("transactions", state, "health.transactions", age, seen)
    yield _archive(found)
    if found.standbys is None:
        yield Finding("standbys", State.UNKNOWN, "health.hidden")
    elif found.standbys:
        facts: dict[str, object] = {"count": found.standbys, "lag": span(found.standby_lag_s or 0)}
        state = _above(found.standby_lag_s or 0, LIMITS.transaction_s)
        numbers = {"standbys": float(found.standbys)}
        yield Finding("standbys", state, "health.standbys", facts, numbers)


def _archive(found: ServerState) -> Finding:
    if not found.archiving:
        return Finding("archive", State.WARNING, "health.not_archived")
    if found.archive_failing:
        return Finding("archive", State.CRITICAL, "health.archive_fails")
    if found.archived_s is None:
        return Finding("archive", State.UNKNOWN, "health.archive_unused")
    state = _above(found.archived_s, LIMITS.archive_s)
    values = {"archive_age_seconds": found.archived_s}
    return Finding("archive", state, "health.archive", {"age": span(found.archived_s)}, values)


def policy(found: Note | Policy | InputRefused, *, kept: bool) -> Finding:
    """Whether the rules of counting are those that the registry took up, and can be read.

    Parameters
    ----------
    kept
        Whether the registry keeps what they said when it took them up.
    """
    if isinstance(found, InputRefused):
        why = Phrase(found.key, found.facts)
        return Finding("policy", State.CRITICAL, "health.not_opened", {"why": why})
    if isinstance(found, Note):
        return Finding("policy", State.WARNING, found.key, found.facts)
    facts = {"name": found.name, "version": found.version, "digest": found.digest[:16]}
    return Finding("policy", State.OK, f"health.policy{'' if kept else '_unkept'}", facts)


def readings(found: AtHand | InputRefused) -> Finding:
    """Whether what sensors said is beside the registry, or stayed elsewhere."""
    if isinstance(found, InputRefused):  # whose policy tells what counts
        why = Phrase(found.key, found.facts)
        return Finding("readings", State.UNKNOWN, "health.not_opened", {"why": why})
    facts = {"sensors": found.sensors, "without": found.without}
    values = {"sensors_without_readings": float(found.without if found.missing else 0)}
    if not found.sensors:
        return Finding("readings", State.OK, "health.no_sensors", facts, values)
    if found.missing:
        key = "health.readings_foreign" if found.foreign else "health.readings_missing"
        return Finding("readings", State.WARNING, key, facts, values)
    return Finding("readings", State.OK, "health.readings", facts, values)


def queue(found: Queue) -> Finding:
    """Work that waits for workers."""
    state = _above(found.oldest_wait_s, LIMITS.queue_s)
    if not found.workers and (found.waiting or found.doing):
        state = State.CRITICAL
    elif state is State.OK and (found.stalled or not found.workers):
        # without any, nobody puts work into the queue either: an empty one proves nothing
        state = State.WARNING
    facts: dict[str, Any] = {
        "workers": found.workers,
        "stalled": found.stalled,
        "waiting": found.waiting,
        "age": span(found.oldest_wait_s),
    }
    values = {
        "workers": float(found.workers),
        "queue_waiting": float(found.waiting),
        "queue_age_seconds": found.oldest_wait_s,
    }
    return Finding("queue", state, "health.queue", facts, values)


def unseen(*names: str) -> Iterator[Finding]:
    """What cannot be looked at because the registry did not open."""
    for name in names:
        yield Finding(name, State.UNKNOWN, "health.unseen")


def span(seconds: float) -> Phrase:
    """A length of time in the largest unit that leaves at least two of it."""
    for word, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return Phrase(f"health.{word}", {"count": int(seconds // size)})
    return Phrase("health.seconds", {"count": int(seconds)})


def _counted(name: str, count: int) -> Finding:
    state = State.WARNING if count else State.OK
    return Finding(name, state, f"health.{name}", {"count": count}, {name: float(count)})


def _above(value: float, limits: tuple[float, float]) -> State:
    warning, critical = limits
    if value > critical:
        return State.CRITICAL
    return State.WARNING if value > warning else State.OK


def _below(value: float, limits: tuple[float, float]) -> State:
    return _above(-value, (-limits[0], -limits[1]))
