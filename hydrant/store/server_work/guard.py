"""The session of one poller among many: what it holds, and whether it still does.

Locks live and end with this session, so that a process that is killed leaves none behind, and
two pollers never hold one gateway. A process that was paused, or a machine that was cut off, may
have lost its session without knowing; therefore nothing is sent to a gateway unless the server
has answered on this session a short while ago (the lease), which is well before anybody would
have ended the session for it.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

import psycopg

from hydrant.errors import AlreadyRunning, StoreError
from hydrant.model.values import Row
from hydrant.store.ground.backend import one_row
from hydrant.store.ground.place import Server
from hydrant.store.ground.workers import REST_S
from hydrant.store.server import locks
from hydrant.store.server.connection import ServerConnection, connect
from hydrant.store.server_work.work import ALIVE

#: Shares of the time after which a poller is taken for dead: how long the server's last answer
#: vouches for its locks, and how often it is asked.
_LEASE, _BEAT = 1 / 3, 1 / 12

#: Only a session that holds its number's lock is ended, so never one that came after it.
_END_STALLED = """
SELECT pg_terminate_backend(p.pid) FROM hydrant_work.worker w
JOIN pg_locks p ON p.locktype = 'advisory' AND p.classid = %s AND p.objid = w.id::bigint
  AND p.objsubid = 2 AND p.granted
  AND p.database = (SELECT oid FROM pg_database WHERE datname = current_database())
