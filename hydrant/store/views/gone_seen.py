"""Assets that were seen working after they are recorded as removed: one of the two is wrong."""

from __future__ import annotations

from hydrant.store.opened.registry import Registry

_SEEN = """
SELECT DISTINCT a.uid, coalesce(a.code, a.uid) FROM asset a
JOIN lifecycle l ON l.asset_uid = a.uid AND l.event = 'removed' AND l.confirmed
  AND l.withdrawn_at IS NULL
JOIN inspection i ON i.asset_uid = a.uid AND i.outcome = 'works' AND i.withdrawn_at IS NULL
  AND i.at > l.at
WHERE NOT EXISTS (SELECT 1 FROM lifecycle n WHERE n.asset_uid = a.uid AND n.confirmed
  AND n.withdrawn_at IS NULL AND n.event <> 'removed' AND n.at >= l.at)
ORDER BY 2
"""


def seen_after_removal(registry: Registry) -> dict[str, str]:
    """Keys and plates of assets that worked at a visit after their last removal."""
    return dict(registry.connection.execute(_SEEN).fetchall())
