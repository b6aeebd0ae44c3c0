"""The drivers' own connections behind an open registry, for tests that look outside the program."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from hydrant.store.file.file_backend import FileBackend
from hydrant.store.opened.registry import Registry

if TYPE_CHECKING:
    from hydrant.store.readings.readings import Readings
    from hydrant.store.server.connection import ServerConnection


def sqlite_of(registry: Registry) -> sqlite3.Connection:
    """Connection to a registry's file."""
    assert isinstance(registry.backend, FileBackend)
    return registry.backend.connection


def server_of(opened: Registry | Readings) -> ServerConnection:
    """Session of a registry on a server, or of its readings."""
    from hydrant.store.server.connection import ServerConnection  # noqa: PLC0415  an extra

    assert isinstance(opened.connection, ServerConnection)
    return opened.connection
