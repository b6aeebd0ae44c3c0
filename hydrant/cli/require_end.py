"""``hydrant require end``: a required number that holds no more from a day on."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Annotated, NamedTuple

import typer

from hydrant import times
from hydrant.cli.decided import Figures, changed_json, on_days, then_changed
from hydrant.cli.frame import Result, Settings, command, helper
from hydrant.cli.require_after import After, after, show_still
from hydrant.cli.require_view import fallen_notes
from hydrant.cli.screen import Screen
from hydrant.cli.stated_anew import held_anew
from hydrant.model.tables import Region, Requirement
from hydrant.report.remarks import fallen_json
from hydrant.report.required_name import kind_name
from hydrant.store.regions import requirements
from hydrant.store.regions.regions import find_region
from hydrant.store.regions.restating import fallen_for
from hydrant.survey.unit_days import Days
from hydrant.vocabulary import PublicService, family_of
from hydrant.written_dates import day_typed

h = helper("require_end")


def end(
    settings: Settings,
    region: Annotated[str, typer.Argument(help=h("region"))],
    kind: Annotated[str, typer.Argument(help=h("kind"))],
    *,
    since: Annotated[str, typer.Option("--from", metavar="DATE", help=h("since"))],
    service: Annotated[PublicService | None, typer.Option("--service", help=h("service"))] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help=h("by"))] = None,
) -> Result:
    """End a required number on a day, without another in its place."""
    with settings.registry(write=True) as registry:
        day = day_typed(since, registry.zone)
        start = times.start_of_day(day, registry.zone)
        place = find_region(registry, region, at=start)
        figures = Figures(
            registry, on_days(registry, [place.code], [Days(times.to_text(start), None)])
        )
        with settings.transaction(registry, by) as writer:
            row, done = requirements.end_requirement(writer, place.code, (kind, service), start)
            better = held_anew(writer, {place.code})
        ended = _Ended(place, row, day, done, after(registry, row, start))
        split = fallen_for(registry, {place.code}, {family_of(row.kind)}, start)
        changed = figures.changed()
        data = ended.json()
    data |= {**fallen_json(split.fallen), "figures_changed": changed_json(changed)}
    show = then_changed(partial(_show, ended=ended), changed, figures.left_out)
    return Result(data, show, (*fallen_notes(split, settings.lang), *better))


class _Ended(NamedTuple):
    """A number that ends on a day, and what its unit answers for from then on of the family."""

    place: Region
    row: Requirement
    day: dt.date
    done: bool
    then: After

    def json(self) -> dict[str, object]:
        """The same as scripts see it."""
        still = [
            {"kind": one.kind, "service": one.service, "count": one.number}
            for one in self.then.still
        ]
        return {
            "region": self.row.region_code,
            "kind": self.row.kind,
            "service": self.row.service,
            "count": self.row.count,
            "from": self.day.isoformat(),
            "action": "ended" if self.done else "unchanged",
            "still": still,
        }


def _show(screen: Screen, ended: _Ended) -> None:
    zh, row = screen.lang == "zh", ended.row
    name = (ended.place.name_zh if zh else ended.place.name_en) or row.region_code
    said = {"region": name, "since": ended.day.isoformat()}
    kind = kind_name(row.kind, row.service, screen.lang)
    action = "ended" if ended.done else "unchanged"
    screen.line(f"cli_require_end.{action}", **said, kind=kind, count=row.count)
    if ended.then.count is not None:
        screen.line("cli_require_end.begins", **said, kind=kind, count=ended.then.count)
        return
    show_still(screen, ended.then)
    if not ended.then.still:
        screen.line("cli_require_end.none_left", **said, kind=kind)
    if ended.then.begins is not None:
        later, count = ended.then.begins
        screen.line("cli_require_end.gap", kind=kind, next=later.isoformat(), count=count)


def add_to(app: typer.Typer) -> None:
    """Make this command part of ``hydrant require``."""
    command(app, "end")(end)
