"""SQL of the evidence stream: predicates per asset at a date; see `hydrant.store.evidence`.

Bound names: :end first moment after the as-of day, :known latest moment of recording that
counts, :fresh_function/:fresh_static/:fresh_flow first fresh moment of each check, :static,
:flow, :flow_at, :lift the policy's limits.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

#: Covering indexes: each evidence lookup is answered from one index alone. The partial ones
#: hold only rows that can decide.
EVIDENCE_INDEXES: tuple[str, ...] = (
    "CREATE INDEX ix_inspection_decisive ON inspection "
    "(asset_uid, effective_at DESC, outcome, recorded_at, withdrawn_at) "
    "WHERE outcome IN ('works', 'fails', 'not_found')",
    "CREATE INDEX ix_inspection_static ON inspection "
    "(asset_uid, effective_at DESC, static_kpa, recorded_at, withdrawn_at) "
    "WHERE static_kpa IS NOT NULL",
    "CREATE INDEX ix_inspection_flow ON inspection "
    "(asset_uid, effective_at DESC, flow_l_s, residual_kpa, static_kpa, recorded_at, "
    "withdrawn_at) "
    "WHERE flow_l_s IS NOT NULL",
    "CREATE INDEX ix_inspection_asset ON inspection (asset_uid, effective_at DESC)",
)

_COLUMNS = (
    "uid, code, kind, service, name, address, region_code, owner, builder, maintainer, supervisor, "
    "lift_drought_m, access_lane, turning_area"
)

#: Assets as they are now; enough while no former row reaches past the date.
_PRESENT = (
    f"SELECT {_COLUMNS}, geom FROM asset a "
    "WHERE (valid_from IS NULL OR valid_from < :end) AND recorded_at <= :known"
)

#: Assets as they were at the date, by what was known at :known: rows replaced later than
#: that were still the present ones then.
_FORMER = f"""
SELECT {_COLUMNS}, geom FROM asset a
WHERE (valid_from IS NULL OR valid_from < :end) AND recorded_at <= :known AND NOT EXISTS (
  SELECT 1 FROM asset_version w WHERE w.asset_uid = a.uid AND w.replaced_at > :known)
UNION ALL
SELECT asset_uid AS uid, {_COLUMNS.partition(", ")[2]}, NULL FROM asset_version v
WHERE (valid_from IS NULL OR valid_from < :end) AND recorded_at <= :known AND (
  (replaced_at <= :known AND valid_until >= :end)
  OR (replaced_at > :known AND NOT EXISTS (
    SELECT 1 FROM asset_version w WHERE w.asset_uid = v.asset_uid
    AND w.replaced_at > :known AND w.fid < v.fid)))
"""

#: The last event before the date decides (a move changes nothing but the place); without one,
#: the first event after it tells what must have been before.
_LIFECYCLE = """
coalesce(
  (SELECT CASE l.event
     WHEN 'suspended' THEN 'suspended'
     WHEN 'commissioned' THEN 'in_service'
     WHEN 'resumed' THEN 'in_service'
     ELSE 'not_existing' END
   FROM lifecycle l WHERE l.asset_uid = a.uid AND l.confirmed AND l.event <> 'relocated'
     AND (l.at IS NULL OR l.at < :end) AND l.recorded_at <= :known
   ORDER BY l.at DESC, l.fid DESC LIMIT 1),
  (SELECT CASE l.event
     WHEN 'resumed' THEN 'suspended'
     WHEN 'suspended' THEN 'in_service'
     WHEN 'relocated' THEN 'in_service'
     WHEN 'removed' THEN 'in_service'
     ELSE 'not_existing' END
   FROM lifecycle l WHERE l.asset_uid = a.uid AND l.confirmed
     AND l.at >= :end AND l.recorded_at <= :known
   ORDER BY l.at, l.fid LIMIT 1),
  'in_service')
