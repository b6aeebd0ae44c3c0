"""``hydrant coverage``: the standard held against roads and buildings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from hydrant.cli.cuts import AsOfOption, PolicyOption
from hydrant.cli.frame import Note, Result, Settings, command, helper, single
from hydrant.cli.overruled import overruled_notes
from hydrant.cli.places import ShownCrsOption, shown_in
from hydrant.cli.whole_file import not_the_registry
from hydrant.errors import CommandLineError
from hydrant.exchange.asked import Asked
from hydrant.report.listing import JudgedAsset
from hydrant.report.question import Basis, Question
from hydrant.vocabulary import Service, kind_within

h = helper("coverage")
app = single("coverage")


class Count(StrEnum):
    """Which sources count."""

    EXISTING = "existing"
    WORKING = "working"


@command(app, "coverage")
def coverage(
    settings: Settings,
    *,
    roads: Annotated[Path | None, typer.Option("--roads", metavar="FILE", help=h("roads"))] = None,
    buildings: Annotated[
        Path | None, typer.Option("--buildings", metavar="FILE", help=h("buildings"))
    ] = None,
    boundary: Annotated[
        Path | None, typer.Option("--boundary", metavar="FILE", help=h("boundary"))
    ] = None,
    count: Annotated[Count, typer.Option("--count", help=h("count"))] = Count.EXISTING,
    along: Annotated[bool, typer.Option("--along-streets", help=h("along"))] = False,
    propose: Annotated[bool, typer.Option("--propose", help=h("propose"))] = False,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help=h("out"))] = None,
    kind: Annotated[str | None, typer.Option("--kind", help=h("kind"))] = None,
    public: Annotated[bool, typer.Option("--public-only", help=h("public"))] = False,
    roads_where: Annotated[
        list[str] | None,
        typer.Option("--roads-where", metavar="COLUMN=VALUE", help=h("roads_where")),
    ] = None,
    width: Annotated[
        str | None, typer.Option("--width-column", metavar="COLUMN", help=h("width"))
    ] = None,
    roads_crs: Annotated[
        str | None, typer.Option("--roads-crs", metavar="CODE", help=h("roads_crs"))
    ] = None,
    buildings_crs: Annotated[
        str | None, typer.Option("--buildings-crs", metavar="CODE", help=h("buildings_crs"))
    ] = None,
    boundary_crs: Annotated[
        str | None, typer.Option("--boundary-crs", metavar="CODE", help=h("boundary_crs"))
    ] = None,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help=h("skip_bad"))] = False,
    as_of: AsOfOption = None,
    policy: PolicyOption = None,
    crs: ShownCrsOption = None,
) -> Result:
    """Hold the standard's radius and spacing against roads and buildings."""
    # GDAL and GEOS take time to load, which no other command should spend
    from hydrant.cli.coverage_view import coverage_json, covered, show_coverage, write_gaps  # noqa: PLC0415

    shown = shown_in(crs)
    _refuse_half(roads, buildings, sites=propose or out is not None)
    not_the_registry(settings.path, roads, buildings, boundary)
    asked = Asked(
        roads=roads,
        buildings=buildings,
        boundary=boundary,
        roads_crs=roads_crs,
        buildings_crs=buildings_crs,
        boundary_crs=boundary_crs,
        roads_where=_conditions(roads_where or ()),
        width=width,
        skip_bad=skip_bad,
    )
    question = Question(kind=kind, as_of=as_of, policy=policy)
    with settings.progress("cli_common.working"), settings.asking(question) as basis:
        assets = _asked_for(basis, public_only=public)
    sites_for = count.value if propose or out is not None else None
    report, left_out = covered(asked, assets, basis.policy, along=along, sites_for=sites_for)
    data = coverage_json(report, count.value, basis.cut, assets, left_out, along=along, crs=shown)
    if out is not None:
        write_gaps(out, report, count.value)
        data["file"] = str(out)
    notes = (*_notes(data), *overruled_notes(left_out.overruled))
    return Result(data, lambda screen: show_coverage(screen, report, data), notes)


def _asked_for(basis: Basis, *, public_only: bool) -> list[JudgedAsset]:
    """Existing sources of the kind, of all regions: a source reaches over a border."""
    return [
        asset
        for asset in basis.judged()
        if (basis.kind is None or kind_within(asset.kind, basis.kind))
        and not (public_only and asset.service == Service.PRIVATE)
    ]


def _refuse_half(roads: Path | None, buildings: Path | None, *, sites: bool) -> None:
    if roads is None and buildings is None:
        raise CommandLineError("cli_coverage.nothing")
    if sites and roads is None:
        raise CommandLineError("cli_coverage.roads_needed")


def _conditions(texts: Iterable[str]) -> dict[str, list[str]]:
    """Values wanted of each column that is named."""
    found: dict[str, list[str]] = {}
    for text in texts:
        column, sign, value = text.partition("=")
        if not sign or not column:
            raise CommandLineError("cli_coverage.where_wrong", value=text)
        found.setdefault(column, []).append(value)
    return found


def classes_note(classes: Mapping[str, int]) -> tuple[Note, ...]:
    """What is to be said of classes of roads that were left out."""
    if not classes:
        return ()
    told = tuple(f"{name} ({count:,})" for name, count in classes.items())
    return (Note.of("cli_coverage.classes", classes=told),)


def _notes(data: dict[str, Any]) -> list[Note]:
    notes = [
        Note.of("cli_coverage.left_out", file=file, count=number)
        for file, number in data["left_out"].items()
    ]
    notes += classes_note(data["classes_left_out"])
    if data["private"]:
        notes.append(Note.of("cli_coverage.private", count=data["private"]))
    return notes