JOIN pg_stat_activity a ON a.pid = p.pid AND pg_has_role(a.usesysid, 'USAGE')
WHERE w.seen < now() - w.stalled_s * interval '1 second'
"""
#: Whoever can take the lock of a poller's number knows that its session has ended.
_NOTE_DEAD = """
UPDATE hydrant_work.worker SET died = now()
WHERE id <> %s AND died IS NULL AND pg_try_advisory_xact_lock(%s::int, id) RETURNING id
"""
_FORGET_DEAD = """
DELETE FROM hydrant_work.worker WHERE died < now() - %s * interval '1 second' RETURNING id
"""


class Guard:
    """Holds the locks of one poller; made by `guarding`.

    Attributes
    ----------
    number
        The poller's row in ``hydrant_work.worker``.
    """

    def __init__(self, connection: ServerConnection, kind: str, stalled_s: float) -> None:
        self._connection = connection
        self._lease_s, self._beat_s = stalled_s * _LEASE, stalled_s * _BEAT
        self._held: set[str] = set()
        self._turn = threading.RLock()
        self._lost = False
        self._lapses = 0
        self._sure_at = _clock()
        connection.server("BEGIN")
        (self.number,) = one_row(
            connection.server(
                "INSERT INTO hydrant_work.worker (kind, host, process, stalled_s) "
                "VALUES (%s, %s, %s, %s) RETURNING id",
                (kind, socket.gethostname(), os.getpid(), stalled_s),
            )
        )
        connection.server("SELECT pg_advisory_lock(%s::int, %s::int)", (ALIVE, self.number))
        connection.server("COMMIT")

    def sure(self) -> bool:
        """Whether what was taken is certainly held still."""
        return not self._lost and _clock() - self._sure_at < self._lease_s

    def lease(self) -> Callable[[], bool]:
        """Tells whether what is taken from now on has certainly been held without a break.

        After a pause the session may prove to be there still; but what was asked before it is
        not to be trusted to have gone unanswered.
        """
        begun = self._lapses
        return lambda: self._lapses == begun and self.sure()

    def end(self) -> None:
        """Let nothing more be sent."""
        self._lost = True

    def beat(self) -> None:
        """Tell that this poller lives, and learn that its session does.

        Raises
        ------
        StoreError
            It does not.
        """
        asked_at = _clock()
        if asked_at - self._sure_at >= self._lease_s:
            self._lapses += 1
        beaten = self.ask(
            "UPDATE hydrant_work.worker SET seen = now() WHERE id = %s RETURNING id",
            (self.number,),
        )
        if not beaten:
            self._lost = True
            raise StoreError("worker.lost", file=self._connection.place)
        self._sure_at = asked_at

    async def keep(self) -> None:
        """Beat until cancelled; raises `StoreError` when the session has ended."""
        while True:
            await asyncio.to_thread(self.beat)
            await asyncio.sleep(self._beat_s)

    def take(self, names: Iterable[str]) -> set[str]:
        """Those gateways that nobody else polls; they are this poller's until given back."""
        with self._turn:
            wanted = {_key(name): name for name in names if name not in self._held}
            rows = self.ask(
                "SELECT k FROM unnest(%s::bigint[]) k WHERE pg_try_advisory_lock(k)",
                (sorted(wanted),),
            )
            got = {wanted[key] for (key,) in rows}
            self._held |= got
            return got

    def give_back(self, names: Iterable[str]) -> None:
        """Let others poll these gateways."""
        with self._turn:
            freed = self._held & set(names)
            if freed:
                self.ask(
                    "SELECT pg_advisory_unlock(k) FROM unnest(%s::bigint[]) k",
                    (sorted(map(_key, freed)),),
                )
            self._held -= freed

    def tidy(self) -> None:
        """End the sessions of stalled pollers, where this login may, and forget dead ones.

        A dead one's jobs are closed some seconds later: a gateway may still be about to answer
        it, and a serial server gives a late answer to whoever calls next.
        """
        self.ask(_END_STALLED, (ALIVE,))
        self.ask(_NOTE_DEAD, (self.number, ALIVE))
        self.ask(_FORGET_DEAD, (REST_S,))

    def only(self, work: str) -> bool:
        """Whether this poller is the one that does some work; it keeps it while it lives."""
        name = f"only {work}"
        return name in self._held or bool(self.take([name]))

    def share(self, work: str) -> bool:
        """Whether nobody does some work alone; while this session lives nobody can begin to."""
        ((got,),) = self.ask(
            "SELECT pg_try_advisory_lock_shared(%s::int, %s::int)",
            (locks.WORK, locks.number(work)),
        )
        return bool(got)

    def ask(self, statement: str, values: Row) -> list[Row]:
        """Rows of a statement run on this session; an error of any kind ends it for us."""
        with self._turn:
            try:
                return list(self._connection.server(statement, values).fetchall())
            except StoreError:
                self._lost = True
                raise

    def close(self) -> None:
        """Give everything back, and sign off if it ended in order.

        Whoever was broken off may have left gateways about to answer, and is found dead by the
        others, who let its gateways rest first.
        """
        in_order, self._lost = not self._lost, True
        with suppress(StoreError), self._turn:
            if in_order:
                self._connection.server(
                    "DELETE FROM hydrant_work.worker WHERE id = %s", (self.number,)
                )
            # the server would notice a while after the connection has ended
            self._connection.server("SELECT pg_advisory_unlock_all()")
        self._connection.close()


@contextmanager
def guarding(place: Server, kind: str, *, stalled_s: float) -> Iterator[Guard]:
    """A poller's session.

    Raises
    ------
    AlreadyRunning
        ``hydrant poll`` is at work on the whole registry.
    StoreError
        The server cannot be reached.
    """
    connection = connect(place, write=True, alone=False)
    try:
        # a machine that is gone must not keep its gateways for the hours that TCP allows
        for setting, value in (("idle", stalled_s / 3), ("interval", stalled_s / 6)):
            connection.server(f"SET tcp_keepalives_{setting} TO {max(1, int(value))}")
        connection.server("SET tcp_keepalives_count TO 3")
        guard = Guard(connection, kind, stalled_s)
    except BaseException:
        connection.close()
        raise
    try:
        if kind == "worker" and not guard.share("poll"):
            raise AlreadyRunning("worker.poll_runs", file=place)
        yield guard
    finally:
        with suppress(psycopg.Error):
            guard.close()


def _key(name: str) -> int:
    """Number of the advisory lock of a gateway: 64 bits, apart from locks of two numbers."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), signed=True)


def _clock() -> float:
    """Seconds that go on while the machine sleeps, where the system has such a clock."""
    which = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if which is None else time.clock_gettime(which)
