"""What stands in a database: a registry of which version, and whether it uses roles."""

from __future__ import annotations

from hydrant.errors import StoreError
from hydrant.store.ground.backend import one_row
from hydrant.store.migrations import LATEST
from hydrant.store.server.connection import ServerConnection


def found_version(connection: ServerConnection) -> int | None:
    """Schema version; None where there is no registry."""
    (there,) = one_row(connection.server("SELECT to_regclass('hydrant.migration') IS NOT NULL"))
    if not there:
        return None
    (version,) = one_row(connection.server("SELECT max(version) FROM migration"))
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


def uses_roles(connection: ServerConnection) -> bool:
    """Whether this registry uses roles."""
    found: bool = one_row(connection.server("SELECT to_regclass('role_region') IS NOT NULL"))[0]
    return bool(found)
