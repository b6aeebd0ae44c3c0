"""Assets as the script of a page reads them: columns of numbers that point into lists of words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TypedDict

from hydrant.geo import datum
from hydrant.messages import text
from hydrant.report.asset_findings import Finding, Measure, finding_of
from hydrant.report.asset_tables import asset_cells
from hydrant.report.integrity import IntegrityReport
from hydrant.report.listing import JudgedAsset
from hydrant.report.page_photos import PagePhotos
from hydrant.safe_text import printable
from hydrant.survey.form import defect_names
from hydrant.vocabulary import Condition, Language

#: Assets on one page: about 9 MB, which an office PC opens in two or three seconds.
MOST_ASSETS = 30_000
#: From the best state to the worst; what needs work is kept where not all fit.
STATES = (Condition.INTACT, Condition.STALE, Condition.UNTESTED, Condition.DEFECTIVE)
_RANK = {state: rank for rank, state in enumerate(STATES)}


def fitting(assets: Sequence[JudgedAsset], most: int = MOST_ASSETS) -> list[JudgedAsset]:
    """As many assets as a page carries, in their order; those in the best state go first."""
    if len(assets) <= most:
        return list(assets)
    ranked = sorted(range(len(assets)), key=lambda n: -_rank(assets[n]))
    return [assets[n] for n in sorted(ranked[:most])]


def _rank(asset: JudgedAsset) -> int:
    condition = asset.verdict.condition
    return -1 if condition is None else _RANK[condition]


class _Pool:
    """Words that occur often, each kept once."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}

    def __call__(self, word: Hashable) -> int:
        """Number of a word; -1 for none."""
        return -1 if word is None else self._numbers.setdefault(word, len(self._numbers))

    @property
    def words(self) -> list[Hashable]:
        """The words in the order of their numbers."""
        return list(self._numbers)


class Columns(TypedDict):
    """Assets by column, and the words that numbers in them stand for."""

    columns: dict[str, list[object]]
    pools: dict[str, list[Hashable]]


#: Columns whose words occur often.
_POOLED = (
    *("kind", "region", "reason", "faults", "since", "visited", "outcome", "flow"),
    *("owner", "maintainer", "supervisor"),
)


def columns(
    report: IntegrityReport,
    assets: Sequence[JudgedAsset],
    findings: Mapping[str, Finding],
    lang: Language,
    *,
    group: Callable[[JudgedAsset], int],
    crs: datum.Crs,
    photos: PagePhotos | None,
) -> Columns:
    """Assets by column.

    Parameters
    ----------
    group
        Number of the group that an asset counts in; -1 for none.
    crs
        System in which positions are told.
    photos
        Photos that go with the page; None where only their number is told.

    Returns
    -------
    ``columns``: lists as long as the assets; those of `_POOLED` and ``faultSets`` hold numbers
    into ``pools``, -1 for nothing. ``lon`` and ``lat`` are EPSG:4490 degrees or null.
    ``photoFiles`` holds lists of names, null for a photo that is missing; it is empty without
    photos.
    """
    pools = {name: _Pool() for name in (*_POOLED, "faultSet")}
    made: dict[str, list[object]] = {
        name: []
        for name in (
            *("code", "address", "lon", "lat", "state", "group", "static", "photos", "told"),
            *("staticSaid", "flowSaid"),
            *pools,
        )
    }
    for asset in assets:
        finding = finding_of(findings, asset)
        cells = asset_cells(report, asset, finding, lang)
        row = {name: pools[name](_said(cells[name])) for name in _POOLED}
        made["code"].append(_said(cells["code"]))
        made["address"].append(_said(asset.address))
        for name in ("lon", "lat"):
            value = cells[name]
            made[name].append(round(value, 6) if isinstance(value, float) else value)
        made["state"].append(_rank(asset))
        made["group"].append(group(asset))
        made["static"].append(None if finding.static is None else finding.static.value)
        made["photos"].append(len(finding.photos))
        made["staticSaid"].append(_measured(finding.static, cells["static"], lang))
        made["flowSaid"].append(_measured(finding.flow, cells["flow"], lang))
        for name, number in row.items():
            made[name].append(number)
        made["faultSet"].append(pools["faultSet"](_fault_names(finding, lang)))
    made["told"] = _facts_of(assets, crs)
    made["photoFiles"] = _files_of(assets, findings, photos)
    return {"columns": made, "pools": {name: pool.words for name, pool in pools.items()}}


def _files_of(
    assets: Sequence[JudgedAsset], findings: Mapping[str, Finding], photos: PagePhotos | None
) -> list[object]:
    """Names of the photos of each asset."""
    if photos is None:
        return []
    return [
        [photos.names.get(digest) for digest in finding_of(findings, asset).photos]
        for asset in assets
    ]


def _said(cell: object) -> str | None:
    """A cell as text that obeys nobody."""
    if cell is None:
        return None
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return printable(str(cell))


def _measured(measure: Measure | None, cell: object, lang: Language) -> str | None:
    """A value with the day on which it was measured."""
    if measure is None:
        return None
    value = f"{cell:.0f}" if isinstance(cell, int | float) else str(cell)
    if measure.day is None:
        return text("page.measured_undated", lang, value=value)
    return text("page.measured_on", lang, value=value, day=measure.day)


def _fault_names(finding: Finding, lang: Language) -> tuple[str, ...] | None:
    names = defect_names((fault.code for fault in finding.faults), lang)
    return tuple(map(printable, names)) or None


def _facts_of(assets: Sequence[JudgedAsset], crs: datum.Crs) -> list[object]:
    """Positions in the system that was asked for; empty where that is the registry's own."""
    if crs.name == "cgcs2000":
        return []
    digits = 6 if crs.degrees else 2
    told: list[object] = []
    for asset in assets:
        if asset.position is None:
            told.append(None)
            continue
        x, y = datum.from_registry(*asset.position, crs)
        told.append([round(float(x), digits), round(float(y), digits)])
    return told
