"""Makes and migrates registries on a server."""

from __future__ import annotations

from hydrant.errors import StoreError
from hydrant.ids import new_uid
from hydrant.store.chain import sealing
from hydrant.store.ground.backend import one_row
from hydrant.store.ground.place import Server
from hydrant.store.migrations import FIRST_SEALED, FOUND, LATEST
from hydrant.store.server.connection import ServerConnection, connect
from hydrant.store.server.found import UNFINISHED, found_version, uses_roles
from hydrant.store.server_schema import ddl, roles
from hydrant.store.server_tables import readings


def create(place: Server, *, settings: dict[str, str]) -> None:
    """Make an empty registry in a database that holds none.

    Raises
    ------
    StoreError
        A registry is there already, PostGIS is missing, or the server refuses.
    """
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
    (postgis,) = one_row(
        connection.server(
            "SELECT to_regtype('geometry') IS NOT NULL OR EXISTS "
            "(SELECT 1 FROM pg_available_extensions WHERE name = 'postgis')"
        )
    )
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
            if uses_roles(connection):
                roles.apply(connection)
        if version < FIRST_SEALED:
            sealing.founding(connection, FOUND, actor="hydrant", origin="db migrate")
        connection.execute("COMMIT")
    finally:
        connection.close()
    return applied
