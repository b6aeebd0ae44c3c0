"""What the readings store knows that counts as evidence, and how many sensors are alive."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hydrant import times
from hydrant.store.evidence import Cut, SensorPressure
from hydrant.store.location import readings_path
from hydrant.store.readings_file import view_readings
from hydrant.store.registry import Registry

#: A sensor that has not answered for so many of its intervals is offline (devices: k = 3).
_INTERVALS = 3


@dataclass(frozen=True, slots=True)
class SensorFacts:
    """Sensors as evidence at a date.

    Attributes
    ----------
    pressures
        Confirmed low-pressure alarms and latest good pressures.
    equipped, online
        Uids of assets that carry an enabled sensor, and of those that answered in time.
    """

    pressures: list[SensorPressure] = field(default_factory=list)
    equipped: set[str] = field(default_factory=set)
    online: set[str] = field(default_factory=set)


def sensor_facts(registry: Registry, cut: Cut) -> SensorFacts:
    """Sensors of a registry and what their readings say by a date."""
    sensors = registry.connection.execute(
        "SELECT uid, asset_uid, quantity, interval_s FROM sensor WHERE enabled AND recorded_at < ?",
        (min(cut.end, cut.known),),
    ).fetchall()
    facts = SensorFacts(equipped={asset for _, asset, _, _ in sensors})
    if not sensors:
        return facts
    with view_readings(readings_path(registry.path)) as store:
        if store is None:
            return facts
        for sensor in sensors:
            _add(store.connection, facts, cut, sensor)
    return facts


def _add(
    connection: Any,
    facts: SensorFacts,
    cut: Cut,
    sensor: tuple[str, str, str, int],
) -> None:
    uid, asset, quantity, interval_s = sensor
    # a reading is recorded when it is taken
    end = min(cut.end, cut.known)
    last_good = _last_good(connection, uid, end)
    if last_good is not None:
        moment = min(times.now(), times.from_text(end))
        age_s = (moment - times.from_text(last_good)).total_seconds()
        if age_s <= _INTERVALS * interval_s:
            facts.online.add(asset)
    if quantity != "pressure":
        return
    alarm = connection.execute(
        "SELECT confirmed_at, cleared_at FROM alarm WHERE sensor_uid = ? AND kind = 'low_pressure' "
        "AND confirmed_at < ? ORDER BY confirmed_at DESC LIMIT 1",
        (uid, end),
    ).fetchone()
    active = alarm is not None and (alarm[1] is None or alarm[1] >= end)
    if active:
        facts.pressures.append(SensorPressure(asset, max(alarm[0], last_good or ""), low=True))
    elif last_good is not None:
        facts.pressures.append(SensorPressure(asset, last_good, low=False))


def _last_good(connection: Any, uid: str, end: str) -> str | None:
    """When a sensor last gave a good value before a moment, also where only hours are kept."""
    at: str | None = connection.execute(
        "SELECT max(at) FROM reading WHERE sensor_uid = ? AND quality = 0 AND at < ?", (uid, end)
    ).fetchone()[0]
    if at is None:
        at = connection.execute(
            "SELECT max(last_good) FROM reading_hour WHERE sensor_uid = ? AND last_good < ?",
            (uid, end),
        ).fetchone()[0]
    return at
