"""Rows of any fact table as plain columns, written with their audit entries.

Merging and uniting treat all tables alike; they work on stored values, so that nothing is
turned into an object and back on the way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache

from sqlmodel import SQLModel

from hydrant.model import books, tables  # noqa: F401  the tables are known once imported
from hydrant.model.columns import UtcTime
from hydrant.model.geopoint import decode_point
from hydrant.model.values import Record
from hydrant.store.ground.raw_columns import columns as columns  # noqa: PLC0414  callers know it here
from hydrant.store.ground.raw_columns import kinds as kinds  # noqa: PLC0414  as above
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Entry, Writer

Row = Record


@cache
def time_columns(table: str) -> tuple[str, ...]:
    """Columns of a table that hold a moment."""
    found = SQLModel.metadata.tables[table].columns
    return tuple(c.name for c in found if isinstance(c.type, UtcTime))


def fetch(registry: Registry, table: str, uid: str) -> Row | None:
    """The row of a key; None when there is none."""
    names = columns(table)
    found = registry.connection.execute(
        f"SELECT {', '.join(names)} FROM {table} WHERE uid = ?", (uid,)
    ).fetchone()
    return None if found is None else dict(zip(names, found, strict=True))


def exists(registry: Registry, table: str, column: str, value: object) -> bool:
    """Whether a table has a row with a value."""
    return (
        column in columns(table)
        and registry.connection.execute(
            f"SELECT 1 FROM {table} WHERE {column} = ? LIMIT 1", (value,)
        ).fetchone()
        is not None
    )


def fetch_all(registry: Registry, table: str, where: Mapping[str, object]) -> Iterator[Row]:
    """Rows whose columns have the given values, in the order they were written."""
    names = columns(table)
    test = " AND ".join(f"{name} = ?" for name in where) or "1 = 1"
    for found in registry.connection.execute(
        f"SELECT {', '.join(names)} FROM {table} WHERE {test} ORDER BY fid", list(where.values())
    ).fetchall():
        yield dict(zip(names, found, strict=True))


def insert(writer: Writer, table: str, row: Row) -> None:
    """Write a new row; absent columns are null."""
    names = [name for name in columns(table) if name in row]
    writer.registry.connection.execute(
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
        [row[name] for name in names],
    )
    writer.log(Entry("insert", table, row["uid"], after=logged(row)))


def update(writer: Writer, table: str, former: Row, values: Mapping[str, object]) -> bool:
    """Set columns of a row that differ; False when none does."""
    changed = {name: value for name, value in values.items() if former[name] != value}
    if not changed:
        return False
    setting = ", ".join(f"{name} = ?" for name in changed)
    writer.registry.connection.execute(
        f"UPDATE {table} SET {setting} WHERE uid = ?", [*changed.values(), former["uid"]]
    )
    before = {name: former[name] for name in changed}
    writer.log(Entry("update", table, former["uid"], before=_plain(before), after=_plain(changed)))
    return True


def delete(writer: Writer, table: str, former: Row) -> None:
    """Take a row out; the audit entry keeps what it said."""
    writer.registry.connection.execute(f"DELETE FROM {table} WHERE uid = ?", (former["uid"],))
    writer.log(Entry("delete", table, former["uid"], before=logged(former)))


def logged(row: Row) -> Row:
    """What a row says, without empty columns, as the audit log writes it."""
    return _plain({name: value for name, value in row.items() if value is not None})


def _plain(values: Mapping[str, object]) -> Row:
    return {name: _logged_value(name, value) for name, value in values.items()}


def _logged_value(name: str, value: object) -> object:
    """A stored value as the log tells it: a position so that it can be put back, else a digest."""
    if not isinstance(value, bytes):
        return value
    point = decode_point(value) if name == "geom" else None
    return hashlib.sha256(value).hexdigest() if point is None else list(point)
