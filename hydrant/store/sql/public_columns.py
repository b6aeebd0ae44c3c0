"""What anybody may see of an asset, as one statement that serves both stores.

Left out are names of people and firms, free text, devices and their addresses, who recorded
what, and private assets.
"""

from __future__ import annotations

from hydrant.store.sql.state_sql import OPEN_DEFECT, STATE, last_decisive

_AS_THEY_ARE = (
    *("uid", "code", "kind", "structure", "service", "name", "address", "region_code"),
    *("mains_type", "mains_dn_mm", "outlets", "design_flow_l_s", "lift_normal_m"),
    *("lift_drought_m", "truck_slots", "screen_gap_mm", "capacity_m3", "season"),
)
_FLAGS = ("access_lane", "turning_area")
#: What comes from readings.
SENSED = ("open_alarms", "pressure_kpa", "pressure_at")
#: Columns that are moments, as stored text.
MOMENTS = ("last_outcome_at", "pressure_at")
#: Columns that are numbers, null where not known; and those that count, never null.
AMOUNTS = (
    *("mains_dn_mm", "design_flow_l_s", "lift_normal_m", "lift_drought_m", "truck_slots"),
    *("screen_gap_mm", "capacity_m3", "pressure_kpa"),
)
COUNTS = ("blocking_defects", "open_alarms")
COLUMNS = (
    *_AS_THEY_ARE,
    *_FLAGS,
    *("state", "last_outcome", "last_outcome_at", "blocking_defects"),
    *SENSED,
)

#: Columns but those of `SENSED`, and the position; bound names as in `hydrant.store.sql.state_sql`.
PUBLIC = f"""
SELECT {", ".join(f"a.{name}" for name in _AS_THEY_ARE)},
  {", ".join(f"CASE WHEN a.{n} THEN 'yes' WHEN NOT a.{n} THEN 'no' END AS {n}" for n in _FLAGS)},
  {STATE} AS state, v.outcome AS last_outcome, v.at AS last_outcome_at,
  (SELECT count(*) FROM defect d WHERE d.asset_uid = a.uid AND d.severity = 'blocking'
    AND {OPEN_DEFECT}) AS blocking_defects,
  a.geom
FROM asset a LEFT JOIN inspection v ON v.fid = {last_decisive("i.fid")}
WHERE a.service <> 'private' AND a.geom IS NOT NULL AND {STATE} <> 'removed'
"""
