"""Names of the stored columns of each table."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from hydrant.model.reading_columns import TABLES
from hydrant.model.values import Cell

if TYPE_CHECKING:
    from sqlalchemy import Table


def _modelled(name: str) -> Table:
    from hydrant.model import modelled  # noqa: PLC0415  a poll needs no models

    return modelled.table(name)


@cache
def columns(table: str) -> tuple[str, ...]:
    """Stored columns of a table, without the file-local number and computed ones."""
    if table in TABLES:
        return tuple(TABLES[table])
    found = _modelled(table).columns
    return tuple(c.name for c in found if c.name != "fid" and c.computed is None)


@cache
def kinds(table: str) -> dict[str, tuple[type, ...]]:
    """Types that the stored columns of a table hold, apart from null."""
    if table in TABLES:
        return TABLES[table]
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415  as above

    dialect = sqlite.dialect()
    found = _modelled(table).columns
    return {c.name: _held(str(c.type.compile(dialect=dialect))) for c in found}


def key_of(table: str) -> str | None:
    """Column whose value is kept beside the hash of a row, so that one that is gone can be named.

    What sensors said is known by the sensor, whatever its own key: that leads to the asset.
    """
    known = columns(table)
    names = ("sensor_uid", "asset_uid") if table in TABLES else ("uid",)
    return next((name for name in names if name in known), None)


def _held(declared: str) -> tuple[type, ...]:
    if declared in ("REAL", "DOUBLE", "FLOAT"):
        return (float, int)
    if declared in ("INTEGER", "BOOLEAN", "MEDIUMINT", "TINYINT"):
        return (int,)
    if declared in ("POINT", "BLOB", "MULTIPOLYGON", "GEOMETRY"):
        return (bytes,)
    return (str,)


@cache
def defaults(table: str) -> dict[str, Cell]:
    """What columns hold in a row that was inserted without them, apart from null."""
    from sqlalchemy import DefaultClause  # noqa: PLC0415  as above

    found = _modelled(table).columns
    told = {
        c.name: str(c.server_default.arg)
        for c in found
        if isinstance(c.server_default, DefaultClause)
    }
    return {n: text[1:-1] if text[0] == "'" else int(text) for n, text in told.items()}
