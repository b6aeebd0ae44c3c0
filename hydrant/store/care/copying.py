"""Copies a whole registry with its readings from one store to another, and proves it equal.

The target is no registry until the digests of every table agree: a file has another name until
then, a server has no schema version. What was copied stays when the work is broken off; the
same command goes on from there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlmodel import SQLModel

from hydrant import durable
from hydrant.errors import StoreError
from hydrant.model import books, tables  # noqa: F401  the tables are known once imported
from hydrant.model.values import Row
from hydrant.store.file.migrate import create
from hydrant.store.ground.backend import Connection, column_names, one_row
from hydrant.store.ground.location import readings_path
from hydrant.store.ground.place import Place, Server, server_extra
from hydrant.store.ground.raw_columns import columns as columns_of
from hydrant.store.opened.registry import Registry, open_registry
from hydrant.store.readings.readings import Readings
from hydrant.store.readings.readings_file import open_readings, view_readings

_PAGE = 20_000
#: Tables of the readings store but readings themselves, and the order of their rows. Whose file it
#: is (`belonging`) is not copied: the copy's own is told when it is opened beside the copy.
_READINGS = {
    "latest": "sensor_uid",
    "reading_hour": "sensor_uid, hour",
    "alarm_state": "sensor_uid, kind",
    "alarm": "uid",
    "poll_run": "uid",
    "out_of_service": "sensor_uid",
    "expected_use": "uid",
    "birth": "born_at",
    "former_reading": "sensor_uid, at, replaced_at",
    "service_pause": "sensor_uid, since",
    "refused_point": "gateway, unit, profile, point",
    "reading_seal": "number",
    "reading_block": "entity, block",
}
_READING = ("fid", "sensor_uid", "asset_uid", "at", "value", "quality", "reason", "raw", "run_uid",
            "arrived_at")  # fmt: skip
Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied: rows of each table, and the digest over all of them."""

    rows: dict[str, int] = field(default_factory=dict)
    digest: str = ""


def copy_registry(source: Place, target: Place, *, advance: Advance) -> Copied:
    """Copy a registry; the target must be empty, or a copy of the same that was broken off.

    Raises
    ------
    StoreError
        The target holds something else, or the copy differs from what it was made of.
    """
    with ExitStack() as stack:
        origin = stack.enter_context(open_registry(source))
        stack.enter_context(origin.backend.at_one_moment())
        aside = _prepared(target, origin)
        with _unfinished(aside, target) as copy:
            _copy_tables(origin, copy, advance)
            _copy_readings(origin, aside, advance)
            copied = _proven(origin, copy, aside)
            copy.backend.finish_copy()
    if isinstance(aside, Path) and isinstance(target, Path):
        _rename(aside, target)
    return copied


def _prepared(target: Place, origin: Registry) -> Place:
    """Where the copy is made; an empty registry is made there unless one was begun."""
    if isinstance(target, Server):
        with server_extra():
            from hydrant.store.care import server_copying as copying  # noqa: PLC0415  a file needs no driver
        copying.prepare(target, origin.settings["writer"])
        return target
    if target.exists():
        raise StoreError("store.exists", file=target)
    aside = target.with_name(f".{target.stem}.copying.gpkg")
    if not aside.exists():
        create(aside, settings={})
    return aside


@contextmanager
def _unfinished(aside: Place, target: Place) -> Iterator[Registry]:
    with open_registry(aside, write=True, unfinished=True) as copy:
        own = one_row(copy.connection.execute("SELECT count(*) FROM setting"))[0]
        if own > 1 and target.exists():
            raise StoreError("store.exists", file=target)
        yield copy


def names() -> list[str]:
    """Tables of a registry, parents before their children."""
    return [t.name for t in SQLModel.metadata.sorted_tables if t.name != "migration"]


def pages(connection: Connection, table: str, after: int) -> Iterator[list[Row]]:
    """Rows of a table after a number, each with its number before its columns, by the page."""
    listed = ", ".join(f'"{name}"' for name in columns_of(table))
    while True:
        rows = connection.execute(
            f"SELECT fid, {listed} FROM {table} WHERE fid > ? ORDER BY fid LIMIT ?", (after, _PAGE)
        ).fetchall()
        if not rows:
            return
        yield rows
        after = rows[-1][0]


def _copy_tables(origin: Registry, copy: Registry, advance: Advance) -> None:
    writer = copy.connection.execute("SELECT value FROM setting WHERE key = 'writer'").fetchone()
    if writer is None or writer[0] != origin.settings["writer"]:
        clear_founding(copy)
    for table in names():
        (after,) = one_row(copy.connection.execute(f"SELECT coalesce(max(fid), 0) FROM {table}"))
        for rows in pages(origin.connection, table, after):
            put_rows(copy, table, rows)
            advance(len(rows))


def clear_founding(copy: Registry) -> None:
    """Take out what making a registry puts into it, so that it can become a copy of another."""
    for table in ("setting", "seal", "seal_block"):
        copy.connection.execute(f"DELETE FROM {table}")


