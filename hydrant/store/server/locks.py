"""Locks that hold across all machines that use a server, and end with their connection."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from hydrant.errors import StoreError
from hydrant.store.ground.backend import one_row
from hydrant.store.ground.place import Server
from hydrant.store.server.connection import connect

#: Class of our advisory locks on work: "HYDW".
WORK = 0x48594457


def number(work: str) -> int:
    """Number of the lock of some work within its class."""
    return zlib.crc32(work.encode()) & 0x7FFFFFFF


@contextmanager
def held(place: Server, work: str) -> Iterator[bool]:
    """A block that holds the lock of some work on this database, if nobody else does."""
    connection = connect(place, write=False)
    try:
        (got,) = one_row(
            connection.server("SELECT pg_try_advisory_lock(%s::int, %s::int)", (WORK, number(work)))
        )
        yield bool(got)
        # at once, not when the server has noticed that we are gone; if it has, the lock is gone too
        with suppress(StoreError):
            connection.server("SELECT pg_advisory_unlock(%s::int, %s::int)", (WORK, number(work)))
    finally:
        connection.close()
