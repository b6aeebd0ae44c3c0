"""Assets as they are now, with their position, commissioning and last decisive visit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from hydrant.model.geopoint import decode_point
from hydrant.store.evidence import Cut
from hydrant.store.registry import Registry
from hydrant.store.state_sql import BUILT, STATE, last_decisive

#: Columns of the asset table that go out, as `hydrant.model.inputs.AssetInput` names them.
ASSET_COLUMNS = (
    *("code", "kind", "structure", "service", "name", "address", "region_code"),
    *("owner", "builder", "maintainer", "supervisor", "mains_type", "mains_dn_mm", "outlets"),
    *("design_flow_l_s", "lift_normal_m", "lift_drought_m", "access_lane", "turning_area"),
    *("truck_slots", "screen_gap_mm", "capacity_m3", "season", "note"),
)
VISIT_COLUMNS = (
    *("outcome", "at", "inspector", "static_kpa", "residual_kpa", "flow_l_s"),
    *("level_m", "lift_m"),
)

_ROWS = f"""
SELECT a.uid, {", ".join(f"a.{name}" for name in ASSET_COLUMNS)}, a.geom,
  {BUILT},
  {", ".join(f"v.{name}" for name in VISIT_COLUMNS)}
FROM asset a LEFT JOIN inspection v ON v.fid = {last_decisive("i.fid")}
WHERE (:regions IS NULL OR a.region_code IN (SELECT value FROM json_each(:regions)))
  AND (:kind IS NULL OR a.kind = :kind OR a.kind LIKE :kind || '.%')
  AND {STATE} <> 'removed'
ORDER BY a.region_code, a.code, a.uid
"""


def export_rows(
    registry: Registry, cut: Cut, *, regions: Sequence[str] | None, kind: str | None
) -> Iterator[dict[str, Any]]:
    """One flat row for every asset that is not removed at a date, with what holds then.

    Yields
    ------
    Columns by name: ``uid``, `ASSET_COLUMNS`, ``lon``, ``lat`` (EPSG:4490), ``built`` and
    `VISIT_COLUMNS` with ``inspection_`` before them; times are stored text.
    """
    bound = {"end": cut.end, "known": cut.known, "kind": kind}
    bound |= {"regions": None if regions is None else json.dumps(list(regions))}
    count = len(ASSET_COLUMNS)
    for uid, *values in registry.connection.execute(_ROWS, bound):
        position = decode_point(values[count])
        lon, lat = position or (None, None)
        row: dict[str, Any] = {"uid": uid, **dict(zip(ASSET_COLUMNS, values, strict=False))}
        row |= {"lon": lon, "lat": lat, "built": values[count + 1]}
        visit = zip(VISIT_COLUMNS, values[count + 2 :], strict=True)
        row |= {f"inspection_{name}": value for name, value in visit}
        yield row
