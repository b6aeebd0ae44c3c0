"""Sensors of the registry: adding, finding, listing and ending them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hydrant import times
from hydrant.errors import AmbiguousCode, InputRefused
from hydrant.model.values import Row
from hydrant.store.ground.backend import one_row
from hydrant.store.ground.location import readings_path
from hydrant.store.opened.registry import Registry
from hydrant.store.readings.readings_file import open_readings

if TYPE_CHECKING:
    from hydrant.model.inputs import SensorInput
    from hydrant.model.tables import Asset, Sensor
    from hydrant.store.opened.writer import Writer

_COLUMNS = (
    "SELECT s.uid, s.asset_uid, a.code, a.kind, s.quantity, s.reference, s.side, s.height_m, "
    "s.profile, s.profile_version, s.url, s.unit_id, s.interval_s, s.parameters, s.enabled, "
    "s.recorded_at, s.valid_from, s.valid_until "
    "FROM sensor s JOIN asset a ON a.uid = s.asset_uid "
)


@dataclass(frozen=True, slots=True)
class SensorRow:
    """A sensor as registered, with what people call its asset.

    Attributes
    ----------
    parameters
        What the site adds to the profile: see `hydrant.telemetry.setup.PARAMETERS`.
    registered_at
        When it was recorded, stored text.
    since, until
        From when it stood on its asset, and until when, stored text; None where nobody noted it.
    """

    uid: str
    asset_uid: str
    asset_code: str | None
    asset_kind: str
    quantity: str
    reference: str | None
    side: str | None
    height_m: float | None
    profile: str
    profile_version: str | None
    url: str
    unit_id: int
    interval_s: int
    parameters: Mapping[str, object]
    enabled: bool
    registered_at: str | None = None
    since: str | None = None
    until: str | None = None

    @property
    def since_stated(self) -> bool:
        """Whether somebody said from when it stands there; else it is its registration."""
        return self.since is not None and self.since != self.registered_at

    @property
    def waited_for(self) -> bool:
        """Whether its device calls or sends by itself, so that nobody can call it."""
        return self.url.startswith(("dialin:", "push:"))

    @property
    def name(self) -> str:
        """What to call it: the asset's code or uid."""
        return self.asset_code or self.asset_uid


def list_sensors(
    registry: Registry, *, asset_uid: str | None = None, disabled: bool = False
) -> list[SensorRow]:
    """Sensors by asset code, optionally of one asset, optionally with the ended ones."""
    rows = registry.connection.execute(
        _COLUMNS + "WHERE (? IS NULL OR s.asset_uid = ?) AND (s.enabled OR ?) "
        "ORDER BY a.code, s.asset_uid, s.quantity, s.uid",
        (asset_uid, asset_uid, disabled),
    )
    return [_row(values) for values in rows]


def _row(values: Row) -> SensorRow:
    parameters, enabled, *moments = values[-5:]
    return SensorRow(*(*values[:-5], _parameters(parameters), bool(enabled), *moments))


def _parameters(text: str | None) -> dict[str, object]:
    """Parameters as stored; what another program wrote there wrongly is refused by name."""
    try:
        parsed = json.loads(text) if text else {}
    except ValueError:
        return {str(text): None}
    return parsed if isinstance(parsed, dict) else {str(text): None}


def sensors_named(registry: Registry, name: str, *, ended: bool = False) -> list[SensorRow]:
    """The sensor with a uid, or those in use on the asset with a code or uid.

    Parameters
    ----------
    ended
        Also those of the asset that are no longer read.

    Raises
    ------
    InputRefused
        There is none.
    """
    rows = registry.connection.execute(
        _COLUMNS + "WHERE s.uid = ? OR ((s.asset_uid = ? OR a.code = ?) AND (s.enabled OR ?)) "
        "ORDER BY s.uid",
        (name, name, name, ended),
    )
    found = [_row(values) for values in rows]
    if not found and not ended:
        _refuse_ended(registry, name)
    if not found:
        raise InputRefused("telemetry.no_sensor", name=name, file=registry.path)
    return found


def _refuse_ended(registry: Registry, name: str) -> None:
    """Say so where all that is meant are sensors that are no longer read."""
    last = one_row(
        registry.connection.execute(
            "SELECT max(coalesce(s.valid_until, '')) FROM sensor s "
            "JOIN asset a ON a.uid = s.asset_uid "
            "WHERE NOT s.enabled AND (s.asset_uid = ? OR a.code = ?)",
            (name, name),
        )
    )[0]
    if last is not None:
        until = times.stored_local_text(last or None, registry.zone) or "–"
        raise InputRefused("telemetry.ended_sensor", name=name, until=until)


