"""Tables that name assets: those of one class, and all behind the figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hydrant.messages import label, text
from hydrant.report.asset_findings import (
    Finding,
    faults_text,
    finding_of,
    flow_text,
    outcome_text,
)
from hydrant.report.document import Cell, Column, Form, Table
from hydrant.report.integrity import IntegrityReport
from hydrant.report.listing import JudgedAsset
from hydrant.vocabulary import Condition, Language

#: Columns that are no text.
_FORMS = {
    "since": Form.DATE,
    "visited": Form.DATE,
    "static": Form.MEASURE,
    "photos": Form.COUNT,
    "lon": Form.DEGREES,
    "lat": Form.DEGREES,
}
_WHAT = ("code", "kind", "region", "address")
_FOUND = ("faults", "since", "visited", "outcome", "static", "flow", "photos")
#: Columns of the lists of one class, and of the list of all.
LISTED = (*_WHAT, "reason", *_FOUND, "maintainer")
ALL = (
    *_WHAT, "condition", "reason", *_FOUND,
    *("owner", "maintainer", "supervisor"), *("lon", "lat"),
)  # fmt: skip


def class_table(
    name: str,
    report: IntegrityReport,
    assets: Sequence[JudgedAsset],
    findings: Mapping[str, Finding],
    lang: Language,
) -> Table:
    """Assets of one class with the reason, and what was last found at them."""
    return _table(name, LISTED, report, assets, findings, lang)


def asset_table(
    report: IntegrityReport,
    assets: Sequence[JudgedAsset],
    findings: Mapping[str, Finding],
    lang: Language,
) -> Table:
    """Every asset behind the figures."""
    return _table("assets", ALL, report, assets, findings, lang)


def _table(
    name: str,
    columns: Sequence[str],
    report: IntegrityReport,
    assets: Sequence[JudgedAsset],
    findings: Mapping[str, Finding],
    lang: Language,
) -> Table:
    rows = []
    for asset in assets:
        cells = asset_cells(report, asset, finding_of(findings, asset), lang)
        rows.append(tuple(cells[column] for column in columns))
    heads = tuple(
        Column(text(f"document.column_{column}", lang), _FORMS.get(column, Form.TEXT))
        for column in columns
    )
    return Table(name, text(f"document.table_{name}", lang), heads, tuple(rows))


def asset_cells(
    report: IntegrityReport, asset: JudgedAsset, finding: Finding, lang: Language
) -> dict[str, Cell]:
    """What lists say of an asset, by column."""
    verdict = asset.verdict
    lon, lat = asset.position or (None, None)
    defective = verdict.condition is Condition.DEFECTIVE
    return {
        "code": asset.code or asset.uid,
        "kind": label("kind", asset.kind, lang),
        "region": None if asset.region is None else report.tree.name(asset.region, lang),
        "address": asset.address,
        "condition": label("condition", str(verdict.condition), lang),
        "reason": text(f"integrity.reason_{verdict.reason}", lang),
        "faults": faults_text(finding, lang),
        "since": finding.since(verdict.reason) if defective else None,
        "visited": finding.visited,
        "outcome": outcome_text(finding, lang),
        "static": None if finding.static is None else finding.static.value,
        "flow": flow_text(finding, lang),
        "photos": len(finding.photos) or None,
        "owner": asset.fields["owner"],
        "maintainer": asset.fields["maintainer"],
        "supervisor": asset.fields["supervisor"],
        "lon": lon,
        "lat": lat,
    }
