"""Roles of people and programs on a server, and who may write for which region."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import NamedTuple

from hydrant.errors import InputRefused
from hydrant.store.ground.backend import one_row
from hydrant.store.ground.place import Server
from hydrant.store.server.connection import ServerConnection, connect
from hydrant.store.server.found import check_version, uses_roles
from hydrant.store.server_schema import everybody, grants, public, rights, styles


class Standing(NamedTuple):
    """What a login is: its roles and the regions for which it may write, as they are now.

    Attributes
    ----------
    everybodys
        What PostgreSQL still lets everybody do in this database, where this login may not end it.
    """

    roles: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    everybodys: tuple[str, ...] = ()


def script() -> str:
    """The script that makes roles and the functions that decide."""
    return files(__package__).joinpath("roles.sql").read_text("utf-8")


def apply(connection: ServerConnection) -> None:
    """Make roles, grants and row security, anew if need be, in the caller's transaction."""
    public.put_view(connection)
    _run(connection, script().split(";\n\n"))
    _run(connection, grants.statements())
    everybody.take(connection)
    grant_work(connection)
    styles.grant(connection)


def _run(connection: ServerConnection, statements: Iterable[str]) -> None:
    for statement in statements:
        connection.server(statement.strip().rstrip(";"))


def grant_work(connection: ServerConnection) -> None:
    """Let pollers use what they meet in, where that and the roles are there."""
    (both,) = one_row(
        connection.server(
            "SELECT to_regnamespace('hydrant_work') IS NOT NULL "
            "AND to_regclass('hydrant.role_region') IS NOT NULL"
        )
    )
    if both:
        text = files(__package__).joinpath("work_grants.sql").read_text("utf-8")
        _run(connection, text.split(";\n\n"))


def set_roles(
    place: Server,
    *,
    member: str | None = None,
    role: str | None = None,
    regions: Sequence[str],
    remove: bool = False,
) -> Standing:
    """Make the roles, and let a login belong to one and write for some regions, or no more.

    Parameters
    ----------
    member
        Name of a login, made without a password where it is not there.
    role
        One of `ROLES`.
    regions
        Codes of the regions for which it may write, with all below them.
    remove
        Take these from it instead; everything where neither role nor regions are given.

    Raises
    ------
    InputRefused
        A role, region or, to be taken from, login is not known.
    StoreError
        The user may not make roles.
    """
    if role is not None and role not in grants.ROLES:
        raise InputRefused("server.no_role", role=role, known=", ".join(grants.ROLES))
    connection = connect(place, write=True)
    try:
        connection.execute("BEGIN IMMEDIATE")
        check_version(connection)
        # tables that are as they should be are not held up: pollers and crews are at work
        if not uses_roles(connection) or rights.lacking(connection):
            apply(connection)
        else:
            everybody.take(connection)
        if member is not None and remove:
            _leave(connection, member, role, regions)
        elif member is not None and role is not None:
            _join(connection, member, role)
            _assign(connection, member, regions)
        found = _standing(connection, member)
        connection.execute("COMMIT")
    finally:
        connection.close()
    return found


def _standing(connection: ServerConnection, member: str | None) -> Standing:
    member_of = connection.server(
        "SELECT substr(g.rolname, 9)::text FROM pg_auth_members m "
        "JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles u ON u.oid = m.member "
        "WHERE u.rolname = %s AND g.rolname = ANY(%s) ORDER BY 1",
        (member, [f"hydrant_{role}" for role in grants.ROLES]),
    ).fetchall()
    regions = connection.execute(
        "SELECT region_code FROM role_region WHERE role = ? ORDER BY region_code", (member,)
    ).fetchall()
    return Standing(
        tuple(name for (name,) in member_of),
        tuple(code for (code,) in regions),
        tuple(everybody.left(connection)),
    )


def _join(connection: ServerConnection, member: str, role: str) -> None:
    quoted = _quoted(member)
    known = connection.server("SELECT 1 FROM pg_roles WHERE rolname = %s", (member,)).fetchone()
    if known is None:
        connection.server(f"CREATE ROLE {quoted} LOGIN")
    connection.server(f"GRANT hydrant_{role} TO {quoted}")


def _leave(
    connection: ServerConnection, member: str, role: str | None, regions: Sequence[str]
) -> None:
    known = connection.server("SELECT 1 FROM pg_roles WHERE rolname = %s", (member,)).fetchone()
    standing = _standing(connection, member)
    if known is None and not standing.regions:
        raise InputRefused("server.no_login", login=member)
    everything = role is None and not regions
    for one in standing.roles if everything else [role] if role is not None else []:
        connection.server(f"REVOKE hydrant_{one} FROM {_quoted(member)}")
    for code in standing.regions if everything else regions:
        connection.execute(
            "DELETE FROM role_region WHERE role = ? AND region_code = ?", (member, code)
        )


def _assign(connection: ServerConnection, member: str, regions: Sequence[str]) -> None:
    for code in regions:
        known = connection.execute("SELECT 1 FROM region WHERE code = ?", (code,)).fetchone()
        if known is None:
            raise InputRefused("store.no_region", code=code, file=connection.place)
        connection.execute(
            "INSERT INTO role_region (role, region_code) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (member, code),
        )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
