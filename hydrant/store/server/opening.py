"""Makes, migrates and opens registries on a server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from hydrant.errors import StoreError
from hydrant.ids import new_uid
from hydrant.store.migrations import FIRST_SEALED, FOUND, LATEST
from hydrant.store.place import Server
from hydrant.store.registry import Registry
from hydrant.store.server.connection import ServerConnection, connect
from hydrant.store.server.errors import server_errors, unless_lost

if TYPE_CHECKING:
    import sqlite3


@contextmanager
def open_registry(place: Server, *, write: bool, unfinished: bool = False) -> Iterator[Registry]:
    """Open a registry on a server.

    Raises
    ------
    StoreError
        The server cannot be reached, refuses, or holds no registry of this version.
    """
    connection = connect(place, write=write)
    # it offers what the store uses of SQLite's connection
    registry = Registry(place, cast("sqlite3.Connection", connection))
    try:
        with server_errors(place):
            check_version(connection, unfinished=unfinished)
            yield registry
    finally:
        with unless_lost():
            registry.close()


def found_version(connection: ServerConnection) -> int | None:
    """Schema version; None where there is no registry."""
    (there,) = connection.server("SELECT to_regclass('hydrant.migration') IS NOT NULL").fetchone()
    if not there:
        return None
    (version,) = connection.server("SELECT max(version) FROM migration").fetchone()
    return UNFINISHED if version is None else int(version)


#: Version of a registry that is being copied.
UNFINISHED = 0


def check_version(connection: ServerConnection, *, unfinished: bool = False) -> None:
    """Refuse a database without a registry, or with one of another version."""
    version = found_version(connection)
    if version is None:
        raise StoreError("server.no_registry", file=connection.place)
    if version == UNFINISHED and unfinished:
        return
    if version == UNFINISHED:
        raise StoreError("server.unfinished", file=connection.place)
    if version > LATEST:
        raise StoreError("store.newer", file=connection.place, version=version, latest=LATEST)
    if version < LATEST:
        raise StoreError("server.migrate", file=connection.place, version=version, latest=LATEST)


def create(place: Server, *, settings: dict[str, str]) -> None:
    """Make an empty registry in a database that holds none.

    Raises
    ------
    StoreError
        A registry is there already, PostGIS is missing, or the server refuses.
    """
    from hydrant.store.chain import sealing  # noqa: PLC0415  they load the models
    from hydrant.store.server import ddl, readings  # noqa: PLC0415  as above

    connection = connect(place, write=True)
    try:
        connection.execute("BEGIN IMMEDIATE")
        if found_version(connection) is not None:
            raise StoreError("server.exists", file=place)
        _prepare(connection)
        ddl.apply_changes(connection, after=0)
        readings.apply_changes(connection)
        ddl.apply_programs(connection)
        for key, value in (*settings.items(), ("writer", new_uid())):
            connection.execute("INSERT INTO setting (key, value) VALUES (?, ?)", (key, value))
        sealing.founding(connection, "created", actor="hydrant", origin="init")
        connection.execute("COMMIT")
    finally:
        connection.close()


def _prepare(connection: ServerConnection) -> None:
    (postgis,) = connection.server(
        "SELECT to_regtype('geometry') IS NOT NULL OR EXISTS "
        "(SELECT 1 FROM pg_available_extensions WHERE name = 'postgis')"
    ).fetchone()
    if not postgis:
        raise StoreError("server.no_postgis", file=connection.place)
    connection.server("CREATE EXTENSION IF NOT EXISTS postgis SCHEMA public")
    connection.server("CREATE SCHEMA IF NOT EXISTS hydrant")


def migrate(place: Server) -> list[int]:
    """Bring a registry to the present schema in one transaction; versions applied.

    Raises
    ------
    StoreError
        There is no registry, or it is of a newer version.
    """
    from hydrant.store.chain import sealing  # noqa: PLC0415  as above
    from hydrant.store.server import ddl, readings, roles  # noqa: PLC0415  as above

    connection = connect(place, write=True)
    try:
        connection.execute("BEGIN IMMEDIATE")
        version = found_version(connection)
        if version is None:
            raise StoreError("server.no_registry", file=place)
        if version == UNFINISHED:
            raise StoreError("server.unfinished", file=place)
        if version > LATEST:
            raise StoreError("store.newer", file=place, version=version, latest=LATEST)
        applied = ddl.apply_changes(connection, after=version)
        if readings.apply_changes(connection) or applied:
            ddl.apply_programs(connection)
            if roles.there(connection):
                roles.apply(connection)
        if version < FIRST_SEALED:
            sealing.founding(connection, FOUND, actor="hydrant", origin="db migrate")
        connection.execute("COMMIT")
    finally:
        connection.close()
    return applied
