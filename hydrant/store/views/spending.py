"""Costs on record: of what happened to assets as a whole, and of repairs.

An asset belongs where it stood, and is of the kind that it was, at the date that is asked for.
"""

from __future__ import annotations

from typing import NamedTuple

from hydrant.store.evidence.evidence import Cut
from hydrant.store.evidence.known import as_known
from hydrant.store.opened.registry import Registry

#: The former row of an asset that held at the date; none where the present one did.
_AT_DATE = """
LEFT JOIN asset_version v ON v.fid = (
  SELECT w.fid FROM asset_version w WHERE w.asset_uid = a.uid AND w.valid_until >= :end
    AND w.replaced_at <= :known ORDER BY w.valid_until, w.fid LIMIT 1)
"""
_OF_ASSET = (
    "CASE WHEN v.fid IS NULL THEN a.region_code ELSE v.region_code END, "
    "CASE WHEN v.fid IS NULL THEN a.kind ELSE v.kind END"
)
_STANDS = (
    "{fact}.recorded_at <= :known AND ({fact}.withdrawn_at IS NULL OR {fact}.withdrawn_at > :known)"
)

_EVENTS = f"""
SELECT l.event, l.at, l.funding, l.project, l.cost, {_OF_ASSET}
FROM lifecycle l JOIN asset a ON a.uid = l.asset_uid {_AT_DATE}
WHERE l.confirmed AND (l.at IS NULL OR l.at < :end) AND {_STANDS.format(fact="l")}
"""
#: A repair names no funding source and no project of its own.
_REPAIRS = f"""
SELECT 'repair', d.cleared_at, NULL, NULL, d.cost, {_OF_ASSET}
FROM defect d JOIN asset a ON a.uid = d.asset_uid {_AT_DATE}
WHERE d.state = 'confirmed' AND d.cleared_at < :end AND {_STANDS.format(fact="d")}
"""
_UNRECORDED = f"""
SELECT {_OF_ASSET} FROM asset a {_AT_DATE}
WHERE (a.valid_from IS NULL OR a.valid_from < :end OR v.fid IS NOT NULL)
  AND a.recorded_at <= :known AND NOT EXISTS (
  SELECT 1 FROM lifecycle l WHERE l.asset_uid = a.uid AND l.confirmed
    AND {_STANDS.format(fact="l")})
"""


class Spending(NamedTuple):
    """One event or repair and what it cost.

    Attributes
    ----------
    what
        The lifecycle event, or ``repair``.
    at
        Stored text; None where the date is not known.
    cost
        None where none is stated.
    region, kind
        Of the asset at the date.
    """

    what: str
    at: str | None
    source: str | None
    project: str | None
    cost: float | None
    region: str | None
    kind: str


def spendings(registry: Registry, cut: Cut) -> list[Spending]:
    """Every event and every repair up to the date, also those whose cost is not stated."""
    bound = {"end": cut.end, "known": cut.known}
    with as_known(registry, cut):
        return [
            Spending(*row)
            for statement in (_EVENTS, _REPAIRS)
            for row in registry.connection.execute(statement, bound)
        ]


def without_event(registry: Registry, cut: Cut) -> list[tuple[str | None, str]]:
    """Region and kind of every asset of which no event is on record, and so no cost either."""
    with as_known(registry, cut):
        return [
            (region, kind)
            for region, kind in registry.connection.execute(
                _UNRECORDED, {"end": cut.end, "known": cut.known}
            )
        ]
