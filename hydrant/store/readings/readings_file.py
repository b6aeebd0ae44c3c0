"""The readings store's file: a second SQLite file beside the registry, written by polls only.

WAL with ``synchronous=NORMAL``: a second lost in a power cut is polled again.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from hydrant import private, times
from hydrant.errors import StoreError
from hydrant.store.ground.backend import Moments
from hydrant.store.ground.connection import (
    BUSY_TIMEOUT_MS,
    open_for_reading,
    refuse_network_share,
    sqlite_errors,
)
from hydrant.store.ground.place import Place, Server, server_extra
from hydrant.store.readings.belonging import claim, of_another, refuse_others
from hydrant.store.readings.readings import Readings
from hydrant.store.sql.reading_definitions import altered_readings
from hydrant.store.sql.readings_schema import CHANGES, FIRST_SEALED, READABLE, VERSION

if TYPE_CHECKING:
    from hydrant.store.file.file_backend import FileBackend
    from hydrant.store.file.touched_file import FileTouched

#: Marks the file as ours: "HYRD".
_APPLICATION_ID = 0x48595244


class FileShelf:
    """The readings' file; see `hydrant.store.ground.backend.Shelf`."""

    words = Moments(
        "substr(at, 1, 13)",
        "strftime('%Y-%m-%dT%H', at, '-1 hour')",
        "at",
        "coalesce(arrived_at, at)",
    )

    #: A file counts on from the greatest number that is there.
    numbers_given = False

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._identity = _identity(path)
        self.connection = connection

    @cached_property
    def touched(self) -> FileTouched:
        """What the open transaction writes."""
        from hydrant.store.chain.ledger import READINGS  # noqa: PLC0415  to look needs none
        from hydrant.store.file.touched_file import FileTouched  # noqa: PLC0415  as above

        return FileTouched(self.connection, READINGS)

    def hold_chain(self) -> None:
        """Nothing: a file has one writer."""

    def has_table(self, name: str) -> bool:
        """Whether there is such a table."""
        found = self.connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,))
        return found.fetchone() is not None

    @property
    def reads(self) -> FileBackend:
        """How the store is held against its seals."""
        from hydrant.store.file.file_backend import FileBackend  # noqa: PLC0415  as above

        return FileBackend(self._path, self.connection)

    def altered(self) -> list[str]:
        """Names of what another program defined on our tables."""
        return altered_readings(self.connection)

    def refuse_altered(self) -> None:
        """Raise `StoreError` where a definition of another program changes what is written."""
        if found := self.altered():
            raise StoreError("telemetry.altered", file=self._path, name=", ".join(found))

    def make_room(self, moments: Sequence[str]) -> None:
        """Nothing: one table holds all."""

    def refuse_moved(self) -> None:
        """Refuse to store into a file that was replaced: nobody would ever read it again.

        SQLite looks after this by itself with a rollback journal, but not with a log.
        """
        if _identity(self._path) != self._identity:
            raise StoreError("store.moved", file=self._path, why=self._path.parent)

    def days_before(self, day: dt.date) -> list[str] | None:  # noqa: ARG002  as `make_room`
        """None: one table holds all."""
        return None

    def errors(self) -> AbstractContextManager[None]:
        """A block whose errors of SQLite become ours and say what to do."""
        return sqlite_errors(self._path)


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells one file from another of the same name; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


@contextmanager
def open_readings(path: Place, *, born: dt.datetime | None = None) -> Iterator[Readings]:
    """Open a readings store for writing; it is made when it is not there.

    Parameters
    ----------
    path
        As `hydrant.store.ground.location.readings_path` gives it.
    born
        From when on a new store has all that is read; None means now.

    Raises
    ------
    StoreError
        The file cannot be written, is no readings store, of a newer version, or another
        registry's.
    """
    if isinstance(path, Server):
        with _on_server(path, write=True) as opened:
            yield opened
        return
    refuse_network_share(path, write=True)
    refuse_others(path)
    _make_private(path)
    with sqlite_errors(path):
        connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000)
        try:
            connection.execute("PRAGMA synchronous = NORMAL")
            _prepare(connection, path, born or times.now())
            claim(connection, path)
            yield Readings(path, FileShelf(path, connection))
        finally:
            connection.close()


@contextmanager
def _on_server(place: Server, *, write: bool) -> Iterator[Readings]:
    with server_extra():
        from hydrant.store.server_tables import readings  # noqa: PLC0415  a file needs no driver
    with readings.opened(place, write=write) as shelf:
        yield Readings(place, shelf)


def _make_private(path: Path) -> None:
    try:
        private.new_file(path)
    except OSError as error:
        raise StoreError("store.cannot_open", file=path, why=error.strerror) from None


@contextmanager
def view_readings(path: Place, *, latest: bool = False) -> Iterator[Readings | None]:
    """Open a readings store for looking only; None while no poll has made one.

    None, too, where the file beside a registry is another one's: what it says is not of this one.
    One that is too old to be read is brought up to date first.

    Parameters
    ----------
    latest
        Whether one that an older version made is brought up to date in any case.
    """
    if isinstance(path, Server):
        with _on_server(path, write=False) as opened:
            yield opened
        return
    if not path.is_file() or of_another(path):
        yield None
        return
    _update(path, VERSION if latest else READABLE)
    with sqlite_errors(path):
        connection = open_for_reading(path)
        try:
            yield (
                Readings(path, FileShelf(path, connection)) if _version(connection, path) else None
            )
        finally:
            connection.close()


def _update(path: Path, least: int) -> None:
    """Bring a file that is older than a version up to date; an empty one is left alone."""
    with sqlite_errors(path):
        connection = open_for_reading(path)
        try:
            version = _version(connection, path)
        finally:
            connection.close()
    if 0 < version < least:
        with open_readings(path):
            pass


def _prepare(connection: sqlite3.Connection, path: Path, born: dt.datetime) -> None:
    if _version(connection, path) == VERSION:
        return
    from hydrant.store.chain.reading_chain import CREATED, FOUND, found  # noqa: PLC0415  as above

    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    # another process may have made the tables while this one waited
    version = _version(connection, path)
    for change in CHANGES[version:]:
        for statement in change.split(";"):
            connection.execute(statement)
    if version == 0:
        connection.execute("INSERT INTO birth (born_at) VALUES (?)", (times.to_text(born),))
    if version < FIRST_SEALED:
        found(connection, CREATED if version == 0 else FOUND)
    connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """Version of the file, 0 for an empty one."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application == _APPLICATION_ID and version > VERSION:
        raise StoreError("store.newer", file=path, version=version, latest=VERSION)
    if tables and application != _APPLICATION_ID:
        raise StoreError("telemetry.foreign_readings", file=path)
    return int(version)
