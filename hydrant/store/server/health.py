"""What a server shows of its connections, transactions, archive and standbys."""

from __future__ import annotations

from hydrant.store.ground.backend import one_row
from hydrant.store.ground.server_state import ServerState
from hydrant.store.server.connection import ServerConnection

#: Others' activity is hidden from a login without this role, and hidden is not idle.
_SEES = "SELECT pg_has_role(session_user, 'pg_read_all_stats', 'member')"
_BASICS = """
SELECT current_setting('max_connections')::bigint, current_setting('archive_mode') <> 'off',
  pg_database_size(current_database())
"""
_ACTIVITY = """
SELECT count(*) FILTER (WHERE backend_type = 'client backend'),
  coalesce(extract(epoch FROM clock_timestamp() - min(xact_start) FILTER (
    WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND backend_type = 'client backend')), 0)::double precision
FROM pg_stat_activity
"""
_ARCHIVE = """
SELECT extract(epoch FROM clock_timestamp() - last_archived_time)::double precision,
  last_failed_time IS NOT NULL AND last_failed_time > coalesce(last_archived_time, '-infinity')
FROM pg_stat_archiver
"""
_STANDBYS = """
SELECT count(*), max(extract(epoch FROM replay_lag))::double precision
FROM pg_stat_replication WHERE state = 'streaming'
"""


def state(connection: ServerConnection) -> ServerState:
    """What this login sees of the server."""
    ask = connection.server
    most, archiving, size = one_row(ask(_BASICS))
    archived, failing = one_row(ask(_ARCHIVE))
    open_now = oldest = standbys = lag = None
    if one_row(ask(_SEES))[0]:
        open_now, oldest = one_row(ask(_ACTIVITY))
        standbys, lag = one_row(ask(_STANDBYS))
    return ServerState(
        connections=open_now,
        most_connections=most,
        oldest_s=oldest,
        archiving=bool(archiving),
        archived_s=archived,
        archive_failing=bool(failing) if archiving else None,
        standbys=standbys,
        standby_lag_s=lag,
        bytes=size,
    )
