"""Rows of every sealed table, and another program that changes any of them behind our back."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from collections.abc import Iterator
from typing import Any

from hydrant.ids import new_uid
from hydrant.model.geopoint import encode_point, to_ewkb
from hydrant.store.chain.hashes import sealed_tables
from hydrant.store.ground.gpkg import register_functions
from hydrant.store.ground.place import Place, Server
from hydrant.store.ground.raw_columns import columns, kinds
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.transactions import transaction

#: Ways to circumvent the triggers that write down other programs' changes.
WAYS = ("with triggers", "without triggers", "as if it were us")
TABLES = sealed_tables()
_FORBIDDEN: tuple[type[Exception], ...] = (sqlite3.IntegrityError,)
with contextlib.suppress(ImportError):
    import psycopg

    _FORBIDDEN += (psycopg.IntegrityError,)
_TIMES = ("at", "until", "from", "due")


def fill(registry: Registry, rows: int) -> None:
    """Write some rows into every sealed table."""
    chance = random.Random(rows)
    tables = sorted(TABLES, key=lambda name: name != "asset")
    with transaction(registry, actor="a", origin="t") as writer:
        uids = [new_uid() for _ in range(rows)]
        for table in tables:
            for number in range(rows):
                row = drawn(chance, table, uids)
                if table == "asset":
                    row["uid"] = uids[number]
                insert(writer.registry.connection, table, row)


def insert(connection: Any, table: str, row: dict[str, Any], mark: str = "?") -> None:
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join([mark] * len(row))
    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))


def drawn(chance: random.Random, table: str, uids: list[str]) -> dict[str, Any]:
    """A row with any values."""
    return {name: value(chance, table, name, uids) for name in columns(table)}


def value(chance: random.Random, table: str, name: str, uids: list[str]) -> Any:
    held = kinds(table)[name]
    if name in ("asset_uid", "other_uid"):
        return chance.choice(uids)
    if name == "uid":
        return str(new_uid())
    if held == (str,) and (name.endswith(_TIMES) or name in ("valid_from", "valid_until")):
        return f"20{chance.randrange(10, 99)}-01-01T00:00:00.{chance.randrange(999):03}Z"
    if name == "geom":
        return encode_point(chance.uniform(118, 122), chance.uniform(27, 31))
    if held == (bytes,):
        return chance.randbytes(9)
    if float in held:
        return chance.choice([chance.uniform(-1e3, 1e3), float(chance.randrange(999)), 1e-300])
    if held == (int,):
        return chance.randrange(2)
    return "".join(chance.choices("ab中,'\"\\\n\x1f%é😀", k=6)) + str(chance.random())


@contextlib.contextmanager
def other_program(place: Place, way: str) -> Iterator[Any]:
    """Another program's connection that gets past the triggers in one of the `WAYS`."""
    if isinstance(place, Server):
        with psycopg.connect(place.url, autocommit=True) as connection:
            connection.execute("SET search_path TO hydrant, public")
            if way == "without triggers":
                connection.execute("SET session_replication_role TO replica")
            if way == "as if it were us":
                connection.execute("SET hydrant.writing TO 'on'")
            yield connection
        return
    with contextlib.closing(sqlite3.connect(place, isolation_level=None)) as connection:
        register_functions(connection)
        found = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        connection.execute("BEGIN")
        if way == "without triggers":
            for name, _ in found:
                connection.execute(f"DROP TRIGGER {name}")
        if way == "as if it were us":
            connection.execute("INSERT INTO setting (key, value) VALUES ('writing', 'x')")
        yield connection
        if way == "without triggers":
            for _, sql in found:
                connection.execute(sql)
        connection.execute("DELETE FROM setting WHERE key = 'writing'")
        connection.execute("COMMIT")


