"""What is on record of how assets began."""

from __future__ import annotations

import json
from collections.abc import Collection

from hydrant.store.opened.registry import Registry

#: What is told of a commissioning beside that it was; its day under ``built``.
STATED = ("built", "project", "consent", "funding", "cost")
_COMMISSIONED = """
SELECT asset_uid, at, project, consent, funding, cost FROM lifecycle
WHERE event = 'commissioned' AND withdrawn_at IS NULL
  AND asset_uid IN (SELECT value FROM json_each(?)) ORDER BY fid
"""


def commissionings(
    registry: Registry, assets: Collection[str]
) -> dict[str, list[dict[str, object]]]:
    """Commissionings on record by the asset's uid; days as stored text."""
    found: dict[str, list[dict[str, object]]] = {}
    if not assets:
        return found
    for uid, *told in registry.connection.execute(_COMMISSIONED, (json.dumps(sorted(assets)),)):
        found.setdefault(uid, []).append(dict(zip(STATED, told, strict=True)))
    return found
