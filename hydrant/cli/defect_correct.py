"""``hydrant defect edit`` and ``withdraw``: a finding that was recorded wrongly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from hydrant import times
from hydrant.cli.frame import Result, Settings, command, helper
from hydrant.cli.screen import Screen
from hydrant.cli.standing_view import show_standing
from hydrant.errors import CommandLineError, InputRefused
from hydrant.model.tables import Defect
from hydrant.report.present_verdict import counts_as
from hydrant.store.facts import defects, withdrawing
from hydrant.store.facts.assets import find_asset
from hydrant.store.opened.registry import Registry
from hydrant.survey.form import load_form
from hydrant.vocabulary import Severity
from hydrant.written_dates import moment_typed

h = helper("defect_correct")

AssetArgument = Annotated[str, typer.Argument(metavar="ASSET", help=h("asset"))]
CodeArgument = Annotated[str, typer.Argument(metavar="CODE", help=h("code"))]
ByOption = Annotated[str | None, typer.Option("--by", metavar="NAME", help=h("by"))]


def edit(
    settings: Settings,
    asset: AssetArgument,
    code: CodeArgument,
    *,
    severity: Annotated[Severity | None, typer.Option("--severity", help=h("severity"))] = None,
    found: Annotated[str | None, typer.Option("--found", metavar="DATE", help=h("found"))] = None,
    due: Annotated[str | None, typer.Option("--due", metavar="DATE", help=h("due"))] = None,
    note: Annotated[str | None, typer.Option("--note", metavar="TEXT", help=h("note"))] = None,
    cost: Annotated[float | None, typer.Option("--cost", help=h("cost"))] = None,
    by: ByOption = None,
) -> Result:
    """Correct what an open finding says; what it said before stays in the log."""
    wanted = _wanted(severity=severity, found_at=found, due=due, note=note, cost=cost)
    with settings.registry(write=True) as registry:
        where = find_asset(registry, asset)
        for name in ("found_at", "due"):
            if name in wanted:
                wanted[name] = _moment(registry, wanted[name], ahead=name == "due")
        with settings.transaction(registry, by) as writer:
            meant = withdrawing.defect_meant(registry, where, code)
            if meant.already:
                raise InputRefused("survey.not_open", code=code, asset=asset)
            former = defects.edit_defect(writer, meant.row, wanted)
        data: dict[str, Any] = {
            "asset": where.uid,
            "code": meant.row.code,
            "action": "updated" if former else "unchanged",
            "changed": sorted(former),
            "finding": finding_data(registry, meant.row),
            "now": counts_as(registry, where),
        }

    return Result(data, lambda screen: _show_edited(screen, asset, data))


def _wanted(**given: Any) -> dict[str, Any]:
    """What is stated anew of a finding; something must be."""
    wanted = {name: value for name, value in given.items() if value is not None}
    if not wanted:
        raise CommandLineError("cli_defect_correct.nothing")
    return wanted


def _show_edited(screen: Screen, asset: str, data: Mapping[str, Any]) -> None:
    name = name_of(screen, data["code"])
    fields = ", ".join(screen.t(f"fields.{field}") for field in data["changed"])
    if data["changed"]:
        screen.line("cli_defect_correct.edited", asset=asset, name=name, fields=fields)
    else:
        screen.line("cli_defect_correct.same", asset=asset, name=name)
    show_standing(screen, asset, data["now"])


def _moment(registry: Registry, text: str, *, ahead: bool) -> dt.datetime:
    moment = moment_typed(text, registry.zone)
    if moment > times.now() and not ahead:
        raise InputRefused("survey.future", at=text)
    return moment


def withdraw(
    settings: Settings,
    asset: AssetArgument,
    code: CodeArgument,
    *,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help=h("reason"))],
    by: ByOption = None,
) -> Result:
    """Withdraw a finding; it counts no more and stays in the history with the reason."""
    with settings.registry(write=True) as registry:
        where = find_asset(registry, asset)
        with settings.transaction(registry, by) as writer:
            meant = withdrawing.defect_meant(registry, where, code)
            fault = meant.row
            withdrawing.withdraw(writer, fault, reason)
        left = defects.open_ones(registry, where, fault.code)
        now = counts_as(registry, where)
        finding = finding_data(registry, fault)
    data: dict[str, Any] = {
        "asset": where.uid,
        "code": fault.code,
        "action": "unchanged" if meant.already else "withdrawn",
        "finding": finding,
        "still_open": [one.uid for one in left],
        "now": now,
    }

    return Result(data, lambda screen: _show_withdrawn(screen, asset, data))


def _show_withdrawn(screen: Screen, asset: str, data: Mapping[str, Any]) -> None:
    name, finding = name_of(screen, data["code"]), data["finding"]
    screen.line(
        f"cli_defect_correct.{data['action']}",
        asset=asset,
        name=name,
        severity=screen.label("severity", finding["severity"]),
        reason=finding["reason"],
    )
    left = len(data["still_open"])
    if left:
        screen.line("cli_defect_correct.still_open", asset=asset, name=name, count=left)
    show_standing(screen, asset, data["now"])


def name_of(screen: Screen, code: str) -> str:
    """A defect's name in the screen's language; its code where the form knows none."""
    known = load_form().defects.get(code)
    return code if known is None else known.names[screen.lang]


def finding_data(registry: Registry, fault: Defect) -> dict[str, Any]:
    """What a finding says, days local."""

    def day(moment: dt.datetime | None) -> str | None:
        return None if moment is None else times.local_day(moment, registry.zone).isoformat()

    return {
        "uid": fault.uid,
        "severity": fault.severity,
        "found": day(fault.found_at),
        "cleared": day(fault.cleared_at),
        "due": day(fault.due),
        "cost": fault.cost,
        "note": fault.note,
        "reason": fault.withdrawn_why,
    }


def add_to(app: typer.Typer) -> None:
    """Make these commands part of ``hydrant defect``."""
    command(app, "edit")(edit)
    command(app, "withdraw")(withdraw)
