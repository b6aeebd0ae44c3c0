"""Opens the registry file and turns SQLite's troubles into plain errors.

The file keeps a rollback journal with ``synchronous=EXTRA``: GIS programs share it, and an
acknowledged inspection must survive a power cut. It is never opened, hashed or copied
outside SQLite within this process, because closing such a handle drops SQLite's locks.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from hydrant.errors import HydrantError, StoreError
from hydrant.integrity.flow import can_project, projected_flow_l_s
from hydrant.store.ground import gpkg
from hydrant.store.ground.place import Place
from hydrant.store.migrations import LATEST

BUSY_TIMEOUT_MS = 5000


@contextmanager
def sqlite_errors(path: Place) -> Iterator[None]:
    """Turn an SQLite error within the block into a `StoreError` that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise store_error(error, path) from error
    except UnicodeDecodeError as error:  # SQLite's own words quote what stands in the file
        raise StoreError("store.corrupt", file=path, why=error.reason) from error


def store_error(error: sqlite3.Error, path: Place) -> HydrantError:
    """The error to show for an SQLite error on a file."""
    name = getattr(error, "sqlite_errorname", "") or ""
    for prefix, key in (
        ("SQLITE_BUSY", "store.locked"),
        ("SQLITE_LOCKED", "store.locked"),
        ("SQLITE_READONLY_ROLLBACK", "store.half_written"),
        ("SQLITE_READONLY_RECOVERY", "store.half_written"),
        ("SQLITE_READONLY_DBMOVED", "store.moved"),
        ("SQLITE_READONLY", "store.readonly"),
        ("SQLITE_FULL", "store.full"),
        # the index of a write-ahead log could not grow
        ("SQLITE_IOERR_SHMSIZE", "store.full"),
        ("SQLITE_CANTOPEN", "store.cannot_open"),
        ("SQLITE_NOTADB", "store.foreign"),
        ("SQLITE_CORRUPT", "store.corrupt"),
        ("SQLITE_IOERR", "store.io"),
        ("SQLITE_PERM", "store.cannot_open"),
    ):
        if name.startswith(prefix):
            return StoreError(key, file=path, why=error)
    return StoreError("store.sql", file=path, why=error)


def connect(path: Path, *, write: bool, older: bool = False) -> sqlite3.Connection:
    """Bare connection with the registry's settings; the caller closes it.

    Parameters
    ----------
    older
        Take a file that waits for migration, too: to copy it.

    Raises
    ------
    StoreError
        The file is missing, foreign, of a newer version or in need of migration.
    """
    refuse_network_share(path, write=write)
    if not path.is_file():
        raise StoreError("store.missing", file=path)
    with sqlite_errors(path):
        connection = _open(path, "rw") if write else open_for_reading(path)
        try:
            _check_identity(connection, path, older=older)
            if write:
                _prepare_for_writing(connection)
        except BaseException:
            connection.close()
            raise
    return connection


def _open(path: Path, mode: str, *, alone: bool = False) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{quote(path.resolve().as_posix())}?mode={mode}",
        uri=True,
        isolation_level=None,
        timeout=BUSY_TIMEOUT_MS / 1000,
    )
    try:
        if alone:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA cache_size = -64000")
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    except BaseException:
        connection.close()
        raise
    gpkg.register_functions(connection)
    connection.create_function("hydrant_projected", 5, _projected, deterministic=True)
    return connection


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Bare connection for looking into any of our databases; the caller closes it.

    What a killed program left half written is undone first. Only a connection that may write
    can play a journal back, so one is opened for a moment.

    Raises
    ------
    StoreError
        That is needed, and this user may not write to the file or its folder.
    """
    try:
        return _open(path, "ro")
    except sqlite3.OperationalError as error:
        if _lies_still(path) and error.sqlite_errorcode & 0xFF in _NO_LOG:
            return _open(path, "ro&immutable=1")
        if error.sqlite_errorname.startswith(_NO_ROOM):
            return _open(path, "rw", alone=True)
        if error.sqlite_errorcode not in _LEFT_HALF:
            raise
    try:
        _open(path, "rw").close()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}:
            raise StoreError("store.half_written", file=path, why=error) from error
        raise
    return _open(path, "ro")


def _lies_still(path: Path) -> bool:
    """Whether nobody at all can write to a file where it is, and no log of it waits to be read.

    A database with a log cannot be opened otherwise from a read-only medium. That this user
    may not write is not enough: somebody else may.
    """
    if sys.platform == "win32" or not os.statvfs(path).f_flag & os.ST_RDONLY:
        return False
    log = path.with_name(f"{path.name}-wal")
    return not (log.exists() and log.stat().st_size)


#: What SQLite says where the disk has no room for the index of a log. Whoever holds the file alone
#: needs none; others wait until this look is over, and could not write there anyway.
_NO_ROOM = ("SQLITE_IOERR_SHM", "SQLITE_FULL")
#: What SQLite says where it can make no log beside a file.
_NO_LOG = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
#: What SQLite says where a journal must be played back by somebody who may write.
_LEFT_HALF = {
    sqlite3.SQLITE_READONLY_ROLLBACK,
    sqlite3.SQLITE_READONLY_RECOVERY,
    sqlite3.SQLITE_READONLY_CANTLOCK,
    sqlite3.SQLITE_READONLY_CANTINIT,
}


def _prepare_for_writing(connection: sqlite3.Connection) -> None:
    _put_journal_back(connection)
    connection.execute("PRAGMA synchronous = EXTRA")
    connection.execute("PRAGMA foreign_keys = ON")


def _put_journal_back(connection: sqlite3.Connection) -> None:
    """Undo WAL, in which QGIS leaves a file: a plain copy of such a file misses commits.

    While QGIS is attached the mode cannot change; writing is as safe in it, and the next
    program to open the file for writing puts it back.
    """
    try:
        connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or mode != "wal":
            raise


def _check_identity(connection: sqlite3.Connection, path: Path, *, older: bool) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    known = connection.execute(
        "SELECT count(*) FROM sqlite_master WHERE name IN ('migration', 'asset')"
    ).fetchone()[0]
    if application != gpkg.APPLICATION_ID or known != 2:
        raise StoreError("store.foreign", file=path, why="")
    (version,) = connection.execute("SELECT max(version) FROM migration").fetchone()
    if not isinstance(version, int):
        raise StoreError("store.foreign", file=path, why="")
    if version > LATEST:
        raise StoreError("store.newer", file=path, version=version, latest=LATEST)
    if version < LATEST and not older:
        raise StoreError("store.migrate", file=path, version=version, latest=LATEST)


def refuse_network_share(path: Path, *, write: bool) -> None:
    """Refuse to write on a Windows network share, where SQLite's locks cannot be trusted."""
    if write and path.drive.startswith("\\\\"):
        raise StoreError("store.network", file=path)


def _projected(
    flow_l_s: float, static_kpa: float, residual_kpa: float, at_kpa: float, least_drop: float
) -> float | None:
    """A flow projected to another pressure for SQL; NULL where the pressures do not allow it."""
    if not can_project(static_kpa, residual_kpa, at_kpa, least_drop=least_drop):
        return None
    return projected_flow_l_s(flow_l_s, static_kpa, residual_kpa, at_kpa, least_drop=least_drop)


def damage(connection: sqlite3.Connection, most: int = 20) -> list[str]:
    """What SQLite finds damaged in a file's storage, a line each; nothing where it is whole."""
    told = [row[0] for row in connection.execute(f"PRAGMA integrity_check({most})")]
    lines = [line for part in told for line in part.splitlines()]
    return [line for line in lines if line != "ok" and not line.startswith("*** in database")]
