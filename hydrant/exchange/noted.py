"""Remarks of our own export that say otherwise than the good state beside them.

Somebody who knew the remark may have recorded the state: what stands on record so, word for word,
is no news. Any other such remark was written into the file, and is refused as in every file.
"""

from __future__ import annotations

from collections.abc import Sequence

from hydrant.exchange.contradicting import refuse
from hydrant.exchange.matching import Matches
from hydrant.exchange.rows import ReadRows
from hydrant.model.tables import Asset
from hydrant.store.facts.assets import assets_by_uid
from hydrant.store.facts.visits import Visit, last_found_working, visits_of
from hydrant.store.opened.registry import Registry
from hydrant.vocabulary import Outcome


def refuse_noted(registry: Registry, rows: ReadRows, matches: Matches) -> dict[int, str]:
    """Refuse rows of known assets with such a remark that does not stand on record.

    Returns
    -------
    dict
        Rows of assets that are new here, whose state was recorded elsewhere beside that remark,
        and its column.
    """
    open_ = {*rows.kept} - rows.problems.keys()
    noted = [(row, of) for row, of in rows.weighed.noted if row in open_]
    uids = {matches.assets[row] for row, _ in noted if row in matches.assets}
    assets, visits = assets_by_uid(registry, uids), visits_of(registry, uids)
    elsewhere = {}
    for row, column in noted:
        cell, uid = rows.table.columns[column][row], matches.assets.get(row)
        if uid is None or row in matches.merged:
            elsewhere[row] = column
        elif not _stands(cell.strip(), assets[uid], visits.get(uid, ())):
            refuse(rows.problems, row, "outcome", column, cell)
    return elsewhere


def _stands(remark: str, asset: Asset, visits: Sequence[Visit]) -> bool:
    """Whether a remark stands on record beside a visit that found that the asset works."""
    works = [v for v in visits if not v.withdrawn and v.values["outcome"] == Outcome.WORKS]
    if any(visit.values["note"] == remark for visit in works):
        return True
    return last_found_working(visits) and remark in (asset.note, asset.name)
