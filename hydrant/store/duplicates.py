"""Pairs of assets that may be one thing, as flagged at import."""

from __future__ import annotations

from typing import Any

from hydrant.store.registry import Registry

_SQL = """
SELECT d.uid, d.distance_m, d.state, a.uid, a.code, a.kind, a.region_code, a.source,
  b.uid, b.code, b.kind, b.region_code, b.source
FROM duplicate_flag d JOIN asset a ON a.uid = d.asset_uid JOIN asset b ON b.uid = d.other_uid
WHERE d.state = 'open' ORDER BY d.distance_m, d.uid
"""
_SIDE = ("uid", "code", "kind", "region", "source")


def open_pairs(registry: Registry, *, regions: list[str] | None) -> list[dict[str, Any]]:
    """Flagged pairs nobody has decided on, closest first.

    Parameters
    ----------
    regions
        Keep pairs of which one asset lies in these regions; None keeps all.
    """
    wanted = None if regions is None else set(regions)
    pairs = []
    for uid, metres, _state, *sides in registry.connection.execute(_SQL):
        one = dict(zip(_SIDE, sides[:5], strict=True))
        other = dict(zip(_SIDE, sides[5:], strict=True))
        if wanted is None or one["region"] in wanted or other["region"] in wanted:
            pairs.append({"uid": uid, "distance_m": metres, "asset": one, "other": other})
    return pairs
