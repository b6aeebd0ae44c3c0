"""What of an asset's history is easily overlooked beside its class, at a date."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from hydrant.store.evidence.evidence import Cut
from hydrant.store.evidence.known import as_known
from hydrant.store.opened.registry import Registry
from hydrant.store.sql.state_sql import SINCE, before, counted

_VISITS = f"FROM inspection i WHERE i.asset_uid = a.uid AND {counted('i')}"
_BUILT = f"""
(SELECT CASE WHEN count(*) = 1 THEN max(l.at) END FROM lifecycle l WHERE l.asset_uid = a.uid
 AND l.event = 'commissioned' AND l.confirmed AND {before("l")} AND {counted("l")})
"""
_ASKED = f"""
SELECT {SINCE},
  NOT EXISTS (SELECT 1 FROM lifecycle l WHERE l.asset_uid = a.uid AND l.event = 'relocated'
    AND l.confirmed AND {counted("l")} AND l.at = {SINCE}),
  EXISTS (SELECT 1 {_VISITS} AND i.outcome IN ('works', 'fails', 'not_found')
    AND i.effective_at < {SINCE}),
  EXISTS (SELECT 1 {_VISITS} AND i.outcome = 'works' AND i.at IS NULL),
  {_BUILT},
  (SELECT min(i.at) {_VISITS} AND i.at < {_BUILT})
FROM asset a WHERE a.uid = :uid
"""
_VISITED_BEFORE = f"""
SELECT DISTINCT l.asset_uid FROM lifecycle l JOIN inspection i ON i.asset_uid = l.asset_uid
WHERE l.event = 'commissioned' AND l.confirmed AND {before("l")} AND {counted("l")}
  AND i.outcome = 'works' AND i.effective_at < l.at AND i.at IS NOT NULL AND {counted("i")}
  AND NOT EXISTS (SELECT 1 FROM lifecycle o WHERE o.asset_uid = l.asset_uid AND o.fid <> l.fid
    AND o.event = 'commissioned' AND o.confirmed AND {before("o")} AND {counted("o")})
  AND NOT EXISTS (SELECT 1 FROM inspection n WHERE n.asset_uid = l.asset_uid
    AND n.outcome = 'works' AND n.effective_at >= l.at AND n.effective_at < :end
    AND {counted("n")})
"""


class Overlooked(NamedTuple):
    """What nobody sees from the class alone; moments are stored text.

    Attributes
    ----------
    since
        When it was last moved or gone; empty for never.
    gone
        Whether it was gone then, and not moved.
    before_since
        Whether a decisive visit lies before that.
    undated
        Whether it worked at a visit of which nobody knows when it was.
    built
        When it was commissioned, where that was once.
    visited_before
        The first visit older than that; None for none.
    """

    since: str
    gone: bool
    before_since: bool
    undated: bool
    built: str | None
    visited_before: str | None


def overlooked(registry: Registry, cut: Cut, uid: str) -> Overlooked:
    """What is easily overlooked of an asset that is on record."""
    bound = {"end": cut.end, "known": cut.known, "uid": uid}
    with as_known(registry, cut):
        row = registry.connection.execute(_ASKED, bound).fetchone()
    if row is None:  # it was not known yet
        return Overlooked("", False, False, False, None, None)
    since, gone, before_since, undated, built, visited = row
    return Overlooked(since, bool(gone), bool(before_since), bool(undated), built, visited)


def visited_before_built(registry: Registry, cut: Cut) -> Iterator[str]:
    """Assets that worked before their only commissioning and at no visit since, by uid."""
    bound = {"end": cut.end, "known": cut.known}
    yield from (uid for (uid,) in registry.connection.execute(_VISITED_BEFORE, bound).fetchall())
