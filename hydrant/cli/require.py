"""``hydrant require``: how many assets a region must have."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from hydrant import times
from hydrant.cli import require_end, require_withdraw
from hydrant.cli.decided import Asked, Figures, changed_json, on_days, show_changed
from hydrant.cli.frame import Note, Result, Settings, command, group, helper
from hydrant.cli.require_after import After, after
from hydrant.cli.require_view import fallen_notes, show_required, show_set
from hydrant.cli.screen import Screen
from hydrant.cli.stated_anew import held_anew
from hydrant.cli.survey_beside import left_out
from hydrant.errors import InputRefused, Phrase
from hydrant.exchange.requirement_file import (
    RequirementRow,
    RequirementTable,
    read_requirements,
    refuse_twice,
)
from hydrant.model.inputs import RequirementInput, validated
from hydrant.model.tables import Region
from hydrant.report.remarks import fallen_json
from hydrant.store.opened.registry import Registry
from hydrant.store.regions import requirements, succession
from hydrant.store.regions.in_force import refuse_not_begun
from hydrant.store.regions.regions import find_region, subtree
from hydrant.store.regions.restating import FallenNumbers, Restated, fallen_for, fallen_of, restate
from hydrant.survey.unit_days import Days
from hydrant.vocabulary import PublicService, RequirementOrigin, family_of
from hydrant.written_dates import day_typed

h = helper("require")
app = group("require")


@command(app, "set", numbers=True)
def set_(
    settings: Settings,
    region: Annotated[str, typer.Argument(help=h("region"))],
    kind: Annotated[str, typer.Argument(help=h("kind"))],
    count: Annotated[int, typer.Argument(metavar="N", help=h("count"))],
    *,
    since: Annotated[str, typer.Option("--from", metavar="DATE", help=h("since"))],
    last: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help=h("until_option"))
    ] = None,
    service: Annotated[PublicService | None, typer.Option("--service", help=h("service"))] = None,
    origin: Annotated[RequirementOrigin | None, typer.Option("--origin", help=h("origin"))] = None,
    document: Annotated[str | None, typer.Option("--document", help=h("document"))] = None,
    by: Annotated[str | None, typer.Option("--by", help=h("by"))] = None,
) -> Result:
    """State how many assets a region must have from a date on."""
    with settings.registry(write=True) as registry:
        day = day_typed(since, registry.zone)
        moment = times.start_of_day(day, registry.zone)
        place = find_region(registry, region, at=moment)
        entered = validated(
            RequirementInput, region_code=place.code, kind=kind, service=service, count=count,
            origin=origin, document=document,
        )  # fmt: skip
        _refuse_out_of_force(registry, place, moment)
        with settings.transaction(registry, by) as writer:
            replaced = requirements.replaced_on(registry, entered, moment)
            done = restate(writer, entered, since=moment, until=_first_after(registry, last))
            better = held_anew(writer, {place.code})
        split = fallen_for(registry, {place.code}, {family_of(kind)}, moment)
        then = _after(registry, entered, requirements.held_until(registry, entered, moment))
        name = place.name_zh if settings.lang == "zh" else place.name_en
    data = _stated_json(entered, day, then, done.action) | fallen_json(split.fallen)
    show = partial(show_set, region=name or place.code, data=data, replaced=replaced, then=then)
    return Result(data, show, (*_fallen([done]), *fallen_notes(split, settings.lang), *better))


@command(app, "list")
def list_(
    settings: Settings,
    region: Annotated[str | None, typer.Argument(help=h("region"))] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help=h("all"))] = False,
) -> Result:
    """List what regions must have."""
    with settings.registry() as registry:
        codes = None
        if region is not None:
            codes = subtree(registry, find_region(registry, region).code)
        rows = requirements.list_requirements(registry, regions=codes, withdrawn=everything)
        split = fallen_of(registry, codes, times.now())

    notes = fallen_notes(split, settings.lang) if rows else (Note.of("cli_require.none"),)
    data = {"requirements": rows, **fallen_json(split.fallen)}
    return Result(data, partial(show_required, rows=rows, everything=everything), notes)


@command(app, "import")
def import_(
    settings: Settings,
    file: Annotated[Path, typer.Argument(help=h("file"))],
    *,
    encoding: Annotated[str | None, typer.Option("--encoding", help=h("encoding"))] = None,
    by: Annotated[str | None, typer.Option("--by", help=h("by"))] = None,
) -> Result:
    """Take in required numbers from a CSV file."""
    found = read_requirements(file, encoding=encoding)
    refuse_twice(file.name, found.rows)
    return _taken_in(settings, file, found, by=by)


def _stated_json(
    entered: RequirementInput, day: dt.date, then: After | None, action: str
) -> dict[str, object]:
    return {
        "region": entered.region_code,
        "kind": entered.kind,
        "service": entered.service,
        "count": entered.count,
        "from": day.isoformat(),
        "until": None if then is None else then.day.isoformat(),
        "action": action,
    }


def _after(registry: Registry, entered: RequirementInput, ends: dt.datetime | None) -> After | None:
    return None if ends is None else after(registry, entered, ends)


def _first_after(registry: Registry, last: str | None) -> dt.datetime | None:
    """The first moment at which a number holds no more, as typed."""
    if last is None:
        return None
    return times.start_of_day(day_typed(last, registry.zone), registry.zone)


def _taken_in(settings: Settings, file: Path, found: RequirementTable, *, by: str | None) -> Result:
    counts = {"new": 0, "updated": 0, "unchanged": 0}
    done: list[Restated] = []
    with settings.writing(by, about=file.name) as writer:
        placed = [_placed(writer.registry, file, row) for row in found.rows]
        figures = Figures(writer.registry, _stated_otherwise(writer.registry, placed))
        for row, (entered, moment) in zip(found.rows, placed, strict=True):
            until = (
                None if row.until is None else times.start_of_day(row.until, writer.registry.zone)
            )
            with _of_line(file, row):
                done.append(restate(writer, entered, since=moment, until=until, source=file.stem))
            counts[done[-1].action] += 1
        split = _split_by(writer.registry, done, found.rows)
        changed = figures.changed()
        better = held_anew(writer, {one.region for one in done if one.action != "unchanged"})
    data = {"read": len(found.rows), **counts, "unread": found.unread,
            **fallen_json(split.fallen), "figures_changed": changed_json(changed)}  # fmt: skip
    notes = (*_unread(file, found.unread), *left_out(found.sums), *_fallen(done), *better)
    notes = (*notes, *fallen_notes(split, settings.lang))

    def show(screen: Screen) -> None:
        screen.line("cli_require.imported", file=file.name, **counts)
        show_changed(screen, changed, figures.left_out)

    return Result(data, show, notes)


def _stated_otherwise(
    registry: Registry, placed: Iterable[tuple[RequirementInput, dt.datetime]]
) -> Iterator[Asked]:
    """Units and days of numbers on record that a file states otherwise, of that day or since."""
    for entered, moment in placed:
        if requirements.differs(registry, entered, moment):
            until = requirements.held_until(registry, entered, moment)
            span = Days(times.to_text(moment), None if until is None else times.to_text(until))
            yield from on_days(registry, [entered.region_code], [span])


def _fallen(done: Iterable[Restated]) -> tuple[Note, ...]:
    """A remark for each unit that took over numbers and is required to have less now."""
    last = {(one.region, one.family): one for one in done if one.fell}
    return tuple(
        Note.of(
            "cli_require.fell", region=one.region, kind=Phrase(f"vocabulary.kind.{one.family}"),
            before=one.before, after=one.after,
        ).warning()
        for one in last.values()
    )  # fmt: skip


def _split_by(
    registry: Registry, done: Iterable[Restated], rows: list[RequirementRow]
) -> FallenNumbers:
    """What the numbers of a file let fall, once the first of them holds and once all do."""
    codes, families = {one.region for one in done}, {one.family for one in done}
    first = min((row.since for row in rows), default=dt.date.min)
    return fallen_for(registry, codes, families, times.start_of_day(first, registry.zone))


def _unread(file: Path, columns: list[str]) -> tuple[Note, ...]:
    if not columns:
        return ()
    return (Note.of("cli_require.unread", file=file.name, columns=", ".join(columns)),)


def _refuse_out_of_force(registry: Registry, place: Region, moment: dt.datetime) -> None:
    """Refuse a number from a moment at which its region has not begun or has ended."""
    refuse_not_begun(registry, place.code, moment)
    succession.refuse_ended(registry, place, moment)


def _placed(
    registry: Registry, file: Path, row: RequirementRow
) -> tuple[RequirementInput, dt.datetime]:
    """A number with the code of the region that the row names, and from when on it holds."""
    moment = times.start_of_day(row.since, registry.zone)
    with _of_line(file, row):
        place = find_region(registry, row.entered.region_code, at=moment)
        _refuse_out_of_force(registry, place, moment)
        for name in row.also:
            _refuse_other(registry, place, name, moment)
    return row.entered.model_copy(update={"region_code": place.code}), moment


def _refuse_other(registry: Registry, place: Region, name: str, at: dt.datetime) -> None:
    """Refuse a row of which another column names another region; other words name none."""
    if name in (place.code, place.name_zh, place.name_en):
        return
    try:
        other = find_region(registry, name, at=at)
    except InputRefused:
        return
    if other.code != place.code:
        raise InputRefused("cli_require.other_region", code=place.code, other=other.code, name=name)


@contextmanager
def _of_line(file: Path, row: RequirementRow) -> Iterator[None]:
    """Name the line of the file in what is refused of it."""
    try:
        yield
    except InputRefused as error:
        why = Phrase(error.key, error.facts)
        raise InputRefused("exchange.row", file=file.name, line=row.line, why=why) from None


require_end.add_to(app)
require_withdraw.add_to(app)
