"""Where many pollers meet: a schema of their own beside the registry's, and what it tells.

Procrastinate's tables stand there too. Nothing in it is a fact: it is dropped and made anew when
Procrastinate's tables change, which is all the migration it needs.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files

from hydrant.errors import AlreadyRunning, StoreError
from hydrant.store.ground.backend import one_row
from hydrant.store.ground.place import Server
from hydrant.store.ground.workers import Member, WorkState
from hydrant.store.server.connection import ServerConnection, connect
from hydrant.store.server.found import check_version
from hydrant.store.server_schema import roles

#: Class of the advisory lock that each live worker's session holds on its own number: "HYDA".
ALIVE = 0x48594441


def _script() -> str:
    return files(__package__).joinpath("work.sql").read_text("utf-8")


def _theirs() -> str:
    """The statements that make Procrastinate's tables."""
    try:
        from procrastinate.schema import SchemaManager  # noqa: PLC0415  only workers need it
    except ModuleNotFoundError as error:
        raise StoreError("server.extra", module=error.name) from None
    return str(SchemaManager.get_schema())


def _wanted() -> str:
    """What marks a schema as made by this program with this Procrastinate."""
    digest = hashlib.sha256((_theirs() + _script()).encode()).hexdigest()
    return f"hydrant workers {digest[:16]}"


def _mark(connection: ServerConnection) -> str | None:
    row = connection.server(
        "SELECT coalesce(obj_description(oid, 'pg_namespace'), '') FROM pg_namespace "
        "WHERE nspname = 'hydrant_work'"
    ).fetchone()
    return None if row is None else str(row[0])


def prepare(place: Server) -> bool:
    """Make the schema in which workers meet, or make it anew; whether there was anything to do.

    Raises
    ------
    AlreadyRunning
        Workers of another version are at work.
    StoreError
        The user may not make it, or there is no registry.
    """
    connection = connect(place, write=True)
    try:
        connection.execute("BEGIN IMMEDIATE")
        check_version(connection)
        found, wanted = _mark(connection), _wanted()
        if found != wanted:
            if found is not None:
                _drop(connection)
            _make(connection, wanted)
        roles.grant_work(connection)
        connection.execute("COMMIT")
    finally:
        connection.close()
    return found != wanted


def ensure(place: Server) -> None:
    """Make the schema where it is not there; refuse one of another version.

    Raises
    ------
    StoreError
        It is not there and the user may not make it, or it is of another version.
    """
    connection = connect(place, write=False)
    try:
        check_version(connection)
        found = _mark(connection)
    finally:
        connection.close()
    if found is None:
        try:
            prepare(place)
        except StoreError as error:
            if error.key == "server.denied":
                raise StoreError("worker.prepare", file=place) from None
            raise
    elif found != _wanted():
        raise StoreError("worker.other_version", file=place)


def _drop(connection: ServerConnection) -> None:
    (live,) = one_row(
        connection.server(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            (ALIVE,),
        )
    )
    if live:
        raise AlreadyRunning("worker.at_work", file=connection.place, count=live)
    connection.server("DROP SCHEMA hydrant_work CASCADE")


def _make(connection: ServerConnection, mark: str) -> None:
    for statement in _script().split(";\n\n"):
        connection.server(statement.strip().rstrip(";"))
    connection.server("SET LOCAL search_path TO hydrant_work")
    connection.raw.execute(_theirs().encode())
    connection.server("SET LOCAL search_path TO hydrant, public")
    connection.server(f"COMMENT ON SCHEMA hydrant_work IS '{mark}'")


_STATE = """
SELECT count(*) FILTER (WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now()),
  count(*) FILTER (WHERE status = 'todo' AND scheduled_at > now()),
  count(*) FILTER (WHERE status = 'doing'),
  coalesce(max(extract(epoch FROM now() - coalesce(scheduled_at, (
    SELECT min(e.at) FROM hydrant_work.procrastinate_events e WHERE e.job_id = j.id))))
    FILTER (WHERE status = 'todo'), 0)
FROM hydrant_work.procrastinate_jobs j
"""

#: Who works: whoever's session holds the lock of its number.
_MEMBERS = """
SELECT w.kind, w.host, w.process, hydrant.stored_time(w.since),
  extract(epoch FROM now() - w.seen)::double precision,
  w.seen < now() - w.stalled_s * interval '1 second',
  (SELECT count(*) FROM hydrant_work.procrastinate_jobs j
   WHERE j.worker_id = w.queue_worker AND j.status = 'doing'),
  (SELECT count(*) FROM hydrant_work.line l WHERE l.worker = w.id)
FROM hydrant_work.worker w WHERE EXISTS (
  SELECT 1 FROM pg_locks p WHERE p.locktype = 'advisory' AND p.classid = %s AND p.granted
  AND p.objid = w.id::bigint AND p.objsubid = 2
  AND p.database = (SELECT oid FROM pg_database WHERE datname = current_database()))
ORDER BY w.kind, w.host, w.id
"""


def state(place: Server) -> WorkState | None:
    """Who works and what is queued; None where no worker has ever been prepared for."""
    connection = connect(place, write=False)
    try:
        check_version(connection)
        if _mark(connection) is None:
            return None
        waiting, ahead, doing, oldest = one_row(connection.server(_STATE))
        members = connection.server(_MEMBERS, (ALIVE,)).fetchall()
    finally:
        connection.close()
    found = tuple(Member(*row) for row in members)
    return WorkState(found, int(waiting), int(ahead), int(doing), max(0.0, float(oldest)))
