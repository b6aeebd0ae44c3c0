"""``hydrant region``: administrative units."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hydrant import times
from hydrant.cli import region_restore
from hydrant.cli.decided import Figures, changed_json, on_days, show_changed, then_changed
from hydrant.cli.frame import Note, Result, Settings, command, group, helper
from hydrant.cli.overruled import overruled_notes
from hydrant.cli.region_figures import restated
from hydrant.cli.region_view import (
    part_data,
    show_doubtful,
    show_imported,
    show_regions,
    show_succession,
)
from hydrant.cli.require_view import fallen_notes
from hydrant.cli.screen import Screen
from hydrant.cli.stated_anew import held_anew
from hydrant.cli.whole_file import not_the_registry
from hydrant.errors import CommandLineError, Phrase
from hydrant.report.remarks import fallen_json
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Writer
from hydrant.store.regions import region_rows, regions
from hydrant.store.regions.region_outlines import doubtful
from hydrant.store.regions.restating import (
    answered_for,
    fallen_of,
    replaced_from,
    required_now,
)
from hydrant.store.regions.succession import Parted, heirs_of, part, succeed
from hydrant.survey.unit_days import Days
from hydrant.vocabulary import RegionLevel
from hydrant.written_dates import day_typed

if TYPE_CHECKING:
    from hydrant.exchange.outline_file import OutlineFile

h = helper("region")
#: Most regions named in a remark.
_NAMED = 10
app = group("region")

#: From this many heirs on a unit was split.
_SPLIT = 2


@command(app, "list")
def list_(
    settings: Settings,
    region: Annotated[str | None, typer.Argument(help=h("region"))] = None,
    *,
    level: Annotated[RegionLevel | None, typer.Option("--level", help=h("level"))] = None,
) -> Result:
    """List regions, or those within one."""
    with settings.registry() as registry:
        codes = None
        if region is not None:
            codes = regions.subtree(registry, regions.find_region(registry, region).code)
        rows = regions.list_regions(registry, codes=codes, level=level)
    return Result({"regions": rows}, lambda screen: show_regions(screen, rows))


@command(app, "import")
def import_(
    settings: Settings,
    file: Annotated[Path, typer.Argument(help=h("file"))],
    *,
    crs: Annotated[str | None, typer.Option("--crs", metavar="CODE", help=h("crs"))] = None,
    layer: Annotated[str | None, typer.Option("--layer", help=h("layer"))] = None,
    code_column: Annotated[
        str | None, typer.Option("--code-column", metavar="COLUMN", help=h("code_column"))
    ] = None,
    name_column: Annotated[
        str | None, typer.Option("--name-column", metavar="COLUMN", help=h("name_column"))
    ] = None,
    encoding: Annotated[str | None, typer.Option("--encoding", help=h("encoding"))] = None,
    by: Annotated[str | None, typer.Option("--by", help=h("by"))] = None,
) -> Result:
    """Take in regions from a table, or their outlines from a GIS file."""
    # GDAL and GEOS take time to load, which no other command should spend
    from hydrant.exchange.outline_file import holds_outlines, read_outlines  # noqa: PLC0415

    not_the_registry(settings.path, file)
    if holds_outlines(file, encoding):
        stated = {"code": code_column, "name_zh": name_column}
        columns = {what: column for what, column in stated.items() if column is not None}
        found = read_outlines(file, crs=crs, layer=layer, encoding=encoding, columns=columns)
        if found.overruled is not None:
            told = file.name, str(crs), found.overruled
            settings.notes.extend(overruled_notes([told]))
        return _import_outlines(settings, file, found, by=by)
    return _import_table(settings, file, encoding=encoding, by=by)


def _import_table(
    settings: Settings, file: Path, *, encoding: str | None, by: str | None
) -> Result:
    from hydrant.exchange.region_file import read_regions  # noqa: PLC0415  as above

    found = read_regions(file, encoding=encoding)
    with (
        settings.registry(write=True) as registry,
        settings.transaction(registry, by, about=file.name) as writer,
    ):
        before, lay = required_now(registry), regions.parents_by_row(registry)
        rows = region_rows.by_codes(registry, found.rows)
        asked = list(restated(registry, rows))
        figures, units = Figures(registry, asked), {unit for unit, _ in asked}
        counts = region_rows.put_regions(writer, rows, source=file.stem)
        parted = _parted(writer, [row.code for row in rows if len(row.successors) >= _SPLIT])
        writer.flush()
        astray = regions.without_parent(registry, [row.code for row in found.rows])
        fell = _fell(before, required_now(registry))
        replaced = _replaced(lay, regions.parents_by_row(registry))
        changed = figures.changed()
        better = held_anew(writer, units)
    split = [part_data(code, one) for code, one in parted.items()]
    data: dict[str, Any] = {"read": len(found.rows), **counts, "unread": found.unread}
    data |= {"split": split, "figures_changed": changed_json(changed)}

    def show(screen: Screen) -> None:
        show_imported(screen, file.name, counts, split)
        show_changed(screen, changed, figures.left_out)

    return Result(
        data,
        show,
        (*_notes(file, found.unread), *_no_parent(astray), *replaced, *fell, *better),
    )


def _fell(before: Mapping[str, int], after: Mapping[str, int]) -> tuple[Note, ...]:
    """A remark for each family of which less is required since a succession was recorded."""
    return tuple(
        Note.of(
            "cli_region.fell", kind=Phrase(f"vocabulary.kind.{family}"),
            before=count, after=after.get(family, 0),
        ).warning()
        for family, count in sorted(before.items())
        if after.get(family, 0) < count
    )  # fmt: skip


def _replaced(
    before: Mapping[str, tuple[str, str]], after: Mapping[str, tuple[str, str]]
) -> tuple[Note, ...]:
    """A remark for units that lie in another one now, as if they had always done so."""
    found = [
        (code, former, after[uid][1])
        for uid, (code, former) in before.items()
        if uid in after and after[uid][1] != former
    ]
    if not found:
        return ()
    names = [f"{code}: {former} → {parent}" for code, former, parent in sorted(found)]
    more = " …" if len(names) > _NAMED else ""
    told = {"count": len(found), "units": "; ".join(names[:_NAMED]) + more}
    return (Note.of("cli_region.placed_anew", **told).warning(),)


def _no_parent(codes: list[str]) -> tuple[Note, ...]:
    if not codes:
        return ()
    more = " …" if len(codes) > _NAMED else ""
    return (Note.of("cli_region.no_parent", codes=", ".join(codes[:_NAMED]) + more).warning(),)


def _parted(writer: Writer, codes: list[str]) -> dict[str, Parted]:
    found = {code: part(writer, code, {}) for code in codes}
    return {code: one for code, one in found.items() if one.moved or one.left}


def _import_outlines(
    settings: Settings, file: Path, found: OutlineFile, *, by: str | None
) -> Result:
    from hydrant.exchange.outline_file import take_outlines  # noqa: PLC0415  as above

    with (
        settings.registry(write=True) as registry,
        settings.transaction(registry, by, about=file.name) as writer,
    ):
        taken = take_outlines(writer, file.name, found.outlines, file.stem)
        writer.flush()
        astray, open_ones = doubtful(registry)
    data: dict[str, Any] = {
        "read": len(found.outlines),
        **taken.counts,
        "unread": found.unread,
        "split": [],
        "mended": found.mended,
        "named_otherwise": taken.renamed,
        "doubtful": [one._asdict() for one in astray],
        "without_region": open_ones,
    }
    notes = _notes(file, found.unread)
    if found.mended:
        notes += (Note.of("cli_region.mended", regions=", ".join(found.mended)),)
    if taken.renamed:
        notes += (Note.of("cli_region.renamed", regions=", ".join(taken.renamed)),)
    if open_ones:
        notes += (Note.of("cli_region.without", count=open_ones),)

    def show(screen: Screen) -> None:
        screen.line("cli_region.outlined", file=file.name, **taken.counts)
        show_doubtful(screen, astray)

    return Result(data, show, notes)


def _notes(file: Path, unread: list[str]) -> tuple[Note, ...]:
    if not unread:
        return ()
    return (Note.of("cli_region.unread", file=file.name, columns=", ".join(unread)),)


@command(app, "succeed")
def succeed_(
    settings: Settings,
    old: Annotated[str, typer.Argument(metavar="OLD", help=h("old"))],
    new: Annotated[list[str], typer.Argument(metavar="NEW…", help=h("new"))],
    *,
    at: Annotated[str, typer.Option("--at", metavar="DATE", help=h("at"))],
    listed: Annotated[Path | None, typer.Option("--list", metavar="FILE", help=h("listed"))] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help=h("by"))] = None,
) -> Result:
    """Let other regions take over from one that ends, from a day on."""
    with settings.registry(write=True) as registry:
        day = day_typed(at, registry.zone)
        code = regions.find_region(registry, old).code
        heirs = list(dict.fromkeys(regions.find_region(registry, name).code for name in new))
        if listed is not None and len(heirs) < _SPLIT:
            raise CommandLineError("cli_region.list_of_one")
        moment = times.start_of_day(day, registry.zone)
        decided = {} if listed is None else _decided(registry, listed, code, heirs, moment)
        before = required_now(registry)
        asked = on_days(registry, [code, *heirs], [Days(times.to_text(moment), None)])
        figures = Figures(registry, asked)
        with settings.transaction(registry, by) as writer:
            known = regions.present_regions(registry)
            is_new = succeed(writer, known, code, heirs, moment)
            parted = part(writer, code, decided)
            better = held_anew(writer, {code, *heirs})
        split = fallen_of(registry, {code, *heirs}, moment)
        data = _succession(registry, code, heirs, moment, is_new=is_new, parted=parted)
        changed = figures.changed()
        data |= {"at": day.isoformat(), "figures_changed": changed_json(changed)}
        data |= fallen_json(split.fallen)
        fell = (*_fell(before, required_now(registry)), *fallen_notes(split, settings.lang))
    show = then_changed(partial(show_succession, data=data), changed, figures.left_out)
    return Result(data, show, (*fell, *better))


def _decided(
    registry: Registry, file: Path, code: str, heirs: list[str], at: dt.datetime
) -> dict[str, str]:
    from hydrant.exchange.split_list import read_split  # noqa: PLC0415  only splits by list

    return read_split(registry, file, code, heirs, at)


def _succession(
    registry: Registry,
    code: str,
    heirs: list[str],
    at: dt.datetime,
    *,
    is_new: bool,
    parted: Parted,
) -> dict[str, Any]:
    """What was recorded, where the assets went, and what is left to somebody to decide."""
    split = len(heirs) >= _SPLIT
    held, replaced = _numbers(registry, code, None if split else heirs[0], at)
    return {
        "code": code,
        "successors": heirs_of(registry, code),
        "action": "new" if is_new else "unchanged",
        **part_data(code, parted),
        "passed": [] if split else held,
        "replaced": replaced,
        "restate": held if split else [],
        "below": regions.children_of(registry, code) if split else [],
    }


def _numbers(
    registry: Registry, code: str, heir: str | None, at: dt.datetime
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Numbers of a unit that stand on when it ends, and those that its heir's own replace.

    One that holds for a while before it is replaced is in both.
    """
    held, replaced = [], []
    for one in answered_for(registry, code, at):
        told = {"kind": one.kind, "service": one.service, "count": one.number}
        since = None if heir is None else replaced_from(registry, one, heir, at)
        if since is None or since > at:
            held.append(told)
        if since is not None:
            day = times.local_day(since, registry.zone).isoformat()
            replaced.append({**told, "from": day})
    return held, replaced


region_restore.add_to(app)
