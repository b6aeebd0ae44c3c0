"""Holds a server's indexes against the rows they are of."""

from __future__ import annotations

from hydrant.errors import StoreError
from hydrant.store.ground.backend import Finding
from hydrant.store.server.connection import ServerConnection

#: Function of PostgreSQL's module amcheck, where it is installed and this login may run it.
_CHECK = """
SELECT p.oid::regproc::text FROM pg_proc p JOIN pg_extension e ON e.extname = 'amcheck'
JOIN pg_depend d ON d.objid = p.oid AND d.refobjid = e.oid AND d.deptype = 'e'
WHERE p.proname = 'bt_index_check' AND p.pronargs = 2 AND has_function_privilege(p.oid, 'EXECUTE')
"""
_INDEXES = """
SELECT c.oid, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_am a ON a.oid = c.relam
WHERE n.nspname = 'hydrant' AND c.relkind = 'i' AND a.amname = 'btree' ORDER BY c.relname
"""
#: What an index that its rows contradict is told as.
_CORRUPT = "store.corrupt"


def damaged(connection: ServerConnection) -> list[Finding] | None:
    """Message keys and facts of the B-tree indexes that lack a row or are out of order.

    None where the module amcheck is not installed, or this login may not run it.
    """
    check = connection.server(_CHECK).fetchone()
    if check is None:
        return None
    found = list[Finding]()
    for oid, name in connection.server(_INDEXES).fetchall():
        if (why := _fault(connection, str(check[0]), oid)) is not None:
            found.append(("check.server_index", {"name": name, "why": why}))
    return found


def _fault(connection: ServerConnection, check: str, oid: object) -> str | None:
    """What the server says of an index; None where it holds each row, in order."""
    try:
        connection.server(f"SELECT {check}(%s::oid, true)", (oid,))
    except StoreError as error:
        if error.key != _CORRUPT:
            raise
        return str(error.facts["why"])
    return None
