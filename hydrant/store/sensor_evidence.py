"""What sensors say that counts as evidence, for the level above, and taking it in there.

Readings stay where they were taken; handed up are the last good one of each sensor and its
low-pressure alarms, which is what decides the condition of an asset (`sensor_facts`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from hydrant.store.location import readings_path
from hydrant.store.readings_file import open_readings, view_readings
from hydrant.store.registry import Registry

#: Table of a package that does not stand in the registry's own file, and its columns.
TABLE = "sensor_evidence"
COLUMNS = ("sensor_uid", "asset_uid", "word", "uid", "at", "until", "value")
GOOD, LOW = "good", "low_pressure"
_REASON = "handed_up"

Row = dict[str, Any]


def evidence_of(registry: Registry, sensors: Sequence[tuple[str, str]], end: str) -> Iterator[Row]:
    """Evidence of sensors (uid and asset) recorded before a moment, in the order of sensors."""
    with view_readings(readings_path(registry.path)) as readings:
        if readings is None:
            return
        for sensor, asset in sorted(sensors):
            good = readings.connection.execute(
                "SELECT at, value FROM reading WHERE sensor_uid = ? AND quality = 0 AND at < ? "
                "ORDER BY at DESC LIMIT 1",
                (sensor, end),
            ).fetchone()
            if good is not None:
                yield _row(sensor, asset, GOOD, None, good[0], None, good[1])
            for found in readings.connection.execute(
                "SELECT uid, confirmed_at, cleared_at, value FROM alarm WHERE sensor_uid = ? "
                "AND kind = 'low_pressure' AND confirmed_at < ? ORDER BY confirmed_at, uid",
                (sensor, end),
            ):
                yield _row(sensor, asset, LOW, *found)


def _row(sensor: str, asset: str, *rest: object) -> Row:
    return dict(zip(COLUMNS, (sensor, asset, *rest), strict=True))


def keep_evidence(registry: Registry, rows: Iterable[Row]) -> None:
    """Keep evidence from below in the readings store; what is there already stays once."""
    told = list(rows)
    if not told:
        return
    with open_readings(readings_path(registry.path)) as readings, readings.transaction():
        for row in told:
            if row["word"] == GOOD:
                readings.connection.execute(
                    "INSERT INTO reading (sensor_uid, asset_uid, at, value, quality, reason) "
                    "VALUES (?, ?, ?, ?, 0, ?) ON CONFLICT (sensor_uid, at) DO NOTHING",
                    (row["sensor_uid"], row["asset_uid"], row["at"], row["value"], _REASON),
                )
            else:
                readings.connection.execute(
                    "INSERT INTO alarm (uid, sensor_uid, asset_uid, kind, value, confirmed_at, "
                    "cleared_at) VALUES (?, ?, ?, 'low_pressure', ?, ?, ?) "
                    "ON CONFLICT (uid) DO UPDATE SET cleared_at = excluded.cleared_at",
                    tuple(row[n] for n in ("uid", "sensor_uid", "asset_uid", "value", "at",
                                           "until")),
                )  # fmt: skip
