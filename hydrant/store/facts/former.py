"""What was on record of assets before: their places since the last move, and their values.

What was seen of an asset was seen where it stood then. A position that is shifted by a little
stays the same spot; shifted again and again by a little it does not. So a shift is held against
every place since the last move, not only against the last.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from hydrant import times
from hydrant.store.opened.registry import Registry

#: A move that was withdrawn counts here: somebody said of that place that it is the same spot.
_PLACES = """
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
    for uid, lon, lat in registry.connection.execute(_PLACES, bound):
        found.setdefault(uid, []).append((lon, lat))
    return found


_VALUES = """
SELECT entity_uid, before, origin FROM change
WHERE entity_uid IN (SELECT value FROM json_each(:uids)) AND entity = :entity AND action = 'update'
ORDER BY entity_uid, fid
"""


def former_values(
    registry: Registry, uids: Collection[str], *, by_hand: bool, entity: str = "asset"
) -> dict[str, dict[str, list[object]]]:
    """Values that columns of rows had and have no more, by uid and column, as the log has them.

    A position is ``geom``, a list of lon and lat. A row that nobody changed is left out; a
    value may be on record again.

    Parameters
    ----------
    entity
        Table of the rows.
    by_hand
        Whether only what somebody changed counts, and not what a file that was imported did.
    """
    found: dict[str, dict[str, list[object]]] = {}
    if not uids:
        return found
    bound = {"uids": json.dumps(sorted(uids)), "entity": entity}
    for uid, before, origin in registry.connection.execute(_VALUES, bound):
        if by_hand and origin.startswith("import "):
            continue
        columns = found.setdefault(uid, {})
        for name, value in json.loads(before or "{}").items():
            columns.setdefault(name, []).append(value)
    return found


@dataclass(frozen=True, slots=True)
class Written:
    """How a column of a row got its value.

    Attributes
    ----------
    origin
        The command that wrote it.
    inserted
        Whether the row was made with it.
    before
        What it was before, as stored.
    """

    origin: str
    inserted: bool
    before: object


_LAST_WRITTEN = """
SELECT origin, action, before, after FROM change
WHERE entity_uid = ? AND entity = ? AND action IN ('insert', 'update') ORDER BY fid DESC
"""


def last_written(registry: Registry, uid: str, entity: str, column: str) -> Written | None:
    """How a column of a row got the value that it has, as the log says; None where it does not."""
    for origin, action, before, after in registry.connection.execute(_LAST_WRITTEN, (uid, entity)):
        inserted = action == "insert"
        if inserted or column in json.loads(after or "{}"):
            return Written(origin, inserted, json.loads(before or "{}").get(column))
    return None
