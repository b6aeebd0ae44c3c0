"""``hydrant report``: the figures as a workbook, a page with a map, paper or GeoJSON."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from hydrant import times
from hydrant.cli.coverage import classes_note
from hydrant.cli.cuts import AsOfOption, KindOption, KnownAtOption, PolicyOption, RegionOption
from hydrant.cli.frame import Result, Settings, command, helper, single
from hydrant.cli.overruled import overruled_notes
from hydrant.cli.whole_file import not_the_registry, written_whole
from hydrant.errors import InputRefused
from hydrant.exchange.asked import Asked
from hydrant.report.assessment import figures_of
from hydrant.report.integrity import IntegrityReport
from hydrant.report.listing import JudgedAsset
from hydrant.report.question import Question
from hydrant.store.proofs.verifying import head_of

h = helper("report")
app = single("report")

FORMS = (".xlsx", ".html", ".pdf", ".geojson")


@command(app, "report")
def report_(
    settings: Settings,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=h("file"))],
    *,
    region: RegionOption = None,
    by: Annotated[str | None, typer.Option("--by", metavar="LEVEL|FIELD", help=h("by"))] = None,
    kind: KindOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    policy: PolicyOption = None,
    roads: Annotated[Path | None, typer.Option("--roads", metavar="FILE", help=h("roads"))] = None,
    roads_crs: Annotated[
        str | None, typer.Option("--roads-crs", metavar="CODE", help=h("roads_crs"))
    ] = None,
    boundary: Annotated[
        Path | None, typer.Option("--boundary", metavar="FILE", help=h("boundary"))
    ] = None,
    boundary_crs: Annotated[
        str | None, typer.Option("--boundary-crs", metavar="CODE", help=h("boundary_crs"))
    ] = None,
    fonts: Annotated[Path | None, typer.Option("--fonts", metavar="DIR", help=h("fonts"))] = None,
) -> Result:
    """Write the figures as a file for others."""
    if file.suffix.lower() not in FORMS:
        raise InputRefused("document.form", file=file, known=", ".join(FORMS))
    not_the_registry(settings.path, file, roads, boundary)
    question = Question(region=region, kind=kind, as_of=as_of, known_at=known_at, policy=policy)
    with settings.progress("cli_common.working"), settings.asking(question) as basis:
        report = basis.report(by=by or basis.usual_groups)
        assets = basis.counted(report)
        head = head_of(basis.registry)
        made_at = times.now().astimezone(basis.cut.zone).strftime("%Y-%m-%d %H:%M")
    digest = hashlib.sha256(figures_of(report).encode()).hexdigest()
    ground = Asked(
        roads=roads, boundary=boundary, roads_crs=roads_crs, boundary_crs=boundary_crs,
        skip_bad=True,
    )  # fmt: skip
    sealed = None if head is None else (head.number, head.hash)
    writer = _writer(settings, file, report, assets, (made_at, digest, sealed), ground, fonts)
    written_whole(file, writer)
    data = {
        "file": str(file),
        "assets": len(assets),
        "digest": digest,
        "seal": None if head is None else {"number": head.number, "hash": head.hash},
    }
    return Result(data, lambda screen: screen.line("cli_report.written", file=file))


def _writer(
    settings: Settings,
    file: Path,
    report: IntegrityReport,
    assets: list[JudgedAsset],
    proof: tuple[str, str, tuple[int, str] | None],
    ground: Asked,
    fonts: Path | None,
) -> Callable[[Path], None]:
    """What writes the file; each form loads what it needs, and no more.

    Parameters
    ----------
    proof
        When it is made, the digest of its figures, and the registry's last seal.
    """
    made_at, digest, head = proof
    form = file.suffix.lower()
    if form == ".geojson":
        from hydrant.report.features import write_features  # noqa: PLC0415

        return lambda path: write_features(path, report, assets, settings.lang)
    from hydrant.report.wording import document  # noqa: PLC0415

    found = document(report, assets, settings.lang, made_at=made_at, digest=digest, head=head)
    if form == ".xlsx":
        from hydrant.report.workbook import write_workbook  # noqa: PLC0415

        return lambda path: write_workbook(path, found)
    if form == ".pdf":
        from hydrant.report.paper import write_paper  # noqa: PLC0415

        return lambda path: write_paper(path, found, fonts=fonts)
    from hydrant.report.page import write_page  # noqa: PLC0415

    lines = _lines(settings, ground, assets, report)
    return lambda path: write_page(path, found, lines=lines)


def _lines(
    settings: Settings, asked: Asked, assets: list[JudgedAsset], report: IntegrityReport
) -> list[Any]:
    """Boundaries, and gaps of the roads, as lines of the map."""
    lines: list[Any] = []
    if asked.boundary is not None:
        from hydrant.exchange.ground import outlines  # noqa: PLC0415  brings GDAL

        found_rings, own = outlines(asked.boundary, asked.boundary_crs)
        if own is not None and asked.roads is None:
            told = asked.boundary.name, str(asked.boundary_crs), own
            settings.notes.extend(overruled_notes([told]))
        lines += [("boundary", places) for places in found_rings]
    if asked.roads is not None:
        from hydrant.exchange.ground import read_ground  # noqa: PLC0415  as above
        from hydrant.report.coverage import cover  # noqa: PLC0415

        ground, left_out = read_ground(asked)
        settings.notes.extend(classes_note(left_out.classes))
        settings.notes.extend(overruled_notes(left_out.overruled))
        found = cover(ground, assets, report.policy)
        gaps = found.existing.gaps
        lines += [("gap", [place[:2] for place in gap.line.coords]) for gap in gaps]
    return lines
