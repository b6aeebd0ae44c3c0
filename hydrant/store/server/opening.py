"""Opens registries on a server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from hydrant.store.place import Server
from hydrant.store.registry import Registry
from hydrant.store.server.connection import connect
from hydrant.store.server.errors import server_errors, unless_lost
from hydrant.store.server.found import check_version

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
