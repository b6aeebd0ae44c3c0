"""An open registry, read through plain SQL or SQLModel; see `transactions` for writing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hydrant import durable, private, times
from hydrant.errors import HydrantError, StoreError
from hydrant.ids import new_uid
from hydrant.store.connection import connect, sqlite_errors, store_error
from hydrant.store.place import Place, Server, server_part

if TYPE_CHECKING:
    from sqlmodel import Session


class Registry:
    """One open registry file; made by `open_registry`.

    Attributes
    ----------
    path
        The file or the server.
    connection
        The connection in autocommit mode, for reading: SQLite's, or one with the same surface.
    taking_in
        Called by a transaction that finds changes of other programs waiting, before anything
        else, with their number; whether they were taken in.
    seen
        State of the registry as its rows were read (`state_of`), once any were as objects.
    writing
        Whether a transaction is open.
    """

    def __init__(self, path: Place, connection: sqlite3.Connection) -> None:
        self.path = path
        self.connection = connection
        self.taking_in: Callable[[int], bool] | None = None
        self.seen: object = None
        self.writing = False

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
        from hydrant.store.orm import session_on  # noqa: PLC0415  `near` must not import SQLModel

        self.seen = state_of(self.connection)
        return session_on(self.connection)

    def close(self) -> None:
        """Close the session, if one was used, and the connection."""
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


def state_of(connection: sqlite3.Connection) -> object:
    """Something that is another once others have written; a server has the last seal for it."""
    if isinstance(connection, sqlite3.Connection):
        return connection.execute("PRAGMA data_version").fetchone()
    return connection.execute("SELECT max(number) FROM seal").fetchone()


def cause_of(error: BaseException, path: Place) -> HydrantError | None:
    """The error to show for one of the database, also behind one of SQLAlchemy (``orig``)."""
    if isinstance(path, Server):
        from hydrant.store.server import errors  # noqa: PLC0415  a file needs no driver

        found = errors.cause_of(error)
        return None if found is None else errors.store_error(found, path)
    cause = getattr(error, "orig", error)
    return store_error(cause, path) if isinstance(cause, sqlite3.Error) else None


@contextmanager
def open_registry(path: Place, *, write: bool = False) -> Iterator[Registry]:
    """Open a registry, for reading unless `write` is set.

    Raises
    ------
    StoreError
        The file is missing, foreign, locked, newer or in need of migration.
    """
    if isinstance(path, Server):
        with server_part("opening").open_registry(path, write=write) as opened:
            yield opened
        return
    connection = connect(path, write=write)
    registry = Registry(path, connection)
    try:
        with sqlite_errors(path):
            yield registry
    except BaseException as error:
        cause = cause_of(error, path)
        if cause is not None:
            raise cause from error
        raise
    finally:
        registry.close()
