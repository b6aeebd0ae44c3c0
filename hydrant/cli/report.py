"""``hydrant report``: the figures as a workbook, a page with a map, paper or GeoJSON."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from hydrant import times
from hydrant.cli.cuts import (
    AsOfOption,
    KindOption,
    KnownAtOption,
    PolicyOption,
    RegionOption,
    cut_of,
)
from hydrant.cli.frame import Result, Settings, command, helper, single
from hydrant.cli.integrity import default_cut
from hydrant.errors import InputRefused, StoreError
from hydrant.ids import new_uid
from hydrant.integrity.policy_reader import load_policy
from hydrant.report.assessment import figures_of
from hydrant.report.integrity import IntegrityReport, assess
from hydrant.report.listing import JudgedAsset, counted
from hydrant.store.regions import find_region
from hydrant.store.sensor_facts import sensor_facts

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
    fonts: Annotated[Path | None, typer.Option("--fonts", metavar="DIR", help=h("fonts"))] = None,
) -> Result:
    """Write the figures as a file for others."""
    if file.suffix.lower() not in FORMS:
        raise InputRefused("document.form", file=file, known=", ".join(FORMS))
    with settings.registry() as registry:
        cut = cut_of(registry, as_of, known_at)
        rules = load_policy(policy or registry.policy)
        code = None if region is None else find_region(registry, region).code
        facts = sensor_facts(registry, cut)
        by = by or default_cut(registry, code)
        report = assess(registry, cut, rules, region=code, by=by, kind=kind, facts=facts)
        assets = counted(registry, cut, report, pressures=facts.pressures)
        made_at = times.now().astimezone(registry.zone).strftime("%Y-%m-%d %H:%M")
    digest = hashlib.sha256(figures_of(report).encode()).hexdigest()
    writer = _writer(settings, file, report, assets, made_at, digest, roads, roads_crs, fonts)
    _written(file, writer)
    data = {"file": str(file), "assets": len(assets), "digest": digest}
    return Result(data, lambda screen: screen.line("cli_report.written", file=file))


def _writer(
    settings: Settings,
    file: Path,
    report: IntegrityReport,
    assets: list[JudgedAsset],
    made_at: str,
    digest: str,
    roads: Path | None,
    roads_crs: str | None,
    fonts: Path | None,
) -> Callable[[Path], None]:
    """What writes the file; each form loads what it needs, and no more."""
    form = file.suffix.lower()
    if form == ".geojson":
        from hydrant.report.features import write_features  # noqa: PLC0415

        return lambda path: write_features(path, report, assets, settings.lang)
    from hydrant.report.wording import document  # noqa: PLC0415

    found = document(report, assets, settings.lang, made_at=made_at, digest=digest)
    if form == ".xlsx":
        from hydrant.report.workbook import write_workbook  # noqa: PLC0415

        return lambda path: write_workbook(path, found)
    if form == ".pdf":
        from hydrant.report.paper import write_paper  # noqa: PLC0415

        return lambda path: write_paper(path, found, fonts=fonts)
    from hydrant.report.page import write_page  # noqa: PLC0415

    lines = [] if roads is None else _gaps(roads, roads_crs, assets, report)
    return lambda path: write_page(path, found, lines=lines)


def _gaps(
    roads: Path, crs: str | None, assets: list[JudgedAsset], report: IntegrityReport
) -> list[Any]:
    """Gaps of the roads as lines of the map."""
    from hydrant.exchange.ground import Asked, read_ground  # noqa: PLC0415  brings GDAL
    from hydrant.report.coverage import cover  # noqa: PLC0415

    ground, _ = read_ground(Asked(roads=roads, roads_crs=crs, skip_bad=True))
    found = cover(ground, assets, report.policy)
    return [("gap", [place[:2] for place in gap.line.coords]) for gap in found.existing.gaps]


def _written(file: Path, write: Callable[[Path], None]) -> None:
    """Write a file aside and put it in place when it is whole."""
    aside = file.with_name(f".{file.stem}.{new_uid()}{file.suffix}")
    try:
        write(aside)
        aside.replace(file)
    except OSError as error:
        raise StoreError("document.cannot_write", file=file, why=error.strerror or error) from None
    finally:
        aside.unlink(missing_ok=True)
