"""Which sensors stood on which assets, and when, as it was known at a moment.

A sensor stands on its asset from `valid_from` until `valid_until`. Rows of earlier versions have
neither: such a sensor has stood there since ever, and one that is no longer read ended at a
moment nobody noted, so all that it measured counts.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from hydrant import times
from hydrant.store.evidence import Cut
from hydrant.store.registry import Registry

_EVER, _NEVER = "", "9999-12-31T23:59:59.999Z"
#: What is corrected after it was recorded, and put back for an earlier moment of knowing.
_SENSOR = ("asset_uid", "enabled", "interval_s", "quantity", "valid_from", "valid_until")
_ROWS = """
SELECT s.uid, s.recorded_at, a.kind, s.asset_uid, s.enabled, s.interval_s, s.quantity,
  s.valid_from, s.valid_until
FROM main.sensor s JOIN main.asset a ON a.uid = s.asset_uid WHERE s.recorded_at <= ?
"""
_CHANGES = """
SELECT entity, entity_uid, before FROM change WHERE at > ? AND action = 'update'
  AND before IS NOT NULL AND entity IN ('sensor', 'asset')
  AND entity_uid IN (SELECT value FROM json_each(?)) ORDER BY fid DESC
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
    found = registry.connection.execute(_ROWS, (cut.known,)).fetchall()
    rows = {uid: (recorded, kind, dict(zip(_SENSOR, rest, strict=True)))
            for uid, recorded, kind, *rest in found}  # fmt: skip
    kinds = {values["asset_uid"]: kind for _, kind, values in rows.values()}
    if cut.known_at is not None and rows:
        _put_back(registry, cut.known, {uid: values for uid, (*_, values) in rows.items()}, kinds)
    standing = (
        _standing(cut, uid, recorded, kinds.get(values["asset_uid"], kind), values)
        for uid, (recorded, kind, values) in rows.items()
    )
    return [sensor for sensor in standing if sensor is not None]


def _put_back(
    registry: Registry, known: str, sensors: dict[str, dict[str, Any]], kinds: dict[str, str]
) -> None:
    """Undo corrections recorded after a moment, the latest first."""
    asked = json.dumps(sorted([*sensors, *kinds]))
    for entity, uid, before in registry.connection.execute(_CHANGES, (known, asked)):
        former = json.loads(before)
        if entity == "sensor" and uid in sensors:
            sensors[uid] |= {name: former[name] for name in _SENSOR if name in former}
        elif entity == "asset" and former.get("kind"):
            kinds[uid] = former["kind"]


def _standing(
    cut: Cut, uid: str, recorded: str, kind: str, values: dict[str, Any]
) -> Standing | None:
    since, until = values["valid_from"], values["valid_until"]
    if since is not None and since >= cut.end:
        return None
    return Standing(
        uid=uid,
        asset_uid=values["asset_uid"],
        kind=kind,
        quantity=values["quantity"],
        interval_s=values["interval_s"],
        recorded=recorded,
        since=since or _EVER,
        until=until or _NEVER,
        carried=(since or recorded) < cut.end and _carried(cut, until, values["enabled"]),
        ended=not values["enabled"],
    )


def _carried(cut: Cut, until: str | None, enabled: Any) -> bool:
    """Whether a sensor was on its asset at the end of the day; of old rows, unless it is today."""
    if until is not None:
        return until >= cut.end
    return bool(enabled) or cut.end <= times.to_text(times.now())
