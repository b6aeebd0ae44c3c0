"""A PostgreSQL connection with the surface that the store uses of an SQLite one."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import psycopg

from hydrant.errors import StoreError
from hydrant.model.values import Bound, Row
from hydrant.store.ground.backend import Counted, Cursor, one_row
from hydrant.store.ground.place import Server
from hydrant.store.server import load, pooler
from hydrant.store.server.adapt import like_sqlite
from hydrant.store.server.errors import connect_error, store_error
from hydrant.store.server.sql import translate
from hydrant.store.server.tls import secured

#: What breaks is told as an error, once; the driver's own remarks are not for the screen.
logging.getLogger("psycopg").addHandler(logging.NullHandler())

#: Advisory lock (class, number) of whoever writes to the registry: one at a time, as SQLite has
#: it, so that audit entries stay chained. object number will do; this one spells "HYDR".
WRITER_LOCK = (0x48594452, 1)
LOCK_TIMEOUT_MS = 5000
_CONNECT_TIMEOUT_S = 10

_SETUP = """
SET search_path TO hydrant, public; SET TimeZone TO 'UTC'; SET bytea_output TO 'hex';
SET extra_float_digits TO 1; SET standard_conforming_strings TO on; SET jit TO off
"""
#: Statements on temporary tables, which a reading session may make.
_SCRATCH = re.compile(r"^\s*(CREATE TEMP |CREATE INDEX temp\.|DROP TABLE IF EXISTS temp\.)")


class Done(NamedTuple):
    """What is known of a statement that gives no rows."""

    rowcount: int


class ServerConnection:
    """An open connection in autocommit mode; statements are in SQLite's words.

    Attributes
    ----------
    raw
        The driver's connection.
    alone
        Whether transactions wait for the registry's one writer.
    """

    def __init__(
        self, place: Server, raw: psycopg.Connection[Row], *, write: bool, alone: bool
    ) -> None:
        self.place, self.raw, self.alone = place, raw, alone
        self._write = write

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self.raw.info.transaction_status != psycopg.pq.TransactionStatus.IDLE

    def execute(self, sql: str, values: Bound = ()) -> Cursor:
        """Run a statement; its cursor."""
        if sql == "BEGIN IMMEDIATE":
            return self._begin()
        if not self._write and _SCRATCH.match(sql):
            return self._scratch(sql, values)
        statement = translate(sql)
        try:
            return psycopg.ClientCursor(self.raw).execute(
                statement.text,
                statement.bound(values),
            )
        except psycopg.Error as error:
            raise store_error(error, self.place) from error

    def executemany(self, sql: str, rows: Iterable[Sequence[object]]) -> Counted:
        """Run a statement for each row; plain inserts go in by COPY."""
        try:
            return Done(load.run(self.raw, sql, rows))
        except psycopg.Error as error:
            raise store_error(error, self.place) from error

    def server(self, sql: str, values: Bound | None = None) -> Cursor:
        """Run a statement that is PostgreSQL's own; its cursor."""
        try:
            return psycopg.ClientCursor(self.raw).execute(sql, values)
        except psycopg.Error as error:
            raise store_error(error, self.place) from error

    def _begin(self) -> Cursor:
        begun = self.server("BEGIN")
        if self.alone:
            self.server("SELECT pg_advisory_xact_lock(%s::int, %s::int)", WRITER_LOCK)
            self.server("SET LOCAL hydrant.writing TO 'on'")
        return begun

    def _scratch(self, sql: str, values: Bound) -> Cursor:
        statement = translate(sql)
        self.server("SET default_transaction_read_only TO off")
        try:
            if values:
                return self.server(statement.text, statement.bound(values))
            return self.server(statement.text.replace("%%", "%"))
        finally:
            self.server("SET default_transaction_read_only TO on")

    def close(self) -> None:
        """Close it."""
        self.raw.close()


def connect(place: Server, *, write: bool, alone: bool = True) -> ServerConnection:
    """Bare connection to a server; the caller closes it.

    Parameters
    ----------
    alone
        Whether its transactions wait for the registry's one writer.

    Raises
    ------
    StoreError
        The server cannot be reached or refuses, or a pooler lends single transactions.
    """
    try:
        raw: psycopg.Connection[Row] = psycopg.connect(
            secured(place.url),
            autocommit=True,
            prepare_threshold=None,
            connect_timeout=_CONNECT_TIMEOUT_S,
            keepalives_idle=15,
            keepalives_interval=5,
            keepalives_count=3,
            tcp_user_timeout=30_000,
            application_name="hydrant",
        )
    except psycopg.Error as error:
        raise connect_error(error, place) from None
    connection = ServerConnection(place, raw, write=write, alone=alone)
    try:
        _refuse_lent(place, raw)  # before anything is set in a session that is not ours
        connection.server(
            f"{_SETUP}; SET lock_timeout TO {LOCK_TIMEOUT_MS}; "
            f"SET default_transaction_read_only TO {'off' if write else 'on'}"
        )
        (geometry,) = one_row(connection.server("SELECT to_regtype('geometry')::oid"))
        like_sqlite(raw.adapters, geometry)
    except StoreError:
        raw.close()
        raise
    return connection


def _refuse_lent(place: Server, raw: psycopg.Connection[Row]) -> None:
    try:
        lent = pooler.lends_transactions(place, raw)
    except psycopg.Error as error:
        raise store_error(error, place) from error
    if lent:
        raise StoreError("server.pooled", file=place)
