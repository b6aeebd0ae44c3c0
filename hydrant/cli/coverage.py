"""``hydrant coverage``: the standard held against roads and buildings."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from hydrant.cli.cuts import AsOfOption, PolicyOption, cut_of
from hydrant.cli.frame import Note, Result, Settings, command, helper, single
from hydrant.cli.screen import Screen
from hydrant.cli.sensed import sensed
from hydrant.cli.whole_file import not_the_registry
from hydrant.errors import CommandLineError
from hydrant.exchange.asked import Asked
from hydrant.integrity.policy_reader import load_policy
from hydrant.report.listing import judged
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
        str | None, typer.Option("--roads-where", metavar="COLUMN=VALUE", help=h("roads_where"))
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
) -> Result:
    """Hold the standard's radius and spacing against roads and buildings."""
    # GDAL and GEOS take time to load, which no other command should spend
    from hydrant.cli.coverage_view import coverage_json, layers_of, show_coverage  # noqa: PLC0415
    from hydrant.exchange.ground import read_ground  # noqa: PLC0415
    from hydrant.exchange.layers import write_layers  # noqa: PLC0415
    from hydrant.report.coverage import cover  # noqa: PLC0415

    if roads is None and buildings is None:
        raise CommandLineError("cli_coverage.nothing")
    if (propose or out is not None) and roads is None:
        raise CommandLineError("cli_coverage.roads_needed")
    not_the_registry(settings.path, roads, buildings, boundary)
    asked = Asked(
        roads=roads,
        buildings=buildings,
        boundary=boundary,
        roads_crs=roads_crs,
        buildings_crs=buildings_crs,
        boundary_crs=boundary_crs,
        roads_where=_pair(roads_where),
        width=width,
        skip_bad=skip_bad,
    )
    with settings.progress("cli_common.working"), settings.registry() as registry:
        cut = cut_of(registry, as_of)
        rules = load_policy(policy or registry.policy)
        facts = sensed(settings, registry, cut, rules)
        assets = [
            asset
            for asset in judged(registry, cut, rules, pressures=facts.pressures)
            if (kind is None or kind_within(asset.kind, kind))
            and not (public and asset.service == Service.PRIVATE)
        ]
    ground, left_out = read_ground(asked)
    report = cover(
        ground,
        assets,
        rules,
        along_streets=along,
        sites_for=count.value if propose or out is not None else None,
    )
    data = coverage_json(report, count.value) | {
        "as_of": cut.as_of.isoformat(),
        "along_streets": along,
        "private": sum(asset.service == Service.PRIVATE for asset in assets),
        "left_out": left_out,
    }
    if out is not None:
        write_layers(out, layers_of(report, count.value))
        data["file"] = str(out)

    def show(screen: Screen) -> None:
        show_coverage(screen, report, data)

    return Result(data, show, tuple(_notes(data)))


def _pair(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    column, sign, value = text.partition("=")
    if not sign or not column:
        raise CommandLineError("cli_coverage.where_wrong", value=text)
    return column, value


def _notes(data: dict[str, Any]) -> list[Note]:
    notes = [
        Note.of("cli_coverage.left_out", file=file, count=number)
        for file, number in data["left_out"].items()
    ]
    if data["private"]:
        notes.append(Note.of("cli_coverage.private", count=data["private"]))
    return notes
