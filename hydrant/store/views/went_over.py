"""Assets that a sender says went to where another one speaks, and whether that one has them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from hydrant.geo.distance import distance_bearing
from hydrant.model.geopoint import decode_point
from hydrant.model.values import Row
from hydrant.store.opened.registry import Registry
from hydrant.vocabulary import family_of

#: Farther apart, two assets of one code are not taken for one thing.
SAME_THING_M = 100.0
_LIKE = """
SELECT a.uid, a.code, a.kind, a.geom FROM asset a
WHERE a.code IN (SELECT value FROM json_each(:codes))
  OR a.uid IN (SELECT value FROM json_each(:uids)) ORDER BY a.fid
"""
_SAID = (
    "SELECT external_key FROM source_record WHERE source LIKE 'package:%:' || ? "
    "AND external_key IN (SELECT value FROM json_each(?))"
)


class Went(NamedTuple):
    """An asset as its former registry has it, and how many of its rows were refused."""

    uid: str
    code: str | None
    family: str
    lon: float | None
    lat: float | None
    region: str | None
    rows: int


def not_brought(registry: Registry, key: str, went: Iterable[Went]) -> list[Went]:
    """Of assets that went over those of which nothing stands here.

    One is here where another registry or this level has it under the same key, or an asset of the
    same plate and family within 100 m, as in two registers.

    Parameters
    ----------
    key
        The registry that says so: what came from it is no other's.
    """
    every = list(went)
    if not every:
        return []
    ask = registry.connection.execute
    bound = {
        "codes": json.dumps(sorted({one.code for one in every if one.code})),
        "uids": json.dumps([one.uid for one in every]),
    }
    found = ask(_LIKE, bound).fetchall()
    keys = json.dumps([f"asset/{uid}" for uid, *_ in found])
    own = {said.removeprefix("asset/") for (said,) in ask(_SAID, (key, keys))}
    uids, by_code = set[str](), defaultdict[str, list[Row]](list)
    for uid, code, kind, geom in found:
        if uid not in own:
            uids.add(uid)
            by_code[code or ""].append((kind, geom))
    return [
        one for one in every
        if one.uid not in uids
        and not any(_is_one(one, *other) for other in by_code.get(one.code or "-", ()))
    ]  # fmt: skip


def _is_one(went: Went, kind: str, geom: bytes | None) -> bool:
    place = decode_point(geom)
    if place is None or went.lon is None or went.lat is None:
        return False
    near = distance_bearing(went.lon, went.lat, *place)[0] <= SAME_THING_M
    return near and family_of(kind) == went.family
