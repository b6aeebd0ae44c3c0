"""Facts that to-do lists need beside evidence: last checks, open defects, planned assets."""

from __future__ import annotations

from typing import NamedTuple

from hydrant.store.evidence.evidence import Cut
from hydrant.store.opened.registry import Registry
from hydrant.store.sql.state_sql import OPEN_DEFECT, SINCE, before, counted, visits

_WORKED = visits(
    "i.effective_at", where="i.outcome = 'works' AND i.effective_at > ''", since=SINCE,
    worst="i.fid DESC",
)  # fmt: skip
_LAST_CHECKS = f"SELECT a.uid, {_WORKED} FROM asset a"

_OPEN_DEFECTS = f"""
SELECT d.asset_uid, d.code, d.severity, d.found_at, d.due FROM defect d
WHERE {OPEN_DEFECT} ORDER BY d.found_at, d.fid
"""

#: Assets whose last event is a plan or a building site, with the project they belong to and
#: whether something else of that project stands already.
_PLANNED = f"""
SELECT a.uid, a.code, a.kind, a.region_code, a.builder, l.event, l.at, l.project,
  EXISTS (SELECT 1 FROM lifecycle o WHERE o.project = l.project AND o.asset_uid <> a.uid
    AND o.event = 'commissioned' AND o.confirmed AND {before("o")} AND {counted("o")})
FROM asset a JOIN lifecycle l ON l.asset_uid = a.uid
WHERE l.confirmed AND l.event IN ('planned', 'under_construction')
  AND {before("l")} AND {counted("l")}
  AND NOT EXISTS (SELECT 1 FROM lifecycle n WHERE n.asset_uid = a.uid AND n.confirmed
    AND n.event NOT IN ('planned', 'relocated') AND n.event <> l.event
    AND {before("n")} AND {counted("n")}
    AND (coalesce(n.at, ''), n.fid) > (coalesce(l.at, ''), l.fid))
ORDER BY a.region_code, a.code, a.uid
"""


class OpenDefect(NamedTuple):
    """A confirmed defect that is open at the date; times are stored text."""

    asset_uid: str
    code: str
    severity: str
    found_at: str | None
    due: str | None


class PlannedAsset(NamedTuple):
    """An asset that is planned or being built at the date.

    Attributes
    ----------
    event, at
        ``planned`` or ``under_construction``, and since when (stored text).
    sibling_stands
        Whether another asset of the same project is in service already.
    """

    uid: str
    code: str | None
    kind: str
    region: str | None
    builder: str | None
    event: str
    at: str | None
    project: str | None
    sibling_stands: bool


def last_checks(registry: Registry, cut: Cut) -> dict[str, str]:
    """When each asset last worked since its last move, stored text, by uid; undated ones not."""
    rows = registry.connection.execute(_LAST_CHECKS, {"end": cut.end, "known": cut.known})
    return {uid: at for uid, at in rows if at is not None}


def open_defects(registry: Registry, cut: Cut) -> list[OpenDefect]:
    """Open defects, oldest first; those of unknown age come before all."""
    rows = registry.connection.execute(_OPEN_DEFECTS, {"end": cut.end, "known": cut.known})
    return [OpenDefect(*row) for row in rows]


def planned_assets(registry: Registry, cut: Cut) -> list[PlannedAsset]:
    """Assets that are planned or being built."""
    rows = registry.connection.execute(_PLANNED, {"end": cut.end, "known": cut.known})
    return [PlannedAsset(*(*row[:-1], bool(row[-1]))) for row in rows]


def duty_holders(registry: Registry) -> list[str]:
    """Everybody who maintains or builds an asset on record, or once did; sorted."""
    rows = registry.connection.execute(_HOLDERS)
    return sorted(name for (name,) in rows)


#: One's work may be at an end: who is known and has none left is told so.
_HOLDERS = " UNION ".join(
    f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"
    for table in ("asset", "asset_version")
    for column in ("maintainer", "builder")
)
