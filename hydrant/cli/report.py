"""``hydrant report``: the figures as a workbook, a page with a map, paper or GeoJSON."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hydrant import times
from hydrant.cli.cuts import AsOfOption, KindOption, KnownAtOption, PolicyOption, RegionOption
from hydrant.cli.frame import Result, Settings, command, helper, single
from hydrant.cli.report_page import Ground, beside, page_writer, unit_lines
from hydrant.cli.screen import Screen
from hydrant.cli.whole_file import not_the_registry, written_whole
from hydrant.errors import InputRefused
from hydrant.exchange.asked import Asked
from hydrant.geo import datum
from hydrant.report.assessment import figures_of
from hydrant.report.asset_findings import Finding, findings_of
from hydrant.report.document import Document
from hydrant.report.integrity import IntegrityReport
from hydrant.report.listing import JudgedAsset
from hydrant.report.question import Question
from hydrant.store.proofs.verifying import head_of

if TYPE_CHECKING:
    from hydrant.report.page_photos import PagePhotos
    from hydrant.report.page_shapes import Drawn

h = helper("report")
app = single("report")

#: When a report is made, the digest of its figures, and the registry's last seal.
Proof = tuple[str, str, tuple[int, str] | None]
FORMS = (".xlsx", ".html", ".pdf", ".geojson")
#: What is handed in at a review; paper first, since it may lack a font: then nothing is written.
SET = (".pdf", ".xlsx", ".html")


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
    water: Annotated[Path | None, typer.Option("--water", metavar="FILE", help=h("water"))] = None,
    water_crs: Annotated[
        str | None, typer.Option("--water-crs", metavar="CODE", help=h("water_crs"))
    ] = None,
    crs: Annotated[str | None, typer.Option("--crs", metavar="CODE", help=h("crs"))] = None,
    fonts: Annotated[Path | None, typer.Option("--fonts", metavar="DIR", help=h("fonts"))] = None,
    photos: Annotated[bool, typer.Option("--photos", help=h("photos"))] = False,
) -> Result:
    """Write the figures as a file for others."""
    whole = file.is_dir()
    forms = SET if whole else (file.suffix.lower(),)
    if not whole and forms[0] not in FORMS:
        raise InputRefused("document.form", file=file, known=", ".join(FORMS))
    if photos and ".html" not in forms:
        raise InputRefused("cli_report.photos_form", file=file)
    not_the_registry(settings.path, file, roads, boundary, water)
    read_out = datum.parse_crs(crs or "cgcs2000")
    question = Question(region=region, kind=kind, as_of=as_of, known_at=known_at, policy=policy)
    with settings.progress("cli_common.working"), settings.asking(question) as basis:
        report = basis.report(by=by or basis.usual_groups)
        assets = basis.counted(report)
        findings = {} if forms == (".geojson",) else findings_of(basis, assets)
        page = beside(basis, report, findings) if ".html" in forms else None
        lines = unit_lines(basis, report, settings.lang) if ".pdf" in forms else None
        head = head_of(basis.registry)
        made_at = times.now().astimezone(basis.cut.zone).strftime("%Y-%m-%d %H:%M")
    digest = hashlib.sha256(figures_of(report).encode()).hexdigest()
    asked = Asked(
        roads=roads, boundary=boundary, roads_crs=roads_crs, boundary_crs=boundary_crs,
        skip_bad=True,
    )  # fmt: skip
    sealed = None if head is None else (head.number, head.hash)
    proof = made_at, digest, sealed
    files = [_named(file, form, report) for form in forms] if whole else [file]
    pictures = _pictures(settings, files, findings) if photos else None
    ground = Ground(asked, water, water_crs, read_out, pictures)
    for one in files:
        if page is not None and one.suffix.lower() == ".html":
            found = _document(settings, report, assets, proof, findings)
            writer = page_writer(settings, found, report, assets, page, ground)
        else:
            writer = _writer(settings, one, report, assets, proof, findings, lines, fonts)
        written_whole(one, writer)
    data = {
        "file": str(file),
        "files": list(map(str, files)),
        "assets": len(assets),
        "digest": digest,
        "seal": None if head is None else {"number": head.number, "hash": head.hash},
        "photos": None if pictures is None else _photos_data(pictures),
    }
    return Result(data, lambda screen: _show(screen, files, pictures))


def _named(folder: Path, form: str, report: IntegrityReport) -> Path:
    """A file of the set: its region and its day are in its name."""
    return folder / f"hydrant-{report.region or 'all'}-{report.as_of.isoformat()}{form}"


def _pictures(settings: Settings, files: list[Path], findings: dict[str, Finding]) -> PagePhotos:
    """The photos of a page, put beside it."""
    from hydrant.report.page_photos import put_beside  # noqa: PLC0415

    page = next(file for file in files if file.suffix.lower() == ".html")
    return put_beside(page, settings.path, findings.values())


def _photos_data(pictures: PagePhotos) -> dict[str, object]:
    return {
        "folder": str(pictures.folder),
        "count": len(pictures.names),
        "missing": pictures.missing,
        "bytes": pictures.size,
    }


def _show(screen: Screen, files: list[Path], pictures: PagePhotos | None) -> None:
    for file in files:
        screen.line("cli_report.written", file=file)
    if pictures is None:
        return
    if pictures.names:
        screen.line(
            "cli_report.photos_put", count=len(pictures.names), folder=pictures.folder,
            megabytes=f"{pictures.size / 1e6:.1f}",
        )  # fmt: skip
    if pictures.missing:
        screen.line("page.photos_missing", count=pictures.missing)
    elif not pictures.names:
        screen.line("cli_report.photos_none")


def _document(
    settings: Settings,
    report: IntegrityReport,
    assets: list[JudgedAsset],
    proof: Proof,
    findings: dict[str, Finding],
) -> Document:
    """The report, worded."""
    from hydrant.report.wording import document  # noqa: PLC0415

    made_at, digest, head = proof
    return document(
        report, assets, settings.lang,
        made_at=made_at, digest=digest, head=head, findings=findings,
    )  # fmt: skip


def _writer(
    settings: Settings,
    file: Path,
    report: IntegrityReport,
    assets: list[JudgedAsset],
    proof: Proof,
    findings: dict[str, Finding],
    lines: Drawn | None,
    fonts: Path | None,
) -> Callable[[Path], None]:
    """What writes a workbook, paper or GeoJSON; each loads what it needs, and no more."""
    form = file.suffix.lower()
    if form == ".geojson":
        from hydrant.report.features import write_features  # noqa: PLC0415

        return lambda path: write_features(path, report, assets, settings.lang)
    found = _document(settings, report, assets, proof, findings)
    if form == ".xlsx":
        from hydrant.report.workbook import write_workbook  # noqa: PLC0415

        return lambda path: write_workbook(path, found)
    from hydrant.report.paper import write_paper  # noqa: PLC0415

    return lambda path: write_paper(path, found, lines=lines, fonts=fonts)
