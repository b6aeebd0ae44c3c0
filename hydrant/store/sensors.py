"""Sensors in the registry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from hydrant.errors import InputRefused
from hydrant.model.inputs import SensorInput
from hydrant.model.tables import Asset, Sensor
from hydrant.store.registry import Registry
from hydrant.store.writer import Writer


@dataclass(frozen=True, slots=True)
class SensorRow:
    """A sensor with the code of its asset, as polls and lists need it."""

    uid: str
    asset_uid: str
    asset_code: str | None
    quantity: str
    reference: str | None
    side: str | None
    height_m: float | None
    profile: str
    url: str
    unit_id: int
    interval_s: int
    enabled: bool

    @property
    def label(self) -> str:
        """How people are told of the sensor."""
        return f"{self.asset_code or self.asset_uid}/{self.quantity}"


_SQL = (
    "SELECT s.uid, s.asset_uid, a.code, s.quantity, s.reference, s.side, s.height_m, s.profile, "
    "s.url, s.unit_id, s.interval_s, s.enabled FROM sensor s JOIN asset a ON a.uid = s.asset_uid "
    "ORDER BY s.url, s.unit_id, s.uid"
)


def all_sensors(registry: Registry) -> list[SensorRow]:
    """Every sensor, by gateway and unit."""
    return [
        SensorRow(*row[:-1], enabled=bool(row[-1])) for row in registry.connection.execute(_SQL)
    ]


def add_sensor(writer: Writer, asset: Asset, entered: SensorInput, version: str) -> Sensor:
    """Record a sensor; raises `InputRefused` when the same one is there already."""
    same = writer.session.exec(
        select(Sensor).where(
            Sensor.asset_uid == asset.uid,
            Sensor.url == entered.url,
            Sensor.unit_id == entered.unit_id,
            Sensor.quantity == entered.quantity,
            col(Sensor.enabled).is_(True),
        )
    ).first()
    if same is not None:
        raise InputRefused("telemetry.same_sensor", uid=same.uid, url=entered.url)
    values: dict[str, Any] = entered.model_dump()
    sensor = Sensor(asset_uid=asset.uid, profile_version=version, **values)
    writer.add(sensor)
    return sensor


def find_sensor(registry: Registry, name: str) -> Sensor:
    """The sensor of a uid, or the only one of an asset's code; raises `InputRefused`."""
    rows = [
        row for row in all_sensors(registry) if name in (row.uid, row.asset_code, row.asset_uid)
    ]
    if len(rows) != 1:
        known = ", ".join(row.uid for row in rows) or "–"
        raise InputRefused("telemetry.no_sensor", name=name, count=len(rows), known=known)
    found = registry.session.exec(select(Sensor).where(Sensor.uid == rows[0].uid)).one()
    return found
