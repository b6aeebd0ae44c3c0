"""The registry's schema as SQL, made from the SQLModel tables.

`hydrant.store.migrations` holds the frozen text of each version; a test compares the schema
that the migrations build with this one, so the two cannot drift apart.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlmodel import SQLModel

from hydrant.model import tables
from hydrant.model.tables import UNSTAMPED
from hydrant.store import evidence_sql, gpkg

#: Kept out of GIS programs' layer lists: bookkeeping that nobody should edit there.
_BOOKKEEPING = {"source_record", "change", "setting", "migration", "import_batch"}


#: A random key stands in for UUIDv7, which SQL cannot make.
_RANDOM_UID = (
    "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || "
    "substr(hex(randomblob(2)), 2) || '-a' || substr(hex(randomblob(2)), 2) || '-' || "
    "hex(randomblob(6)))"
)


def _stamp_ddl(table: str) -> str:
    """Trigger that gives a fact added by another program its key and its time."""
    return (
        f"CREATE TRIGGER stamp_{table} AFTER INSERT ON {table} "
        f"WHEN NEW.uid = '{UNSTAMPED}' OR NEW.recorded_at = '{UNSTAMPED}' "
        f"BEGIN UPDATE {table} SET "
        f"uid = CASE uid WHEN '{UNSTAMPED}' THEN {_RANDOM_UID} ELSE uid END, "
        f"recorded_at = CASE recorded_at WHEN '{UNSTAMPED}' "
        "THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now') ELSE recorded_at END "
        "WHERE fid = NEW.fid; END"
    )


def registry_ddl() -> tuple[str, ...]:
    """Every statement that makes an empty registry, in order."""
    dialect = sqlite.dialect()
    statements = list(gpkg.CORE_DDL)
    for table in SQLModel.metadata.sorted_tables:
        statements.append(str(CreateTable(table).compile(dialect=dialect)).strip())
        statements.extend(
            str(CreateIndex(index).compile(dialect=dialect))
            for index in sorted(table.indexes, key=lambda index: str(index.name))
        )
    statements.extend(evidence_sql.EVIDENCE_INDEXES)
    statements.extend(gpkg.core_rows_ddl())
    statements.extend(gpkg.trigger_ddl())
    statements.extend(
        _stamp_ddl(table.name)
        for table in SQLModel.metadata.sorted_tables
        if {"uid", "recorded_at"} <= set(table.columns.keys())
    )
    statements.extend(
        gpkg.attribute_ddl(table.name)
        for table in SQLModel.metadata.sorted_tables
        if table.name not in _BOOKKEEPING | {tables.Asset.__tablename__}
    )
    return tuple(statements)


def initial_script() -> str:
    """Text of the first migration as it would be frozen today."""
    tidy = (statement.replace("\t", "  ").replace(" \n", "\n") for statement in registry_ddl())
    return ";\n\n".join(tidy) + ";\n\n"


if __name__ == "__main__":
    Path(__file__).with_name("migrations").joinpath("0001_initial.sql").write_text(
        initial_script(), encoding="utf-8"
    )
