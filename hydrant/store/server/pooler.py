"""Tells a pooler that lends sessions for single transactions, with which nothing here is safe.

What a session holds (locks on gateways, temporary tables, the schema it looks in, whether it may
write) would then belong to whoever comes next: two pollers could hold one lock, and one reader
could be given another's table.
"""

from __future__ import annotations

import math
import select
import time
from contextlib import closing

import psycopg

from hydrant.model.values import Row
from hydrant.store.ground.place import Server

#: So often it is looked; others use the pooler meanwhile.
_LOOKS = 3
#: Longest wait for a second session, s: where sessions are pooled there may be none left.
_WAIT_S = 3.0
_WHO = "SELECT pg_backend_pid()"
#: How long it is believed that an address gives sessions of one's own, s, and since when it is.
_BELIEVED_S = 60.0
_known: dict[str, float] = {}


def lends_transactions(place: Server, raw: psycopg.Connection[Row]) -> bool:
    """Whether a fresh connection has no session of its own.

    A pooler announces a number of its own for the session. Behind one, a session that is idle is
    nobody else's only where sessions are pooled.
    """
    if time.monotonic() - _known.get(place.url, -math.inf) < _BELIEVED_S:
        return False
    mine = _session(raw)
    if mine == raw.info.backend_pid:
        return False
    for _ in range(_LOOKS):
        if _another(place) == mine or _session(raw) != mine:
            return True
    _known[place.url] = time.monotonic()
    return False


def _session(raw: psycopg.Connection[Row]) -> int:
    found = raw.execute(_WHO).fetchone()
    return int(found[0]) if found else 0


def _another(place: Server) -> int | None:
    """Session that a second connection is given; None where it has to wait for one."""
    try:
        second = psycopg.connect(place.url, autocommit=True, connect_timeout=int(_WAIT_S))
    except psycopg.Error:
        return None
    with closing(second):
        second.pgconn.send_query(_WHO.encode())
        ready, _, _ = select.select([second.pgconn.socket], [], [], _WAIT_S)
        found = second.pgconn.get_result() if ready else None
        value = None if found is None else found.get_value(0, 0)
    return None if value is None else int(value)
