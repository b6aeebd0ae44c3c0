"""The tables of a registry, all of them known once this is imported."""

from __future__ import annotations

from sqlalchemy import Table
from sqlmodel import SQLModel

from hydrant.model import books, tables  # noqa: F401  the tables are known once imported


def table(name: str) -> Table:
    """A table by its name."""
    return SQLModel.metadata.tables[name]


def names() -> set[str]:
    """Names of all tables."""
    return set(SQLModel.metadata.tables)
