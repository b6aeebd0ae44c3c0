"""Whether the database still refuses what the roles may not do, where roles are used."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from hydrant.store.ground.backend import Finding
from hydrant.store.server.connection import ServerConnection
from hydrant.store.server.found import uses_roles
from hydrant.store.server_schema import everybody, grants, public
from hydrant.store.server_schema.derived import other_programs, programs

#: Kind (``pg_trigger.tgtype``) of the triggers that refuse, by name and function.
_KINDS = {("guard", "guard"): 27, ("guard", "guard_reading"): 19, ("keep_log", "keep_log"): 58}
_TRIGGERS = """
SELECT c.relname::text, tgname::text, p.proname::text, tgtype::int,
  coalesce(nullif(split_part(encode(tgargs, 'escape'), '\\000', 1), ''), '')
FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid JOIN pg_proc p ON p.oid = tgfoid
WHERE NOT tgisinternal AND tgenabled = 'O' AND tgattr::text = ''
  AND c.relnamespace = 'hydrant'::regnamespace
"""
_POLICIES = """
SELECT tablename::text, policyname::text, cmd, qual, with_check, permissive = 'PERMISSIVE'
  AND roles = '{public}' FROM pg_policies WHERE schemaname = 'hydrant'
"""
_SECURED = """
SELECT relname::text FROM pg_class WHERE relrowsecurity AND relnamespace = 'hydrant'::regnamespace
"""
#: Who may do what with tables, by the name of the column where it is one's alone. What somebody
#: else was given to read is his who gave it.
_GRANTED = """
SELECT r.relname::text, coalesce(g.rolname, 'PUBLIC')::text, a.privilege_type, r.attname::text
FROM (SELECT relname, relowner, '' AS attname,
    coalesce(relacl, acldefault('r', relowner)) AS acl FROM pg_class
  WHERE relnamespace = 'hydrant'::regnamespace AND relkind IN ('r', 'p', 'v')
  UNION ALL SELECT c.relname, c.relowner, t.attname, t.attacl FROM pg_attribute t
  JOIN pg_class c ON c.oid = t.attrelid WHERE c.relnamespace = 'hydrant'::regnamespace
    AND t.attacl IS NOT NULL AND NOT t.attisdropped) r
CROSS JOIN aclexplode(r.acl) a LEFT JOIN pg_roles g ON g.oid = a.grantee
WHERE a.grantee <> r.relowner AND a.privilege_type <> 'MAINTAIN'
"""
_CALLED = """
SELECT p.oid::regprocedure::text, coalesce(g.rolname, 'PUBLIC')::text
FROM pg_proc p CROSS JOIN aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
LEFT JOIN pg_roles g ON g.oid = a.grantee
WHERE p.pronamespace = 'hydrant'::regnamespace AND a.grantee <> p.proowner
"""
_COUNTERS = """
SELECT DISTINCT c.relname::text FROM pg_class c CROSS JOIN aclexplode(c.relacl) a
WHERE c.relkind = 'S' AND c.relnamespace = 'hydrant'::regnamespace
  AND a.grantee <> c.relowner AND a.privilege_type = 'UPDATE' ORDER BY 1
"""
#: Functions of ours, or beside ours, that run as their owner and look among temporary tables first.
_LOOSE = """
SELECT p.proname::text FROM pg_proc p WHERE p.pronamespace = 'hydrant'::regnamespace
  AND p.prosecdef AND NOT EXISTS (SELECT 1 FROM unnest(p.proconfig) c
    WHERE c ~ '^search_path=.*(^|[ ,=])pg_temp$') ORDER BY 1
"""


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
    for name in _loose(connection):
        yield "check.loose_function", {"name": f"{name}()"}
    if not uses_roles(connection):
        return
    tables = _open_tables(connection) | _granted_otherwise(connection)
    if not public.closed(connection):
        tables.add(f"{public.SCHEMA}.{public.VIEW}")
    for table in sorted(tables):
        yield "check.rights", {"table": table}
    for name, _ in other_programs(connection, "roles.sql"):
        yield "check.function", {"name": f"{name}()"}
    for name in sorted(_called_otherwise(connection)):
        yield "check.called", {"name": name}
    for (name,) in connection.server(_COUNTERS).fetchall():
        yield "check.counter", {"name": name}
    for what in everybody.left(connection):
        yield "check.everybody", {"what": what}


def lacking(connection: ServerConnection) -> bool:
    """Whether anything is not as it should be that the owner of the registry can put right."""
    return any(key != "check.everybody" for key, _ in findings(connection))


def _loose(connection: ServerConnection) -> list[str]:
    """Functions that run as their owner by names that another may have taken, but known ones."""
    known = programs("functions.sql").keys() | programs("roles.sql").keys()
    return [name for (name,) in connection.server(_LOOSE).fetchall() if name not in known]


def _open_tables(connection: ServerConnection) -> set[str]:
    """Tables that a policy, or a trigger that refuses, no longer guards as it should."""
    policies: dict[str, dict[str, object]] = {}
    for table, name, verb, using, check, of_all in connection.server(_POLICIES):
        policies.setdefault(table, {})[name] = of_all and (verb, _plain(using), _plain(check))
    triggers = {
        (table, name, function, argument)
        for table, name, function, kind, argument in connection.server(_TRIGGERS)
        if _KINDS.get((name, function)) == kind
    }
    secured = {name for (name,) in connection.server(_SECURED)}
    found = {table for table in ("change", "seal") if (table, *_KEPT) not in triggers}
    for table, rights in grants.TABLES.items():
        wanted = {
            name: (verb, _plain(using), _plain(check))
            for name, (verb, using, check) in grants.policies(rights).items()
        }
        guarded = rights.guard is None or (table, "guard", "guard", rights.guard) in triggers
        if table not in secured or policies.get(table) != wanted or not guarded:
            found.add(table)
    if ("reading", "guard", "guard_reading", "") not in triggers:
        found.add("reading")
    return found


_KEPT = ("keep_log", "keep_log", "")


def _plain(condition: str | None) -> str | None:
    """A condition without what PostgreSQL adds as it gives it back."""
    if condition is None:
        return None
    return re.sub(r"::text|hydrant\.|[\s()]", "", condition)


def _granted_otherwise(connection: ServerConnection) -> set[str]:
    """Tables with which somebody may do more, or a role less, than is told of it."""
    present: dict[str, set[tuple[str, str, str]]] = {}
    for table, grantee, verb, column in connection.server(_GRANTED):
        present.setdefault(table, set()).add((grantee, verb, column))
    ours = {"PUBLIC", grants.READ, *(f"hydrant_{role}" for role in grants.ROLES)}
    found = set()
    for table in grants.TABLES.keys() | present.keys():
        wanted = grants.wanted(table)
        has = {one for one in present.get(table, set()) if one[1] != "SELECT" or one[0] in ours}
        less = wanted - has if table in grants.TABLES else set()
        if has - wanted or less:
            found.add(table)
    return found


def _called_otherwise(connection: ServerConnection) -> set[str]:
    """Functions of ours that somebody may call who should not."""
    found, ours = set(), programs("functions.sql").keys() | programs("roles.sql").keys()
    for name, grantee in connection.server(_CALLED):
        plain = name.removeprefix("hydrant.")
        if plain.partition("(")[0] not in ours:
            continue
        if plain in grants.INNER or grantee == "PUBLIC":
            found.add(plain)
        elif plain in grants.FUNCTIONS:
            allowed = {f"hydrant_{role}" for role in grants.FUNCTIONS[plain]}
            found |= set() if grantee in allowed else {plain}
    return found
