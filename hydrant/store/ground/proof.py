"""Proves a copy of a database equal to its original: every table, row by row."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass

#: Derived from other tables, and held against them by the check.
_DERIVED = ("rtree_", "sqlite_")


@dataclass(frozen=True, slots=True)
class Content:
    """What a database holds: rows of each table, and one digest over all of them."""

    rows: dict[str, int]
    digest: str

    @property
    def total(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())


def content_of(connection: sqlite3.Connection) -> Content:
    """Rows and digest of what a database holds, whatever program put it there."""
    tables = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    ).fetchall()
    total, rows = hashlib.sha256(), {}
    for (table,) in tables:
        if not table.startswith(_DERIVED):
            rows[table], digest = _table(connection, table)
            total.update(f"{table} {rows[table]} {digest}\n".encode("utf-8", "surrogatepass"))
    return Content(rows, total.hexdigest())


def digest_of(connection: sqlite3.Connection, tables: list[str]) -> str:
    """One digest over all rows of some tables."""
    total = hashlib.sha256()
    for table in tables:
        total.update(_table(connection, table)[1].encode())
    return total.hexdigest()


def _table(connection: sqlite3.Connection, table: str) -> tuple[int, str]:
    digest, count = hashlib.sha256(), 0
    quoted = table.replace('"', '""')
    for row in connection.execute(f'SELECT * FROM "{quoted}" ORDER BY rowid'):
        digest.update(repr(row).encode("utf-8", "surrogatepass"))
        count += 1
    return count, digest.hexdigest()


def version_of(connection: sqlite3.Connection) -> int:
    """A number that changes whenever another connection commits something."""
    (version,) = connection.execute("PRAGMA data_version").fetchone()
    return int(version)
