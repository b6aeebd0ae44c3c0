"""Whether the database still refuses what the roles may not do, where roles are used."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from hydrant.store.ground.backend import Finding
from hydrant.store.server.connection import ServerConnection
from hydrant.store.server.found import uses_roles
from hydrant.store.server_tables import roles

#: Kind (``pg_trigger.tgtype``) and function of the triggers that refuse.
_GUARD, _KEEP_LOG = (27, "guard"), (58, "keep_log")
_PRESENT = """
SELECT c.relname::text, tgtype::int, p.proname::text
FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid JOIN pg_proc p ON p.oid = tgfoid
WHERE NOT tgisinternal AND tgenabled = 'O' AND tgattr::text = ''
  AND c.relnamespace = 'hydrant'::regnamespace
"""


@cache
def _guarded() -> frozenset[str]:
    """Tables whose rows belong to regions."""
    return frozenset(re.findall(r"\['(\w+)', '\w+'\]", roles.script()))


def writable(
    connection: ServerConnection, places: Mapping[str, str | None]
) -> dict[str, str | None]:
    """Of assets with the region they come to, those that this login may change."""
    if not places or not uses_roles(connection):
        return dict(places)
    rows = connection.server(
        "SELECT uid, may_write(region_code) FROM asset WHERE uid = ANY(%s)", (list(places),)
    ).fetchall()
    mine = {uid for uid, allowed in rows if allowed}
    allowed: dict[str | None, object] = dict(
        connection.server(
            "SELECT code, may_write(code) FROM unnest(%s::text[]) AS code",
            (sorted({place for place in places.values() if place is not None}),),
        ).fetchall()
    )
    return {u: place for u, place in places.items() if u in mine and allowed.get(place, 1)}


def findings(connection: ServerConnection) -> Iterator[Finding]:
    """Message keys and facts of what would no longer be refused."""
    if not uses_roles(connection):
        return
    triggers = {(table, (kind, name)) for table, kind, name in connection.server(_PRESENT)}
    secured = {
        name
        for (name,) in connection.server(
            "SELECT relname::text FROM pg_class WHERE relrowsecurity AND "
            "relnamespace = 'hydrant'::regnamespace"
        )
    }
    wanted = {(table, _GUARD) for table in _guarded()} | {
        (table, _KEEP_LOG) for table in ("change", "seal")
    }
    open_tables = {table for table, _ in wanted - triggers} | (_guarded() - secured)
    for table in sorted(open_tables):
        yield "check.rights", {"table": table}
