"""``hydrant require withdraw``: a required number recorded by mistake."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

import typer

from hydrant import times
from hydrant.cli.decided import Figures, changed_json, on_days, then_changed
from hydrant.cli.frame import Result, Settings, command, helper
from hydrant.cli.require_view import fallen_notes
from hydrant.cli.screen import Screen
from hydrant.cli.stated_anew import held_anew
from hydrant.model.tables import Requirement
from hydrant.report.remarks import fallen_json
from hydrant.report.required_name import kind_name
from hydrant.store.facts import withdrawing
from hydrant.store.facts.withdrawing import withdraw_number
from hydrant.store.opened.registry import Registry
from hydrant.store.regions.regions import find_region
from hydrant.store.regions.restating import answered_for, fallen_for
from hydrant.survey.unit_days import Days
from hydrant.vocabulary import Service, family_of
from hydrant.written_dates import day_typed

h = helper("require_withdraw")


def withdraw(
    settings: Settings,
    region: Annotated[str, typer.Argument(help=h("region"))],
    kind: Annotated[str, typer.Argument(help=h("kind"))],
    *,
    since: Annotated[str, typer.Option("--from", metavar="DATE", help=h("since"))],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help=h("reason"))],
    service: Annotated[Service | None, typer.Option("--service", help=h("service"))] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help=h("by"))] = None,
) -> Result:
    """Withdraw a required number; the one that held before it holds on."""
    with settings.registry(write=True) as registry:
        day = day_typed(since, registry.zone)
        start = times.start_of_day(day, registry.zone)
        place = find_region(registry, region, at=start)
        meant = withdrawing.requirement_meant(registry, place.code, kind, start, service)
        gone = meant.row
        figures = Figures(registry, on_days(registry, [place.code], [_days(gone)]))
        with settings.transaction(registry, by) as writer:
            withdraw_number(writer, gone, reason)
            better = held_anew(writer, {place.code})
        now = _still_held(registry, place.code, gone)
        split = fallen_for(registry, {place.code}, {family_of(gone.kind)}, start)
        changed = figures.changed()
        name = place.name_zh if settings.lang == "zh" else place.name_en
    data = _data(gone, place.code, day, now, "unchanged" if meant.already else "withdrawn")
    data |= {**fallen_json(split.fallen), "figures_changed": changed_json(changed)}
    notes = (*fallen_notes(split, settings.lang), *better)
    page = partial(_show, region=name or place.code, data=data)
    show = then_changed(page, changed, figures.left_out)
    return Result(data, show, notes)


def _days(row: Requirement) -> Days:
    ends = None if row.valid_until is None else times.to_text(row.valid_until)
    return Days(None if row.valid_from is None else times.to_text(row.valid_from), ends)


def _still_held(registry: Registry, region: str, gone: Requirement) -> int | None:
    """What the unit answers for without the number that is withdrawn; None where nothing is."""
    same = (gone.kind, gone.service)
    held = answered_for(registry, region, times.now())
    now = [one.number for one in held if (one.kind, one.service) == same]
    return sum(now) if now else None


def _data(
    gone: Requirement, region: str, day: dt.date, now: int | None, action: str
) -> dict[str, Any]:
    return {
        "region": region,
        "kind": gone.kind,
        "service": gone.service,
        "from": day.isoformat(),
        "count": gone.count,
        "action": action,
        "reason": gone.withdrawn_why,
        "now": now,
    }


def _show(screen: Screen, region: str, data: Mapping[str, Any]) -> None:
    told = {"region": region, "kind": kind_name(data["kind"], data["service"], screen.lang)}
    screen.line(
        f"cli_require_withdraw.{data['action']}",
        **told,
        count=data["count"],
        since=data["from"],
        reason=data["reason"],
    )
    if data["now"] is None:
        screen.line("cli_require_withdraw.nothing_now", **told)
    else:
        screen.line("cli_require_withdraw.holds_now", **told, count=data["now"])


def add_to(app: typer.Typer) -> None:
    """Make this command part of ``hydrant require``."""
    command(app, "withdraw")(withdraw)
