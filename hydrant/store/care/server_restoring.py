"""A database to restore a backup into: made where it is not there, refused where one is kept."""

from __future__ import annotations

from urllib.parse import urlsplit

from psycopg.conninfo import conninfo_to_dict

from hydrant.errors import StoreError
from hydrant.store.ground.place import Server
from hydrant.store.server.connection import connect
from hydrant.store.server.found import UNFINISHED, found_version


def make_ready(place: Server) -> None:
    """Make the database where there is none, and refuse one that holds a registry.

    Raises
    ------
    StoreError
        A registry is there, the server cannot be reached, or this user may make no database.
    """
    try:
        connection = connect(place, write=False)
    except StoreError as error:
        if error.key != "server.no_database" or not _made(place):
            raise
        return
    try:
        if found_version(connection) not in (None, UNFINISHED):
            raise StoreError("server.taken", file=place)
    finally:
        connection.close()


def _made(place: Server) -> bool:
    """Make the database of a URL; False where it is there and something else is the matter."""
    known = conninfo_to_dict(place.url)
    name = str(known.get("dbname") or known.get("user") or "")
    home = Server(urlsplit(place.url)._replace(path="/postgres").geturl())
    try:
        return bool(name) and _made_in(home, name)
    except StoreError as error:
        raise StoreError(error.key, **(error.facts | {"file": place})) from None


def _made_in(home: Server, name: str) -> bool:
    connection = connect(home, write=True)
    try:
        found = connection.server("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
        if found.fetchone() is not None:
            return False
        quoted = '"' + name.replace('"', '""') + '"'
        # whatever the server's own encoding is, a registry holds Chinese
        connection.server(f"CREATE DATABASE {quoted} TEMPLATE template0 ENCODING 'UTF8'")
    finally:
        connection.close()
    return True
