"""Roles of a registry on a server; a file has none but the permissions of the system."""

from __future__ import annotations

from collections.abc import Sequence

from hydrant.errors import StoreError
from hydrant.store.ground.place import Place, Server, server_extra
from hydrant.store.opened.registry import Registry


def with_roles(place: Place) -> Server:
    """The server on which a registry is.

    Raises
    ------
    StoreError
        It is a file, which has no roles.
    """
    if not isinstance(place, Server):
        raise StoreError("server.only_there", file=place)
    return place


def set_roles(
    place: Place, *, member: str | None, role: str | None, regions: Sequence[str]
) -> None:
    """Make the roles, and let a login belong to one: see `hydrant.store.server_tables.roles`.

    Raises
    ------
    StoreError
        The registry is a file.
    """
    server = with_roles(place)
    with server_extra():
        from hydrant.store.server_tables import roles  # noqa: PLC0415  a file needs no driver
    roles.set_roles(server, member=member, role=role, regions=regions)


def public_extent(
    registry: Registry, *, login: str
) -> tuple[int, tuple[float, float, float, float] | None]:
    """How many assets a server publishes, and their west, south, east and north (degrees).

    Parameters
    ----------
    login
        Whom the error names, as the one that will read.

    Raises
    ------
    StoreError
        Nothing is published there, or not to this login.
    """
    found = registry.backend.published()
    if found is None:
        raise StoreError("server.not_public", file=registry.path, login=login)
    return found
