"""``hydrant survey``: the crew's round."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Annotated

import typer

from hydrant import config, times
from hydrant.cli import (
    survey_bundle,
    survey_observations,
    survey_phone,
    survey_plan,
    survey_submissions,
    survey_withdraw,
)
from hydrant.cli.frame import Result, Settings, command, group, helper
from hydrant.cli.screen import Screen
from hydrant.cli.sensed import remark_at_hand
from hydrant.cli.standing_view import show_standing
from hydrant.cli.survey_area import picked
from hydrant.cli.survey_beside import weigh_note
from hydrant.cli.survey_observations import recorded_json
from hydrant.cli.survey_plan import start_of
from hydrant.cli.survey_round import Round
from hydrant.cli.survey_submissions import Asked
from hydrant.exchange.visit_tables import read_visits
from hydrant.geo.datum import parse_crs
from hydrant.report.present_verdict import counts_as
from hydrant.store.facts.assets import find_asset
from hydrant.survey.due import find_due
from hydrant.survey.photos import keep_photo
from hydrant.survey.planning import short_round
from hydrant.survey.record import Observation, record
from hydrant.survey.watched import Watched
from hydrant.vocabulary import Outcome
from hydrant.written_dates import moment_typed

h = helper("survey")
app = group("survey", default="round")

RegionOption = Annotated[str | None, typer.Option("--region", help=h("region"))]
KindOption = Annotated[str | None, typer.Option("--kind", help=h("kind"))]
ByOption = Annotated[str | None, typer.Option("--by", metavar="NAME", help=h("by"))]
NearOption = Annotated[str | None, typer.Option("--near", metavar="LON,LAT", help=h("near"))]
CrsOption = Annotated[str | None, typer.Option("--crs", metavar="CODE", help=h("crs"))]
LimitOption = Annotated[int, typer.Option("-n", "--limit", help=h("limit"))]

_ROUND = 20


@command(app, "round")
def round_(
    settings: Settings,
    *,
    region: RegionOption = None,
    kind: KindOption = None,
    near: NearOption = None,
    crs: CrsOption = None,
    limit: LimitOption = _ROUND,
    by: ByOption = None,
    photos: Annotated[
        Path | None, typer.Option("--photos", metavar="DIR", help=h("photos"))
    ] = None,
) -> Result:
    """Go from one due asset to the next and answer the questions."""
    if photos is not None:
        Watched(photos).look()
    with settings.registry(write=True) as registry:
        start = None if near is None else start_of(near, crs, settings.notes)
        uids = picked(registry, region=region, kind=kind) if region or kind else None
        remark_at_hand(settings, registry)
        due = find_due(registry, uids)
        due = due[:limit] if start is None else short_round(due, start, limit=limit)
        # with --json standard output belongs to the one object: the round speaks on the other
        with redirect_stdout(sys.stderr if settings.json else sys.stdout):
            walk = Round(
                registry,
                due,
                lang=settings.lang,
                actor=settings.actor(by),
                region=region,
                start=start,
                crs=None if crs is None else parse_crs(crs),
                photos=photos or config.photos_path(),
            )
            walk.run()
    data = {"due": len(due), "recorded": walk.recorded, "skipped": walk.skipped}
    return Result(data, _ended(len(walk.recorded), left=len(due) - walk.visited))


def _ended(recorded: int, *, left: int) -> Callable[[Screen], None]:
    return lambda screen: screen.line("cli_survey.ended", recorded=recorded, left=left)


@command(app, "record")
def record_(
    settings: Settings,
    code: Annotated[str, typer.Argument(help=h("code"))],
    *,
    outcome: Annotated[Outcome, typer.Option("--outcome", help=h("outcome"))],
    at: Annotated[str | None, typer.Option("--at", metavar="TIME", help=h("at"))] = None,
    by: ByOption = None,
    static_kpa: Annotated[
        float | None, typer.Option("--static-kpa", metavar="P", help=h("static"))
    ] = None,
    residual_kpa: Annotated[
        float | None, typer.Option("--residual-kpa", metavar="P", help=h("residual"))
    ] = None,
    flow_l_s: Annotated[
        float | None, typer.Option("--flow-l-s", metavar="Q", help=h("flow"))
    ] = None,
    level_m: Annotated[
        float | None, typer.Option("--level-m", metavar="M", help=h("level"))
    ] = None,
    lift_m: Annotated[float | None, typer.Option("--lift-m", metavar="M", help=h("lift"))] = None,
    defect: Annotated[
        list[str] | None, typer.Option("--defect", metavar="CODE", help=h("defect"))
    ] = None,
    photo: Annotated[
        list[Path] | None, typer.Option("--photo", metavar="FILE", help=h("photo"))
    ] = None,
    note: Annotated[str | None, typer.Option("--note", metavar="TEXT", help=h("note"))] = None,
) -> Result:
    """Record one observation."""
    with settings.registry(write=True) as registry:
        asset = find_asset(registry, code)
        moment = times.now() if at is None else moment_typed(at, registry.zone)
        seen = Observation(
            outcome=outcome,
            at=moment,
            inspector=settings.actor(by),
            static_kpa=static_kpa,
            residual_kpa=residual_kpa,
            flow_l_s=flow_l_s,
            level_m=level_m,
            lift_m=lift_m,
            note=note,
            defects=tuple(defect or ()),
            photos=tuple(keep_photo(file, registry.path) for file in photo or ()),
        )
        notes = weigh_note(settings, seen, registry.zone)
        with settings.transaction(registry, by) as writer:
            written = record(writer, asset, seen)
        now = counts_as(registry, asset)
        data = {**recorded_json(asset, written), "now": now}
    key = "cli_survey.recorded" if written.new else "cli_survey.same"

    def show(screen: Screen) -> None:
        screen.line(key, code=code, outcome=screen.label("outcome", outcome))
        show_standing(screen, code, now)

    return Result(data, show, notes)


@command(app, "import")
def import_(
    settings: Settings,
    file: Annotated[Path, typer.Argument(help=h("file"))],
    *,
    encoding: Annotated[str | None, typer.Option("--encoding", help=h("encoding"))] = None,
    layer: Annotated[str | None, typer.Option("--layer", help=h("layer"))] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=h("dry_run"))] = False,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help=h("skip_bad"))] = False,
    region: Annotated[str | None, typer.Option("--region", help=h("new_region"))] = None,
    corrections: Annotated[bool, typer.Option("--corrections", help=h("corrections"))] = False,
    reviewed: Annotated[bool, typer.Option("--reviewed", help=h("reviewed"))] = False,
    by: ByOption = None,
) -> Result:
    """Take in a file of observations, or what a form server exported."""
    asked = Asked(region, dry_run, skip_bad, corrections, settings.actor(by), reviewed)
    export = survey_submissions.find_export(file, encoding)
    if export is not None:
        return survey_submissions.take_in(settings, *export, asked)
    table = read_visits(file, encoding=encoding, layer=layer)
    return survey_observations.take_in(settings, file, table, asked)


survey_plan.add_to(app)
survey_bundle.add_to(app)
survey_phone.add_to(app)
survey_withdraw.add_to(app)
