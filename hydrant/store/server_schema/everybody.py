"""What PostgreSQL lets everybody do in a database, and a registry with roles lets nobody do so.

Whoever may take an advisory lock may keep all writers and pollers waiting; whoever may make
temporary tables may also make functions, and ask the public view with them.
"""

from __future__ import annotations

from collections.abc import Iterator

from hydrant.store.server.connection import ServerConnection

#: Functions that take or give back advisory locks; those of them that are everybody's.
_LOCKS = """
SELECT p.oid::regprocedure::text FROM pg_catalog.pg_proc p
WHERE p.pronamespace = 'pg_catalog'::regnamespace
  AND p.proname ~ '^pg_(try_)?advisory_(xact_)?(lock|unlock)'
  AND EXISTS (SELECT 1 FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
    WHERE a.grantee = 0)
"""
_WRITERS = "hydrant_crew, hydrant_poller, hydrant_officer, hydrant_admin"
_TAKE = f"""
DO $$ DECLARE lock text; own text := (
    SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'hydrant'); BEGIN
  IF pg_has_role((SELECT datdba FROM pg_database WHERE datname = current_database()), 'USAGE') THEN
    EXECUTE format('REVOKE TEMPORARY, CREATE ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO hydrant_read, %s', current_database(), own);
  END IF;
  IF pg_has_role((SELECT nspowner FROM pg_namespace WHERE nspname = 'public'), 'USAGE') THEN
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
  END IF;
  IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    FOR lock IN {_LOCKS} LOOP
      EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', lock);
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO {_WRITERS}, %s', lock, own);
    END LOOP;
  END IF;
END $$
"""
_TEMPORARY = """
SELECT 1 FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
WHERE d.datname = current_database() AND a.grantee = 0 AND a.privilege_type = 'TEMPORARY'
"""


def take(connection: ServerConnection) -> None:
    """Take it from everybody, as far as this login may, and leave it to the roles that need it."""
    connection.server(_TAKE)


def left(connection: ServerConnection) -> Iterator[str]:
    """What is still everybody's, as PostgreSQL names it."""
    if connection.server(_TEMPORARY).fetchone() is not None:
        yield "TEMPORARY"
    if (lock := connection.server(f"{_LOCKS} LIMIT 1").fetchone()) is not None:
        yield str(lock[0])
