"""Roles of a registry on a server; a file has none but the permissions of the system."""

from __future__ import annotations

from collections.abc import Sequence

from hydrant.errors import StoreError
from hydrant.store.place import Place, Server, server_part
from hydrant.store.registry import Registry


def set_roles(
    place: Place, *, member: str | None, role: str | None, regions: Sequence[str]
) -> None:
    """Make the roles, and let a login belong to one: see `hydrant.store.server.roles`.

    Raises
    ------
    StoreError
        The registry is a file.
    """
    if not isinstance(place, Server):
        raise StoreError("server.only_there", file=place)
    server_part("roles").set_roles(place, member=member, role=role, regions=regions)


def public_view_there(registry: Registry) -> bool:
    """Whether a registry on a server offers what anybody may see, to this login too."""
    found: bool = server_part("public").there(registry.connection)
    return found
