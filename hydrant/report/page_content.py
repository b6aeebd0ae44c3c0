"""All that a page shows, put together from figures, assets and what the map is given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from hydrant.geo import datum
from hydrant.integrity.rates import PARTIAL
from hydrant.messages import label, text
from hydrant.report.asset_findings import Finding
from hydrant.report.document import Document, percent
from hydrant.report.grouping import Group, Place, key_by
from hydrant.report.integrity import IntegrityReport
from hydrant.report.integrity_json import group_name
from hydrant.report.listing import JudgedAsset, shortfalls
from hydrant.report.page_assets import STATES, columns, fitting
from hydrant.report.page_datum import grid
from hydrant.report.page_photos import PagePhotos
from hydrant.report.page_shapes import Drawn, Shape, drawn
from hydrant.report.remarks import numbers_lacking
from hydrant.report.trend_picture import Point
from hydrant.report.wording import marked
from hydrant.safe_text import printable
from hydrant.vocabulary import Condition, Language

#: Systems by the names that people know.
_SYSTEMS = {"cgcs2000": "CGCS2000", "wgs84": "WGS 84", "gcj02": "GCJ-02", "bd09": "BD-09"}


@dataclass(frozen=True, slots=True)
class Missing:
    """How many of one kind are missing to 100 %, by the work that they take."""

    kind: str
    build: int
    repair: int
    verify: int

    @property
    def works(self) -> tuple[int, int, int]:
        """The three numbers, in the order in which they are told."""
        return self.build, self.repair, self.verify


@dataclass(frozen=True, slots=True)
class Content:
    """What a page shows beside the document.

    Attributes
    ----------
    missing
        By kind; ``build`` of the whole is None where no number is stated at all.
    groups
        Units as the script reads them, in the order of the document's table.
    need_groups
        Number of the group of each row of the shortfall table; -1 for none.
    data
        What the script reads.
    carried
        How many assets it holds.
    remarks
        What was left out of the page.
    """

    found: Document
    missing: tuple[Missing, ...]
    build: int | None
    lacking: str | None
    need_groups: tuple[int, ...]
    trend: Sequence[Point]
    data: Mapping[str, object]
    carried: int
    remarks: tuple[str, ...]


def content(
    found: Document,
    report: IntegrityReport,
    assets: Sequence[JudgedAsset],
    *,
    findings: Mapping[str, Finding],
    shapes: Iterable[Shape],
    trend: Sequence[Point],
    crs: datum.Crs,
    photos: PagePhotos | None = None,
) -> Content:
    """Put a page's content together.

    Parameters
    ----------
    found
        The report, worded.
    assets
        Those behind the figures.
    crs
        System in which the map reads positions out.
    photos
        Photos that go with the page; None where only their number is told.

    Raises
    ------
    InputRefused
        Positions cannot be told in that system.
    """
    lang = found.lang
    kept = fitting(assets)
    lines = drawn(named(shapes, report, lang))
    numbers = {group.key: n for n, group in enumerate(report.groups) if not group.beyond}
    of_place = key_by(report.by, report.tree)

    def group_of(asset: JudgedAsset) -> int:
        code = report.tree.resolve(asset.region)
        value = asset.fields.get(report.by)
        return numbers.get(of_place((code, asset.kind, asset.service, value)), -1)

    data: dict[str, object] = {
        **columns(report, kept, findings, lang, group=group_of, crs=crs, photos=photos),
        "states": [str(state) for state in STATES],
        "groups": [_group(report, group, lang) for group in report.groups],
        "shapes": list(lines.shapes),
        "datum": _SYSTEMS.get(crs.name, crs.stored),
        "grid": None,
        "photoFolder": None if photos is None else photos.folder.name,
        "words": {},
    }
    box = _box(kept, lines)
    if box is not None:
        data["grid"] = grid(crs, box)
    lacking = numbers_lacking(report)
    return Content(
        found,
        tuple(_missing(report, assets)),
        _to_build(report),
        text("page.lacking", lang, count=lacking) if lacking else None,
        tuple(
            _need_group(
                report,
                (row["region"], row["kind"], row["service"], row["beyond"]),
                numbers,
                of_place,
            )
            for row in shortfalls(report)
        ),
        trend,
        data,
        len(kept),
        (*_left_out(len(assets), len(kept), lines, lang), *_gone(photos, lang)),
    )


def named(shapes: Iterable[Shape], report: IntegrityReport, lang: Language) -> Iterable[Shape]:
    """Shapes with the names of the units that they outline."""
    for shape in shapes:
        if shape.key is None:
            yield shape
        else:
            name = printable(report.tree.name(shape.key, lang))
            yield Shape(shape.style, shape.geometry, shape.key, name)


def _box(assets: Sequence[JudgedAsset], lines: Drawn) -> tuple[float, float, float, float] | None:
    """West, south, east and north of what the map shows."""
    places = [asset.position for asset in assets if asset.position is not None]
    labels = [shape["label"] for shape in lines.shapes if "label" in shape]
    places += [(lon, lat) for lon, lat in labels]
    if not places:
        return None
    lons, lats = [lon for lon, _ in places], [lat for _, lat in places]
    return min(lons), min(lats), max(lons), max(lats)


def _group(report: IntegrityReport, group: Group, lang: Language) -> dict[str, object]:
    """A unit's figures as the script shows them."""
    order, found = group.working_order, group.completeness
    unknown = text("document.unknown", lang)

    def printed(rate: float | None) -> str:
        return unknown if rate is None else percent(rate)

    built: dict[str, object] | None = None
    if found is not None:
        counts = {"required": found.required, "built": found.built, "shortfall": found.shortfall}
        lines = [text("document.completeness_counts", lang, **counts)] if found.required else []
        if found.units_without_requirement:
            count = found.units_without_requirement
            lines.append(text("document.units_without", lang, count=count))
        if found.is_partial:
            lines.append(text("document.partial", lang))
        rate = "–" if found.requires_nothing else printed(marked(found))
        lacks = not found.is_stated
        built = {
            "rate": rate,
            "met": found.met,
            "lines": lines,
            "mark": f" {PARTIAL}" if lacks else "",
            **counts,
        }
    counts_of = {
        name: getattr(order, name)
        for name in ("existing", "intact", "stale", "untested", "defective")
    }
    lines = [
        text("document.order_counts", lang, **counts_of),
        text("document.range", lang, low=printed(order.low), high=printed(order.high)),
    ]
    return {
        "key": None if group.key is None else printable(group.key),
        "name": printable(group_name(report, group, lang) or text("document.word_none", lang)),
        "built": built,
        "order": {"rate": printed(order.percent), "lines": lines, **counts_of},
    }


