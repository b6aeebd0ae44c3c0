"""What a registry and its readings say of their own upkeep; every fact costs little to ask."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from hydrant import times
from hydrant.store.ground.backend import one_row
from hydrant.store.ground.server_state import ServerState as ServerState  # noqa: PLC0414  health tells it
from hydrant.store.opened.outside import conflicts_wait, edits_wait, reviews_wait
from hydrant.store.opened.registry import Registry
from hydrant.store.readings.readings import Readings


class Waiting(NamedTuple):
    """What is pending: edits of other programs, conflicts of crews, bundles that are out.

    Attributes
    ----------
    bundles
        Packed and not merged yet.
    oldest_bundle
        When the oldest of them was packed, stored text.
    """

    edits: int
    reviews: int
    conflicts: int
    bundles: int
    oldest_bundle: str | None


class Polls(NamedTuple):
    """The polls of late: with many workers each is of one shard of gateways.

    Attributes
    ----------
    began_at, ended_at
        When the last one began, and when one last ended; none ever did where that is missing.
    sensors, answered
        Of those that ended within a quarter of an hour up to then.
    """

    began_at: str
    ended_at: str | None
    sensors: int
    answered: int


def waiting(registry: Registry) -> Waiting:
    """What is pending."""
    ask = registry.connection.execute
    bundles, oldest = one_row(
        ask("SELECT count(*), min(packed_at) FROM bundle WHERE merged_at IS NULL")
    )
    return Waiting(
        edits_wait(registry), reviews_wait(registry), conflicts_wait(registry), bundles, oldest
    )


#: So many polls are looked at: each worker's last ones, without reading years of them.
LATE = 1000
_QUARTER = dt.timedelta(minutes=15)


def last_polls(readings: Readings) -> Polls | None:
    """The polls of late; None where there never was one."""
    # keys are made in the order of time
    rows = readings.connection.execute(
        "SELECT started_at, ended_at, sensors, answered FROM poll_run ORDER BY uid DESC LIMIT ?",
        (LATE,),
    ).fetchall()
    if not rows:
        return None
    began, ended = (
        max(row[0] for row in rows),
        max((row[1] for row in rows if row[1]), default=None),
    )
    if ended is None:
        return Polls(began, None, 0, 0)
    since = times.to_text(times.from_text(ended) - _QUARTER)
    late = [row for row in rows if row[1] and row[1] >= since]
    return Polls(began, ended, sum(row[2] for row in late), sum(row[3] or 0 for row in late))


def last_good(readings: Readings) -> dict[str, str]:
    """When each sensor last gave a good value (stored text), by its uid."""
    rows = readings.connection.execute(
        "SELECT sensor_uid, good_at FROM latest WHERE good_at IS NOT NULL"
    )
    return dict(rows.fetchall())


def age_s(stored: str, now: dt.datetime) -> float:
    """Seconds since a stored moment; negative where it is yet to come."""
    return (now - times.from_text(stored)).total_seconds()


def server_state(registry: Registry) -> ServerState | None:
    """What the server shows of itself; None for a file."""
    return registry.backend.server_state()
