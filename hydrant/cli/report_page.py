"""What ``hydrant report`` puts on a page beside the figures: a year, and what the map shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hydrant.cli.coverage import classes_note
from hydrant.cli.frame import Settings
from hydrant.cli.overruled import overruled_notes
from hydrant.exchange.asked import Asked
from hydrant.geo import datum
from hydrant.report.asset_findings import Finding
from hydrant.report.document import Document
from hydrant.report.integrity import IntegrityReport
from hydrant.report.listing import JudgedAsset
from hydrant.report.question import Basis
from hydrant.report.trend_picture import Point, points
from hydrant.vocabulary import Language

if TYPE_CHECKING:
    from hydrant.report.page_photos import PagePhotos
    from hydrant.report.page_shapes import Drawn, Shape


@dataclass(frozen=True, slots=True)
class Ground:
    """Files for the map, and the system in which it reads positions out.

    Attributes
    ----------
    asked
        Roads and a boundary.
    water
        Lines or polygons of natural water; None for none.
    photos
        Photos that go with the page; None where only their number is told.
    """

    asked: Asked
    water: Path | None
    water_crs: str | None
    crs: datum.Crs
    photos: PagePhotos | None


@dataclass(frozen=True, slots=True)
class Beside:
    """What a page takes from the registry beside the figures."""

    findings: dict[str, Finding]
    trend: Sequence[Point]
    units: Sequence[Shape]


def beside(basis: Basis, report: IntegrityReport, findings: dict[str, Finding]) -> Beside:
    """Read what a page shows beside the figures, while the registry is open."""
    from hydrant.report.page_shapes import unit_shapes  # noqa: PLC0415  brings GEOS

    return Beside(findings, points(basis, len(findings)), unit_shapes(basis, report))


def unit_lines(basis: Basis, report: IntegrityReport, lang: Language) -> Drawn:
    """Outlines of units with their names, for paper."""
    from hydrant.report.page_content import named  # noqa: PLC0415  brings numpy and GEOS
    from hydrant.report.page_shapes import drawn, unit_shapes  # noqa: PLC0415  as above

    return drawn(named(unit_shapes(basis, report), report, lang))


def page_writer(
    settings: Settings,
    found: Document,
    report: IntegrityReport,
    assets: Sequence[JudgedAsset],
    taken: Beside,
    ground: Ground,
) -> Callable[[Path], None]:
    """What writes the page.

    Raises
    ------
    InputRefused
        A file for the map cannot be read, or positions cannot be told in the system.
    """
    from hydrant.report.page import write_page  # noqa: PLC0415
    from hydrant.report.page_content import content  # noqa: PLC0415  brings numpy and GEOS

    shapes = [*taken.units, *_shapes(settings, ground, assets, report)]
    made = content(
        found, report, assets,
        findings=taken.findings, shapes=shapes, trend=taken.trend, crs=ground.crs,
        photos=ground.photos,
    )  # fmt: skip

    def write(path: Path) -> None:
        write_page(path, made)

    return write


def _shapes(
    settings: Settings, ground: Ground, assets: Sequence[JudgedAsset], report: IntegrityReport
) -> Iterator[Shape]:
    """Water, roads with their gaps, and a boundary, as far as they are given."""
    asked = ground.asked
    if asked.roads is None and asked.boundary is None and ground.water is None:
        return
    from hydrant.exchange.ground import outlines, read_ground, waters  # noqa: PLC0415  brings GDAL
    from hydrant.report.coverage import cover  # noqa: PLC0415  as above
    from hydrant.report.page_shapes import Shape  # noqa: PLC0415  as above

    if ground.water is not None:
        found, own = waters(ground.water, ground.water_crs)
        if own is not None:
            told = ground.water.name, str(ground.water_crs), own
            settings.notes.extend(overruled_notes([told]))
        yield from (Shape("water", one) for one in found)
    if asked.boundary is not None:
        found, own = outlines(asked.boundary, asked.boundary_crs)
        if own is not None and asked.roads is None:
            told = asked.boundary.name, str(asked.boundary_crs), own
            settings.notes.extend(overruled_notes([told]))
        yield from (Shape("boundary", one) for one in found)
    if asked.roads is not None:
        read, left_out = read_ground(asked)
        settings.notes.extend(classes_note(left_out.classes))
        settings.notes.extend(overruled_notes(left_out.overruled))
        yield from (Shape("road", one) for one in read.roads)
        covered = cover(read, list(assets), report.policy)
        yield from (Shape("gap", gap.line) for gap in covered.existing.gaps)
