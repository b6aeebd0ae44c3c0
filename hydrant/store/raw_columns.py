"""Names of the stored columns of each table."""

from __future__ import annotations

from functools import cache

from sqlmodel import SQLModel

from hydrant.model import books, tables  # noqa: F401  the tables are known once imported


@cache
def columns(table: str) -> tuple[str, ...]:
    """Stored columns of a table, without the file-local number and computed ones."""
    found = SQLModel.metadata.tables[table].columns
    return tuple(c.name for c in found if c.name != "fid" and c.computed is None)
