"""What kind of value each column of a table holds; SQLite itself takes anything anywhere."""

from __future__ import annotations

from functools import cache
from math import isfinite

from sqlalchemy import Boolean, Double, Integer, Text
from sqlmodel import SQLModel

from hydrant import times
from hydrant.errors import StoreError
from hydrant.model.columns import UtcTime
from hydrant.store.opened import raw_rows


@cache
def _kinds(table: str) -> dict[str, object]:
    columns = SQLModel.metadata.tables[table].columns
    return {name: columns[name].type for name in raw_rows.columns(table)}


@cache
def may_be_empty(table: str) -> frozenset[str]:
    """Columns that may hold nothing."""
    columns = SQLModel.metadata.tables[table].columns
    return frozenset(name for name in raw_rows.columns(table) if columns[name].nullable)


def misfit(table: str, row: raw_rows.Row) -> str | None:
    """Column whose value is of another kind than it should be; None when all fit."""
    for name, kind in _kinds(table).items():
        value = row.get(name)
        if value is None:
            if name in row and name not in may_be_empty(table):
                return name
        elif not _fits(kind, value):
            return name
    return None


def _fits(kind: object, value: object) -> bool:
    if isinstance(kind, UtcTime):
        return isinstance(value, str) and moment_text(value) is not None
    if isinstance(kind, Text):
        return isinstance(value, str)
    if isinstance(kind, Boolean):
        return value in (0, 1)
    if isinstance(kind, Integer):
        return isinstance(value, int)
    if isinstance(kind, Double):
        return isinstance(value, int | float) and isfinite(value)
    return isinstance(value, bytes)


def moment_text(value: str) -> str | None:
    """Stored text of a moment as another program wrote it; None when it is none."""
    try:
        return times.to_text(times.from_text(value))
    except (StoreError, ValueError, OverflowError):
        return None