class Tamperer:
    """Changes rows at random and remembers which."""

    def __init__(self, place: Place, seed: int) -> None:
        self.place, self.chance = place, random.Random(seed)
        self.on_server = isinstance(place, Server)
        self.mark = "%s" if self.on_server else "?"

    def tamper(self, count: int) -> set[tuple[str, int]]:
        """Change so many rows; tables and numbers of those that were."""
        done: set[tuple[str, int]] = set()
        way = self.chance.choice(WAYS)
        with other_program(self.place, way) as connection:
            while len(done) < count:
                table = self.chance.choice(TABLES)
                found = self._one(connection, table, done)
                done |= {(table, fid) for fid in found}
        return done

    def _one(self, connection: Any, table: str, done: set[tuple[str, int]]) -> list[int]:
        action = self.chance.choice(("update", "update", "delete", "insert", "swap"))
        fids = [row[0] for row in connection.execute(f"SELECT fid FROM {table} ORDER BY fid")]
        kept = done | self._setting(connection)
        fids = [fid for fid in fids if (table, fid) not in kept]
        if len(fids) < 3:
            action = "insert"
        try:
            return list(getattr(self, f"_{action}")(connection, table, fids))
        except _FORBIDDEN:
            return []  # the database itself forbids it

    def _setting(self, connection: Any) -> set[tuple[str, int]]:
        """Settings without which there is no registry."""
        rows = connection.execute("SELECT fid, key FROM setting").fetchall()
        return {("setting", fid) for fid, key in rows if key in ("writer", "writing")}

    def _update(self, connection: Any, table: str, fids: list[int]) -> list[int]:
        fid = self.chance.choice(fids)
        name = self.chance.choice(columns(table))
        (was,) = connection.execute(
            f'SELECT "{name}" FROM {table} WHERE fid = {self.mark}', (fid,)
        ).fetchone()
        now = self._stored(table, name, value(self.chance, table, name, self._uids(connection)))
        if self.on_server and name == "geom":
            was = bytes.fromhex(was)[-16:].hex() if was else None
        if now == was or (isinstance(was, bool) and was == bool(now)):
            now = None
        connection.execute(f'UPDATE {table} SET "{name}" = {self.mark} WHERE fid = {self.mark}',
                           (now, fid))  # fmt: skip
        return [] if now == was else [fid]

    def _uids(self, connection: Any) -> list[str]:
        return [row[0] for row in connection.execute("SELECT uid FROM asset LIMIT 9")]

    def _stored(self, table: str, name: str, value: Any) -> Any:
        if self.on_server and _is_truth(table, name):
            return bool(value)
        if self.on_server and isinstance(value, bytes) and value[:2] == b"GP":
            import struct  # noqa: PLC0415

            return to_ewkb(*struct.unpack("<dd", value[-16:]))
        return value

    def _delete(self, connection: Any, table: str, fids: list[int]) -> list[int]:
        fid = self.chance.choice(fids)
        connection.execute(f"DELETE FROM {table} WHERE fid = {self.mark}", (fid,))
        return [fid]

    def _insert(self, connection: Any, table: str, fids: list[int]) -> list[int]:
        row = drawn(self.chance, table, self._uids(connection))
        row = {name: self._stored(table, name, cell) for name, cell in row.items()}
        if self.on_server:  # a number of its own would be in the way of the server's next one
            insert(connection, table, row, self.mark)
            return [connection.execute(f"SELECT max(fid) FROM {table}").fetchone()[0]]
        fid = max(fids, default=0) + self.chance.choice((1, 1, 50, 10**9))
        insert(connection, table, {"fid": fid, **row}, self.mark)
        return [fid]

    def _swap(self, connection: Any, table: str, fids: list[int]) -> list[int]:
        one, other = self.chance.sample(fids, 2)
        free = 10**12
        for was, now in ((one, free), (other, one), (free, other)):
            connection.execute(
                f"UPDATE {table} SET fid = {self.mark} WHERE fid = {self.mark}", (now, was)
            )
        return [one, other]


def _is_truth(table: str, name: str) -> bool:
    from sqlalchemy import Boolean  # noqa: PLC0415
    from sqlmodel import SQLModel  # noqa: PLC0415

    return isinstance(SQLModel.metadata.tables[table].columns[name].type, Boolean)
