"""``hydrant defect``: faults of assets."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import typer

from hydrant import times
from hydrant.cli import defect_correct, defect_reopen
from hydrant.cli.frame import Result, Settings, command, group, helper
from hydrant.cli.screen import Screen
from hydrant.errors import InputRefused
from hydrant.integrity.policy_reader import load_policy
from hydrant.model.inputs import DefectInput, validated
from hydrant.model.tables import Defect
from hydrant.store import defects
from hydrant.store.assets import find_asset
from hydrant.store.location import readings_path
from hydrant.store.readings_alarms import list_alarms
from hydrant.store.readings_file import view_readings
from hydrant.store.regions import find_region, subtree
from hydrant.store.registry import Registry
from hydrant.store.sensors import list_sensors
from hydrant.store.uniting import present_key
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
            opened = defects.open_defect(writer, found, entered)
            writer.flush()
            findings = defects.open_ones(registry, found, known.code)
        told = [_finding(registry, one) for one in findings]
    fault = opened.fault
    data = {
        "uid": fault.uid,
        "asset": found.uid,
        "code": known.code,
        "severity": Severity(fault.severity),
        "new": opened.new,
        "found_again": opened.new and bool(opened.before),
        "findings": told,
    }

    def show(screen: Screen) -> None:
        facts = {
            "asset": asset,
            "name": known.names[screen.lang],
            "severity": screen.label("severity", fault.severity),
        }
        if not data["found_again"]:
            screen.line("cli_defect.opened" if opened.new else "cli_defect.standing", **facts)
            return
        own = next(one for one in told if one["uid"] == fault.uid)
        first = next(one for one in told if one["uid"] != fault.uid)
        screen.line(
            "cli_defect.found_again",
            **facts,
            day=own["found"] or screen.t("cli_asset.undated"),
            former=screen.label("severity", first["severity"]),
            first=first["found"] or screen.t("cli_asset.undated"),
        )

    return Result(data, show)


def _finding(registry: Registry, fault: Defect) -> dict[str, Any]:
    at = fault.found_at
    return {
        "uid": fault.uid,
        "severity": fault.severity,
        "state": fault.state,
        "found": None if at is None else times.local_day(at, registry.zone).isoformat(),
    }


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
            cleared = defects.clear_defects(
                writer, found, known.code, at=moment, by=actor, cost=cost
            )
            writer.flush()
            left = defects.open_ones(registry, found, known.code)
    data = {
        "asset": found.uid,
        "code": known.code,
        "cleared": [fault.uid for fault in cleared],
        "still_open": [fault.uid for fault in left],
    }

    def show(screen: Screen) -> None:
        name = known.names[screen.lang]
        screen.line("cli_defect.cleared", asset=asset, name=name)
        if left:
            screen.line("cli_defect.found_later", asset=asset, name=name, count=len(left))

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
    lasting = [
        (alarm, code)
        for alarm in alarms
        if alarm.confirmed_at <= before and (code := AlarmKind.of(alarm.kind).defect)
    ]
    actor, proposed = settings.actor(by), []
    with (
        settings.registry(write=True) as registry,
        registry.transaction(actor=actor, origin="defect propose") as writer,
    ):
        # an asset that was merged into another has taken its sensors there
        on = {row.uid: row.asset_uid for row in list_sensors(registry, disabled=True)}
        for alarm, code in lasting:
            known = load_form().defect(code)
            entered = validated(
                DefectInput,
                code=known.code,
                severity=load_policy(registry.policy).severity_of(known.code),
                found_at=times.from_text(alarm.confirmed_at),
                found_by="poll",
            )
            fault = defects.propose_defect(
                writer,
                present_key(registry, on.get(alarm.sensor_uid, alarm.asset_uid)),
                entered,
                source="alarm",
                key=alarm.uid,
            )
            if fault is not None:
                proposed.append(fault.uid)
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
        screen.table(
            [screen.t(f"cli_defect.column_{name}") for name in names],
            [
                (
                    row["asset"],
                    _named(screen, row),
                    screen.label("severity", row["severity"]),
                    screen.t(f"cli_defect.state_{_state(row)}"),
                    row["found"],
                    row["cleared"],
                    row["maintainer"],
                )
                for row in rows
            ],
        )
        again = sum(row["finding"] > 1 for row in rows)
        if again:
            screen.line("cli_defect.listed_again", count=len(rows) - again, findings=len(rows))
        else:
            screen.line("cli_defect.listed", count=len(rows))

    return Result({"defects": rows}, show)


def _named(screen: Screen, row: dict[str, Any]) -> str:
    """The defect's name; of one found again, which finding this is."""
    name = defect_correct.name_of(screen, row["code"])
    if row["findings"] == 1:
        return name
    return screen.t("cli_defect.finding", name=name, number=row["finding"], count=row["findings"])


def _state(row: dict[str, Any]) -> str:
    return "withdrawn" if row["withdrawn"] is not None else str(row["state"])


defect_correct.add_to(app)
defect_reopen.add_to(app)
