"""Looks over what only a registry on a server has: its programs, references, derived tables."""

from __future__ import annotations

from sqlmodel import SQLModel

from hydrant.store.ground.backend import Finding
from hydrant.store.server.connection import ServerConnection
from hydrant.store.server_schema import rights
from hydrant.store.server_schema.derived import lacks
from hydrant.store.server_tables.indexes import damaged
from hydrant.store.sql.check_readings import ASTRAY

#: Sensors whose latest value is behind their readings; as
#: `hydrant.store.sql.check_readings.BEHIND`,
#: in one pass over all days.
BEHIND = """
WITH newest AS (SELECT sensor_uid, max(at) AS at FROM reading
  WHERE coalesce(reason, '') NOT IN ('handed_up', 'clock') GROUP BY sensor_uid)
SELECT n.sensor_uid FROM newest n LEFT JOIN latest l ON l.sensor_uid = n.sensor_uid
WHERE l.at IS NULL OR stored_time(n.at) > l.at OR (stored_time(n.at) = l.at AND NOT EXISTS (
  SELECT 1 FROM reading r WHERE r.sensor_uid = n.sensor_uid AND r.at = n.at
    AND r.quality = l.quality AND r.value IS NOT DISTINCT FROM l.value))
ORDER BY 1
"""


def faults(connection: ServerConnection) -> list[Finding]:
    """Message keys and facts of what is wrong."""
    return [
        *((lack.key, lack.facts) for lack in lacks(connection)),
        *rights.findings(connection),
        *(damaged(connection) or ()),
        *_position_faults(connection),
        *_reference_faults(connection),
        *_reading_faults(connection),
    ]


def _position_faults(connection: ServerConnection) -> list[Finding]:
    rows = connection.server(
        "SELECT coalesce(code, uid) FROM asset WHERE geom IS NULL OR ST_IsEmpty(geom) ORDER BY fid"
    )
    return [("check.no_position", {"asset": asset}) for (asset,) in rows]


def _reference_faults(connection: ServerConnection) -> list[Finding]:
    found: list[Finding] = []
    for table in SQLModel.metadata.sorted_tables:
        for key in table.foreign_keys:
            parent, column = key.column.table.name, key.parent.name
            rows = connection.server(
                f"SELECT c.fid FROM {table.name} c WHERE c.{column} IS NOT NULL AND NOT EXISTS "
                f"(SELECT 1 FROM {parent} p WHERE p.{key.column.name} = c.{column})"
            )
            found.extend(
                ("check.reference", {"table": table.name, "row": row, "parent": parent})
                for (row,) in rows
            )
    return found


def _reading_faults(connection: ServerConnection) -> list[Finding]:
    found: list[Finding] = []
    for key, query in (("check.latest", BEHIND), ("check.alarm_state", ASTRAY)):
        sensors = connection.server(query).fetchall()
        if sensors:
            found.append((key, {"count": len(sensors), "sensor": sensors[0][0]}))
    return found
