"""``hydrant defect``: faults of assets."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from hydrant import times
from hydrant.cli.frame import Result, Settings, command, group, helper
from hydrant.cli.screen import Screen
from hydrant.errors import InputRefused
from hydrant.integrity.policy_reader import load_policy
from hydrant.model.inputs import DefectInput, validated
from hydrant.store import defects
from hydrant.store.assets import find_asset
from hydrant.store.location import readings_path
from hydrant.store.readings_alarms import list_alarms
from hydrant.store.readings_file import view_readings
from hydrant.store.regions import find_region, subtree
from hydrant.store.registry import Registry
from hydrant.store.sensors import list_sensors
from hydrant.survey.form import load_form
from hydrant.vocabulary import AlarmKind, Severity

h = helper("defect")
app = group("defect")

AssetArgument = Annotated[str, typer.Argument(metavar="ASSET", help=h("asset"))]
CodeArgument = Annotated[str, typer.Argument(metavar="CODE", help=h("code"))]
AtOption = Annotated[str | None, typer.Option("--at", metavar="DATE", help=h("at"))]
ByOption = Annotated[str | None, typer.Option("--by", metavar="NAME", help=h("by"))]


def _moment(registry: Registry, at: str | None) -> dt.datetime:
    moment = times.now() if at is None else times.parse_moment(at, registry.zone)
    if moment > times.now():
        raise InputRefused("survey.future", at=at)
    return moment


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
    with settings.registry(write=True) as registry:
        found = find_asset(registry, asset)
        entered = validated(
            DefectInput,
            code=known.code,
            severity=severity or load_policy(registry.policy).severity_of(known.code),
            found_at=_moment(registry, at),
            found_by=settings.actor(by),
            due=due and times.parse_moment(due, registry.zone),
            note=note,
        )
        with registry.transaction(actor=settings.actor(by), origin="defect open") as writer:
            fault, new = defects.open_defect(writer, found, entered)
        grave = Severity(fault.severity)
    data = {"uid": fault.uid, "asset": found.uid, "code": code, "severity": grave, "new": new}

    def show(screen: Screen) -> None:
        screen.line(
            "cli_defect.opened" if new else "cli_defect.standing",
            asset=asset,
            name=known.names[screen.lang],
            severity=screen.label("severity", grave),
        )

    return Result(data, show)


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
    with settings.registry(write=True) as registry:
        found = find_asset(registry, asset)
        moment = _moment(registry, at)
        actor = settings.actor(by)
        with registry.transaction(actor=actor, origin="defect clear") as writer:
            cleared = defects.clear_defects(writer, found, code, at=moment, by=actor, cost=cost)
    data = {"asset": found.uid, "code": code, "cleared": [fault.uid for fault in cleared]}

    def show(screen: Screen) -> None:
        screen.line("cli_defect.cleared", asset=asset, name=known.names[screen.lang])

    return Result(data, show)


@command(app, "propose")
def propose(
    settings: Settings,
    *,
    after: Annotated[float, typer.Option("--after", metavar="HOURS", help=h("after"))] = 24.0,
    by: ByOption = None,
) -> Result:
    """Propose defects for alarms that last; an officer or crew confirms them."""
    before = times.to_text(times.now() - dt.timedelta(hours=after))
    with view_readings(readings_path(settings.path)) as store:
        alarms = [] if store is None else list_alarms(store)
    lasting = [a for a in alarms if a.kind in _DEFECTS and a.confirmed_at <= before]
    actor, proposed = settings.actor(by), []
    with (
        settings.registry(write=True) as registry,
        registry.transaction(actor=actor, origin="defect propose") as writer,
    ):
        # an asset that was merged into another has taken its sensors there
        on = {row.uid: row.asset_uid for row in list_sensors(registry, disabled=True)}
        for alarm in lasting:
            known = load_form().defect(_DEFECTS[alarm.kind])
            entered = validated(
                DefectInput,
                code=known.code,
                severity=load_policy(registry.policy).severity_of(known.code),
                found_at=times.from_text(alarm.confirmed_at),
                found_by="poll",
            )
            fault = defects.propose_defect(
                writer,
                on.get(alarm.sensor_uid, alarm.asset_uid),
                entered,
                source="alarm",
                key=alarm.uid,
            )
            if fault is not None:
                proposed.append(fault.uid)
    data = {"alarms": len(lasting), "proposed": proposed}
    return Result(data, lambda screen: screen.line("cli_defect.proposed", count=len(proposed)))


#: Which defect a lasting alarm speaks for; other alarms pass or are somebody's business at once.
_DEFECTS: dict[str, str] = {
    AlarmKind.LOW_PRESSURE: "low_pressure",
    AlarmKind.UNDRAINED: "drain_blocked",
    AlarmKind.KNOCK_DOWN: "damaged",
}


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
    actor = settings.actor(by)
    with settings.registry(write=True) as registry:
        found = find_asset(registry, asset)
        with registry.transaction(actor=actor, origin="defect confirm") as writer:
            settled = defects.settle_defects(
                writer, found, code, confirmed=not reject, by=actor, at=times.now()
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

    def show(screen: Screen) -> None:
        names = ("asset", "name", "severity", "state", "found", "cleared", "maintainer")
        known = load_form().defects
        screen.table(
            [screen.t(f"cli_defect.column_{name}") for name in names],
            [
                (
                    row["asset"],
                    known[row["code"]].names[screen.lang] if row["code"] in known else row["code"],
                    screen.label("severity", row["severity"]),
                    screen.t(f"cli_defect.state_{row['state']}"),
                    row["found"],
                    row["cleared"],
                    row["maintainer"],
                )
                for row in rows
            ],
        )
        screen.line("cli_defect.listed", count=len(rows))

    return Result({"defects": rows}, show)
