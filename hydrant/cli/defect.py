"""``hydrant defect``: faults of assets."""

from __future__ import annotations

from typing import Annotated

import typer

from hydrant import times
from hydrant.cli import defect_correct, defect_reopen
from hydrant.cli.defect_view import opened_json, show_cleared, show_defects, show_opened
from hydrant.cli.frame import Result, Settings, command, group, helper
from hydrant.report.present_verdict import counts_as
from hydrant.store.facts import defects
from hydrant.store.facts.assets import find_asset
from hydrant.store.ground.location import readings_path
from hydrant.store.regions.regions import find_region, subtree
from hydrant.survey.findings import finding, lasting_alarms, moment_of
from hydrant.survey.findings import propose as propose_for
from hydrant.survey.form import load_form
from hydrant.vocabulary import Severity

h = helper("defect")
app = group("defect")

AssetArgument = Annotated[str, typer.Argument(metavar="ASSET", help=h("asset"))]
CodeArgument = Annotated[str, typer.Argument(metavar="CODE", help=h("code"))]
AtOption = Annotated[str | None, typer.Option("--at", metavar="DATE", help=h("at"))]
ByOption = Annotated[str | None, typer.Option("--by", metavar="NAME", help=h("by"))]


@command(app, "open")
def open_(
    settings: Settings,
    asset: AssetArgument,
    code: CodeArgument,
    *,
    severity: Annotated[Severity | None, typer.Option("--severity", help=h("severity"))] = None,
    at: AtOption = None,
    due: Annotated[str | None, typer.Option("--due", metavar="DATE", help=h("due"))] = None,
    note: Annotated[str | None, typer.Option("--note", help=h("note"))] = None,
    by: ByOption = None,
) -> Result:
    """Record a defect of an asset."""
    known = load_form().defect(code)
    with settings.writing(by) as writer:
        registry = writer.registry
        found = find_asset(registry, asset)
        entered = finding(
            registry, known.code, severity=severity, at=at, due=due, note=note, by=writer.actor
        )
        opened = defects.open_defect(writer, found, entered)
        writer.flush()
        findings = defects.open_ones(registry, found, known.code)
        data = opened_json(registry, found, opened, findings)
    return Result(data, lambda screen: show_opened(screen, asset, known, data))


@command(app, "clear")
def clear(
    settings: Settings,
    asset: AssetArgument,
    code: CodeArgument,
    *,
    at: AtOption = None,
    cost: Annotated[float | None, typer.Option("--cost", help=h("cost"))] = None,
    by: ByOption = None,
) -> Result:
    """Record that a defect was repaired."""
    known = load_form().defect(code)
    with settings.writing(by) as writer:
        found = find_asset(writer.registry, asset)
        moment = moment_of(writer.registry, at)
        cleared = defects.clear_defects(
            writer, found, known.code, at=moment, by=writer.actor, cost=cost
        )
        writer.flush()
        left = defects.open_ones(writer.registry, found, known.code)
        now = counts_as(writer.registry, found)
    data = {
        "asset": found.uid,
        "code": known.code,
        "cleared": [fault.uid for fault in cleared],
        "still_open": [fault.uid for fault in left],
        "now": now,
    }
    return Result(data, lambda screen: show_cleared(screen, asset, known, len(left), now))


@command(app, "propose")
def propose(
    settings: Settings,
    *,
    after: Annotated[float, typer.Option("--after", metavar="HOURS", help=h("after"))] = 24.0,
    by: ByOption = None,
) -> Result:
    """Propose defects for alarms that last; an officer or crew confirms them."""
    lasting = lasting_alarms(readings_path(settings.path), hours=after)
    with settings.writing(by) as writer:
        proposed = propose_for(writer, lasting)
    data = {"alarms": len(lasting), "proposed": proposed}
    return Result(data, lambda screen: screen.line("cli_defect.proposed", count=len(proposed)))


@command(app, "confirm")
def confirm(
    settings: Settings,
    asset: AssetArgument,
    code: CodeArgument,
    *,
    reject: Annotated[bool, typer.Option("--reject", help=h("reject"))] = False,
    by: ByOption = None,
) -> Result:
    """Confirm a proposed defect, or reject it."""
    known = load_form().defect(code)
    with settings.writing(by) as writer:
        found = find_asset(writer.registry, asset)
        settled = defects.settle_defects(
            writer, found, code, confirmed=not reject, by=writer.actor, at=times.now()
        )
    data = {"asset": found.uid, "code": code, "settled": [fault.uid for fault in settled]}
    key = "cli_defect.rejected" if reject else "cli_defect.confirmed"
    return Result(data, lambda screen: screen.line(key, asset=asset, name=known.names[screen.lang]))


@command(app, "list")
def list_(
    settings: Settings,
    *,
    region: Annotated[str | None, typer.Option("--region", help=h("region"))] = None,
    asset: Annotated[str | None, typer.Option("--asset", help=h("asset"))] = None,
    everything: Annotated[bool, typer.Option("--all", help=h("all"))] = False,
) -> Result:
    """List open defects, oldest first."""
    with settings.registry() as registry:
        codes = None if region is None else subtree(registry, find_region(registry, region).code)
        only = None if asset is None else find_asset(registry, asset)
        rows = defects.list_defects(registry, regions=codes, asset=only, open_only=not everything)
    return Result({"defects": rows}, lambda screen: show_defects(screen, rows))


defect_correct.add_to(app)
defect_reopen.add_to(app)