"""

_BLOCKING = """
EXISTS (SELECT 1 FROM defect d WHERE d.asset_uid = a.uid AND d.severity = 'blocking'
  AND d.state = 'confirmed' AND (d.found_at IS NULL OR d.found_at < :end)
  AND (d.cleared_at IS NULL OR d.cleared_at >= :end) AND d.recorded_at <= :known)
"""

#: Only visits since the last move say something about the asset where it stands now.
_SINCE_MOVE = """
coalesce((SELECT max(m.at) FROM lifecycle m WHERE m.asset_uid = a.uid
  AND m.event = 'relocated' AND m.confirmed AND m.at < :end AND m.recorded_at <= :known), '')
"""

#: Of visits at the same moment the worst decides; one that fails was at least found.
_OUTCOME = """
coalesce((SELECT CASE
    WHEN i.outcome <> 'works' THEN i.outcome
    WHEN i.effective_at = '' THEN 'works_undated'
    WHEN i.effective_at >= :fresh_function THEN 'works_fresh'
    ELSE 'works_old' END
  FROM inspection i WHERE i.asset_uid = a.uid
    AND i.outcome IN ('works', 'fails', 'not_found')
    AND i.effective_at < :end AND i.effective_at >= {since} AND i.recorded_at <= :known
  ORDER BY i.effective_at DESC, instr('fails not_found works', i.outcome) LIMIT 1), 'none')
"""

_STATIC_FROM_VISITS = """
coalesce((SELECT CASE WHEN i.static_kpa < :static THEN 'below'
    WHEN i.effective_at >= :fresh_static THEN 'fresh' ELSE 'old' END
  FROM inspection i WHERE i.asset_uid = a.uid AND i.static_kpa IS NOT NULL
    AND i.effective_at < :end AND i.effective_at >= {since} AND i.recorded_at <= :known
  ORDER BY i.effective_at DESC, i.static_kpa LIMIT 1), 'absent')
"""

#: As above with sensors beside visits: a confirmed alarm is low, a fresh good value is not.
_STATIC_WITH_SENSORS = """
coalesce((SELECT CASE WHEN low THEN 'below' WHEN at >= :fresh_static THEN 'fresh' ELSE 'old' END
  FROM (
    SELECT i.effective_at AS at, i.static_kpa < :static AS low
    FROM inspection i WHERE i.asset_uid = a.uid AND i.static_kpa IS NOT NULL
      AND i.effective_at < :end AND i.effective_at >= {since} AND i.recorded_at <= :known
    UNION ALL
    SELECT s.at, s.low FROM temp.sensor_pressure s WHERE s.asset_uid = a.uid
      AND s.at < :end AND s.at >= {since}) measured
  ORDER BY at DESC, low DESC LIMIT 1), 'absent')
"""

#: Flow as it is held against the limit. Enough at the limit's pressure or above it, or too
#: little at that pressure or below it, is certain; otherwise it is projected to that pressure
#: where the pressures allow, and says nothing where they do not.
_FLOW_AT_LIMIT = """
CASE WHEN i.residual_kpa IS NULL OR (i.flow_l_s >= :flow AND i.residual_kpa >= :flow_at)
    OR (i.flow_l_s < :flow AND i.residual_kpa <= :flow_at) THEN i.flow_l_s
  WHEN i.static_kpa IS NULL THEN NULL
  ELSE hydrant_projected(i.flow_l_s, i.static_kpa, i.residual_kpa, :flow_at) END
"""

_FLOW = f"""
coalesce((SELECT CASE WHEN {_FLOW_AT_LIMIT} < :flow THEN 'below'
    WHEN i.effective_at >= :fresh_flow THEN 'fresh' ELSE 'old' END
  FROM inspection i WHERE i.asset_uid = a.uid AND i.flow_l_s IS NOT NULL
    AND {_FLOW_AT_LIMIT} IS NOT NULL
    AND i.effective_at < :end AND i.effective_at >= {{since}} AND i.recorded_at <= :known
  ORDER BY i.effective_at DESC, {_FLOW_AT_LIMIT} LIMIT 1), 'absent')
