"""``hydrant survey withdraw``: a visit recorded by mistake."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hydrant import times
from hydrant.cli.frame import Result, Settings, command, helper
from hydrant.cli.screen import Screen
from hydrant.cli.standing_view import show_standing
from hydrant.errors import CommandLineError
from hydrant.model.tables import Asset, Defect, Inspection
from hydrant.report.present_verdict import counts_as
from hydrant.store.facts import withdrawing
from hydrant.store.facts.assets import find_asset
from hydrant.store.facts.withdrawing import Meant
from hydrant.store.opened.registry import Registry
from hydrant.survey.form import defect_names

h = helper("survey_withdraw")


def withdraw(
    settings: Settings,
    code: Annotated[str, typer.Argument(help=h("code"))],
    *,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help=h("reason"))],
    at: Annotated[str | None, typer.Option("--at", metavar="TIME", help=h("at"))] = None,
    visit: Annotated[str | None, typer.Option("--visit", metavar="UID", help=h("visit"))] = None,
    with_defects: Annotated[bool, typer.Option("--with-defects", help=h("with_defects"))] = False,
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help=h("by"))] = None,
) -> Result:
    """Withdraw a visit; it counts no more and stays in the history with the reason."""
    if at is not None and visit is not None:
        raise CommandLineError("cli_survey_withdraw.at_and_visit")
    with settings.registry(write=True) as registry:
        asset = find_asset(registry, code)
        span = None if at is None else withdrawing.span_of(at, registry)
        with settings.transaction(registry, by) as writer:
            meant = withdrawing.visit_meant(registry, asset, span=span, uid=visit)
            withdrawing.withdraw(writer, meant.row, reason)
            found = withdrawing.found_with(registry, meant.row)
            for fault in found if with_defects else ():
                withdrawing.withdraw(writer, fault, reason)
        data = _data(registry, asset, meant) | {
            "defects": [_fault(fault, withdrawn=with_defects) for fault in found]
        }
    return Result(data, lambda screen: _show(screen, code, data))


def _data(registry: Registry, asset: Asset, meant: Meant[Inspection]) -> dict[str, Any]:
    """The visit that is meant, the one that counts in its stead, and the asset's condition."""
    last = withdrawing.last_visit(registry, asset)
    return {
        "asset": asset.uid,
        "code": asset.code,
        "action": "unchanged" if meant.already else "withdrawn",
        "visit": _visit_data(registry, meant.row),
        "last": None if last is None else _visit_data(registry, last),
        "now": counts_as(registry, asset),
    }


def _visit_data(registry: Registry, visit: Inspection) -> dict[str, Any]:
    at = visit.at
    return {
        "uid": visit.uid,
        "at": None if at is None else times.to_text(at),
        "day": None if at is None else times.local_day(at, registry.zone).isoformat(),
        "outcome": visit.outcome,
        "inspector": visit.inspector,
        "reason": visit.withdrawn_why,
    }


def _fault(fault: Defect, *, withdrawn: bool) -> dict[str, Any]:
    return {"uid": fault.uid, "code": fault.code, "severity": fault.severity,
            "withdrawn": withdrawn}  # fmt: skip


def _show(screen: Screen, code: str, data: dict[str, Any]) -> None:
    visit, last = data["visit"], data["last"]
    undated = screen.t("cli_asset.undated")
    screen.line(
        f"cli_survey_withdraw.{data['action']}",
        code=code,
        day=visit["day"] or undated,
        outcome=screen.label("outcome", visit["outcome"]),
        reason=visit["reason"],
    )
    if data["defects"]:
        names = defect_names((fault["code"] for fault in data["defects"]), screen.lang)
        key = "defects_too" if data["defects"][0]["withdrawn"] else "defects_stay"
        screen.line(f"cli_survey_withdraw.{key}", names=names)
    if data["action"] == "unchanged" and last is not None:
        screen.line(
            "cli_survey_withdraw.last",
            day=last["day"] or undated,
            outcome=screen.label("outcome", last["outcome"]),
            uid=last["uid"],
        )
    show_standing(screen, code, data["now"])


def add_to(app: typer.Typer) -> None:
    """Make this command part of ``hydrant survey``."""
    command(app, "withdraw")(withdraw)
