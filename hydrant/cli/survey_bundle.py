"""``hydrant survey pack``, ``merge``, ``bundles``: work without network."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from hydrant import times
from hydrant.cli import survey_conflicts
from hydrant.cli.db import project_beside
from hydrant.cli.decided import gone_notes
from hydrant.cli.frame import Note, Result, Settings, command, helper
from hydrant.cli.screen import Screen
from hydrant.cli.survey_area import (
    AreaCrsOption,
    AreaOption,
    KindOption,
    ListOption,
    MaintainerOption,
    RegionOption,
    chosen,
)
from hydrant.errors import InputRefused
from hydrant.messages import text
from hydrant.store.opened import raw_rows
from hydrant.store.outside.proposals import WHOLE
from hydrant.store.proofs.verifying import Finding
from hydrant.store.views.gone_seen import seen_after_removal
from hydrant.survey.merging import Merged, merge
from hydrant.survey.packing import pack
from hydrant.survey.unsealed_rows import UnsealedRow

h = helper("survey_bundle")

ByOption = Annotated[str | None, typer.Option("--by", metavar="NAME", help=h("by"))]
_SHOWN = 20


def pack_(
    settings: Settings,
    file: Annotated[Path, typer.Argument(help=h("bundle"))],
    *,
    crew: Annotated[str, typer.Option("--crew", metavar="NAME", help=h("crew"))],
    region: RegionOption = None,
    kind: KindOption = None,
    maintainer: MaintainerOption = None,
    area: AreaOption = None,
    area_crs: AreaCrsOption = None,
    listed: ListOption = None,
    by: ByOption = None,
) -> Result:
    """Make a file that a crew works in without network."""
    if file.suffix.lower() != ".gpkg":
        raise InputRefused("exchange.out_form", file=file, known=".gpkg")
    asked = {"region": region, "kind": kind, "maintainer": maintainer,
             "area": area and area.name, "list": listed and listed.name}  # fmt: skip
    with settings.progress("cli_common.working"), settings.registry(write=True) as registry:
        uids = chosen(
            registry, region=region, kind=kind, maintainer=maintainer, area=area,
            area_crs=area_crs, listed=listed,
        )  # fmt: skip
        narrowed = {name: value for name, value in asked.items() if value is not None}
        packed = pack(registry, file, uids, crew=crew, area=narrowed, actor=settings.actor(by))
        project = project_beside(file, settings.lang)

    def show(screen: Screen) -> None:
        screen.line("cli_survey_bundle.packed", file=file, count=packed.assets, crew=crew)

    data = {
        "file": str(file),
        "bundle": packed.uid,
        "crew": crew,
        "assets": packed.assets,
        "project": str(project),
    }
    return Result(data, show)


def merge_(
    settings: Settings,
    file: Annotated[Path, typer.Argument(help=h("bundle"))],
    *,
    clock_ahead: Annotated[
        float | None, typer.Option("--clock-ahead", metavar="MINUTES", help=h("clock_ahead"))
    ] = None,
    by: ByOption = None,
) -> Result:
    """Bring a crew's file back; merging it again changes nothing."""
    ahead = None if clock_ahead is None else dt.timedelta(minutes=clock_ahead)
    with settings.progress("cli_common.working"), settings.registry(write=True) as registry:
        if registry.path.resolve() == file.resolve():
            raise InputRefused("survey.itself", file=file)
        before = seen_after_removal(registry)
        merged = merge(registry, file, actor=settings.actor(by), clock_ahead=ahead)
        settings.notes.extend(gone_notes(registry, before))
    refused = [
        {
            "entity": change.entity,
            "uid": change.uid,
            "reason": text(reason.key, settings.lang, **reason.facts),
        }
        for change, reason in merged.refused
    ]
    data: dict[str, Any] = {
        "bundle": merged.packed.uid,
        "crew": merged.packed.crew,
        "applied": merged.applied,
        "conflicts": merged.conflicts,
        "refused": len(refused),
        "photos_missing": merged.photos_missing,
        "older": merged.older,
        "forked": merged.forked,
        "rows": refused,
        "unsealed": [_unsealed_data(one) for one in merged.unsealed],
        "chain": [_found(one) for one in merged.chain],
    }

    def show(screen: Screen) -> None:
        _show_merge(screen, file, merged, refused)

    return Result(data, show, notes=_notes(merged))


