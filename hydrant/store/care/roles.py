"""Roles of a registry on a server; a file has none but the permissions of the system."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hydrant.store.ground.place import Place, Server, server_extra, server_of

if TYPE_CHECKING:
    from hydrant.store.server_schema.roles import Standing


def with_roles(place: Place) -> Server:
    """The server on which a registry is.

    Raises
    ------
    StoreError
        It is a file, which has no roles.
    """
    return server_of(place, "server.only_there")


def set_roles(
    place: Place, *, member: str | None, role: str | None, regions: Sequence[str], remove: bool
) -> Standing:
    """Make the roles, and let a login belong to one: see `hydrant.store.server_schema.roles`.

    Raises
    ------
    StoreError
        The registry is a file.
    """
    server = with_roles(place)
    with server_extra():
        from hydrant.store.server_schema import roles  # noqa: PLC0415  a file needs no driver
    return roles.set_roles(server, member=member, role=role, regions=regions, remove=remove)
