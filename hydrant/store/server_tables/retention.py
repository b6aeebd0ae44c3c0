"""Days of readings on a server: which are old, and pg_partman where it is installed."""

from __future__ import annotations

import datetime as dt

from hydrant.store.server.connection import ServerConnection


def days_before(connection: ServerConnection, since: dt.date) -> list[str]:
    """Names of the partitions that hold UTC days before `since`, oldest first."""
    rows = connection.server(
        "SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "WHERE i.inhparent = 'hydrant.reading'::regclass "
        "AND c.relname ~ '^reading_p[0-9]{4}_[0-9]{2}_[0-9]{2}$' AND c.relname < %s ORDER BY 1",
        (f"reading_p{since:%Y_%m_%d}",),
    )
    return [name for (name,) in rows.fetchall()]


def adopt(connection: ServerConnection) -> bool:
    """Let pg_partman make days ahead where the database has it; whether it does.

    What is old is dropped by us and not by it, because hours are summed up first.
    """
    schema = connection.server(
        "SELECT n.nspname::text FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace "
        "WHERE e.extname = 'pg_partman'"
    ).fetchone()
    if schema is None:
        return False
    known = connection.server(
        f"SELECT 1 FROM {schema[0]}.part_config WHERE parent_table = 'hydrant.reading'"
    ).fetchone()
    if known is None:
        connection.server(
            f"SELECT {schema[0]}.create_parent('hydrant.reading', 'at', 'native', 'daily')"
        )
        connection.server(
            f"UPDATE {schema[0]}.part_config SET infinite_time_partitions = true "
            "WHERE parent_table = 'hydrant.reading'"
        )
    connection.server(f"SELECT {schema[0]}.run_maintenance('hydrant.reading')")
    return True