def _notes(merged: Merged) -> tuple[Note, ...]:
    notes = [Note(phrase.key, phrase.facts) for phrase in merged.clock]
    if merged.older:
        notes.append(Note.of("cli_survey_bundle.older"))
    if merged.forked:
        notes.append(Note.of("cli_survey_bundle.forked"))
    if merged.unsealed or merged.chain:
        notes.append(Note.of("cli_survey_bundle.not_sealed"))
    if merged.photos_missing:
        notes.append(Note.of("cli_survey_bundle.photos", count=merged.photos_missing))
    return tuple(notes)


def _show_merge(screen: Screen, file: Path, merged: Merged, refused: list[dict[str, str]]) -> None:
    for row in refused[:_SHOWN]:
        screen.line("cli_survey_bundle.refused", **row)
    if len(refused) > _SHOWN:
        screen.line("cli_survey_bundle.more_refused", count=len(refused) - _SHOWN)
    _show_unsealed(screen, merged)
    screen.line(
        "cli_survey_bundle.merged",
        file=file.name,
        applied=merged.applied,
        conflicts=merged.conflicts,
        refused=len(refused),
    )
    if merged.conflicts:
        screen.line("cli_survey_bundle.see")


def _unsealed_data(one: UnsealedRow) -> dict[str, Any]:
    """A row that was changed outside the crew's program, for ``--json``."""
    return {
        "entity": one.entity,
        "uid": one.uid,
        "asset": one.asset,
        "action": one.action,
        "pending": list(one.pending),
    }


def _found(one: Finding) -> dict[str, Any]:
    """What else does not agree with the bundle's chain, for ``--json``."""
    return {"kind": one.kind, "table": one.table, "row": one.fid, "uid": one.uid}


def _show_unsealed(screen: Screen, merged: Merged) -> None:
    for one in merged.unsealed[:_SHOWN]:
        whole = screen.t("cli_survey_bundle.whole_row")
        waits = ", ".join(whole if name == WHOLE else name for name in one.pending)
        facts = {"entity": one.entity, "uid": one.uid, "asset": one.asset}
        ending = "pending" if waits else "stands"
        screen.text(
            screen.t(f"cli_survey_bundle.unsealed_{one.action}", **facts)
            + screen.t(f"cli_survey_bundle.unsealed_{ending}", pending=waits)
        )
    for found in merged.chain[:_SHOWN]:
        screen.line("cli_survey_bundle.chain", kind=found.kind, table=found.table, row=found.fid)
    more = sum(max(0, len(rows) - _SHOWN) for rows in (merged.unsealed, merged.chain))
    if more:
        screen.line("cli_survey_bundle.more_refused", count=more)


def bundles(settings: Settings) -> Result:
    """List the files that crews have, and what came back."""
    with settings.registry() as registry:
        rows = [_bundle(row) for row in raw_rows.fetch_all(registry, "bundle", {})]
        zone = registry.zone

    def show(screen: Screen) -> None:
        def day(moment: str | None) -> str | None:
            return moment and f"{times.from_text(moment).astimezone(zone):%Y-%m-%d %H:%M}"

        names = ("crew", "assets", "packed_at", "merged_at", "applied", "conflicts", "refused")
        screen.table(
            [screen.t(f"cli_survey_bundle.column_{name}") for name in names],
            [
                (
                    row["crew"],
                    row["assets"],
                    day(row["packed_at"]),
                    day(row["merged_at"]),
                    row["applied"],
                    row["conflicts"],
                    row["refused"],
                )
                for row in rows
            ],
            numeric=(1, 4, 5, 6),
        )
        out = sum(row["merged_at"] is None for row in rows)
        screen.line("cli_survey_bundle.out", count=len(rows), out=out)

    return Result({"bundles": rows}, show)


def _bundle(row: raw_rows.Row) -> dict[str, Any]:
    counts = json.loads(row["counts"] or "{}")
    return {
        **{name: row[name] for name in ("uid", "crew", "assets", "packed_at", "merged_at")},
        "area": json.loads(row["area"] or "{}"),
        "clock": json.loads(row["clock"] or "{}"),
        **{name: counts.get(name) for name in ("applied", "conflicts", "refused")},
    }


def add_to(app: typer.Typer) -> None:
    """Make these commands part of ``hydrant survey``."""
    for name, function in (("pack", pack_), ("merge", merge_), ("bundles", bundles)):
        command(app, name, numbers=name == "merge")(function)
    app.add_typer(survey_conflicts.app, name="conflicts")
