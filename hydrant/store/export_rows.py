"""Assets as they are now, with their position, commissioning and last decisive visit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from hydrant.model.geopoint import decode_point
from hydrant.store.evidence import Cut
from hydrant.store.registry import Registry
from hydrant.store.state_sql import FIRST_COMMISSIONING, STATE, last_decisive

#: Columns of the asset table that go out, as `hydrant.model.inputs.AssetInput` names them.
ASSET_COLUMNS = (
    *("code", "kind", "structure", "service", "name", "address", "region_code"),
    *("owner", "builder", "maintainer", "supervisor", "mains_type", "mains_dn_mm", "outlets"),
    *("design_flow_l_s", "lift_normal_m", "lift_drought_m", "access_lane", "turning_area"),
    *("truck_slots", "screen_gap_mm", "capacity_m3", "season", "note"),
)
#: What is known of its commissioning, beside the day (``built``).
COMMISSIONING_COLUMNS = ("project", "consent", "funding", "cost")
VISIT_COLUMNS = (
    *("outcome", "at", "inspector", "static_kpa", "residual_kpa", "flow_l_s"),
    *("level_m", "lift_m"),
)
#: Columns of the rows that are moments, as stored text; and those that are numbers.
MOMENTS = ("built", "inspection_at")
AMOUNTS = (
    *("mains_dn_mm", "design_flow_l_s", "lift_normal_m", "lift_drought_m", "truck_slots"),
    *("screen_gap_mm", "capacity_m3", "cost", "inspection_static_kpa", "inspection_residual_kpa"),
    *("inspection_flow_l_s", "inspection_level_m", "inspection_lift_m"),
)

_ROWS = f"""
SELECT a.uid, {", ".join(f"a.{name}" for name in ASSET_COLUMNS)}, a.geom,
  c.at, {", ".join(f"c.{name}" for name in COMMISSIONING_COLUMNS)},
  {", ".join(f"v.{name}" for name in VISIT_COLUMNS)}
FROM asset a
LEFT JOIN lifecycle c ON c.fid = {FIRST_COMMISSIONING}
LEFT JOIN inspection v ON v.fid = {last_decisive("i.fid")}
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
    `COMMISSIONING_COLUMNS` of the first commissioning, and `VISIT_COLUMNS` with
    ``inspection_`` before them; times are stored text.
    """
    bound = {"end": cut.end, "known": cut.known, "kind": kind}
    bound |= {"regions": None if regions is None else json.dumps(list(regions))}
    count = len(ASSET_COLUMNS)
    for uid, *values in registry.connection.execute(_ROWS, bound):
        position = decode_point(values[count])
        lon, lat = position or (None, None)
        row: dict[str, Any] = {"uid": uid, **dict(zip(ASSET_COLUMNS, values, strict=False))}
        row |= {"lon": lon, "lat": lat}
        begun = ("built", *COMMISSIONING_COLUMNS)
        row |= dict(zip(begun, values[count + 1 :], strict=False))
        visit = zip(VISIT_COLUMNS, values[count + 1 + len(begun) :], strict=True)
        row |= {f"inspection_{name}": value for name, value in visit}
        yield row
