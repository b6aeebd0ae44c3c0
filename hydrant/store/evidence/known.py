"""The registry as it was known at an earlier moment: later corrections undone, in memory only.

Facts that were added later are left out by their time of recording. Facts that were *changed*
later (a defect cleared, a requirement ended, a value corrected) are put back from the audit log
into temporary tables, which hide the stored ones for as long as the question takes. A fact from
the level below bears the time at which it was recorded there; here it was known from the moment
at which its package was taken, and the log tells what came with each.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.model.effective import EFFECTIVE_AT
from hydrant.model.geopoint import encode_point
from hydrant.store.evidence.evidence import Cut
from hydrant.store.ground.backend import Connection, column_names, one_row
from hydrant.store.opened.registry import Registry

#: Tables whose rows are changed after they were recorded, and what their copies are looked up by.
_TABLES = {
    "asset": "uid",
    "asset_version": "asset_uid",
    "defect": "asset_uid",
    "inspection": "asset_uid",
    "lifecycle": "asset_uid",
    "requirement": "region_code",
    "region": "code",
    "region_successor": "code",
    "sensor": "asset_uid",
}
#: A column of which the audit log keeps a digest only.
_DIGESTED = "boundary"


class NotOnRecord(InputRefused):
    """What was known at a moment is not on record."""


@contextmanager
def as_known(registry: Registry, cut: Cut) -> Iterator[None]:
    """A block in which the registry's tables say what was known at the cut's moment.

    Within a block of the same moment they say so already.

    Raises
    ------
    NotOnRecord
        A package was taken since by a version that did not note what came with it.
    """
    if cut.known_at is None or registry.told_as_of == cut.known:
        yield
        return
    _refuse_unnamed(registry, cut.known)
    registry.told_as_of = cut.known
    try:
        with _put_back(registry.connection, cut.known):
            yield
    finally:
        registry.told_as_of = None


@contextmanager
def _put_back(connection: Connection, known: str) -> Iterator[None]:
    """A block in which temporary tables hide what was changed after a moment."""
    undone = _later(connection, known)
    tables = sorted({entity for entity, *_ in undone})
    try:
        for table in tables:
            connection.execute(f"CREATE TEMP TABLE {table} AS SELECT * FROM main.{table}")
            connection.execute(f"CREATE INDEX temp.ix_known_{table} ON {table} (uid)")
            connection.execute(f"CREATE INDEX temp.ix_key_{table} ON {table} ({_TABLES[table]})")
        for entity, uid, action, before in undone:
            _undo(connection, entity, uid, action, json.loads(before))
        if "inspection" in tables:  # a copy of a computed column is none
            connection.execute(f"UPDATE temp.inspection SET effective_at = {EFFECTIVE_AT}")
        yield
    finally:
        for table in tables:
            connection.execute(f"DROP TABLE IF EXISTS temp.{table}")


#: Rows that came with a package after a moment, and of which the log does not say which they were.
_UNNAMED = """
SELECT max(at) FROM change WHERE at > ? AND action = 'import' AND origin LIKE 'package take %'
  AND after IS NULL
"""


def _refuse_unnamed(registry: Registry, known: str) -> None:
    """Refuse a moment before a package that a version took which did not note what came with it."""
    (last,) = one_row(registry.connection.execute(_UNNAMED, (known,)))
    if last is not None:
        moment = times.local_moment(times.from_text(last), registry.zone)
        raise NotOnRecord("integrity.known_before_package", moment=moment)


def set_back(registry: Registry, known: dt.datetime) -> int:
    """How many changes count as known by a moment although they followed one stamped later.

    Each writer's entries stand in the order they were made, and a stamp is what the machine's
    clock said: where it was set back meanwhile, whether these were known cannot be said.
    """
    moment = times.to_text(known)
    count: int = one_row(
        registry.connection.execute(
            "SELECT count(*) FROM change JOIN (SELECT writer, min(fid) AS first FROM change "
            "WHERE at > ? GROUP BY writer) AS later ON change.writer = later.writer "
            "AND change.fid > later.first WHERE change.at <= ?",
            (moment, moment),
        )
    )[0]
    return count


def _later(connection: Connection, known: str) -> list[tuple[str, str, str, str]]:
    """Changes made after a moment, the latest first."""
    return connection.execute(
        "SELECT entity, entity_uid, action, CASE action WHEN 'import' THEN after ELSE before END "
        "FROM change WHERE at > ? "
        "AND (action IN ('update', 'delete') AND before IS NOT NULL "
        "OR action = 'import' AND after IS NOT NULL) "
        "AND entity IN (SELECT value FROM json_each(?)) ORDER BY fid DESC",
        (known, json.dumps(list(_TABLES))),
    ).fetchall()


def _undo(
    connection: Connection, table: str, uid: str, action: str, before: dict[str, object]
) -> None:
    if action == "import":
        connection.execute(
            f"DELETE FROM temp.{table} WHERE uid IN (SELECT value FROM json_each(?))",
            (json.dumps(before["uids"]),),
        )
        return
    columns = column_names(connection.execute(f"SELECT * FROM temp.{table} LIMIT 0"))
    values = {name: _restored(name, value) for name, value in before.items() if name in columns}
    values = {name: value for name, value in values.items() if value is not _LOST}
    there = f"SELECT 1 FROM temp.{table} WHERE uid = ?"
    if action == "delete":
        if connection.execute(there, (uid,)).fetchone() is not None:
            return  # another program's deletion that was put back: nothing was ever gone
        names = ", ".join(values)
        marks = ", ".join("?" * len(values))
        connection.execute(
            f"INSERT INTO temp.{table} ({names}) VALUES ({marks})", list(values.values())
        )
    elif values:
        setting = ", ".join(f"{name} = ?" for name in values)
        connection.execute(
            f"UPDATE temp.{table} SET {setting} WHERE uid = ?", [*values.values(), uid]
        )


#: What stands for a value that the log does not hold.
_LOST = object()


def _restored(name: str, value: object) -> object:
    """A value as it was stored; positions are told as lon and lat, by older versions not at all."""
    if name == _DIGESTED:
        return _LOST
    if name != "geom" or value is None:
        return value
    return encode_point(*value) if isinstance(value, list) else _LOST
