"""Inspections: which one stands there already, and which assets are due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from hydrant.model.geopoint import decode_point
from hydrant.model.tables import Asset, Inspection
from hydrant.store.registry import Registry
from hydrant.store.writer import Writer


def same_inspection(writer: Writer, asset: Asset, values: dict[str, Any]) -> Inspection | None:
    """An inspection of the asset that says exactly the same, and still counts."""
    found = writer.session.exec(
        select(Inspection).where(
            Inspection.asset_uid == asset.uid,
            Inspection.at == values["at"],
            col(Inspection.withdrawn_at).is_(None),
        )
    )
    return next(
        (row for row in found if all(getattr(row, name) == v for name, v in values.items())), None
    )


@dataclass(frozen=True, slots=True)
class DueAsset:
    """An asset to be visited.

    Attributes
    ----------
    last
        When it was last decisively inspected, stored text; None for never or undated.
    outcome
        What that visit found.
    position
        Lon and lat, degrees.
    """

    uid: str
    code: str | None
    kind: str
    region: str | None
    address: str | None
    last: str | None
    outcome: str | None
    open_defects: int
    position: tuple[float, float] | None


_DUE = """
SELECT a.uid, a.code, a.kind, a.region_code, a.address, a.geom,
  (SELECT i.effective_at || ' ' || i.outcome FROM inspection i WHERE i.asset_uid = a.uid
     AND i.outcome IN ('works', 'fails', 'not_found') ORDER BY i.effective_at DESC LIMIT 1),
  (SELECT count(*) FROM defect d WHERE d.asset_uid = a.uid AND d.cleared_at IS NULL)
FROM asset a
WHERE coalesce((SELECT l.event FROM lifecycle l WHERE l.asset_uid = a.uid AND l.confirmed
    AND l.event <> 'relocated' AND (l.at IS NULL OR l.at <= :now)
    ORDER BY l.at DESC, l.fid DESC LIMIT 1), 'commissioned')
  NOT IN ('planned', 'under_construction', 'removed')
"""


def due_assets(
    registry: Registry, *, now: str, fresh_from: str, uids: Sequence[str] | None = None
) -> list[DueAsset]:
    """Existing assets whose last decisive visit is older than `fresh_from` or missing.

    Those that never had one come first, then the oldest.

    Parameters
    ----------
    now, fresh_from
        Stored text of moments.
    uids
        Assets to look at; None looks at all.
    """
    wanted = None if uids is None else set(uids)
    found = []
    for uid, code, of_kind, region, address, geom, last, defects in registry.connection.execute(
        _DUE, {"now": now}
    ):
        if wanted is not None and uid not in wanted:
            continue
        at, _, outcome = (last or " ").partition(" ")
        if at >= fresh_from and outcome == "works":
            continue
        point = decode_point(geom)
        found.append(
            DueAsset(
                uid, code, of_kind, region, address, at or None, outcome or None, defects, point
            )
        )
    return sorted(found, key=lambda asset: (asset.last or "", asset.code or "", asset.uid))