def _missing(report: IntegrityReport, assets: Iterable[JudgedAsset]) -> Iterable[Missing]:
    """What is missing by kind, in the words of the figures."""
    counts: dict[str, Counter[str]] = {}
    for need in shortfalls(report):
        counts.setdefault(need["kind"], Counter())["build"] += need["shortfall"]
    for asset in assets:
        condition = asset.verdict.condition
        if condition is not Condition.INTACT:
            work = "repair" if condition is Condition.DEFECTIVE else "verify"
            counts.setdefault(asset.kind, Counter())[work] += 1
    for kind in sorted(counts):
        found = counts[kind]
        yield Missing(kind, found["build"], found["repair"], found["verify"])


def _to_build(report: IntegrityReport) -> int | None:
    """How many are to be built; None where nobody stated how many are required."""
    found = report.total.completeness
    if found is None or not found.needs:
        return None
    return found.shortfall


def _need_group(
    report: IntegrityReport,
    need: tuple[str, str, str | None, bool],
    numbers: Mapping[str | None, int],
    of_place: Callable[[Place], str | None],
) -> int:
    region, kind, service, beyond = need
    if beyond:
        return -1
    key = of_place((report.tree.resolve(region), kind, service or "", None))
    return -1 if key is None else numbers.get(key, -1)


def _left_out(every: int, kept: int, lines: Drawn, lang: Language) -> Iterable[str]:
    if kept < every:
        yield text("page.assets_left_out", lang, count=every - kept, all=every)
    for style, count in lines.left_out.items():
        what = text(f"page.line_{style}", lang)
        yield text("page.shapes_left_out", lang, what=what, count=count)


def _gone(photos: PagePhotos | None, lang: Language) -> Iterable[str]:
    """Photos that visits name and the registry does not have."""
    if photos is not None and photos.missing:
        yield text("page.photos_missing", lang, count=photos.missing)


def kind_name(kind: str, lang: Language) -> str:
    """A kind as people call it."""
    return label("kind", kind, lang)
