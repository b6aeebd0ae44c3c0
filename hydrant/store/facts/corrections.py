"""What the audit log tells of corrected facts, and of assets that became part of another."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import col, select

from hydrant import times
from hydrant.model.tables import Asset, AssetAlias
from hydrant.model.values import Record
from hydrant.store.opened.registry import Registry

_CORRECTED = """
SELECT at, actor, entity, entity_uid, before, after FROM change WHERE action = 'update'
  AND entity IN ('inspection', 'defect', 'lifecycle')
  AND entity_uid IN (SELECT value FROM json_each(?)) ORDER BY fid
"""
#: The last words of rows that a union took out, which are as old as the alias it left.
_LOST = """
SELECT entity, before FROM change WHERE action = 'delete' AND at = ?
  AND entity IN ('asset', 'asset_version') ORDER BY fid
"""


@dataclass(frozen=True, slots=True)
class Correction:
    """A fact that was changed after it was recorded; stored values by column."""

    at: str
    by: str
    entity: str
    uid: str
    before: dict[str, object]
    after: dict[str, object]


@dataclass(frozen=True, slots=True)
class Union:
    """An asset that became part of another.

    Attributes
    ----------
    row
        What it said last, by column; empty where the log does not tell.
    versions
        Its former rows.
    """

    alias: AssetAlias
    row: Record
    versions: list[Record]


def corrections_of(registry: Registry, uids: Collection[str]) -> list[Correction]:
    """Changes of facts since they were recorded, the oldest first."""
    found = registry.connection.execute(_CORRECTED, (json.dumps(sorted(uids)),)).fetchall()
    return [
        Correction(at, by, entity, uid, json.loads(before or "{}"), json.loads(after or "{}"))
        for at, by, entity, uid, before, after in found
    ]


def unions_of(registry: Registry, asset: Asset) -> list[Union]:
    """Assets that became part of this one, the earliest first."""
    query = select(AssetAlias).where(AssetAlias.asset_uid == asset.uid)
    aliases = registry.session.exec(query.order_by(col(AssetAlias.recorded_at))).all()
    return [_union(registry, alias) for alias in aliases]


def _union(registry: Registry, alias: AssetAlias) -> Union:
    lost = registry.connection.execute(_LOST, (times.to_text(alias.recorded_at),)).fetchall()
    told: list[tuple[str, dict[str, object]]] = [
        (entity, json.loads(text)) for entity, text in lost
    ]
    former = alias.former_uid
    row = next((row for entity, row in told if entity == "asset" and row["uid"] == former), {})
    versions = [
        row for entity, row in told if entity == "asset_version" and row["asset_uid"] == former
    ]
    return Union(alias, row, versions)
