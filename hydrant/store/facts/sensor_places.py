"""Which asset a sensor stands on, and where."""

from __future__ import annotations

from typing import NamedTuple

from hydrant.model.geopoint import decode_point
from hydrant.store.opened.registry import Registry


class SensorPlace(NamedTuple):
    """Asset, quantity and position (EPSG:4490) of a sensor; None where not known."""

    code: str | None
    kind: str
    region_code: str | None
    quantity: str
    lon: float | None
    lat: float | None


def sensor_places(registry: Registry) -> dict[str, SensorPlace]:
    """Place of every sensor on record, also the ended ones, by its uid."""
    rows = registry.connection.execute(
        "SELECT s.uid, a.code, a.kind, a.region_code, s.quantity, a.geom FROM sensor s "
        "JOIN asset a ON a.uid = s.asset_uid"
    )
    return {
        uid: SensorPlace(*known, *(decode_point(geom) or (None, None)))
        for uid, *known, geom in rows
    }
