"""What of an asset's history is easily overlooked beside its class, at a date."""

from __future__ import annotations

from typing import NamedTuple

from hydrant.store.evidence.evidence import Cut
from hydrant.store.evidence.known import as_known
from hydrant.store.opened.registry import Registry
from hydrant.store.sql.state_sql import SINCE_MOVE, before, counted

_VISITS = f"FROM inspection i WHERE i.asset_uid = a.uid AND {counted('i')}"
_BUILT = f"""
(SELECT CASE WHEN count(*) = 1 THEN max(l.at) END FROM lifecycle l WHERE l.asset_uid = a.uid
 AND l.event = 'commissioned' AND l.confirmed AND {before("l")} AND {counted("l")})
"""
_ASKED = f"""
SELECT {SINCE_MOVE},
  EXISTS (SELECT 1 {_VISITS} AND i.outcome IN ('works', 'fails', 'not_found')
    AND i.effective_at < {SINCE_MOVE}),
  EXISTS (SELECT 1 {_VISITS} AND i.outcome = 'works' AND i.at IS NULL),
  {_BUILT},
  (SELECT min(i.at) {_VISITS} AND i.at < {_BUILT})
FROM asset a WHERE a.uid = :uid
"""


class Overlooked(NamedTuple):
    """What nobody sees from the class alone; moments are stored text.

    Attributes
    ----------
    moved
        When it was last moved; empty for never.
    before_move
        Whether a decisive visit lies before that.
    undated
        Whether it worked at a visit of which nobody knows when it was.
    built
        When it was commissioned, where that was once.
    visited_before
        The first visit older than that; None for none.
    """

    moved: str
    before_move: bool
    undated: bool
    built: str | None
    visited_before: str | None


def overlooked(registry: Registry, cut: Cut, uid: str) -> Overlooked:
    """What is easily overlooked of an asset that is on record."""
    bound = {"end": cut.end, "known": cut.known, "uid": uid}
    with as_known(registry, cut):
        row = registry.connection.execute(_ASKED, bound).fetchone()
    if row is None:  # it was not known yet
        return Overlooked("", before_move=False, undated=False, built=None, visited_before=None)
    moved, before_move, undated, built, visited = row
    return Overlooked(moved, bool(before_move), bool(undated), built, visited)