"""

_LIFT = """
CASE WHEN a.kind NOT LIKE 'intake%' THEN 'absent'
  WHEN a.lift_drought_m > :lift THEN 'below'
  WHEN (SELECT i.lift_m FROM inspection i WHERE i.asset_uid = a.uid AND i.lift_m IS NOT NULL
      AND i.effective_at < :end AND i.effective_at >= {since} AND i.recorded_at <= :known
    ORDER BY i.effective_at DESC, i.lift_m DESC LIMIT 1) > :lift THEN 'below'
  WHEN a.lift_drought_m IS NULL THEN 'absent' ELSE 'fresh' END
"""

_ACCESS = """
CASE WHEN NOT a.access_lane OR NOT a.turning_area THEN 'below'
  WHEN a.access_lane AND a.turning_area THEN 'fresh' ELSE 'absent' END
"""

SENSOR_TABLE = "CREATE TEMP TABLE sensor_pressure (asset_uid TEXT, at TEXT, low BOOLEAN)"
SENSOR_INDEX = "CREATE INDEX temp.ix_sensor_pressure ON sensor_pressure (asset_uid, at)"
SENSOR_INSERT = "INSERT INTO temp.sensor_pressure VALUES (?, ?, ?)"

#: Who paid for the asset, by the last event that says so.
_FUNDING = """
(SELECT l.funding FROM lifecycle l WHERE l.asset_uid = a.uid AND l.funding IS NOT NULL
  AND l.confirmed AND (l.at IS NULL OR l.at < :end) AND l.recorded_at <= :known
 ORDER BY l.at DESC, l.fid DESC LIMIT 1)
"""

#: Words that may stand at the head of the stream, before the predicates.
HEADS = {
    "cut": "a.region_code, a.kind, a.service, NULL",
    "owner": "a.region_code, a.kind, a.service, a.owner",
    "builder": "a.region_code, a.kind, a.service, a.builder",
    "maintainer": "a.region_code, a.kind, a.service, a.maintainer",
    "supervisor": "a.region_code, a.kind, a.service, a.supervisor",
    "funding": f"a.region_code, a.kind, a.service, {_FUNDING}",
    "asset": "a.uid, a.code, a.name, a.address, a.region_code, a.kind, a.service, a.owner, "
    f"a.builder, a.maintainer, a.supervisor, {_FUNDING}, a.geom",
}


#: Which of the things there are at all that cost a look at every asset: see `Held`.
HELD = """
SELECT EXISTS (SELECT 1 FROM asset_version), EXISTS (SELECT 1 FROM lifecycle WHERE event =
  'relocated'), EXISTS (SELECT 1 FROM inspection WHERE flow_l_s IS NOT NULL)
"""


class Held(NamedTuple):
    """What a registry holds; what it does not hold is not looked for.

    Attributes
    ----------
    former
        Former rows of assets.
    moves
        Relocations, which take earlier visits out of account.
    flows
        Measured flows.
    """

    former: bool
    moves: bool
    flows: bool


@cache
def stream_sql(head: str, held: Held, *, sensors: bool, some: bool = False) -> str:
    """The statement of one stream, put together from the fixed parts above.

    Parameters
    ----------
    head
        Key of `HEADS`.
    held
        What the registry holds.
    sensors
        Whether ``temp.sensor_pressure`` holds anything.
    some
        Whether only assets of the JSON list ``:wanted`` are meant.
    """
    static = _STATIC_WITH_SENSORS if sensors else _STATIC_FROM_VISITS
    flow = _FLOW if held.flows else "'absent'"
    since = _SINCE_MOVE if held.moves else "''"
    predicates = ", ".join(
        part.format(since=since)
        for part in (_LIFECYCLE, _BLOCKING, _OUTCOME, static, flow, _LIFT, _ACCESS)
    )
    source = f"({_FORMER if held.former else _PRESENT}) a"
    wanted = " WHERE a.uid IN (SELECT value FROM json_each(:wanted))" if some else ""
    return f"SELECT {HEADS[head]}, {predicates} FROM {source}{wanted}"
