"""Puts back, in one transaction, what a registry on a server must have beside facts.

Proven before it is committed: every fact is what it was, and the check finds nothing new.
"""

from __future__ import annotations

import hashlib
import json

from hydrant.errors import StoreError
from hydrant.store.care.check import Fault, check
from hydrant.store.care.copying import table_digests
from hydrant.store.care.mend_readings import derive
from hydrant.store.ground.backend import one_row
from hydrant.store.ground.place import Server
from hydrant.store.opened.registry import Registry
from hydrant.store.server.connection import WRITER_LOCK, ServerConnection
from hydrant.store.server_schema import rights, roles
from hydrant.store.server_schema.derived import lacks
from hydrant.store.server_tables.check import BEHIND
from hydrant.store.server_tables.opening import opened

#: Facts of the readings store; what is derived from them is not among them.
_FACTS = ("reading", "alarm", "reading_hour", "out_of_service", "expected_use", "poll_run",
          "former_reading", "service_pause")  # fmt: skip


def repair(place: Server) -> tuple[list[Fault], list[Fault], str]:
    """What was wrong, what still is, and the digest of the facts.

    Raises
    ------
    StoreError
        This user may not do it, somebody is in the way, or it would not do: nothing is changed.
    """
    with opened(place, write=True) as backend:
        registry, connection = Registry(place, backend), backend.connection
        # one moment throughout, so that what others commit meanwhile is not taken for our doing
        connection.server("BEGIN ISOLATION LEVEL REPEATABLE READ")
        try:
            done = _repaired(registry, connection)
            connection.server("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.server("ROLLBACK")
            raise
    return done


def _repaired(
    registry: Registry, connection: ServerConnection
) -> tuple[list[Fault], list[Fault], str]:
    connection.server("SELECT pg_advisory_xact_lock(%s::int, %s::int)", WRITER_LOCK)
    before, held = check(registry), _digest(registry, connection)
    _mend(connection)
    left, now = check(registry), _digest(registry, connection)
    fresh = [fault for fault in left if fault not in before]
    if now != held or fresh:
        raise StoreError("server.repair_differs", file=registry.path, count=len(fresh))
    return before, left, now


def _mend(connection: ServerConnection) -> None:
    for lack in lacks(connection):
        for statement in lack.statements:
            connection.server(statement)
    if any(True for _ in rights.findings(connection)):
        roles.apply(connection)
    quantities: dict[str, str] = dict(
        connection.server("SELECT uid, quantity FROM sensor").fetchall()
    )
    derive(connection, BEHIND, quantities)


def _digest(registry: Registry, connection: ServerConnection) -> str:
    """Over every table of the registry, and over the facts of its readings."""
    found = table_digests(registry)
    for table in _FACTS:
        count, total = one_row(
            connection.server(
                "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text "
                f"FROM {table} t"
            )
        )
        found[table] = (total, count)
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()