def put_rows(copy: Registry, table: str, rows: list[Row]) -> None:
    """Write rows (number, then columns) as they are, in one transaction."""
    columns = ", ".join(f'"{name}"' for name in ("fid", *columns_of(table)))
    marks = ", ".join("?" * (1 + len(columns_of(table))))
    copy.connection.execute("BEGIN IMMEDIATE")
    with copy.backend.as_ours("copy"):
        copy.connection.executemany(
            f"INSERT INTO {table} ({columns}) VALUES ({marks})",
            (tuple(map(_storable, row)) for row in rows),
        )
    copy.connection.execute("COMMIT")


def _storable(value: object) -> object:
    """A value as both stores can hold it: without the character that PostgreSQL cannot."""
    return value.replace("\x00", "\x1d") if isinstance(value, str) and "\x00" in value else value


def _copy_readings(origin: Registry, aside: Place, advance: Advance) -> None:
    with view_readings(readings_path(origin.path), latest=True) as left:
        if left is None:
            return
        with open_readings(readings_path(aside)) as came:
            for table in _READINGS:
                _copy_small(left, came, table)
            _copy_reading(left, came, advance)


def _columns(store: Readings, table: str) -> list[str]:
    # the two stores have them in an order of their own
    return sorted(column_names(store.connection.execute(f"SELECT * FROM {table} LIMIT 0")))


def _copy_small(left: Readings, came: Readings, table: str) -> None:
    names = _columns(left, table)
    rows = left.connection.execute(f"SELECT {', '.join(names)} FROM {table}").fetchall()
    with came.transaction(copying=True):
        came.connection.execute(f"DELETE FROM {table}")
        came.connection.executemany(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", rows
        )


def _sensors(store: Readings) -> list[str]:
    """Sensors of which there are readings; what was handed up from below has no latest value."""
    rows = store.connection.execute("SELECT DISTINCT sensor_uid FROM reading ORDER BY sensor_uid")
    return [uid for (uid,) in rows.fetchall()]


def _readings_of(store: Readings, sensor: str) -> list[Row]:
    found: list[Row] = store.connection.execute(
        f"SELECT {', '.join(_READING)} FROM reading WHERE sensor_uid = ? ORDER BY at", (sensor,)
    ).fetchall()
    return found


def _copy_reading(left: Readings, came: Readings, advance: Advance) -> None:
    waiting: list[Row] = []
    for sensor in _sensors(left):
        waiting.extend(_readings_of(left, sensor))
        if len(waiting) >= _PAGE:
            came.copy_in(waiting, _READING)
            advance(len(waiting))
            waiting.clear()
    came.copy_in(waiting, _READING)
    advance(len(waiting))


def _proven(origin: Registry, copy: Registry, aside: Place) -> Copied:
    """Rows and digest of the copy; raises where a table differs."""
    left, came = _all_digests(origin, origin.path), _all_digests(copy, aside)
    for name, (digest, rows) in left.items():
        if came.get(name, ("", 0)) != (digest, rows):
            raise StoreError("store.copy_differs", file=aside, table=name)
    total = hashlib.sha256(json.dumps(left, sort_keys=True).encode()).hexdigest()
    return Copied({name: rows for name, (_, rows) in left.items()}, total)


def _all_digests(registry: Registry, place: Place) -> dict[str, tuple[str, int]]:
    found = table_digests(registry)
    with view_readings(readings_path(place)) as store:
        return found if store is None else found | _reading_digests(store)


def table_digests(registry: Registry) -> dict[str, tuple[str, int]]:
    """Digest and number of rows of each table of a registry, the same on a file and a server."""
    return {
        name: _digest(row for page in pages(registry.connection, name, 0) for row in page)
        for name in names()
    }


def _reading_digests(store: Readings) -> dict[str, tuple[str, int]]:
    found = {
        table: _digest(
            store.connection.execute(
                f"SELECT {', '.join(_columns(store, table))} FROM {table} ORDER BY {order}"
            ).fetchall()
        )
        for table, order in _READINGS.items()
    }
    rows = (row for sensor in _sensors(store) for row in _readings_of(store, sensor))
    return found | {"reading": _digest(rows)}


def plain_row(row: Row) -> list[object]:
    """A row as text and numbers, the same from both stores."""
    return [value.hex() if isinstance(value, bytes) else _storable(value) for value in row]


def _digest(rows: Iterable[Row]) -> tuple[str, int]:
    digest, count = hashlib.sha256(), 0
    for row in rows:
        digest.update(json.dumps(plain_row(row), ensure_ascii=False).encode())
        count += 1
    return digest.hexdigest(), count


def _rename(aside: Path, target: Path) -> None:
    readings, final = readings_path(aside), readings_path(target)
    if isinstance(readings, Path) and isinstance(final, Path) and readings.exists():
        durable.put(readings, final)
    durable.put(aside, target)
