"""``hydrant defect reopen``: a repair recorded by mistake."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from hydrant.cli.defect_correct import AssetArgument, ByOption, CodeArgument, finding_data, name_of
from hydrant.cli.frame import Result, Settings, command, helper
from hydrant.cli.screen import Screen
from hydrant.cli.standing_view import show_standing
from hydrant.report.present_verdict import counts_as
from hydrant.store.facts import reopening
from hydrant.store.facts.assets import find_asset
from hydrant.store.facts.withdrawing import span_of

h = helper("defect_reopen")


def reopen(
    settings: Settings,
    asset: AssetArgument,
    code: CodeArgument,
    *,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help=h("reason"))],
    at: Annotated[str | None, typer.Option("--at", metavar="DATE", help=h("at"))] = None,
    by: ByOption = None,
) -> Result:
    """Take a repair back; what it cleared is open again, as if it had never been repaired."""
    with settings.registry(write=True) as registry:
        where = find_asset(registry, asset)
        span = None if at is None else span_of(at, registry)
        with settings.transaction(registry, by) as writer:
            faults = reopening.repair_meant(registry, where, code, span=span)
            before = [finding_data(registry, fault) for fault in faults]
            reason = reopening.reopen(writer, faults, reason)
        now = counts_as(registry, where)
    data: dict[str, Any] = {
        "asset": where.uid,
        "code": faults[0].code if faults else code,
        "action": "reopened" if faults else "unchanged",
        "reopened": before,
        "reason": reason if faults else None,
        "now": now,
    }

    return Result(data, lambda screen: _show(screen, asset, data, reason))


def _show(screen: Screen, asset: str, data: Mapping[str, Any], reason: str) -> None:
    before = data["reopened"]
    day = before[0]["cleared"] if before else None
    name = name_of(screen, data["code"])
    key = f"cli_defect_reopen.{data['action']}"
    screen.line(key, asset=asset, name=name, day=day, reason=reason)
    if len(before) > 1:
        screen.line("cli_defect_reopen.several", count=len(before))
    show_standing(screen, asset, data["now"])


def add_to(app: typer.Typer) -> None:
    """Make this command part of ``hydrant defect``."""
    command(app, "reopen")(reopen)
