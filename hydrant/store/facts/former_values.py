"""What was on record of assets before somebody changed or corrected it."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from hydrant.store.opened.registry import Registry

_FORMER = """
SELECT entity_uid, before FROM change
WHERE entity_uid IN (SELECT value FROM json_each(:uids)) AND entity = 'asset' AND action = 'update'
ORDER BY entity_uid, fid
"""


def former_values(registry: Registry, uids: Collection[str]) -> dict[str, dict[str, list[Any]]]:
    """Values that columns of assets had and have no more, by uid and column, as the log has them.

    A position is ``geom``, a list of lon and lat. An asset that nobody changed is left out; a
    value may be on record again.
    """
    found: dict[str, dict[str, list[Any]]] = {}
    if not uids:
        return found
    bound = {"uids": json.dumps(sorted(uids))}
    for uid, before in registry.connection.execute(_FORMER, bound):
        columns = found.setdefault(uid, {})
        for name, value in json.loads(before or "{}").items():
            columns.setdefault(name, []).append(value)
    return found
