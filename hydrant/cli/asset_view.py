"""How assets are shown to people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from hydrant import times
from hydrant.cli.screen import Screen, pad, printable
from hydrant.survey.form import load_form

_WORDS = {
    "kind": "kind",
    "structure": "structure",
    "service": "service",
    "mains_type": "mains_type",
}
_UNITS = {"_mm": "mm", "_m": "m", "_l_s": "L/s", "_m3": "m³", "_kpa": "kPa"}


def _value(screen: Screen, name: str, value: Any) -> str:
    if name in _WORDS:
        return screen.label(_WORDS[name], value)
    if isinstance(value, bool):
        return screen.t("cli_asset.yes" if value else "cli_asset.no")
    unit = next((unit for suffix, unit in _UNITS.items() if name.endswith(suffix)), "")
    return f"{value:g} {unit}".strip() if isinstance(value, float) else str(value)


def show_facts(screen: Screen, data: Mapping[str, Any]) -> None:
    """One asset, a line per known field."""
    facts = data["asset"]
    rows = [
        (screen.t(f"fields.{name}"), _value(screen, name, value))
        for name, value in facts.items()
        if value is not None
    ]
    rows.append((screen.t("fields.lifecycle"), screen.label("event", data["lifecycle"])))
    rows.append((screen.t("fields.inspections"), str(data["inspections"])))
    rows.append((screen.t("fields.open_defects"), str(data["open_defects"])))
    for name, value in rows:
        screen.text(pad(name, 22) + printable(value))


def show_list(screen: Screen, rows: Sequence[Mapping[str, Any]]) -> None:
    """Assets, a line each."""
    names = ("code", "kind", "region_code", "address", "lon", "lat")
    screen.table(
        [screen.t(f"fields.{name}") for name in names],
        [
            (
                row["code"] or row["uid"],
                screen.label("kind", row["kind"]),
                row["region_code"],
                row["address"] or row["name"],
                None if row["lon"] is None else f"{row['lon']:.6f}",
                None if row["lat"] is None else f"{row['lat']:.6f}",
            )
            for row in rows
        ],
        numeric=(4, 5),
    )
    screen.line("cli_asset.listed", count=len(rows))


def show_history(
    screen: Screen, code: str, rows: Sequence[Mapping[str, Any]], zone: ZoneInfo
) -> None:
    """Everything recorded of an asset, a line each, days in the registry's zone."""
    screen.line("cli_asset.history_of", code=code)
    names = ("at", "what", "details", "who")
    screen.table(
        [screen.t(f"cli_asset.{name}_title") for name in names],
        [
            (
                times.local_day(times.from_text(row["at"]), zone).isoformat()
                if row["at"]
                else screen.t("cli_asset.undated"),
                screen.t(f"cli_asset.fact_{row['fact']}"),
                _told(screen, row, zone),
                row["by"],
            )
            for row in rows
        ],
    )


#: Fields of facts whose values are words of a vocabulary.
_LABELS = {
    "kind": "kind",
    "service": "service",
    "event": "event",
    "outcome": "outcome",
    "severity": "severity",
}


def _told(screen: Screen, row: Mapping[str, Any], zone: ZoneInfo) -> str:
    corrected = row["fact"] == "corrected"
    details = _corrected(screen, row["values"], zone) if corrected else _details(screen, row)
    return details + _withdrawn(screen, row, zone)


def _withdrawn(screen: Screen, row: Mapping[str, Any], zone: ZoneInfo) -> str:
    """That a fact counts no more, since when and why; nothing of one that counts."""
    gone = row.get("withdrawn")
    if gone is None:
        return ""
    day = times.local_day(times.from_text(gone["at"]), zone).isoformat()
    return screen.t("cli_asset.withdrawn", day=day, by=gone["by"], why=gone["why"])


def _corrected(screen: Screen, values: Mapping[str, Any], zone: ZoneInfo) -> str:
    """What a fact said before a correction and says since, field by field."""
    changes = [
        f"{screen.t(f'fields.{name}')} {_word(screen, name, values['before'][name], zone)} → "
        f"{_word(screen, name, now, zone)}"
        for name, now in values["after"].items()
    ]
    return f"{screen.t('cli_asset.fact_' + values['record'])}: {' · '.join(changes)}"


def _word(screen: Screen, name: str, value: Any, zone: ZoneInfo) -> str:
    if value is None:
        return "–"
    if name in ("at", "found_at", "due"):
        return times.local_day(times.from_text(value), zone).isoformat()
    return screen.label(_LABELS[name], value) if name in _LABELS else _value(screen, name, value)


def _details(screen: Screen, row: Mapping[str, Any]) -> str:
    """What a fact says, in the screen's language."""
    values = row["values"]
    if row["fact"] in ("defect", "cleared"):
        known = load_form().defects.get(values["code"])
        name = values["code"] if known is None else known.names[screen.lang]
        severity = values.get("severity")
        return f"{name} ({screen.label('severity', severity)})" if severity else name
    if row["fact"] in ("alarm", "alarm_cleared"):
        name = screen.t(f"cli_alarm.kind_{values['alarm']}")
        measured = values.get("value")
        return name if measured is None else f"{name}: {measured:.4g} / {values['limit']:g}"
    parts = [_part(screen, name, value) for name, value in values.items() if name != "inspector"]
    return " · ".join(parts)


def _part(screen: Screen, name: str, value: Any) -> str:
    if name in _LABELS:
        return screen.label(_LABELS[name], value)
    if name in ("lon", "lat"):
        return f"{value:.6f}"
    if name in ("static_kpa", "residual_kpa", "flow_l_s", "level_m", "lift_m"):
        return f"{screen.t(f'fields.{name}')} {_value(screen, name, value)}"
    return str(value)
