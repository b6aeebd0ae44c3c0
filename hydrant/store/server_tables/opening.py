"""Opens registries on a server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hydrant.store.ground.place import Server
from hydrant.store.server.connection import connect
from hydrant.store.server.errors import server_errors, unless_lost
from hydrant.store.server.found import check_version
from hydrant.store.server_tables.backend import ServerBackend


@contextmanager
def opened(place: Server, *, write: bool, unfinished: bool = False) -> Iterator[ServerBackend]:
    """Open a registry on a server.

    Raises
    ------
    StoreError
        The server cannot be reached, refuses, or holds no registry of this version.
    """
    connection = connect(place, write=write)
    try:
        with server_errors(place):
            check_version(connection, unfinished=unfinished)
            yield ServerBackend(connection)
    finally:
        with unless_lost():
            connection.close()
