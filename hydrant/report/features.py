"""The assets behind the figures as GeoJSON (RFC 7946)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from hydrant import times
from hydrant.messages import label, text
from hydrant.report.integrity import IntegrityReport
from hydrant.report.listing import JudgedAsset
from hydrant.report.remarks import cautions
from hydrant.vocabulary import Language


def write_features(
    path: Path, report: IntegrityReport, assets: Sequence[JudgedAsset], lang: Language
) -> None:
    """Write one feature for every asset; those without a position have a null geometry.

    Raises
    ------
    OSError
        It cannot be written.
    """
    features = [_feature(report, asset, lang) for asset in assets]
    collection = {
        "type": "FeatureCollection",
        "as_of": report.as_of.isoformat(),
        "ahead": report.ahead,
        "known_at": None if report.known_at is None else times.to_text(report.known_at),
        "policy": f"{report.policy.name} {report.policy.version}",
        "readings": report.readings,
        "remarks": list(cautions(report, lang)),
        "features": features,
    }
    path.write_text(json.dumps(collection, ensure_ascii=False) + "\n", encoding="utf-8")


def _feature(report: IntegrityReport, asset: JudgedAsset, lang: Language) -> dict[str, object]:
    geometry = None
    if asset.position is not None:
        geometry = {"type": "Point", "coordinates": list(asset.position)}
    region = None if asset.region is None else report.tree.name(asset.region, lang)
    condition = str(asset.verdict.condition)
    return {
        "type": "Feature",
        "id": asset.uid,
        "geometry": geometry,
        "properties": {
            "code": asset.code,
            "name": asset.name,
            "address": asset.address,
            "kind": asset.kind,
            "kind_name": label("kind", asset.kind, lang),
            "region": asset.region,
            "region_name": region,
            "condition": condition,
            "condition_name": label("condition", condition, lang),
            "reason": asset.verdict.reason,
            "reason_text": text(f"integrity.reason_{asset.verdict.reason}", lang),
            **asset.fields,
        },
    }
