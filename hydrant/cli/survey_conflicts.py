"""``hydrant survey conflicts``: what sides differ on, listed and decided."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from hydrant import times
from hydrant.cli.decided import Figures, changed_json, disputed, show_changed
from hydrant.cli.frame import Result, Settings, command, group, helper
from hydrant.cli.screen import Screen
from hydrant.cli.stated_anew import held_anew, units_of
from hydrant.errors import CommandLineError, InputRefused
from hydrant.safe_text import printable
from hydrant.store.opened import raw_rows
from hydrant.store.opened.registry import Registry
from hydrant.store.outside.proposals import STATED, WHOLE, find_conflict, open_conflicts
from hydrant.store.sides.bundle_file import from_stored_json
from hydrant.store.sides.package_state import row_of as package_row
from hydrant.store.sides.row_names import row_name
from hydrant.survey.numbers import stated_against
from hydrant.survey.resolving import REGISTRY, choices, resolve, side_named
from hydrant.survey.unit_days import days_of, days_text, moment_text, said_in

h = helper("survey_conflicts")
app = group("survey_conflicts", default="list")

ByOption = Annotated[str | None, typer.Option("--by", metavar="NAME", help=h("by"))]


@command(app, "list")
def list_(settings: Settings) -> Result:
    """List what sides differ on and what each of them says."""
    with settings.registry() as registry:
        found = [_conflict_data(registry, conflict) for conflict in open_conflicts(registry)]
        numbers = {one["uid"]: _meant(registry, one) for one in found}

    return Result({"conflicts": found}, lambda screen: _show(screen, found, numbers))


def _meant(registry: Registry, conflict: Mapping[str, object]) -> str | None:
    """The number of which a cell is disputed, of what, and when it holds."""
    if conflict["entity"] != "requirement":
        return None
    row = raw_rows.fetch(registry, "requirement", str(conflict["uid"]))
    return None if row is None else _number(registry, row)


def _show(screen: Screen, found: list[dict[str, Any]], numbers: Mapping[str, str | None]) -> None:
    for conflict in found:
        what = _what(screen, conflict, numbers[conflict["uid"]])
        heading = f"{conflict['id']}  {conflict['asset']}  {what}"
        screen.styled(printable(heading), "bold")
        for side, value in conflict["sides"].items():
            shown = "–" if value is None else str(value)
            screen.text(f"    {side}: {printable(shown)}")
    key = "cli_survey_conflicts.listed" if found else "cli_survey_conflicts.none"
    screen.line(key, count=len(found))


def _what(screen: Screen, conflict: dict[str, Any], number: str | None) -> str:
    if conflict["field"] == WHOLE:
        return screen.t("cli_survey_conflicts.deleted", entity=conflict["entity"])
    if conflict["field"] == STATED:
        return screen.t("cli_survey_conflicts.number")
    what = f"{conflict['entity']}.{conflict['field']}"
    return what if number is None else f"{what} ({number})"


def _conflict_data(registry: Registry, conflict: raw_rows.Row) -> dict[str, Any]:
    entity, uid = conflict["entity"], conflict["entity_uid"]
    offered = choices(registry, conflict)
    row = raw_rows.fetch(registry, entity, uid) or {}
    sides = {
        word: _said(registry, row, value) or _plain(registry, conflict["field"], value)
        for word, value in offered.items()
    }
    if conflict["field"] == STATED:
        row = next(package_row(value) for value in offered.values() if value is not None)
        sides |= {
            REGISTRY: "; ".join(_number(registry, one) for one in stated_against(registry, row))
            or None
        }
    return {
        "id": conflict["uid"],
        "entity": entity,
        "uid": uid,
        "asset": row_name(registry, entity, row) or uid,
        "field": conflict["field"],
        "reason": conflict["reason"],
        "sides": sides,
    }


def _said(registry: Registry, row: raw_rows.Row, value: str | None) -> str | None:
    """What a side says of a unit, with the days where that is not on all of its row's."""
    said = said_in(value) if "parent_code" in row else []
    return "; ".join(days_text(registry.zone, one, days_of(row)) for one in said) or None


def _number(registry: Registry, row: raw_rows.Row) -> str:
    """A number, of what, and the days on which it begins and ends."""
    kind = row["kind"] if row["service"] is None else f"{row['kind']} ({row['service']})"
    begins, ends = (_day(registry, row[end]) for end in ("valid_from", "valid_until"))
    return f"{row['count']} {kind}, {begins} … {ends}"


def _day(registry: Registry, stored: str | None) -> str:
    if stored is None:
        return "–"
    return times.local_day(times.from_text(stored), registry.zone).isoformat()


def _plain(registry: Registry, field: str, value: str | None) -> Any:
    """A side's value for people: the coordinates of a position, the text of anything else."""
    if value is None or field == WHOLE:
        return None
    if field == STATED:
        return _number(registry, package_row(value))
    if field == "position":
        parts = [from_stored_json(part) for part in json.loads(value)]
        return f"{parts[1]}, {parts[2]} ({parts[3]})"
    said = from_stored_json(value)
    return moment_text(registry.zone, said) if isinstance(said, str) else said


@command(app, "resolve")
def resolve_(
    settings: Settings,
    conflict: Annotated[str | None, typer.Argument(help=h("conflict"))] = None,
    *,
    take: Annotated[str, typer.Option("--take", metavar="SIDE", help=h("take"))],
    everything: Annotated[bool, typer.Option("--all", help=h("all"))] = False,
    by: ByOption = None,
) -> Result:
    """Decide one conflict, or all in which a side takes part."""
    if everything == (conflict is not None):
        raise CommandLineError("cli_survey_conflicts.one_or_all")
    with settings.registry(write=True) as registry:
        return _decided(settings, registry, conflict, take, by)


def _decided(
    settings: Settings, registry: Registry, conflict: str | None, take: str, by: str | None
) -> Result:
    with settings.transaction(registry, by) as writer:
        chosen = _chosen(registry, conflict, take)
        figures = Figures(registry, disputed(registry, chosen))
        units = units_of(registry, chosen)
        gave_way = [number for one in chosen for number in resolve(writer, one, take)]
        notes = held_anew(writer, units)
    changed = figures.changed()
    numbers = [f"{one['region_code']}: {_number(registry, one)}" for one in gave_way]
    left = len(open_conflicts(registry))
    data: dict[str, Any] = {"resolved": [one["uid"] for one in chosen], "take": take, "left": left}
    data |= {"gave_way": numbers, "figures_changed": changed_json(changed)}

    def show(screen: Screen) -> None:
        screen.line("cli_survey_conflicts.resolved", count=len(chosen), take=take, left=left)
        for number in numbers:
            screen.line("cli_survey_conflicts.gave_way", number=number)
        show_changed(screen, changed, figures.left_out)

    return Result(data, show, notes)


def _chosen(registry: Registry, conflict: str | None, take: str) -> list[raw_rows.Row]:
    """The conflict that is named, else all in which a side takes part."""
    if conflict is not None:
        return [find_conflict(registry, conflict)]
    found = open_conflicts(registry)
    chosen = [one for one in found if side_named(choices(registry, one), take) is not None]
    if found and not chosen:
        known = sorted({side for one in found for side in choices(registry, one)})
        raise InputRefused("survey.no_side", side=take, known=", ".join(known))
    return chosen
