"""An open registry, read through plain SQL or SQLModel; see `transactions` for writing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hydrant import durable, private, times
from hydrant.errors import StoreError
from hydrant.ids import new_uid
from hydrant.store.file import file_backend
from hydrant.store.ground.backend import Backend, Connection
from hydrant.store.ground.place import Place, Server, server_extra
from hydrant.store.opened.order_in_doubt import InDoubt

if TYPE_CHECKING:
    from sqlmodel import Session


class Registry:
    """One open registry; made by `open_registry`.

    Attributes
    ----------
    path
        The file or the server.
    backend
        What differs between a file and a server.
    connection
        The connection in autocommit mode, for reading.
    triage
        Called by a transaction that finds changes of other programs waiting, before anything
        else, with their number; whether they were taken in.
    told_as_of
        The moment (stored text) whose knowledge the tables tell of within
        `hydrant.store.evidence.known`;
        None for the present.
    seen
        State of the registry as its rows were read (`Backend.state`), once any were as objects.
    writing
        Whether a transaction is open.
    in_doubt
        Visits and moves of one day that its transactions wrote.
    """

    def __init__(self, path: Place, backend: Backend) -> None:
        self.path = path
        self.backend = backend
        self.connection: Connection = backend.connection
        self.triage: Callable[[int], bool] | None = None
        self.told_as_of: str | None = None
        self.seen: object = None
        self.writing = False
        self.in_doubt: list[InDoubt] = []

    @cached_property
    def settings(self) -> dict[str, str]:
        """Properties of the registry itself."""
        return dict(self.connection.execute("SELECT key, value FROM setting"))

    @cached_property
    def zone(self) -> ZoneInfo:
        """Local time zone of the registry."""
        return times.zone(self.settings.get("zone", times.DEFAULT_ZONE))

    @property
    def policy(self) -> str:
        """Name of the policy that the registry's figures follow, or the path of its file.

        A bundle carries the text of a policy of one's own; it is laid beside the bundle, since
        the laptop has no other copy.
        """
        carried = self.settings.get("policy_text")
        if isinstance(carried, str):
            return str(self._laid_out(carried))
        found = self.settings.get("policy")
        if not isinstance(found, str):
            raise StoreError("store.no_setting", file=self.path, name="policy")
        return found

    def _laid_out(self, policy: str) -> Path:
        """The carried policy as a file; one left there by an earlier bundle is no source."""
        target = self.path.with_suffix(".policy.toml")
        content = policy.encode()
        try:
            if not target.exists() or target.read_bytes() != content:
                _put(target, content)
        except OSError as error:
            raise StoreError("store.cannot_create", file=target, why=error.strerror) from None
        return target

    @cached_property
    def session(self) -> Session:
        """SQLModel session on the same connection; imported only where it is used."""
        self.seen = self.backend.state()
        return self.backend.session()

    def close(self) -> None:
        """Close the session, if one was used, and the connection."""
        with self.backend.leaving():
            try:
                if "session" in self.__dict__:
                    self.session.close()
            finally:
                self.connection.close()

    def forget_settings(self) -> None:
        """Read the properties anew when they are next asked: somebody else may have set some."""
        self.__dict__.pop("settings", None)


def _put(target: Path, content: bytes) -> None:
    aside = target.with_name(f".{target.name}.{new_uid()}")
    try:
        private.new_file(aside)
        aside.write_bytes(content)
        durable.put(aside, target)
    finally:
        private.discard(aside)


@contextmanager
def open_registry(
    path: Place, *, write: bool = False, unfinished: bool = False
) -> Iterator[Registry]:
    """Open a registry, for reading unless `write` is set.

    Parameters
    ----------
    unfinished
        Take one on a server into which a copy is being made, too.

    Raises
    ------
    StoreError
        The file is missing, foreign, locked, newer or in need of migration; or the server cannot
        be reached, refuses, or holds no registry of this version.
    """
    with _opened(path, write=write, unfinished=unfinished) as backend:
        registry = Registry(path, backend)
        try:
            yield registry
        finally:
            registry.close()


def _opened(path: Place, *, write: bool, unfinished: bool) -> AbstractContextManager[Backend]:
    if not isinstance(path, Server):
        return file_backend.opened(path, write=write)
    with server_extra():
        from hydrant.store.server_tables import opening  # noqa: PLC0415  a file needs no driver
    return opening.opened(path, write=write, unfinished=unfinished)
