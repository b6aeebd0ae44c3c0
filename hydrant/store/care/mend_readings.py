"""Derives the readings store's latest values and alarm states anew from readings and alarms."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from hydrant.store.ground.backend import Connection, one_row
from hydrant.store.ground.connection import open_for_reading, sqlite_errors
from hydrant.store.sql.check_readings import BEHIND, behind, missing_indexes
from hydrant.vocabulary import Quality

_SILENT = (
    *(Quality.BAD_TIMEOUT, Quality.BAD_NO_COMMUNICATION),
    Quality.BAD_COMMUNICATION_ERROR,
)
#: Reasons of that kind that a device itself answered with: it was there.
_ANSWERED = ("busy", "other_exception")


def is_silent(quality: int, reason: str | None) -> bool:
    """Whether nothing was heard of a device in an attempt, by what is stored of it."""
    return quality in _SILENT and reason not in _ANSWERED


def mend(connection: sqlite3.Connection, quantities: dict[str, str]) -> None:
    """Give a readings store back what can be derived; within the caller's transaction.

    Parameters
    ----------
    quantities
        What each sensor measures, by uid: readings do not say.
    """
    for sql in missing_indexes(connection).values():
        connection.execute(sql)
    derive(connection, BEHIND, quantities)


def mend_copy(readings: Path, registry: Path) -> None:
    """Give a copy of a readings store what can be derived, where it is not what it holds.

    What is latest, and where alarms stand, may be behind when a program was stopped: a backup
    must not be refused for that on the day that it is needed.
    """
    with sqlite_errors(registry), closing(open_for_reading(registry)) as opened:
        quantities = dict(opened.execute("SELECT uid, quantity FROM sensor").fetchall())
    with sqlite_errors(readings), closing(sqlite3.connect(readings, isolation_level=None)) as copy:
        if not behind(copy):
            return
        copy.execute("BEGIN IMMEDIATE")
        mend(copy, quantities)
        copy.execute("COMMIT")


def derive(connection: Connection, behind: str, quantities: dict[str, str]) -> None:
    """Derive latest values and alarm states anew, on a file or a server.

    Parameters
    ----------
    behind
        Query of the sensors whose latest value is behind.
    quantities
        As for `mend`.
    """
    for (uid,) in connection.execute(behind).fetchall():
        _latest(connection, uid, quantities.get(uid))
    # a state that is not what the list says is the other one
    connection.execute(
        "UPDATE alarm_state SET active = 1 - active, count = 0 WHERE (active = 1) <> EXISTS ("
        "SELECT 1 FROM alarm a WHERE a.sensor_uid = alarm_state.sensor_uid "
        "AND a.kind = alarm_state.kind AND a.cleared_at IS NULL AND a.withdrawn_at IS NULL)"
    )
    connection.execute(
        "INSERT INTO alarm_state (sensor_uid, kind, active, count, since) SELECT DISTINCT "
        "sensor_uid, kind, 1, 0, CAST(NULL AS DOUBLE PRECISION) FROM alarm a "
        "WHERE cleared_at IS NULL AND withdrawn_at IS NULL "
        "AND limit_value IS NOT NULL AND NOT EXISTS (SELECT 1 FROM alarm_state s "
        "WHERE s.sensor_uid = a.sensor_uid AND s.kind = a.kind)"
    )


_DERIVED = ("asset_uid", "quantity", "at", "value", "quality", "reason", "good_at", "good_value",
            "failures", "raw", "same_since", "same")  # fmt: skip
_MINE = "FROM reading WHERE sensor_uid = ? AND coalesce(reason, '') NOT IN ('handed_up', 'clock')"


def _latest(connection: Connection, uid: str, quantity: str | None) -> None:
    """Write the latest value of a sensor from its readings.

    How many attempts in a row found nobody, and since when the registers are the same, follow
    from the last readings, too.
    """
    asset, at, value, quality, reason, raw = one_row(
        connection.execute(
            f"SELECT asset_uid, at, value, quality, reason, raw {_MINE} ORDER BY at DESC LIMIT 1",
            (uid,),
        )
    )
    good = connection.execute(
        f"SELECT at, value {_MINE} AND quality = 0 ORDER BY at DESC LIMIT 1", (uid,)
    ).fetchone() or (None, None)
    known = connection.execute("SELECT quantity FROM latest WHERE sensor_uid = ?", (uid,))
    quantity = (known.fetchone() or (quantity or "pressure",))[0]
    failures, raw, since, same = _runs(connection, uid, raw, at)
    connection.execute(
        f"INSERT INTO latest (sensor_uid, {', '.join(_DERIVED)}) "
        f"VALUES (?{', ?' * len(_DERIVED)}) ON CONFLICT (sensor_uid) DO UPDATE SET "
        f"{', '.join(f'{name} = excluded.{name}' for name in _DERIVED)}",
        (uid, asset, quantity, at, value, quality, reason, *good, failures, raw, since, same),
    )


def _runs(
    connection: Connection, uid: str, raw: str | None, at: str
) -> tuple[int, str | None, str, int]:
    """Silent attempts at the end; the last registers, since when they came, and how often."""
    failures, counting, since, same, first = 0, True, at, 0, at
    for when, quality, reason, registers in connection.execute(
        f"SELECT at, quality, reason, raw {_MINE} ORDER BY at DESC", (uid,)
    ):
        counting = counting and registers is None and is_silent(quality, reason)
        failures += counting
        raw, first = registers if raw is None else raw, when
        if registers is not None:
            if registers != raw:
                break
            since, same = when, same + 1
    return failures, raw, since if same else first, max(same, 1)
