"""A server as the target of a copy: it has no schema version until the copy is proven."""

from __future__ import annotations

from hydrant.errors import StoreError
from hydrant.store.ground.place import Server
from hydrant.store.server.connection import connect
from hydrant.store.server.found import UNFINISHED, found_version
from hydrant.store.server_tables.making import create


def prepare(place: Server, writer: str) -> None:
    """Make an empty registry to copy into, unless a copy of this one was begun there.

    Raises
    ------
    StoreError
        A registry is there, or a begun copy of another one.
    """
    connection = connect(place, write=True)
    try:
        version = found_version(connection)
        if version is None:
            create(place, settings={})
            connection.execute("DELETE FROM migration")
            for table in ("setting", "seal", "seal_block"):
                connection.execute(f"DELETE FROM {table}")
            return
        if version != UNFINISHED:
            raise StoreError("server.exists", file=place)
        begun = connection.execute("SELECT value FROM setting WHERE key = 'writer'").fetchone()
        if begun is not None and begun[0] != writer:
            raise StoreError("server.exists", file=place)
    finally:
        connection.close()
