"""Locks that hold across all machines that use a server, and end with their connection."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from hydrant.store.place import Server
from hydrant.store.server.connection import connect

#: Class of our advisory locks on work: "HYDW".
_WORK = 0x48594457


@contextmanager
def held(place: Server, work: str) -> Iterator[bool]:
    """A block that holds the lock of some work on this database, if nobody else does."""
    connection = connect(place, write=False)
    try:
        number = zlib.crc32(work.encode()) & 0x7FFFFFFF
        (got,) = connection.server(
            "SELECT pg_try_advisory_lock(%s::int, %s::int)", (_WORK, number)
        ).fetchone()
        yield bool(got)
    finally:
        connection.close()
