"""``hydrant survey pack``, ``merge``, ``conflicts``, ``resolve``: work without network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from hydrant import times
from hydrant.cli.frame import Result, Settings, command, helper
from hydrant.cli.screen import Screen, printable
from hydrant.cli.survey_area import (
    AreaOption,
    KindOption,
    ListOption,
    MaintainerOption,
    RegionOption,
    chosen,
)
from hydrant.errors import InputRefused
from hydrant.messages import text
from hydrant.model.books import Bundle
from hydrant.store import raw_rows
from hydrant.store.bundle_file import cut_out, from_stored_json
from hydrant.store.proposals import WHOLE, find_conflict, open_conflicts
from hydrant.store.registry import Registry
from hydrant.survey.merging import Merged, merge
from hydrant.survey.resolving import choices, resolve

h = helper("survey_bundle")

ByOption = Annotated[str | None, typer.Option("--by", metavar="NAME", help=h("by"))]
_SHOWN = 20


def pack(
    settings: Settings,
    file: Annotated[Path, typer.Argument(help=h("bundle"))],
    *,
    crew: Annotated[str, typer.Option("--crew", metavar="NAME", help=h("crew"))],
    region: RegionOption = None,
    kind: KindOption = None,
    maintainer: MaintainerOption = None,
    area: AreaOption = None,
    listed: ListOption = None,
    by: ByOption = None,
) -> Result:
    """Make a file that a crew works in without network."""
    if file.suffix.lower() != ".gpkg":
        raise InputRefused("exchange.out_form", file=file, known=".gpkg")
    with settings.registry(write=True) as registry:
        uids = chosen(
            registry, region=region, kind=kind, maintainer=maintainer, area=area, listed=listed
        )
        packed = cut_out(registry, file, uids, crew=crew)
        with registry.transaction(actor=settings.actor(by), origin="survey pack") as writer:
            writer.add(
                Bundle(
                    uid=packed.uid,
                    crew=crew,
                    area=region or (None if area is None else area.name),
                    assets=packed.assets,
                    packed_at=times.from_text(packed.packed_at),
                )
            )

    def show(screen: Screen) -> None:
        screen.line("cli_survey_bundle.packed", file=file, count=packed.assets, crew=crew)

    data = {"file": str(file), "bundle": packed.uid, "crew": crew, "assets": packed.assets}
    return Result(data, show)


def merge_(
    settings: Settings,
    file: Annotated[Path, typer.Argument(help=h("bundle"))],
    *,
    by: ByOption = None,
) -> Result:
    """Bring a crew's file back; merging it again changes nothing."""
    with settings.registry(write=True) as registry:
        if registry.path.resolve() == file.resolve():
            raise InputRefused("survey.itself", file=file)
        merged = merge(registry, file, actor=settings.actor(by))
    refused = [
        {
            "entity": change.entity,
            "uid": change.uid,
            "reason": text(reason.key, settings.lang, **reason.facts),
        }
        for change, reason in merged.refused
    ]
    clock = [text(phrase.key, settings.lang, **phrase.facts) for phrase in merged.clock]
    data: dict[str, Any] = {
        "bundle": merged.packed.uid,
        "crew": merged.packed.crew,
        "applied": merged.applied,
        "conflicts": merged.conflicts,
        "refused": len(refused),
        "photos_missing": merged.photos_missing,
        "clock": clock,
        "rows": refused,
    }

    def show(screen: Screen) -> None:
        _show_merge(screen, file, merged, refused, clock)

    return Result(data, show)


def _show_merge(
    screen: Screen, file: Path, merged: Merged, refused: list[dict[str, str]], clock: list[str]
) -> None:
    for row in refused[:_SHOWN]:
        screen.line("cli_survey_bundle.refused", **row)
    for line in clock:
        screen.text(line)
    if merged.photos_missing:
        screen.line("cli_survey_bundle.photos", count=merged.photos_missing)
    screen.line(
        "cli_survey_bundle.merged",
        file=file.name,
        applied=merged.applied,
        conflicts=merged.conflicts,
        refused=len(refused),
    )
    if merged.conflicts:
        screen.line("cli_survey_bundle.see")


def conflicts(settings: Settings) -> Result:
    """List what sides differ on and what each of them says."""
    with settings.registry() as registry:
        found = [_told(registry, conflict) for conflict in open_conflicts(registry)]

    def show(screen: Screen) -> None:
        for conflict in found:
            screen.styled(
                screen.t(
                    "cli_survey_bundle.heading",
                    id=conflict["id"],
                    asset=conflict["asset"],
                    what=_what(screen, conflict),
                ),
                "bold",
            )
            for side, value in conflict["sides"].items():
                shown = "–" if value is None else value
                screen.text(f"    {side}: {printable(str(shown))}")
        screen.line("cli_survey_bundle.listed", count=len(found))

    return Result({"conflicts": found}, show)


def _what(screen: Screen, conflict: dict[str, Any]) -> str:
    if conflict["field"] == WHOLE:
        return screen.t("cli_survey_bundle.deleted", entity=conflict["entity"])
    return f"{conflict['entity']}.{conflict['field']}"


def _told(registry: Registry, conflict: raw_rows.Row) -> dict[str, Any]:
    entity, uid = conflict["entity"], conflict["entity_uid"]
    row = raw_rows.fetch(registry, entity, uid) or {}
    asset = raw_rows.fetch(registry, "asset", str(row.get("asset_uid", uid))) or {}
    return {
        "id": conflict["uid"],
        "entity": entity,
        "uid": uid,
        "asset": asset.get("code") or asset.get("uid") or uid,
        "field": conflict["field"],
        "reason": conflict["reason"],
        "sides": {
            word: _plain(conflict["field"], value)
            for word, value in choices(registry, conflict).items()
        },
    }


def _plain(field: str, value: str | None) -> Any:
    """A side's value for people: the coordinates of a position, the text of anything else."""
    if value is None or field == WHOLE:
        return None
    if field == "position":
        parts = [from_stored_json(part) for part in json.loads(value)]
        return f"{parts[1]}, {parts[2]} ({parts[3]})"
    return from_stored_json(value)


def resolve_(
    settings: Settings,
    conflict: Annotated[str, typer.Argument(help=h("conflict"))],
    *,
    take: Annotated[str, typer.Option("--take", metavar="SIDE", help=h("take"))],
    by: ByOption = None,
) -> Result:
    """Decide a conflict."""
    with settings.registry(write=True) as registry:
        found = find_conflict(registry, conflict)
        with registry.transaction(actor=settings.actor(by), origin="survey resolve") as writer:
            resolve(writer, found, take)

    def show(screen: Screen) -> None:
        screen.line("cli_survey_bundle.resolved", id=found["uid"], take=take)

    return Result({"conflict": found["uid"], "take": take}, show)


def add_to(app: typer.Typer) -> None:
    """Make these commands part of ``hydrant survey``."""
    for name, function in (
        ("pack", pack),
        ("merge", merge_),
        ("conflicts", conflicts),
        ("resolve", resolve_),
    ):
        command(app, name)(function)
