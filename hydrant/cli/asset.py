"""``hydrant asset``: one asset at a time."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Annotated, Any

import typer

from hydrant import times
from hydrant.cli import asset_withdraw
from hydrant.cli.asset_change import (
    described,
    edited,
    moved_to,
    namesakes,
    outranked_notes,
    renamed_notes,
)
from hydrant.cli.asset_view import answered, show_edit, show_event, show_facts, show_list
from hydrant.cli.frame import Note, Result, Settings, command, group, helper
from hydrant.cli.history_view import show_history
from hydrant.cli.places import (
    CrsOption,
    LatOption,
    LonOption,
    PlaceOption,
    ShownCrsOption,
    XOption,
    YOption,
    in_force,
    shown_in,
    stated_pair,
    stated_place,
)
from hydrant.cli.sensed import remark_at_hand
from hydrant.errors import CommandLineError, InputRefused
from hydrant.model.inputs import AssetInput, LifecycleInput, validated
from hydrant.model.tables import Asset
from hydrant.report.asset_photos import photos_of
from hydrant.report.present_verdict import counts_as
from hydrant.report.timeline import timeline
from hydrant.store.facts import assets
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.regions.regions import find_region, subtree
from hydrant.vocabulary import LifecycleEvent, Service, Structure
from hydrant.written_dates import day_typed, moment_typed

h = helper("asset")
app = group("asset")

CodeArgument = Annotated[str, typer.Argument(help=h("code"))]
KindOption = Annotated[str | None, typer.Option("--kind", help=h("kind"))]
RegionOption = Annotated[str | None, typer.Option("--region", help=h("region"))]
OwnerOption = Annotated[str | None, typer.Option("--owner", metavar="NAME", help=h("owner"))]
BuilderOption = Annotated[str | None, typer.Option("--builder", metavar="NAME", help=h("builder"))]
MaintainerOption = Annotated[
    str | None, typer.Option("--maintainer", metavar="NAME", help=h("maintainer"))
]
SupervisorOption = Annotated[
    str | None, typer.Option("--supervisor", metavar="NAME", help=h("supervisor"))
]
FieldOption = Annotated[
    list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help=h("set"))
]
ByOption = Annotated[str | None, typer.Option("--by", metavar="NAME", help=h("by"))]

#: Fields that ``--set`` may name: all that have no option of their own.
SETTABLE = sorted(
    set(AssetInput.model_fields)
    - {"code", "kind", "region_code", "owner", "builder", "maintainer", "supervisor"}
)


def fields(pairs: list[str] | None) -> dict[str, str | None]:
    """Values of ``--set field=value``; an empty value means "not known"."""
    values: dict[str, str | None] = {}
    for pair in pairs or ():
        name, equals, value = pair.partition("=")
        if not equals or name not in SETTABLE:
            raise CommandLineError("cli_asset.field", field=pair, known=", ".join(SETTABLE))
        values[name] = value or None
    return values


def _given(**words: str | None) -> dict[str, str]:
    return {name: value for name, value in words.items() if value is not None}


@command(app, "add")
def add(
    settings: Settings,
    code: CodeArgument,
    *,
    kind: Annotated[str, typer.Option("--kind", help=h("kind"))],
    lon: LonOption = None,
    lat: LatOption = None,
    x: XOption = None,
    y: YOption = None,
    whole: PlaceOption = None,
    crs: CrsOption = None,
    region: RegionOption = None,
    built: Annotated[str | None, typer.Option("--built", metavar="DATE", help=h("built"))] = None,
    planned: Annotated[
        str | None, typer.Option("--planned", metavar="DATE", help=h("planned"))
    ] = None,
    structure: Annotated[Structure | None, typer.Option("--structure", help=h("structure"))] = None,
    service: Annotated[Service, typer.Option("--service", help=h("service"))] = Service.MUNICIPAL,
    owner: OwnerOption = None,
    builder: BuilderOption = None,
    maintainer: MaintainerOption = None,
    supervisor: SupervisorOption = None,
    values: FieldOption = None,
    by: ByOption = None,
) -> Result:
    """Record a new asset."""
    pair, crs = stated_place(stated_pair(lon, lat, x, y), whole, crs)
    if pair is None:
        raise CommandLineError("cli_asset.no_position", code=code)
    duties = _given(owner=owner, builder=builder, maintainer=maintainer, supervisor=supervisor)
    words = duties | {"structure": structure, "service": service} | fields(values)
    with settings.registry(write=True) as registry:
        entered, placement, notes = described(registry, code, kind, words, pair, crs, region)
        notes += namesakes(registry, entered)
        with settings.transaction(registry, by) as writer:
            begun = _begun(registry, built=built, planned=planned)
            asset = assets.add_asset(writer, entered, placement, begun=begun)
        data = {"asset": assets.asset_facts(asset)}
    return Result(
        data, lambda screen: screen.line("cli_asset.added", code=code, uid=asset.uid), notes
    )


def _begun(registry: Registry, *, built: str | None, planned: str | None) -> LifecycleInput | None:
    if built is not None and planned is not None:
        raise CommandLineError("cli_asset.built_and_planned")
    text = built or planned
    if text is None:
        return None
    at = times.start_of_day(day_typed(text, registry.zone), registry.zone)
    event = LifecycleEvent.COMMISSIONED if built else LifecycleEvent.PLANNED
    if built is not None and at > times.now():
        raise InputRefused("cli_asset.future", date=built)
    return LifecycleInput(event=event, at=at)


@command(app, "show")
def show_(settings: Settings, code: CodeArgument, *, crs: ShownCrsOption = None) -> Result:
    """Show what is known of an asset."""
    shown = shown_in(crs)
    with settings.registry() as registry:
        data = _shown(registry, assets.find_asset(registry, code))
    data["asset"] = answered(data["asset"], shown)
    return Result(data, lambda screen: show_facts(screen, data))


def _shown(registry: Registry, asset: Asset) -> dict[str, Any]:
    record = assets.history(registry, asset)
    return {
        "asset": assets.asset_facts(asset),
        "lifecycle": assets.lifecycle_state(record.events),
        "inspections": sum(visit.withdrawn_at is None for visit in record.inspections),
        "open_defects": sum(
            defect.cleared_at is None and defect.withdrawn_at is None for defect in record.defects
        ),
        "photos": photos_of(registry, record.inspections),
    }


@command(app, "list")
def list_(
    settings: Settings,
    *,
    region: RegionOption = None,
    kind: KindOption = None,
    limit: Annotated[int | None, typer.Option("-n", "--limit", help=h("limit"))] = None,
    crs: ShownCrsOption = None,
) -> Result:
    """List assets, by region and code."""
    shown = shown_in(crs)
    with settings.registry() as registry:
        codes = None
        if region is not None:
            codes = subtree(registry, find_region(registry, region).code)
        rows = assets.list_assets(registry, regions=codes, kind=kind, limit=limit)
    told = [answered(row, shown) for row in rows]
    return Result({"assets": told}, lambda screen: show_list(screen, told, shown))


@command(app, "edit")
def edit(
    settings: Settings,
    code: CodeArgument,
    *,
    new_code: Annotated[str | None, typer.Option("--code", help=h("new_code"))] = None,
    kind: KindOption = None,
    lon: LonOption = None,
    lat: LatOption = None,
    x: XOption = None,
    y: YOption = None,
    whole: PlaceOption = None,
    crs: CrsOption = None,
    region: RegionOption = None,
    owner: OwnerOption = None,
    builder: BuilderOption = None,
    maintainer: MaintainerOption = None,
    supervisor: SupervisorOption = None,
    values: FieldOption = None,
    since: Annotated[str | None, typer.Option("--from", metavar="DATE", help=h("since"))] = None,
    correct: Annotated[bool, typer.Option("--correct", help=h("correct"))] = False,
    by: ByOption = None,
) -> Result:
    """Change what is known of an asset; what held before is kept for earlier dates."""
    if correct and since is not None:
        raise CommandLineError("cli_asset.correct_and_from")
    pair, crs = stated_place(stated_pair(lon, lat, x, y), whole, crs)
    duties = _given(owner=owner, builder=builder, maintainer=maintainer, supervisor=supervisor)
    wanted: dict[str, Any] = fields(values) | duties | _given(code=new_code, kind=kind)
    with settings.registry(write=True) as registry:
        asset = assets.find_asset(registry, code)
        day = None if since is None else moment_typed(since, registry.zone)
        said = _into_region(registry, region, day, wanted)
        placement, notes = moved_to(registry, pair, crs, asset, wanted)
        notes += renamed_notes(registry, asset, wanted)
        with settings.transaction(registry, by) as writer:
            moment = None if correct else day or writer.moment
            former = edited(writer, asset, wanted, placement, since=moment)
        notes += outranked_notes(asset, wanted, placement, former)
        now = counts_as(registry, asset) if former else None
        data = {"asset": assets.asset_facts(asset), "changed": sorted(former), "now": now}
    name, changed = asset.code or asset.uid, sorted(former)
    show = partial(show_edit, code=name, changed=changed, day=since, now=now)
    return Result(data, show, (*said, *notes))


def _into_region(
    registry: Registry, region: str | None, day: dt.datetime | None, wanted: dict[str, Any]
) -> tuple[Note, ...]:
    """Put the code of the region that is meant among what is wanted; what is to be said of it."""
    if region is None:
        return ()
    wanted["region_code"] = find_region(registry, region, at=day).code
    return in_force(registry, wanted["region_code"], day)


@command(app, "retire")
def retire(
    settings: Settings,
    code: CodeArgument,
    *,
    at: Annotated[str | None, typer.Option("--at", metavar="TIME", help=h("at"))] = None,
    consent: Annotated[str | None, typer.Option("--consent", help=h("consent"))] = None,
    note: Annotated[str | None, typer.Option("--note", help=h("note"))] = None,
    by: ByOption = None,
) -> Result:
    """Record that an asset was removed; its record stays."""
    return _event(settings, code, LifecycleEvent.REMOVED, at, by, consent=consent, note=note)


@command(app, "event")
def event_(
    settings: Settings,
    code: CodeArgument,
    event: Annotated[LifecycleEvent, typer.Argument(help=h("event"))],
    *,
    at: Annotated[str | None, typer.Option("--at", metavar="TIME", help=h("at"))] = None,
    project: Annotated[str | None, typer.Option("--project", help=h("project"))] = None,
    consent: Annotated[str | None, typer.Option("--consent", help=h("consent"))] = None,
    funding: Annotated[str | None, typer.Option("--funding", help=h("funding"))] = None,
    cost: Annotated[float | None, typer.Option("--cost", help=h("cost"))] = None,
    note: Annotated[str | None, typer.Option("--note", help=h("note"))] = None,
    by: ByOption = None,
) -> Result:
    """Record what happened to an asset as a whole: suspended, resumed, commissioned, …."""
    facts = {"project": project, "consent": consent, "funding": funding, "cost": cost, "note": note}
    return _event(settings, code, event, at, by, **facts)


def _event(
    settings: Settings,
    code: str,
    event: LifecycleEvent,
    at: str | None,
    by: str | None,
    **details: Any,
) -> Result:
    with settings.registry(write=True) as registry:
        asset = assets.find_asset(registry, code)
        moment = times.now() if at is None else moment_typed(at, registry.zone)
        if event not in _AHEAD and moment > times.now():
            raise InputRefused("cli_asset.future", date=at)
        entered = validated(LifecycleInput, event=event, at=moment, **details)
        with transaction(registry, actor=settings.actor(by), origin=f"asset {event}") as writer:
            fact = assets.record_event(writer, asset, entered)
        day = times.local_text(moment, registry.zone)
        if at is None:  # it is today's; nobody said when
            day = day[: len("2026-01-01")]
        now = counts_as(registry, asset)
        data = {"uid": asset.uid, "event": event, "at": day, "fact": fact.uid, "now": now}
    return Result(data, partial(show_event, code=code, event=event, day=day, now=now))


#: Events that may lie ahead: what is planned has a date to come.
_AHEAD = {LifecycleEvent.PLANNED}


@command(app, "history")
def history_(settings: Settings, code: CodeArgument) -> Result:
    """Show everything recorded of an asset, oldest first."""
    with settings.registry() as registry:
        asset = assets.find_asset(registry, code)
        rows = timeline(registry, asset)
        remark_at_hand(settings, registry)
    data = {"uid": asset.uid, "code": asset.code, "history": rows}
    return Result(data, lambda screen: show_history(screen, code, rows))


asset_withdraw.add_to(app)
