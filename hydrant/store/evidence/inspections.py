"""Inspections: which one stands there already, and which was the last."""

from __future__ import annotations

from typing import NamedTuple

from sqlmodel import col, select

from hydrant.model.tables import Asset, Inspection
from hydrant.store.evidence.evidence import Cut
from hydrant.store.opened.registry import Registry
from hydrant.store.sql.state_sql import OPEN_DEFECT, last_decisive


def same_inspection(
    registry: Registry, asset: Asset, values: dict[str, object]
) -> Inspection | None:
    """An inspection of the asset that says exactly the same, and still counts."""
    found = registry.session.exec(
        select(Inspection).where(
            Inspection.asset_uid == asset.uid,
            Inspection.at == values["at"],
            col(Inspection.withdrawn_at).is_(None),
        )
    )
    return next(
        (row for row in found if all(getattr(row, name) == v for name, v in values.items())), None
    )


_LAST = f"""
SELECT a.uid, {last_decisive("i.effective_at || ' ' || i.outcome")},
  (SELECT count(*) FROM defect d WHERE d.asset_uid = a.uid AND {OPEN_DEFECT})
FROM asset a
"""


class LastVisit(NamedTuple):
    """What the last decisive visit since the last move found.

    Attributes
    ----------
    at
        When it was, stored text; None for never or undated.
    outcome
        What it found; None for never.
    open_defects
        Confirmed defects that are open.
    """

    at: str | None
    outcome: str | None
    open_defects: int


def last_visits(registry: Registry, cut: Cut) -> dict[str, LastVisit]:
    """Last visit of every asset at a date, by uid."""
    found = {}
    rows = registry.connection.execute(_LAST, {"end": cut.end, "known": cut.known})
    for uid, last, defects in rows:
        at, _, outcome = (last or " ").partition(" ")
        found[uid] = LastVisit(at or None, outcome or None, defects)
    return found
