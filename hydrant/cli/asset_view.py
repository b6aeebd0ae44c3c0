"""How assets are shown to people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hydrant.cli.screen import Screen, pad
from hydrant.cli.standing_view import show_standing
from hydrant.geo.answered import crs_name, position_in
from hydrant.geo.datum import Crs
from hydrant.report.present_verdict import CountsAs
from hydrant.safe_text import printable
from hydrant.store.facts.assets import POSITION

_WORDS = {
    "kind": "kind",
    "structure": "structure",
    "service": "service",
    "mains_type": "mains_type",
}
#: What is more cannot be degrees.
_MOST_DEGREES = 360
_UNITS = {"_mm": "mm", "_m": "m", "_l_s": "L/s", "_m3": "m³", "_kpa": "kPa"}


def _coordinate(value: float) -> str:
    """A coordinate to about a decimetre: six digits of a degree, else one of a metre and more."""
    return f"{value:.6f}" if abs(value) <= _MOST_DEGREES else f"{value:.2f}"


def _value(screen: Screen, name: str, value: Any, crs: str) -> str:
    if name in ("lon", "lat"):
        return f"{_coordinate(value)} ({crs_name(crs)})"
    if name in ("orig_x", "orig_y"):
        return _coordinate(value)
    if name == "orig_crs":
        return crs_name(value)
    if name in _WORDS:
        return screen.label(_WORDS[name], value)
    if isinstance(value, bool):
        return screen.t("cli_asset.yes" if value else "cli_asset.no")
    unit = next((unit for suffix, unit in _UNITS.items() if name.endswith(suffix)), "")
    return f"{value:g} {unit}".strip() if isinstance(value, float) else str(value)


def answered(facts: Mapping[str, Any], crs: Crs) -> dict[str, Any]:
    """Facts of an asset with its position in the datum asked, and the name of that."""
    lon, lat = facts["lon"], facts["lat"]
    place = None if lon is None or lat is None else (lon, lat)
    return {**facts, **position_in(crs, place)}


def show_facts(screen: Screen, data: Mapping[str, Any]) -> None:
    """One asset, a line per known field."""
    facts = data["asset"]
    rows = [
        (screen.t(f"fields.{name}"), _value(screen, name, value, facts["crs"]))
        for name, value in facts.items()
        if value is not None and name != "crs"
    ]
    rows.append((screen.t("fields.lifecycle"), screen.label("event", data["lifecycle"])))
    rows.append((screen.t("fields.inspections"), str(data["inspections"])))
    rows.append((screen.t("fields.open_defects"), str(data["open_defects"])))
    for name, value in rows:
        screen.text(pad(name, 22) + printable(value))
    for number, photo in enumerate(data["photos"]):
        # a path is for copying: it is neither cut nor broken
        heading = screen.t("fields.photos") if number == 0 else ""
        where = photo["file"] or screen.t("cli_asset.photo_elsewhere", name=photo["sha256"][:12])
        screen.text(f"{pad(heading, 22)}{(photo['at'] or '–')[:10]}  {printable(where)}")


def show_edit(
    screen: Screen, *, code: str, changed: list[str], day: str | None, now: CountsAs | None
) -> None:
    """Which fields were changed, by their names, and what the asset counts as since.

    Parameters
    ----------
    changed
        Columns; those of the position are one field to people.
    day
        The day from which it was to hold, as typed; None where none was stated.
    """
    if not changed:
        key = "cli_asset.unchanged" if day is None else "cli_asset.unchanged_from"
        screen.line(key, code=code, day=day)
        return
    names = [f"fields.{name}" for name in changed if name not in POSITION]
    if len(names) < len(changed):
        names.insert(0, "fields.geom")
    key = "cli_asset.edited" if day is None else "cli_asset.edited_from"
    screen.line(key, code=code, fields=tuple(map(screen.t, names)), day=day)
    if now is not None:
        show_standing(screen, code, now)


def show_event(screen: Screen, *, code: str, event: str, day: str, now: CountsAs) -> None:
    """An event that was recorded, and what the asset counts as now."""
    screen.line("cli_asset.event_recorded", code=code, event=screen.label("event", event), day=day)
    show_standing(screen, code, now)


def show_list(screen: Screen, rows: Sequence[Mapping[str, Any]], crs: Crs) -> None:
    """Assets, a line each, with the datum of their positions."""
    names = ("code", "kind", "region_code", "address")
    told = crs_name(crs.name if crs.degrees else "cgcs2000")
    screen.table(
        [
            *(screen.t(f"fields.{name}") for name in names),
            screen.t("cli_near.column_position", crs=told),
        ],
        [
            (
                row["code"] or row["uid"],
                screen.label("kind", row["kind"]),
                row["region_code"],
                row["address"] or row["name"],
                None if row["lon"] is None else f"{row['lon']:.6f} {row['lat']:.6f}",
            )
            for row in rows
        ],
        whole=(0, 4),
    )
    screen.line("cli_asset.listed", count=len(rows))
