"""Repairs what can be derived, on a copy beside the registry; the registry is only read.

Facts are never written: what they say is proven to be the same before and after. On a server it
is one transaction on the registry itself (`hydrant.store.care.server_repair`).
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import SQLModel

from hydrant import durable, private, times
from hydrant.errors import StoreError
from hydrant.ids import new_uid
from hydrant.model import books, tables  # noqa: F401  the tables are known once imported
from hydrant.store.care import mend_readings
from hydrant.store.care.check import Fault, check
from hydrant.store.file import check_derived, definitions
from hydrant.store.file.foreign_triggers import drop_foreign_triggers
from hydrant.store.ground.connection import connect, open_for_reading, sqlite_errors
from hydrant.store.ground.gpkg import RTREE
from hydrant.store.ground.location import beside
from hydrant.store.ground.place import Place, Server, server_extra
from hydrant.store.ground.proof import digest_of
from hydrant.store.opened.registry import open_registry
from hydrant.store.sql.qgis_style import put_styles
from hydrant.vocabulary import Language


@dataclass(frozen=True, slots=True)
class Repaired:
    """A repaired copy or server, what was wrong before, and what still is.

    Attributes
    ----------
    readings
        The repaired readings beside it; None where there are none, or on a server.
    """

    path: Place
    readings: Path | None
    before: list[Fault]
    left: list[Fault]
    digest: str


def repair(place: Place, *, lang: Language) -> Repaired:
    """Make a copy of a registry in which all that can be derived is derived anew.

    A server's registry is repaired where it stands.

    Raises
    ------
    StoreError
        It cannot be read to its end, or the copy cannot be written; on a server the user may
        not do that, or it would not do.
    """
    if isinstance(place, Server):
        with server_extra():
            from hydrant.store.care import server_repair as server  # noqa: PLC0415  as it says
        found, left, digest = server.repair(place)
        return Repaired(place, None, found, left, digest)
    moment = times.to_text(times.now())[:19].replace(":", "").replace("-", "")
    target = place.with_name(f"{place.stem}.repaired-{moment}Z.gpkg")
    aside = place.with_name(f".{place.stem}.{new_uid()}.gpkg")
    with open_registry(place) as registry:
        before = check(registry)
    try:
        digest = _repaired(place, aside, lang)
        readings = _repaired_readings(place, aside)
        with open_registry(aside) as registry:
            left = check(registry)
        if readings is not None:
            durable.put(readings, beside(target))
        durable.put(aside, target)
    except OSError as error:
        raise StoreError("store.cannot_create", file=target, why=error.strerror) from None
    finally:
        private.discard(aside, beside(aside))
    return Repaired(target, None if readings is None else beside(target), before, left, digest)


def _repaired(place: Path, aside: Path, lang: Language) -> str:
    """Copy a registry and mend the copy; the digest of its facts."""
    _copied(place, aside)
    with sqlite_errors(aside), closing(connect(aside, write=True, older=True)) as copy:
        held = digest_of(copy, _facts())
        copy.execute("PRAGMA foreign_keys = OFF")
        copy.execute("BEGIN IMMEDIATE")
        _mend(copy, lang)
        copy.execute("COMMIT")
        copy.execute("REINDEX")
        now = digest_of(copy, _facts())
        if now != held:
            raise StoreError("store.copy_differs", file=aside, table="-")
    return now


def _facts() -> list[str]:
    return [t.name for t in SQLModel.metadata.sorted_tables if t.name != "setting"]


def _copied(source: Path, target: Path) -> None:
    private.new_file(target)
    with (
        sqlite_errors(source),
        closing(open_for_reading(source)) as original,
        closing(sqlite3.connect(target)) as copy,
    ):
        original.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")


def _mend(copy: sqlite3.Connection, lang: Language) -> None:
    drop_foreign_triggers(copy)
    for name in definitions.altered(copy):
        _rebuild_table(copy, name)
    copy.execute("DELETE FROM setting WHERE key = 'writing'")
    with check_derived.pristine() as new:
        _rebuild_index(copy)
        _put_core(copy, new)
        for kind in ("index", "trigger"):
            _put_objects(copy, new, kind)
        if any(key == "check.styles" for key, _ in check_derived.findings(copy)):
            _put_styles(copy, new, lang)
    copy.execute(
        "UPDATE gpkg_contents SET (min_x, min_y, max_x, max_y) = (SELECT min(ST_MinX(geom)), "
        "min(ST_MinY(geom)), max(ST_MaxX(geom)), max(ST_MaxY(geom)) FROM asset) "
        "WHERE table_name = 'asset' AND min_x IS NOT NULL"
    )


def _rebuild_table(copy: sqlite3.Connection, name: str) -> None:
    """Make a table as this program defines it and put the rows into it; else it stays as it is."""
    copy.execute("SAVEPOINT rebuild")
    try:
        with check_derived.pristine() as new:
            found = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?"
            (made,) = new.execute(found, (name,)).fetchone()
            own = new.execute("SELECT name FROM pragma_table_info(?)", (name,)).fetchall()
        names = ", ".join(column for (column,) in own)
        copy.execute("PRAGMA legacy_alter_table = ON")
        copy.execute(f"ALTER TABLE {name} RENAME TO former_{name}")
        copy.execute(made)
        copy.execute(f"INSERT INTO {name} ({names}) SELECT {names} FROM former_{name}")
        copy.execute(  # no number is given twice, that of a row taken out neither
            "UPDATE sqlite_sequence SET seq = (SELECT seq FROM sqlite_sequence WHERE name = ?) "
            "WHERE name = ?",
            (f"former_{name}", name),
        )
        copy.execute(f"DROP TABLE former_{name}")
    except (sqlite3.IntegrityError, sqlite3.OperationalError):
        copy.execute("ROLLBACK TO rebuild")  # told by the check that follows
    copy.execute("RELEASE rebuild")


#: Tables in which SQLite's R*Tree module keeps an index (its documentation, section 5).
_SHADOWS = {
    "node": "nodeno INTEGER PRIMARY KEY, data",
    "rowid": "rowid INTEGER PRIMARY KEY, nodeno",
    "parent": "nodeno INTEGER PRIMARY KEY, parentnode",
}


def _rebuild_index(copy: sqlite3.Connection) -> None:
    """Drop the map index, in whatever state it is, and make it anew from the positions."""
    for name in list(check_derived.objects(copy, "trigger")):
        if name.startswith(RTREE):
            copy.execute(f"DROP TRIGGER {name}")
    if not check_derived.index_whole(copy):
        for part, columns in _SHADOWS.items():  # what is lacking, so that it can be dropped
            copy.execute(f"CREATE TABLE IF NOT EXISTS {RTREE}_{part} ({columns})")
    if check_derived.has(copy, RTREE):
        copy.execute(f"DROP TABLE {RTREE}")
    for part in _SHADOWS:
        copy.execute(f"DROP TABLE IF EXISTS {RTREE}_{part}")
    copy.execute(f"CREATE VIRTUAL TABLE {RTREE} USING rtree(id, minx, maxx, miny, maxy)")
    copy.execute(
        f"INSERT INTO {RTREE} SELECT fid, ST_MinX(geom), ST_MaxX(geom), ST_MinY(geom), "
        "ST_MaxY(geom) FROM asset WHERE geom NOT NULL AND NOT ST_IsEmpty(geom)"
    )


def _put_core(copy: sqlite3.Connection, new: sqlite3.Connection) -> None:
    for table, key in check_derived.CORE.items():
        if not check_derived.has(copy, table):
            (sql,) = new.execute(
                "SELECT sql FROM sqlite_master WHERE name = ?", (table,)
            ).fetchone()
            copy.execute(sql)
        missing = check_derived.core_rows(new, table) - check_derived.core_rows(copy, table)
        for row in new.execute(f"SELECT *, {key} FROM {table}").fetchall():
            if str(row[-1]) in missing:
                marks = ", ".join("?" * (len(row) - 1))
                copy.execute(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", row[:-1])


def _put_objects(copy: sqlite3.Connection, new: sqlite3.Connection, kind: str) -> None:
    wanted, present = (check_derived.objects(one, kind) for one in (new, copy))
    for name, sql in wanted.items():
        if name not in present:
            copy.execute(sql)
        elif present[name] != sql and not name.startswith(RTREE):
            copy.execute(f"DROP {kind} {name}")
            copy.execute(sql)


def _put_styles(copy: sqlite3.Connection, new: sqlite3.Connection, lang: Language) -> None:
    if not check_derived.has(copy, "layer_styles"):
        found = "SELECT sql FROM sqlite_master WHERE name = 'layer_styles'"
        copy.execute(new.execute(found).fetchone()[0])
    put_styles(copy, lang)


def _repaired_readings(place: Path, aside: Path) -> Path | None:
    source, target = beside(place), beside(aside)
    if not source.is_file():
        return None
    _copied(source, target)
    with open_registry(aside) as registry:
        quantities: dict[str, str] = dict(
            registry.connection.execute("SELECT uid, quantity FROM sensor")
        )
    with sqlite_errors(target), closing(sqlite3.connect(target, isolation_level=None)) as copy:
        held = digest_of(copy, ["reading", "alarm"])
        copy.execute("BEGIN IMMEDIATE")
        mend_readings.mend(copy, quantities)
        copy.execute("COMMIT")
        copy.execute("REINDEX")
        if digest_of(copy, ["reading", "alarm"]) != held:
            raise StoreError("store.copy_differs", file=target, table="reading")
        copy.execute("PRAGMA journal_mode = WAL")
    return target
