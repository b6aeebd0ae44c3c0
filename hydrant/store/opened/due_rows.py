"""Rows of assets that were announced for a day that has come."""

from __future__ import annotations

from collections.abc import Mapping

from hydrant import times
from hydrant.store.opened.registry import Registry

_DUE = """
SELECT DISTINCT v.asset_uid, v.region_code FROM asset_version v JOIN asset a ON a.uid = v.asset_uid
WHERE v.valid_until > ?1 AND v.valid_from <= ?1
  AND (a.valid_from IS NULL OR v.valid_from > a.valid_from)
"""


def rows_due(registry: Registry) -> Mapping[str, str | None]:
    """Assets with such a row, by uid, each with the region it comes to; none in a crew's bundle.

    A crew keeps the rows it took along: what it changes is compared with them.
    """
    if "bundle" in registry.settings:
        return {}
    return dict(registry.connection.execute(_DUE, (times.to_text(times.now()),)).fetchall())
