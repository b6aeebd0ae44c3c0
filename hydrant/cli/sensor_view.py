"""How sensors and their answers are shown."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from hydrant import times
from hydrant.cli.frame import Note
from hydrant.cli.screen import Screen
from hydrant.errors import Phrase
from hydrant.store.facts.sensors import SensorRow
from hydrant.store.readings.readings import Latest
from hydrant.store.readings.readings_care import Pause, Rest
from hydrant.store.readings.sent_readings import FormerReading
from hydrant.telemetry.plan import raw_text
from hydrant.telemetry.quality import Measured, Reason
from hydrant.telemetry.reader import UnitAnswers
from hydrant.telemetry.setup import ReadySensor
from hydrant.units import QUANTITY_UNIT
from hydrant.vocabulary import Quality


def sensor_data(row: SensorRow, latest: Latest | None, rest: Rest | None = None) -> dict[str, Any]:
    """A sensor for scripts, with what it last said."""
    data: dict[str, Any] = {
        "uid": row.uid,
        "asset": row.asset_code,
        "asset_uid": row.asset_uid,
        "quantity": row.quantity,
        "reference": row.reference,
        "side": row.side,
        "height_m": row.height_m,
        "profile": row.profile,
        "url": row.url,
        "unit": row.unit_id,
        "interval_s": row.interval_s,
        "parameters": dict(row.parameters),
        "enabled": row.enabled,
        "from": row.since,
        "until": row.until,
    }
    if rest is not None:
        data["out_of_service"] = rest._asdict()
    if latest is not None:
        data["latest"] = {
            "at": latest.at,
            "value": latest.value,
            "quality": Quality(latest.quality).name.lower(),
            "reason": latest.reason,
            "good_at": latest.good_at,
            "good_value": latest.good_value,
        }
    return data


def former_note(former: FormerReading, rows: Sequence[SensorRow], zone: ZoneInfo) -> Note:
    """A value that was put right, with who did so and when."""
    row = next(row for row in rows if row.uid == former.sensor_uid)
    unit = QUANTITY_UNIT[row.quantity]
    why = Phrase(f"telemetry.reason_{former.reason}")
    return Note.of(
        "cli_sensor.former",
        asset=row.name,
        quantity=Phrase(f"vocabulary.quantity.{row.quantity}"),
        at=times.stored_local_text(former.at, zone),
        value=why if former.value is None else f"{former.value:.6g} {unit}",
        when=times.stored_local_text(former.replaced_at, zone),
        by=former.replaced_by,
    )


def rest_notes(
    rests: Sequence[Pause], rows: Sequence[SensorRow], zone: ZoneInfo
) -> tuple[Note, ...]:
    """Suspensions of the sensors listed that were withdrawn, with who did so, when and why."""
    named = {row.uid: row for row in rows}
    return tuple(
        Note.of(
            "cli_sensor.rest_was_withdrawn",
            asset=row.name,
            quantity=Phrase(f"vocabulary.quantity.{row.quantity}"),
            since=times.stored_local_text(one.since, zone),
            until=times.stored_local_text(one.until, zone),
            by=one.withdrawn_by,
            when=times.stored_local_text(one.withdrawn_at, zone),
            why=one.withdrawn_why,
        )
        for one in rests
        if one.withdrawn_at is not None and (row := named.get(one.sensor_uid)) is not None
    )


def show_sensors(
    screen: Screen,
    rows: Sequence[SensorRow],
    latest: Mapping[str, Latest],
    rest: Container[str],
    zone: ZoneInfo,
) -> None:
    """Print the table of sensors."""
    if not rows:
        return
    titles = ("asset", "quantity", "profile", "url", "unit", "every", "value", "at")
    screen.table(
        [screen.t(f"cli_sensor.{title}_title") for title in titles],
        [
            (
                row.name,
                screen.label("quantity", row.quantity),
                row.profile,
                row.url,
                row.unit_id,
                row.interval_s,
                _last(screen, row, latest.get(row.uid), out=row.uid in rest),
                _when(latest.get(row.uid), zone),
            )
            for row in rows
        ],
        numeric=(4, 5),
    )


def _last(screen: Screen, row: SensorRow, latest: Latest | None, *, out: bool) -> str | None:
    if not row.enabled:
        return screen.t("cli_sensor.ended")
    if out:
        return screen.t("telemetry.reason_out_of_service")
    if latest is None:
        return None
    if latest.value is None:
        return screen.t(f"telemetry.reason_{latest.reason}")
    return amount(latest.value, row.quantity)


def _when(latest: Latest | None, zone: ZoneInfo) -> str | None:
    if latest is None:
        return None
    return times.from_text(latest.at).astimezone(zone).strftime("%Y-%m-%d %H:%M")


def amount(value: float, quantity: str) -> str:
    """A value with its unit."""
    unit = QUANTITY_UNIT[quantity].replace("degC", "°C")
    return f"{value:.4g}" if unit == "1" else f"{value:.4g} {unit}"


def reading_rows(device: ReadySensor, answers: UnitAnswers) -> list[dict[str, Any]]:
    """Every measuring point of a device with its value, its registers and what is wrong."""
    rows = []
    for point in device.profile.points.values():
        if point.quantity is None:
            continue
        names = (point.name, *point.helpers)
        measured = device.measured(point.name, answers)
        got = {name: answers.registers[name] for name in names if name in answers.registers}
        rows.append(
            {
                "point": point.name,
                "quantity": str(point.quantity),
                "unit": QUANTITY_UNIT[point.quantity],
                "value": measured.value,
                "quality": measured.quality.name.lower(),
                "reason": measured.reason,
                "raw": raw_text(got) or None,
            }
        )
    return rows


def test_json(row: SensorRow, points: list[dict[str, Any]], outlet: Measured) -> dict[str, Any]:
    """What one reading of a device gave, as scripts see it."""
    return {
        "sensor": sensor_data(row, None),
        "value": outlet.value,
        "quality": outlet.quality.name.lower(),
        "reason": outlet.reason,
        "points": points,
    }


def show_test(
    screen: Screen, device: ReadySensor, points: Sequence[Mapping[str, Any]], outlet: Measured
) -> None:
    """Print what a device said and what would be stored."""
    titles = ("point", "quantity", "value", "registers")
    screen.table(
        [screen.t(f"cli_sensor.{title}_title") for title in titles],
        [
            (
                point["point"],
                screen.label("quantity", point["quantity"]),
                _cell(screen, point),
                point["raw"],
            )
            for point in points
        ],
    )
    if outlet.value is None:
        assert outlet.reason is not None  # noqa: S101  what is missing has a reason
        screen.line("cli_sensor.no_value", point=device.point.name, why=outlet.reason.phrase)
        return
    value = amount(outlet.value, device.row.quantity)
    key = "dry" if outlet.reason is Reason.DRY_AT_REST else "would_store"
    screen.line(f"cli_sensor.{key}", point=device.point.name, value=value)


def _cell(screen: Screen, point: Mapping[str, Any]) -> str:
    if point["value"] is None:
        return screen.t(f"telemetry.reason_{point['reason']}")
    return amount(point["value"], point["quantity"])
