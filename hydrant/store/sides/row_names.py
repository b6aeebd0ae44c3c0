"""What a row is of, by the name that people know: an asset's plate, a region's code."""

from __future__ import annotations

from collections.abc import Iterable

from hydrant.model.values import Record
from hydrant.store.opened import raw_rows
from hydrant.store.opened.registry import Registry
from hydrant.store.sides.package_rows import TABLES

_OF_REGIONS = {"region": "code", "region_successor": "code", "requirement": "region_code"}


def row_name(registry: Registry, table: str, row: Record) -> str | None:
    """The plate of a row's asset, else the key of one without a plate; or its region's code."""
    if table in _OF_REGIONS:
        return row.get(_OF_REGIONS[table])
    uid = row.get("uid") if table == "asset" else row.get("asset_uid")
    asset = raw_rows.fetch(registry, "asset", str(uid)) or {}
    return asset.get("code") or asset.get("uid")


def row_names(registry: Registry, rows: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Names of rows that stand here, by their keys.

    Parameters
    ----------
    rows
        Table and key of each.
    """
    found = {}
    for table, uid in rows:
        row = None if table not in TABLES else raw_rows.fetch(registry, table, uid)
        name = None if row is None else row_name(registry, table, row)
        if name is not None:
            found[uid] = name
    return found
