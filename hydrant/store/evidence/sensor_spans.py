"""Which sensors stood on which assets, and when, as it was known at a moment.

A sensor stands on its asset from `valid_from` until `valid_until`. Rows of earlier versions have
neither: such a sensor has stood there since ever, and one that is no longer read ended at a
moment nobody noted, so all that it measured counts.
"""

from __future__ import annotations

from typing import NamedTuple

from hydrant import times
from hydrant.store.evidence.evidence import Cut
from hydrant.store.evidence.known import as_known
from hydrant.store.opened.registry import Registry
from hydrant.store.sql.state_sql import kind_at

_EVER, _NEVER = "", "9999-12-31T23:59:59.999Z"
#: Sensors that were recorded by then on assets that were too, with the kind these were.
_ROWS = f"""
SELECT s.uid, s.recorded_at, {kind_at("s.asset_uid")}, s.asset_uid, s.enabled, s.interval_s,
  s.quantity, s.valid_from, s.valid_until
FROM sensor s JOIN asset a ON a.uid = s.asset_uid WHERE s.recorded_at <= :known
"""


class Standing(NamedTuple):
    """A sensor on its asset.

    Attributes
    ----------
    recorded
        Stored text of when it was recorded.
    since, until
        Stored text of the first moment at which it stood there and of the first at which it no
        longer did; earlier or later than everything where nobody noted it.
    carried
        Whether the asset carried it at the end of the day that is asked for.
    ended
        Whether it is no longer read.
    """

    uid: str
    asset_uid: str
    kind: str
    quantity: str
    interval_s: int
    recorded: str
    since: str
    until: str
    carried: bool
    ended: bool

    def stood(self, at: str) -> bool:
        """Whether it stood on its asset at a moment, stored text."""
        return self.since <= at < self.until


def standings(registry: Registry, cut: Cut) -> list[Standing]:
    """Every sensor that stood on an asset before a date, by what was known."""
    with as_known(registry, cut):
        rows = registry.connection.execute(_ROWS, {"end": cut.end, "known": cut.known}).fetchall()
    return [sensor for row in rows if (sensor := _standing(cut, *row)) is not None]


def _standing(
    cut: Cut,
    uid: str,
    recorded: str,
    kind: str,
    asset_uid: str,
    enabled: object,
    interval_s: int,
    quantity: str,
    since: str | None,
    until: str | None,
) -> Standing | None:
    if since is not None and since >= cut.end:
        return None
    return Standing(
        uid=uid,
        asset_uid=asset_uid,
        kind=kind,
        quantity=quantity,
        interval_s=interval_s,
        recorded=recorded,
        since=since or _EVER,
        until=until or _NEVER,
        carried=(since or recorded) < cut.end and _carried(cut, until, enabled),
        ended=not enabled,
    )


def _carried(cut: Cut, until: str | None, enabled: object) -> bool:
    """Whether a sensor was on its asset at the end of the day; of old rows, unless it is today."""
    if until is not None:
        return until >= cut.end
    return bool(enabled) or cut.end <= times.to_text(times.now())
