"""What people and polls note about sensors beside their readings: rest, expected use, refusals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from hydrant import times
from hydrant.ids import new_uid
from hydrant.store.ground.backend import one_row
from hydrant.store.readings.readings import Readings

#: Later than everything, stored text.
_LASTS = "9999-12-31T23:59:59.999Z"
#: A device of a gateway: gateway, unit, profile.
Device = tuple[str, int, str]


class Rest(NamedTuple):
    """Since when a sensor is out of service, who said so and why."""

    since: str
    by: str
    why: str | None


def resting(readings: Readings) -> dict[str, Rest]:
    """Sensors that are out of service, by uid."""
    rows = readings.connection.execute("SELECT sensor_uid, since, by, why FROM out_of_service")
    return {uid: Rest(*rest) for uid, *rest in rows}


def pauses(readings: Readings) -> dict[str, list[tuple[str, str]]]:
    """Spans (stored text) in which sensors were out of service, by the sensor's uid.

    A span that lasts ends later than everything.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for uid, since, until in readings.connection.execute(
        "SELECT sensor_uid, since, until FROM service_pause WHERE withdrawn_at IS NULL "
        "UNION ALL SELECT sensor_uid, since, ? FROM out_of_service",
        (_LASTS,),
    ):
        found.setdefault(uid, []).append((since, until))
    return found


class Pause(NamedTuple):
    """One time a sensor was out of service; times are stored text.

    Attributes
    ----------
    until
        When it came back; None where it has not.
    withdrawn_at, withdrawn_by, withdrawn_why
        When, by whom and why the suspension was taken back as a mistake; None where it was not.
    """

    sensor_uid: str
    since: str
    until: str | None
    by: str
    why: str | None
    withdrawn_at: str | None = None
    withdrawn_by: str | None = None
    withdrawn_why: str | None = None


def recorded_pauses(readings: Readings) -> list[Pause]:
    """Every time a sensor was out of service, by sensor, the oldest first."""
    rows = readings.connection.execute(
        "SELECT sensor_uid, since, until, by, why, withdrawn_at, withdrawn_by, withdrawn_why "
        "FROM service_pause UNION ALL "
        "SELECT sensor_uid, since, NULL, by, why, NULL, NULL, NULL FROM out_of_service "
        "ORDER BY 1, 2"
    )
    return [Pause(*row) for row in rows]


def left_behind(readings: Readings, sensor_uid: str, moment: str) -> tuple[int, int]:
    """How many good readings of a sensor are from a moment (stored text) on, and how many alarms.

    Those of a sensor that hung elsewhere by then are evidence of no asset.
    """
    (good,) = one_row(
        readings.connection.execute(
            "SELECT count(*) FROM reading WHERE sensor_uid = ? AND at >= ? AND quality = 0",
            (sensor_uid, moment),
        )
    )
    (alarms,) = one_row(
        readings.connection.execute(
            "SELECT count(*) FROM alarm WHERE sensor_uid = ? AND confirmed_at >= ? "
            "AND kind NOT IN ('stale', 'gateway_offline') AND withdrawn_at IS NULL",
            (sensor_uid, moment),
        )
    )
    return good, alarms


def suspend(readings: Readings, sensor_uid: str, *, by: str, why: str | None) -> None:
    """Take a sensor out of service; its open alarms stay what they are."""
    with readings.transaction():
        readings.connection.execute(
            "INSERT OR IGNORE INTO out_of_service (sensor_uid, since, by, why) VALUES (?, ?, ?, ?)",
            (sensor_uid, times.to_text(times.now()), by, why),
        )


def resume(readings: Readings, sensor_uid: str) -> bool:
    """Put a sensor back into service; whether it was out of it.

    For how long it rested stays on record: what was measured meanwhile may arrive later.
    """
    with readings.transaction():
        readings.connection.execute(_ENDED, (times.to_text(times.now()), sensor_uid))
        deleted = readings.connection.execute(
            "DELETE FROM out_of_service WHERE sensor_uid = ?", (sensor_uid,)
        )
    return deleted.rowcount > 0


def withdraw_pause(
    readings: Readings, sensor_uid: str, *, by: str, why: str
) -> tuple[str, str] | None:
    """Note that the last suspension of a sensor did not hold; its span.

    None where there is none, or it was withdrawn before. Within an open transaction. One that
    lasts ends first.
    """
    ask = readings.connection.execute
    now = times.to_text(times.now())
    ask(_ENDED, (now, sensor_uid))
    ask("DELETE FROM out_of_service WHERE sensor_uid = ?", (sensor_uid,))
    span = ask(
        "SELECT since, until, withdrawn_at FROM service_pause WHERE sensor_uid = ? "
        "ORDER BY since DESC LIMIT 1",
        (sensor_uid,),
    ).fetchone()
    if span is None or span[2] is not None:
        return None
    ask(
        "UPDATE service_pause SET withdrawn_at = ?, withdrawn_by = ?, withdrawn_why = ? "
        "WHERE sensor_uid = ? AND since = ?",
        (now, by, why, sensor_uid, span[0]),
    )
    return str(span[0]), str(span[1])


_ENDED = (
    "INSERT INTO service_pause (sensor_uid, since, until, by, why) "
    "SELECT sensor_uid, since, ?, by, why FROM out_of_service WHERE sensor_uid = ?"
)


def expect_use(
    readings: Readings,
    asset_uid: str,
    *,
    since: dt.datetime,
    until: dt.datetime,
    by: str,
    why: str | None,
) -> None:
    """Announce that somebody may draw water from an asset: a work order, a drill, a permit."""
    with readings.transaction():
        readings.connection.execute(
            "INSERT INTO expected_use (uid, asset_uid, since, until, by, why) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (new_uid(), asset_uid, times.to_text(since), times.to_text(until), by, why),
        )


def expected_uses(readings: Readings) -> dict[str, list[tuple[str, str]]]:
    """Spans (stored text) in which the use of an asset is announced, by the asset's uid."""
    found: dict[str, list[tuple[str, str]]] = {}
    for asset, since, until in readings.connection.execute(
        "SELECT asset_uid, since, until FROM expected_use"
    ):
        found.setdefault(asset, []).append((since, until))
    return found


def refused_points(readings: Readings) -> dict[Device, frozenset[str]]:
    """Points that devices refused when they were last asked for them."""
    found: dict[Device, set[str]] = {}
    for gateway, unit, profile, point in readings.connection.execute(
        "SELECT gateway, unit, profile, point FROM refused_point"
    ):
        found.setdefault((gateway, unit, profile), set()).add(point)
    return {device: frozenset(points) for device, points in found.items()}


def note_refused(readings: Readings, changed: Iterable[tuple[Device, frozenset[str]]]) -> None:
    """Store which points some devices refuse now."""
    with readings.transaction():
        for device, points in changed:
            readings.connection.execute(
                "DELETE FROM refused_point WHERE gateway = ? AND unit = ? AND profile = ?", device
            )
            readings.connection.executemany(
                "INSERT INTO refused_point (gateway, unit, profile, point) VALUES (?, ?, ?, ?)",
                [(*device, point) for point in sorted(points)],
            )
