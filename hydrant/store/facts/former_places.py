"""Where assets stood since they were last moved: what was seen of them was seen there.

A position that is shifted by a little stays the same spot; shifted again and again by a little it
does not. So a shift is held against every place since the last move, not only against the last.
"""

from __future__ import annotations

import json
from collections.abc import Collection

from hydrant import times
from hydrant.store.opened.registry import Registry

#: A move that was withdrawn counts here: somebody said of that place that it is the same spot.
_FORMER = """
SELECT v.asset_uid, v.lon, v.lat FROM asset_version v JOIN asset a ON a.uid = v.asset_uid
WHERE v.asset_uid IN (SELECT value FROM json_each(:uids))
  AND v.lon IS NOT NULL AND v.lat IS NOT NULL AND v.valid_until <= a.valid_from
  AND v.valid_until > coalesce((SELECT max(m.at) FROM lifecycle m WHERE m.asset_uid = v.asset_uid
    AND m.event = 'relocated' AND m.confirmed AND m.at <= :now), '')
ORDER BY v.asset_uid, v.valid_until
"""


def former_places(
    registry: Registry, uids: Collection[str]
) -> dict[str, list[tuple[float, float]]]:
    """Lon and lat in the former rows of assets since the last move of each, by uid.

    An asset without such rows is left out; its present row is not among them.
    """
    found: dict[str, list[tuple[float, float]]] = {}
    if not uids:
        return found
    bound = {"uids": json.dumps(sorted(uids)), "now": times.to_text(times.now())}
    for uid, lon, lat in registry.connection.execute(_FORMER, bound):
        found.setdefault(uid, []).append((lon, lat))
    return found
