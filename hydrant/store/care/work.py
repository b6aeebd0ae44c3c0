"""Who polls a registry on a server, and what is queued to be polled; a file has one poller."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from hydrant.store.ground.place import Place, Server, server_extra, server_of
from hydrant.store.ground.workers import WorkState

if TYPE_CHECKING:
    from hydrant.store.server_work.lines import LineSeats


def on_server(place: Place) -> Server:
    """The server on which a registry is.

    Raises
    ------
    StoreError
        It is a file.
    """
    return server_of(place, "worker.file")


def work_state(place: Place) -> WorkState | None:
    """Who works and what is queued on a server; None where workers were never used.

    Raises
    ------
    StoreError
        The registry is a file, or the server cannot be reached.
    """
    server = on_server(place)
    with server_extra():
        from hydrant.store.server_work import work  # noqa: PLC0415  a file needs no driver
    return work.state(server)


def prepare(place: Place) -> bool:
    """Make what workers need in the database, or make it anew; whether anything was to do.

    Raises
    ------
    AlreadyRunning
        Workers of another version are at work.
    StoreError
        The registry is a file, or the user may not do that.
    """
    server = on_server(place)
    with server_extra():
        from hydrant.store.server_work import work  # noqa: PLC0415  as above
    return work.prepare(server)


@contextmanager
def alone(server: Server, work: str) -> Iterator[bool]:
    """A block that holds the lock of some work on a server for all machines, if nobody else does.

    Raises
    ------
    StoreError
        The server cannot be reached.
    """
    with server_extra():
        from hydrant.store.server import locks  # noqa: PLC0415  as above
    with locks.held(server, work) as got:
        yield got


def seats(server: Server) -> AbstractContextManager[LineSeats]:
    """What shares gateways out among the listeners of a server.

    Raises
    ------
    StoreError
        The server cannot be reached, or is not ready for several pollers.
    """
    with server_extra():
        from hydrant.store.server_work import lines  # noqa: PLC0415  as above
    return lines.seats(server)
