"""Facts that a registry hands up to the level above: which rows, and in which stored form."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence

from hydrant import times
from hydrant.store.ground.backend import one_row
from hydrant.store.opened import raw_rows
from hydrant.store.opened.registry import Registry
from hydrant.store.regions.region_tree import load_ever

#: What is handed up, parents before their children.
TABLES = (
    *("region", "region_successor", "requirement", "asset", "asset_version", "lifecycle"),
    *("inspection", "defect", "sensor", "asset_alias"),
)
#: Where a device is and how to get in is nobody's business above.
WITHHELD = {"sensor": ("url", "unit_id", "parameters")}

_IN_SCOPE = "(:codes IS NULL OR region_code IN (SELECT value FROM json_each(:codes)))"
#: An asset is handed up with its region's also where it has left it: on former days it lay there.
_MEANT = (
    f"(SELECT uid FROM asset WHERE {_IN_SCOPE} "
    f"UNION SELECT asset_uid FROM asset_version WHERE {_IN_SCOPE})"
)
_OF_ASSET = f"(:codes IS NULL OR asset_uid IN {_MEANT})"
_SCOPES = {
    "asset": f"(:codes IS NULL OR uid IN {_MEANT})",
    "requirement": _IN_SCOPE,
    "region": "(:tree IS NULL OR code IN (SELECT value FROM json_each(:tree)))",
    "region_successor": "(:tree IS NULL OR (code IN (SELECT value FROM json_each(:tree)) "
    "AND successor_code IN (SELECT value FROM json_each(:tree))))",
}


def columns(table: str) -> tuple[str, ...]:
    """Columns of a table that are handed up."""
    withheld = WITHHELD.get(table, ())
    return tuple(name for name in raw_rows.columns(table) if name not in withheld)


def rows_of(
    registry: Registry, table: str, codes: Sequence[str] | None, tree: Sequence[str] | None
) -> Iterator[raw_rows.Row]:
    """Rows of a table in the order of their keys.

    Parameters
    ----------
    codes
        Regions whose assets and requirements are meant; None takes all.
    tree
        Those regions and their ancestors.
    """
    names = columns(table)
    bound = {
        "codes": None if codes is None else json.dumps(list(codes)),
        "tree": None if tree is None else json.dumps(list(tree)),
    }
    where = _SCOPES.get(table, _OF_ASSET)
    # other programs may have written a row whose key was not stamped; it has none to be known by
    for found in registry.connection.execute(
        f"SELECT {', '.join(names)} FROM {table} WHERE {where} AND uid <> '' ORDER BY uid", bound
    ):
        yield dict(zip(names, found, strict=True))


_ELSEWHERE = """
SELECT code, sum(assets), sum(numbers) FROM (
  SELECT coalesce(region_code, '') AS code, 1 AS assets, 0 AS numbers FROM asset UNION ALL
  SELECT region_code, 0, 1 FROM requirement WHERE withdrawn_at IS NULL) held
WHERE code NOT IN (SELECT value FROM json_each(?))
GROUP BY code ORDER BY code
"""


def elsewhere(registry: Registry, codes: Sequence[str] | None) -> dict[str, tuple[int, int]]:
    """Assets and numbers of the registry that lie in none of some regions, by region.

    Parameters
    ----------
    codes
        The regions; None means all there are. What lies in no region is under ``""``.
    """
    if codes is None:
        return {}
    found = registry.connection.execute(_ELSEWHERE, (json.dumps(list(codes)),))
    return {code: (int(assets), int(numbers)) for code, assets, numbers in found}


def home_of(registry: Registry) -> str | None:
    """The smallest region that holds every asset and requirement; None when there is none."""
    ever = load_ever(registry)
    used = [
        code
        for (code,) in registry.connection.execute(
            "SELECT region_code FROM asset UNION SELECT region_code FROM requirement"
        )
    ]
    paths = [_path(ever.now, code) for code in used]
    if not paths or not all(paths):
        return None
    return next((code for code in paths[0] if all(code in path for path in paths)), None)


def _path(parents: Mapping[str, str | None], code: str | None) -> list[str]:
    """A known region and its ancestors, from fine to coarse."""
    found: list[str] = []
    while code is not None and code in parents and code not in found:
        found.append(code)
        code = parents[code]
    return found


def named_with(registry: Registry, region: str, codes: Sequence[str]) -> list[str]:
    """Regions that a package has rows of: its own, and those that it only names.

    Named are what lies above its own and lay above them on other days, where assets moved, and
    the units that lay in it on other days.

    Parameters
    ----------
    codes
        The region's own and all below it.
    """
    bound = {"codes": json.dumps(list(codes))}
    found = registry.connection.execute(
        f"SELECT region_code FROM asset WHERE region_code IS NOT NULL AND uid IN {_MEANT} UNION "
        "SELECT region_code FROM asset_version "
        f"WHERE region_code IS NOT NULL AND asset_uid IN {_MEANT}",
        bound,
    ).fetchall()
    ever = load_ever(registry)
    meant = {region, *codes, *(code for (code,) in found), *ever.below(codes)}
    named = {up for code in meant for up in ever.above(code) if up in ever.now}
    return [*codes, *sorted(named.difference(codes))]


_BEGINS = """
SELECT DISTINCT at FROM (
  SELECT code AS place, valid_from AS at FROM region
  UNION ALL SELECT code, valid_until FROM region
  UNION ALL SELECT code, at FROM region_successor
  UNION ALL SELECT region_code, valid_from FROM requirement
  UNION ALL SELECT region_code, valid_until FROM requirement
  UNION ALL SELECT v.region_code, v.valid_until FROM asset_version v
    JOIN asset a ON a.uid = v.asset_uid AND coalesce(a.region_code, '') <> v.region_code) held
WHERE at < :end AND (:codes IS NULL OR place IN (SELECT value FROM json_each(:codes)))
ORDER BY at DESC
"""


def last_days(
    registry: Registry, codes: Sequence[str] | None, as_of: dt.date, *, most: int
) -> list[dt.date]:
    """The latest days up to a date after which a unit, a number or an asset's place changed.

    Parameters
    ----------
    codes
        Regions that are meant, with all that lay in them on any day; None means all there are.
    most
        No more than so many.
    """
    within = None if codes is None else json.dumps(sorted(load_ever(registry).below(codes)))
    end = times.to_text(times.end_of_day(as_of, registry.zone))
    found: dict[dt.date, None] = {}
    for (at,) in registry.connection.execute(_BEGINS, {"end": end, "codes": within}):
        found[times.local_day(times.from_text(at), registry.zone) - dt.timedelta(days=1)] = None
        if len(found) == most:
            break
    return list(found)


def log_state(registry: Registry) -> tuple[int, str]:
    """How long the audit log is, and the hash of its last entry."""
    (count,) = one_row(registry.connection.execute("SELECT count(*) FROM change"))
    last = registry.connection.execute(
        "SELECT hash FROM change ORDER BY fid DESC LIMIT 1"
    ).fetchone()
    return int(count), "" if last is None else str(last[0])
