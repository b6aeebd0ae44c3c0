"""Looks over what only a registry on a server has: its triggers, index, references, positions."""

from __future__ import annotations

from typing import Any

from sqlmodel import SQLModel

from hydrant.store.server.connection import ServerConnection
from hydrant.store.server.ddl import triggers

Finding = tuple[str, dict[str, Any]]


def faults(connection: ServerConnection) -> list[Finding]:
    """Message keys and facts of what is wrong."""
    return [
        *_trigger_faults(connection),
        *_index_faults(connection),
        *_position_faults(connection),
        *_reference_faults(connection),
    ]


def _trigger_faults(connection: ServerConnection) -> list[Finding]:
    present = set(
        connection.server(
            "SELECT tgname::text, tgrelid::regclass::text FROM pg_trigger "
            "WHERE NOT tgisinternal AND tgenabled = 'O'"
        ).fetchall()
    )
    missing = sorted(triggers() - present)
    return [("check.trigger", {"name": f"{name} ({table})"}) for name, table in missing]


def _index_faults(connection: ServerConnection) -> list[Finding]:
    broken = connection.server(
        "SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
        "JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = 'hydrant' AND NOT (i.indisvalid AND i.indisready) ORDER BY 1"
    ).fetchall()
    there = connection.server("SELECT to_regclass('ix_asset_geom') IS NOT NULL").fetchone()[0]
    names = [name for (name,) in broken] + ([] if there else ["ix_asset_geom"])
    return [("check.file", {"what": name}) for name in names]


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
