"""An open registry: reading through plain SQL or SQLModel, writing only through a `Writer`."""

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
from hydrant.store.outside import edits_wait
from hydrant.store.place import Place, Server, server_part

if TYPE_CHECKING:
    from sqlmodel import Session

    from hydrant.store.writer import Writer


#: While this row is there a change is ours; other programs never see it (`schema.watch_ddl`).
_BEGUN = "INSERT INTO setting (key, value) VALUES ('writing', ?)"
_ENDED = "DELETE FROM setting WHERE key = 'writing'"


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
    told_as_of
        The moment (stored text) whose knowledge the tables tell of within `hydrant.store.known`;
        None for the present.
    """

    def __init__(self, path: Place, connection: sqlite3.Connection) -> None:
        self.path = path
        self.connection = connection
        self.taking_in: Callable[[int], bool] | None = None
        self.told_as_of: str | None = None
        self._state: object = None
        self._writing = False

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

        self._state = state_of(self.connection)
        return session_on(self.connection)

    @contextmanager
    def transaction(self, *, actor: str, origin: str) -> Iterator[Writer]:
        """The only way to write: facts and their audit entries commit together or not at all.

        Parameters
        ----------
        actor
            Who makes the change.
        origin
            Which command or file it comes from.
        """
        if self._writing:  # what others changed is taken in within it, with a seal of its own
            with self._sealed(actor, origin) as writer:
                yield writer
            return
        from hydrant.store.meddling import refuse_meddlers  # noqa: PLC0415  as above

        session = self.session  # made before, since SQLAlchemy first rolls back
        try:
            with sqlite_errors(self.path):
                self.connection.execute("BEGIN IMMEDIATE")
            self._writing = True
            if not isinstance(self.path, Server):
                refuse_meddlers(self.connection, self.path)
            self._catch_up(session)
            with self._sealed(actor, origin) as writer:
                yield writer
            self._state = state_of(self.connection)
            with sqlite_errors(self.path):
                self.connection.execute("COMMIT")
            session.commit()  # what is rolled back later is what comes after it
        except BaseException as error:
            self._roll_back()
            cause = _cause(error, self.path)
            if cause is not None:
                raise cause from error
            raise
        finally:
            self._writing = False

    @contextmanager
    def _sealed(self, actor: str, origin: str) -> Iterator[Writer]:
        from hydrant.store.chain import touched  # noqa: PLC0415  as above
        from hydrant.store.versions import bring_up  # noqa: PLC0415  as above
        from hydrant.store.writer import Writer  # noqa: PLC0415  as above

        touched.begin(self.connection)
        self._mark(_BEGUN, (actor,))
        writer = Writer(self, actor=actor, origin=origin)
        bring_up(writer)
        yield writer
        writer.finish()
        self._mark(_ENDED)

    def close(self) -> None:
        """Close the session, if one was used, and the connection."""
        try:
            if "session" in self.__dict__:
                self.session.close()
        finally:
            self.connection.close()

    def _catch_up(self, session: Session) -> None:
        """Let nothing of other programs wait, and nothing be held that was read too early.

        Whoever wrote between the opening and now is seen: a round of a survey is open for hours.
        """
        from hydrant.store.orm import read_anew  # noqa: PLC0415  as above

        changed = self._take_in_first(session)
        if self._state == state_of(self.connection) and not changed:
            return
        self.__dict__.pop("settings", None)
        read_anew(session, self.path)

    def _take_in_first(self, session: Session) -> bool:
        """Whether there was something to take in, so that rows may not be as they were read."""
        from hydrant.store.orm import known_only  # noqa: PLC0415  as above

        waiting = 0 if self.taking_in is None else edits_wait(self)
        if self.taking_in is None or not waiting:
            return False
        self.connection.execute("SAVEPOINT taking_in")
        with known_only(session) as forget:
            if not self.taking_in(waiting):  # who may not take them in may write beside them
                self.connection.execute("ROLLBACK TO taking_in")
                forget()
        self.connection.execute("RELEASE taking_in")
        return True

    def _mark(self, statement: str, values: tuple[str, ...] = ()) -> None:
        """Mark a change as ours; on a server the transaction itself is marked."""
        if not isinstance(self.path, Server):
            self.connection.execute(statement, values)

    def _roll_back(self) -> None:
        """Undo; rows that somebody still holds are read again when they are next asked."""
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")
        self.session.rollback()


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


def _cause(error: BaseException, path: Place) -> HydrantError | None:
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
        cause = _cause(error, path)
        if cause is not None:
            raise cause from error
        raise
    finally:
        registry.close()
