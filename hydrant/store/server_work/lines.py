"""Which of several listeners holds the line of which gateway that dials in.

The last listener that a gateway called is written down and reads it; the lock on the gateway
keeps the former one and the new one from doing so at once. What a listener held is anybody's as
soon as its session has ended.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from hydrant.store.ground.place import Server
from hydrant.store.ground.workers import STALLED_S
from hydrant.store.server_work import work
from hydrant.store.server_work.guard import Guard, guarding

_ARRIVED = """
INSERT INTO hydrant_work.line (gateway, worker) SELECT g, %s FROM unnest(%s::text[]) g
ON CONFLICT (gateway) DO UPDATE SET worker = excluded.worker, since = now() RETURNING gateway
"""
_LEFT = "DELETE FROM hydrant_work.line WHERE worker = %s AND gateway <> ALL (%s) RETURNING gateway"
_ELSEWHERE = "SELECT gateway FROM hydrant_work.line WHERE worker <> %s AND gateway = ANY (%s)"
_KNOWN = """
SELECT l.gateway FROM hydrant_work.line l JOIN hydrant_work.worker w ON w.id = l.worker
WHERE w.died IS NULL AND l.gateway = ANY (%s)
"""


class LineSeats:
    """The seats of one listener among several; made by `seats`."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._locked: set[str] = set()
        self.lease = guard.lease
        self.keep = guard.keep

    def settle(self, arrived: Collection[str], held: Collection[str]) -> set[str]:
        """Tell which lines arrived and which are held; those of them that others hold now."""
        number, names = self._guard.number, sorted(held)
        self._guard.tidy()
        if arrived:
            self._guard.ask(_ARRIVED, (number, sorted(arrived)))
        self._guard.ask(_LEFT, (number, names))
        gone = {name for (name,) in self._guard.ask(_ELSEWHERE, (number, names))}
        wanted = set(names) - gone
        given = self._locked - wanted
        self._guard.give_back(map(_lock, given))
        taken = self._guard.take(_lock(name) for name in wanted - self._locked)
        self._locked = (self._locked - given) | {name for name in wanted if _lock(name) in taken}
        return gone

    def ours(self) -> set[str]:
        """Gateways whose line and lock this listener has."""
        return set(self._locked)

    def nowhere(self, gateways: Collection[str]) -> set[str]:
        """Those that no listener holds, where this is the listener that tells of them."""
        if not gateways or not self._guard.only("tell of lines that are nowhere"):
            return set()
        known = self._guard.ask(_KNOWN, (sorted(gateways),))
        return set(gateways) - {name for (name,) in known}


def _lock(gateway: str) -> str:
    return f"dialin://{gateway}"


@contextmanager
def seats(place: Server, *, stalled_s: float = STALLED_S) -> Iterator[LineSeats]:
    """What shares gateways out among the listeners of a server.

    Raises
    ------
    StoreError
        The server cannot be reached, or is not ready for several pollers.
    """
    work.ensure(place)
    with guarding(place, "listener", stalled_s=stalled_s) as guard:
        yield LineSeats(guard)
