"""What a registry's file must hold beside facts, and can be given again: held to a new one.

An empty registry is made in memory; triggers, indexes and the GeoPackage's own rows that it has
and the file lacks are missing there.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from hydrant.store.file import foreign_triggers
from hydrant.store.file.migrate import apply_changes
from hydrant.store.ground import gpkg
from hydrant.store.ground.backend import Finding

#: The GeoPackage's own tables, and what tells one of their rows from another.
CORE = {
    "gpkg_spatial_ref_sys": "srs_id",
    "gpkg_contents": "table_name",
    "gpkg_geometry_columns": "table_name || '.' || column_name",
    "gpkg_extensions": "table_name || '.' || column_name || ' ' || extension_name",
}


@contextmanager
def pristine() -> Iterator[sqlite3.Connection]:
    """An empty registry of the present schema, in memory."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        gpkg.register_functions(connection)
        apply_changes(connection, after=0)
        yield connection


def objects(connection: sqlite3.Connection, kind: str) -> dict[str, str]:
    """Text of each trigger or index by its name, with spaces made alike."""
    return {
        name: " ".join(sql.split())
        for name, sql in connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = ? AND sql IS NOT NULL ORDER BY name",
            (kind,),
        )
    }


def core_rows(connection: sqlite3.Connection, table: str) -> set[str]:
    """Keys of the rows of one of the GeoPackage's own tables; empty where it is missing."""
    if not has(connection, table):
        return set()
    rows = connection.execute(f"SELECT {CORE[table]} FROM {table}")
    return {str(key) for (key,) in rows}


def has(connection: sqlite3.Connection, name: str) -> bool:
    """Whether a database has a table of a name."""
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,))
    return found.fetchone() is not None


def index_whole(connection: sqlite3.Connection) -> bool:
    """Whether the map index is there with the tables it is stored in."""
    names = (gpkg.RTREE, *(f"{gpkg.RTREE}_{part}" for part in ("node", "rowid", "parent")))
    return all(has(connection, name) for name in names)


def findings(connection: sqlite3.Connection) -> list[Finding]:
    """Message keys and facts of what is missing."""
    with pristine() as new:
        return [
            *_trigger_findings(connection, new),
            *_foreign_triggers(connection, new),
            *(
                ("check.missing_index", {"name": name})
                for name in sorted(objects(new, "index").keys() - objects(connection, "index"))
            ),
            *_core_findings(connection, new),
            *_style_findings(connection),
            *_mark_findings(connection),
        ]


def _trigger_findings(connection: sqlite3.Connection, new: sqlite3.Connection) -> Iterator[Finding]:
    present = objects(connection, "trigger")
    for name, sql in objects(new, "trigger").items():
        watching = name.startswith("watch_")
        if name not in present:
            yield "check.watch" if watching else "check.trigger", {"name": name}
        elif present[name] != sql and not name.startswith(gpkg.RTREE):
            yield "check.watch" if watching else "check.other_trigger", {"name": name}


def _foreign_triggers(connection: sqlite3.Connection, new: sqlite3.Connection) -> Iterator[Finding]:
    """Triggers of other programs that write into our tables; altered ones of ours are told so."""
    ours = objects(new, "trigger")
    for name in foreign_triggers.foreign_triggers(connection):
        if name not in ours or name.startswith(gpkg.RTREE):
            yield "check.foreign_trigger", {"name": name}


def _core_findings(connection: sqlite3.Connection, new: sqlite3.Connection) -> Iterator[Finding]:
    for table in CORE:
        for key in sorted(core_rows(new, table) - core_rows(connection, table)):
            yield "check.contents", {"table": table, "row": key}


def _style_findings(connection: sqlite3.Connection) -> Iterator[Finding]:
    if not has(connection, "layer_styles"):
        yield "check.styles", {}
        return
    ours = "SELECT 1 FROM layer_styles WHERE owner = 'hydrant'"
    if connection.execute(ours).fetchone() is None:
        yield "check.styles", {}


def _mark_findings(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Our own mark that stayed behind: changes by others are not written down meanwhile."""
    mark = "SELECT 1 FROM setting WHERE key = 'writing'"
    if not connection.in_transaction and connection.execute(mark).fetchone():
        yield "check.writing", {}
