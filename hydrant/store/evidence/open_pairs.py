"""Pairs of assets that an entry flagged as one thing, perhaps, and nobody has decided on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from hydrant.model.geopoint import decode_point
from hydrant.model.values import Row
from hydrant.store.evidence.evidence import Cut
from hydrant.store.opened.registry import Registry
from hydrant.store.sql.state_sql import EXISTS

#: Undecided pairs that were flagged because they lie near each other, and what tells of both now.
_OPEN = """
SELECT f.distance_m, a.uid, a.code, a.region_code, a.kind, a.service, a.geom,
  b.uid, b.code, b.region_code, b.kind, b.service, b.geom
FROM duplicate_flag f JOIN asset a ON a.uid = f.asset_uid JOIN asset b ON b.uid = f.other_uid
WHERE f.state = 'open' AND f.reason <> 'same_code' AND f.recorded_at <= :known
"""
_GONE = f"""
SELECT a.uid FROM asset a WHERE a.uid IN (
  SELECT asset_uid FROM duplicate_flag WHERE state = 'open' AND reason <> 'same_code'
  UNION SELECT other_uid FROM duplicate_flag WHERE state = 'open' AND reason <> 'same_code')
AND EXISTS (SELECT 1 FROM lifecycle l WHERE l.asset_uid = a.uid) AND NOT ({EXISTS})
"""


class Flagged(NamedTuple):
    """One of a flagged pair; lon and lat in degrees."""

    uid: str
    code: str | None
    region: str | None
    kind: str
    service: str
    place: tuple[float, float]


class OpenPair(NamedTuple):
    """Two existing assets that an entry flagged as near each other, and nobody decided on."""

    one: Flagged
    other: Flagged
    flagged_m: float


def open_pairs(registry: Registry, cut: Cut) -> Iterator[OpenPair]:
    """Pairs that were flagged as near each other and are undecided, where both exist at a cut."""
    bound = {"end": cut.end, "known": cut.known}
    found = registry.connection.execute(_OPEN, bound).fetchall()
    gone = {uid for (uid,) in registry.connection.execute(_GONE, bound)} if found else set()
    for metres, *row in found:
        one, other = _flagged(tuple(row[:6])), _flagged(tuple(row[6:]))
        if one is not None and other is not None and gone.isdisjoint((one.uid, other.uid)):
            yield OpenPair(one, other, metres or 0.0)


def _flagged(row: Row) -> Flagged | None:
    """One of a pair; None where it has no place."""
    uid, code, region, kind, service, geom = row
    place = decode_point(geom)
    return None if place is None else Flagged(uid, code, region, kind, service, place)
