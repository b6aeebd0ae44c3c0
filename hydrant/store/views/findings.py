"""What was last found at assets: the visit that decides, the last measurements, the photos."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

from hydrant.store.evidence.evidence import Cut
from hydrant.store.opened.registry import Registry
from hydrant.store.sql.state_sql import SINCE, last_decisive, last_flow, visits

_LAST_STATIC = visits(
    "i.fid", where="i.static_kpa IS NOT NULL", since=SINCE, worst="i.static_kpa, i.fid DESC"
)
_LAST_PHOTOS = visits(
    "i.fid", where="i.photos IS NOT NULL", since=SINCE, worst="i.fid DESC"
)  # fmt: skip
_FOUND = f"""
SELECT a.uid, v.effective_at, v.outcome, s.static_kpa, s.effective_at,
  f.flow_l_s, f.residual_kpa, f.effective_at, p.photos
FROM asset a
LEFT JOIN inspection v ON v.fid = {last_decisive("i.fid")}
LEFT JOIN inspection s ON s.fid = {_LAST_STATIC}
LEFT JOIN inspection f ON f.fid = {last_flow("i.fid")}
LEFT JOIN inspection p ON p.fid = {_LAST_PHOTOS}
WHERE a.uid IN (SELECT value FROM json_each(:wanted))
"""


class Found(NamedTuple):
    """What the last visits since the last move found at one asset.

    Attributes
    ----------
    visited_at, outcome
        The last decisive visit; stored text, empty where its day is not known. None for none.
    static_kpa, static_at
        Last static pressure at the outlet, gauge, and when it was measured, as above.
    flow_l_s, residual_kpa, flow_at
        Last flow, L/s, the pressure at which it was measured, and when.
    photos
        SHA-256 of the photos of the last visit that has any; None for none.
    """

    uid: str
    visited_at: str | None
    outcome: str | None
    static_kpa: float | None
    static_at: str | None
    flow_l_s: float | None
    residual_kpa: float | None
    flow_at: str | None
    photos: str | None


def last_found(registry: Registry, cut: Cut, uids: Iterable[str]) -> dict[str, Found]:
    """What was last found at some assets by a cut, by uid."""
    bound = {"wanted": json.dumps(list(uids)), "end": cut.end, "known": cut.known}
    return {row[0]: Found(*row) for row in registry.connection.execute(_FOUND, bound)}
