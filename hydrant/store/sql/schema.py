"""The registry's schema as SQL, made from the SQLModel tables.

`hydrant.store.migrations` holds the frozen text of each version; a test compares the schema
that the migrations build with this one, so the two cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Column, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlmodel import SQLModel

from hydrant.model import books, tables
from hydrant.model.rows import UNSTAMPED
from hydrant.store.ground import gpkg
from hydrant.store.sql import evidence_sql

#: Kept out of GIS programs' layer lists: bookkeeping that nobody should edit there.
_BOOKKEEPING = {
    table.__tablename__
    for table in (books.SourceRecord, books.Change, books.Setting, books.Migration,
                  books.ImportBatch, books.Bundle, books.Proposal, books.Conflict,
                  books.OutsideEdit, books.Seal, books.SealBlock, tables.AssetAlias)
}  # fmt: skip


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


#: Tables in which other programs may edit; what they do there is written down.
WATCHED = ("asset", "lifecycle", "inspection", "defect", "requirement", "sensor", "region",
           "region_successor")  # fmt: skip


def watch_ddl() -> tuple[str, ...]:
    """Triggers that write down every change made while no transaction of ours is open.

    Ours puts a row ``writing`` into the settings and takes it out again before it commits, so
    nobody else ever sees it.
    """
    statements: list[str] = []
    for table in SQLModel.metadata.sorted_tables:
        if table.name in WATCHED:
            statements.extend(_watch_table(table))
    return tuple(statements)


def _watch_table(table: Table) -> Iterator[str]:
    pairs = ", ".join(
        f"'{column.name}', " + (f"hex(OLD.{column.name})" if _is_blob(column)
                                else f"OLD.{column.name}")
        for column in table.columns if column.computed is None
    )  # fmt: skip
    for action, row, before in (
        ("insert", "NEW", "NULL"),
        ("update", "OLD", f"json_object({pairs})"),
        ("delete", "OLD", f"json_object({pairs})"),
    ):
        yield (
            f"CREATE TRIGGER watch_{table.name}_{action} AFTER {action.upper()} ON {table.name} "
            "WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') "
            "BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES "
            f"(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), '{table.name}', {row}.fid, '{action}', "
            f"{before}); END"
        )


def _is_blob(column: Column[object]) -> bool:
    return column.name in ("geom", "boundary")


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
    statements.extend(watch_ddl())
    statements.extend(
        gpkg.attribute_ddl(table.name)
        for table in SQLModel.metadata.sorted_tables
        if table.name not in _BOOKKEEPING | {tables.Asset.__tablename__}
    )
    statements.extend(gpkg.style_ddl())
    return tuple(statements)
