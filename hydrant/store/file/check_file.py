"""Looks over what a registry's file must be: its storage, its shapes, its index, its references."""

from __future__ import annotations

import sqlite3

from sqlmodel import SQLModel

from hydrant.model.geopoint import decode_point
from hydrant.store.file import check_derived, check_shapes, definitions
from hydrant.store.ground import gpkg
from hydrant.store.ground.backend import Finding
from hydrant.store.ground.connection import damage
from hydrant.store.ground.raw_columns import columns

_SHOWN = 20
#: What makes looking further idle.
DAMAGE = {"check.file", "check.index_file", "check.columns"}
#: R-tree boxes are single precision (SQLite R*Tree module, section 3.1.1), rounded outwards;
#: a degree near 180 is then at most 1.6e-5 away.
_RTREE_TOLERANCE_DEG = 2e-5


def findings(connection: sqlite3.Connection) -> list[Finding]:
    """Message keys and facts of what is wrong; of a damaged file only the damage."""
    found = [*file_faults(connection), *_shape_faults(connection)]
    if any(key in DAMAGE for key, _ in found):
        return found
    return [
        *found,
        *check_derived.findings(connection),
        *_index_faults(connection),
        *_reference_faults(connection),
    ]


def file_faults(connection: sqlite3.Connection) -> list[Finding]:
    """Where the storage, its indexes or the map's index do not say what the rows say."""
    faults = [("check.file", {"what": line}) for line in damage(connection, _SHOWN)]
    if not check_derived.index_whole(connection):
        return [*faults, ("check.no_index", {})]
    lines = [row[0] for row in connection.execute(f"SELECT rtreecheck('{gpkg.RTREE}')")]
    return [*faults, *(("check.index_file", {"what": n}) for n in lines if n != "ok")]


def _shape_faults(connection: sqlite3.Connection) -> list[Finding]:
    """Columns that another program took away, as it rebuilt or renamed them."""
    faults = []
    for table in SQLModel.metadata.tables:
        present = {
            name
            for (name,) in connection.execute("SELECT name FROM pragma_table_xinfo(?)", (table,))
        }
        missing = [name for name in ("fid", *columns(table)) if name not in present]
        if "uid" in columns(table) and not _has_unique_index(connection, table):
            missing.append("UNIQUE (uid)")
        if missing:
            facts = {"table": table, "columns": ", ".join(missing[:_SHOWN])}
            faults.append(("check.columns", facts))
    altered = (("check.altered", {"table": name}) for name in definitions.altered(connection))
    return [*faults, *check_shapes.kind_findings(connection), *altered]


def _has_unique_index(connection: sqlite3.Connection, table: str) -> bool:
    """Whether a key can stand in a table once only."""
    found = connection.execute(
        "SELECT group_concat(c.name) FROM pragma_index_list(?) AS i, "
        'pragma_index_info(i.name) AS c WHERE i."unique" AND NOT i.partial GROUP BY i.name',
        (table,),
    )
    return ("uid",) in found.fetchall()


def _index_faults(connection: sqlite3.Connection) -> list[Finding]:
    if not check_derived.index_whole(connection):
        return []
    faults: list[Finding] = []
    rows = connection.execute(
        f"SELECT a.uid, a.code, a.geom, r.minx, r.maxx, r.miny, r.maxy "
        f"FROM asset a LEFT JOIN {gpkg.RTREE} r ON r.id = a.fid"
    )
    for uid, code, geom, *box in rows:
        point = decode_point(geom)
        if point is None:
            faults.append(("check.no_position", {"asset": code or uid}))
        elif box[0] is None or not _within(point, box):
            faults.append(("check.index", {"asset": code or uid}))
    extra = connection.execute(
        f"SELECT count(*) FROM {gpkg.RTREE} WHERE id NOT IN (SELECT fid FROM asset)"
    ).fetchone()[0]
    if extra:
        faults.append(("check.index_extra", {"count": extra}))
    return faults


def _within(point: tuple[float, float], box: list[float]) -> bool:
    lon, lat = point
    slack = _RTREE_TOLERANCE_DEG
    return (
        box[0] - slack <= lon <= box[1] + slack
        and box[2] - slack <= lat <= box[3] + slack
        and box[1] - box[0] <= 2 * slack
    )


def _reference_faults(connection: sqlite3.Connection) -> list[Finding]:
    return [
        ("check.reference", {"table": table, "row": row, "parent": parent})
        for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check")
    ]
