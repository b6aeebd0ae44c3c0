"""Looks a registry over: the file, the GeoPackage, the index, the references, the words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlmodel import SQLModel

from hydrant.errors import Phrase
from hydrant.model.geopoint import decode_point
from hydrant.store import check_derived, check_readings, check_shapes, gpkg, raw_rows
from hydrant.store.audit import verify
from hydrant.store.connection import damage
from hydrant.store.mending import disorders
from hydrant.store.place import Server, server_part
from hydrant.store.registry import Registry
from hydrant.vocabulary import KINDS, LifecycleEvent, Outcome, Service, Severity

_SHOWN = 20
#: What makes looking further idle.
_DAMAGE = {"check.file", "check.index_file", "check.columns"}
#: R-tree boxes are single precision (SQLite R*Tree module, section 3.1.1), rounded outwards;
#: a degree near 180 is then at most 1.6e-5 away.
_RTREE_TOLERANCE_DEG = 2e-5


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing found wrong: a message key and its facts."""

    key: str
    facts: dict[str, Any]


def damaged(faults: Iterable[Fault]) -> bool:
    """Whether the file itself is hit, so that looking further is idle."""
    return any(fault.key in _DAMAGE for fault in faults)


def check(registry: Registry) -> list[Fault]:
    """Everything found wrong with a registry; an empty list is a clean bill."""
    connection = registry.connection
    if isinstance(registry.path, Server):
        faults = [Fault(*fault) for fault in server_part("check").faults(connection)]
    else:
        faults = [*_file_faults(connection), *_shape_faults(connection)]
        if damaged(faults):
            return faults  # what follows would only repeat the damage in other words
        faults = [
            *faults,
            *(Fault(*found) for found in check_derived.findings(connection)),
            *_index_faults(connection),
            *_reference_faults(connection),
        ]
    return [
        *faults,
        *_word_faults(connection),
        *(Fault(*found) for found in check_shapes.computed_findings(connection)),
        *_version_faults(registry),
        *(Fault(*found) for found in check_readings.findings(registry.path)),
        *(Fault("check.audit", {"entry": broken}) for broken in verify(registry)[:_SHOWN]),
    ]


def _file_faults(connection: sqlite3.Connection) -> list[Fault]:
    faults = [Fault("check.file", {"what": line}) for line in damage(connection, _SHOWN)]
    if not check_derived.index_whole(connection):
        return [*faults, Fault("check.no_index", {})]
    lines = [row[0] for row in connection.execute(f"SELECT rtreecheck('{gpkg.RTREE}')")]
    return [*faults, *(Fault("check.index_file", {"what": n}) for n in lines if n != "ok")]


def _shape_faults(connection: sqlite3.Connection) -> list[Fault]:
    """Columns that another program took away, as it rebuilt or renamed them."""
    faults = []
    for table in SQLModel.metadata.tables:
        present = {
            name
            for (name,) in connection.execute("SELECT name FROM pragma_table_xinfo(?)", (table,))
        }
        missing = [name for name in ("fid", *raw_rows.columns(table)) if name not in present]
        if "uid" in raw_rows.columns(table) and not _has_unique_index(connection, table):
            missing.append("UNIQUE (uid)")
        if missing:
            facts = {"table": table, "columns": ", ".join(missing[:_SHOWN])}
            faults.append(Fault("check.columns", facts))
    return [*faults, *(Fault(*found) for found in check_shapes.kind_findings(connection))]


def _has_unique_index(connection: sqlite3.Connection, table: str) -> bool:
    """Whether a key can stand in a table once only."""
    found = connection.execute(
        "SELECT group_concat(c.name) FROM pragma_index_list(?) AS i, "
        'pragma_index_info(i.name) AS c WHERE i."unique" AND NOT i.partial GROUP BY i.name',
        (table,),
    )
    return ("uid",) in found.fetchall()


def _index_faults(connection: sqlite3.Connection) -> list[Fault]:
    if not check_derived.index_whole(connection):
        return []
    faults = []
    rows = connection.execute(
        f"SELECT a.uid, a.code, a.geom, r.minx, r.maxx, r.miny, r.maxy "
        f"FROM asset a LEFT JOIN {gpkg.RTREE} r ON r.id = a.fid"
    )
    for uid, code, geom, *box in rows:
        point = decode_point(geom)
        if point is None:
            faults.append(Fault("check.no_position", {"asset": code or uid}))
        elif box[0] is None or not _within(point, box):
            faults.append(Fault("check.index", {"asset": code or uid}))
    extra = connection.execute(
        f"SELECT count(*) FROM {gpkg.RTREE} WHERE id NOT IN (SELECT fid FROM asset)"
    ).fetchone()[0]
    if extra:
        faults.append(Fault("check.index_extra", {"count": extra}))
    return faults


def _within(point: tuple[float, float], box: list[float]) -> bool:
    lon, lat = point
    slack = _RTREE_TOLERANCE_DEG
    return (
        box[0] - slack <= lon <= box[1] + slack
        and box[2] - slack <= lat <= box[3] + slack
        and box[1] - box[0] <= 2 * slack
    )


def _reference_faults(connection: sqlite3.Connection) -> list[Fault]:
    return [
        Fault("check.reference", {"table": table, "row": row, "parent": parent})
        for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check")
    ]


def _version_faults(registry: Registry) -> list[Fault]:
    return [
        Fault(
            "check.versions",
            {"asset": one.code or one.uid, "what": Phrase(f"store.rows_{one.what}")},
        )
        for one in disorders(registry)
    ]


_WORDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("asset", "kind", KINDS),
    ("asset", "service", tuple(Service)),
    ("inspection", "outcome", tuple(Outcome)),
    ("defect", "severity", tuple(Severity)),
    ("lifecycle", "event", tuple(LifecycleEvent)),
)


def _word_faults(connection: sqlite3.Connection) -> list[Fault]:
    faults: list[Fault] = []
    for table, column, words in _WORDS:
        marks = ", ".join("?" * len(words))
        rows = connection.execute(
            f"SELECT {column}, count(*) FROM {table} WHERE {column} NOT IN ({marks}) "
            f"GROUP BY {column}",
            words,
        )
        faults.extend(
            Fault("check.word", {"table": table, "column": column, "value": value, "count": count})
            for value, count in rows
        )
    return faults