def find_sensor(registry: Registry, name: str) -> SensorRow:
    """The sensor with a uid, or the only one of the asset with a code or uid.

    Raises
    ------
    InputRefused
        There is none.
    AmbiguousCode
        Several sensors fit; their uids are listed.
    """
    found = sensors_named(registry, name)
    if len(found) > 1:
        raise AmbiguousCode(
            "telemetry.ambiguous_sensor",
            name=name,
            count=len(found),
            candidates=", ".join(f"{row.uid} ({row.quantity})" for row in found),
        )
    return found[0]


def add_sensor(
    writer: Writer,
    asset: Asset,
    entered: SensorInput,
    *,
    profile_version: str,
    parameters: Mapping[str, object],
    since: dt.datetime | None = None,
) -> Sensor:
    """Record a new sensor on an asset.

    Parameters
    ----------
    since
        From when it stands there: what it measured before is no evidence of this asset. None
        means now.

    Raises
    ------
    InputRefused
        The same point of the same device is registered on it already, or it is said to stand
        there from a moment in the future.
    """
    from hydrant.model.tables import Sensor  # noqa: PLC0415  a poll must not load SQLModel

    now = times.now()
    _refuse_future(writer.registry, since, now)
    text = _text(parameters)
    twins = _same(writer.registry, entered, text)
    if asset.uid in twins:
        raise InputRefused(
            "telemetry.sensor_twin",
            asset=asset.code or asset.uid,
            quantity=entered.quantity,
            url=entered.url,
            unit=entered.unit_id,
        )
    with open_readings(readings_path(writer.registry.path), born=writer.moment):
        pass  # one that is made later than a sensor was recorded is known to lack readings
    sensor = Sensor(
        **entered.model_dump(),
        asset_uid=asset.uid,
        profile_version=profile_version,
        parameters=text,
        enabled=True,
        # where nobody said since when it stands there, that is the moment of its recording
        valid_from=since or writer.moment,
    )
    writer.add(sensor)
    writer.flush()
    return sensor


def same_device(
    registry: Registry, entered: SensorInput, parameters: Mapping[str, object], *, asset_uid: str
) -> list[str]:
    """Codes or uids of other assets on which the same point of the same device stands already."""
    twins = _same(registry, entered, _text(parameters))
    return [name for uid, name in twins.items() if uid != asset_uid]


def _text(parameters: Mapping[str, object]) -> str | None:
    return json.dumps(dict(parameters), ensure_ascii=False, sort_keys=True) if parameters else None


def _same(registry: Registry, entered: SensorInput, parameters: str | None) -> dict[str, str]:
    rows = registry.connection.execute(
        "SELECT s.parameters, s.asset_uid, coalesce(a.code, a.uid) FROM sensor s "
        "JOIN asset a ON a.uid = s.asset_uid WHERE s.enabled AND s.url = ? AND s.unit_id = ? "
        "AND s.quantity = ? ORDER BY a.code",
        (entered.url, entered.unit_id, entered.quantity),
    )
    point = _point(parameters)
    return {uid: name for told, uid, name in rows.fetchall() if _point(told) == point}


def _point(parameters: str | None) -> str | None:
    """Point of a device; how the device is set (its unit, its loop) makes no other of it."""
    return None if parameters is None else json.loads(parameters).get("point")


def end_sensor(writer: Writer, uid: str, *, at: dt.datetime | None = None) -> None:
    """Stop reading a sensor; its record, its readings and what they prove stay.

    Parameters
    ----------
    at
        When it was taken off: what it measured from then on is no evidence. None means now.

    Raises
    ------
    InputRefused
        That lies in the future, or before the sensor stood there; or it was taken off before and
        no other moment is stated.
    """
    from sqlmodel import select  # noqa: PLC0415  as in `add_sensor`

    from hydrant.model.tables import Sensor  # noqa: PLC0415  as in `add_sensor`

    sensor = writer.session.exec(select(Sensor).where(Sensor.uid == uid)).one()
    now = times.now()
    _refuse_future(writer.registry, at, now)
    if at is None and not sensor.enabled:
        until = sensor.valid_until and times.local_text(sensor.valid_until, writer.registry.zone)
        raise InputRefused("telemetry.ended_already", uid=uid, until=until or "–")
    if at is not None and sensor.valid_from is not None and at < sensor.valid_from:
        zone = writer.registry.zone
        since = times.local_minute(sensor.valid_from, zone)
        raise InputRefused("telemetry.ended_before", at=times.local_minute(at, zone), since=since)
    writer.update(sensor, enabled=False, valid_until=at or now)


def _refuse_future(registry: Registry, moment: dt.datetime | None, now: dt.datetime) -> None:
    if moment is not None and moment > now:
        raise InputRefused("survey.future", at=times.local_minute(moment, registry.zone))
