"""Roles of people and programs on a server, and who may write for which region."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

from hydrant.errors import InputRefused
from hydrant.store.ground.backend import one_row
from hydrant.store.ground.place import Server
from hydrant.store.server.connection import ServerConnection, connect
from hydrant.store.server.found import check_version
from hydrant.store.server_tables import public, styles

ROLES = ("crew", "poller", "officer", "auditor", "admin", "public")


def script() -> str:
    """The script that makes roles, grants and row security."""
    return files(__package__).joinpath("roles.sql").read_text("utf-8")


def apply(connection: ServerConnection) -> None:
    """Make roles, grants and row security, anew if need be, in the caller's transaction."""
    public.put_view(connection)
    for statement in script().split(";\n\n"):
        connection.server(statement.strip().rstrip(";"))
    grant_work(connection)
    styles.grant(connection)


def grant_work(connection: ServerConnection) -> None:
    """Let pollers use what they meet in, where that and the roles are there."""
    (both,) = one_row(
        connection.server(
            "SELECT to_regnamespace('hydrant_work') IS NOT NULL "
            "AND to_regclass('hydrant.role_region') IS NOT NULL"
        )
    )
    if both:
        grants = files(__package__).joinpath("work_grants.sql").read_text("utf-8")
        for statement in grants.split(";\n\n"):
            connection.server(statement.strip().rstrip(";"))


def set_roles(
    place: Server, *, member: str | None = None, role: str | None = None, regions: Sequence[str]
) -> None:
    """Make the roles, and let a login belong to one and write for some regions.

    Parameters
    ----------
    member
        Name of a login, made without a password where it is not there.
    role
        One of `ROLES`.
    regions
        Codes of the regions for which it may write, with all below them.

    Raises
    ------
    InputRefused
        A role or region is not known.
    StoreError
        The user may not make roles.
    """
    if role is not None and role not in ROLES:
        raise InputRefused("server.no_role", role=role, known=", ".join(ROLES))
    connection = connect(place, write=True)
    try:
        connection.execute("BEGIN IMMEDIATE")
        check_version(connection)
        apply(connection)
        if member is not None and role is not None:
            _join(connection, member, role)
            _assign(connection, member, regions)
        connection.execute("COMMIT")
    finally:
        connection.close()


def _join(connection: ServerConnection, member: str, role: str) -> None:
    quoted = '"' + member.replace('"', '""') + '"'
    known = connection.server("SELECT 1 FROM pg_roles WHERE rolname = %s", (member,)).fetchone()
    if known is None:
        connection.server(f"CREATE ROLE {quoted} LOGIN")
    connection.server(f"GRANT hydrant_{role} TO {quoted}")


def _assign(connection: ServerConnection, member: str, regions: Sequence[str]) -> None:
    for code in regions:
        known = connection.execute("SELECT 1 FROM region WHERE code = ?", (code,)).fetchone()
        if known is None:
            raise InputRefused("store.no_region", code=code, file=connection.place)
        connection.execute(
            "INSERT INTO role_region (role, region_code) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (member, code),
        )
