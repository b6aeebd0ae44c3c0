"""Puts a backup in the place of a registry, and keeps what was there.

On a server it goes into a database without a registry, as a copy that is proven equal; what is
there is never overwritten.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from hydrant import durable, private, times
from hydrant.errors import StoreError
from hydrant.ids import new_uid
from hydrant.store.care.backup import back_up
from hydrant.store.care.copying import Advance, copy_registry
from hydrant.store.care.verifying import Verified, verify_backup
from hydrant.store.file.migrate import migrate
from hydrant.store.ground.connection import open_for_reading, refuse_network_share, sqlite_errors
from hydrant.store.ground.location import beside
from hydrant.store.ground.place import Place, Server, server_extra
from hydrant.store.ground.sums import path_of
from hydrant.store.migrations import LATEST
from hydrant.store.sql.readings_schema import VERSION

#: What SQLite lays beside a database while it writes.
_JOURNALS = ("-journal", "-wal", "-shm")


@dataclass(frozen=True, slots=True)
class Restored:
    """A backup that is the registry now.

    Attributes
    ----------
    kept
        Where the file is that was there before; None where there was none.
    digest
        Over all tables of the backup and of its copy on a server; None for a file, which is
        compared as it is put in place.
    """

    path: Place
    backup: Verified
    kept: Path | None
    digest: str | None = None


def restore(
    backup: Path,
    place: Place,
    *,
    anyway: bool = False,
    seals: bool = True,
    advance: Advance = lambda _: None,
) -> Restored:
    """Put a backup and its readings in the place of a registry; what was there is kept.

    Parameters
    ----------
    anyway
        Take a backup with faults, too.
    seals
        Hold its rows against their seals; what does not agree is told, not refused: the
        backup may be all there is.

    Raises
    ------
    StoreError
        The backup has faults, somebody writes to the registry, or it cannot be put there; on a
        server a registry is there already.
    """
    if isinstance(place, Server):
        verified = _tried(backup, anyway=anyway, seals=seals, advance=advance)
        return _onto_server(verified, place, advance=advance)
    place = place.resolve()  # by whatever link it is reached, the file itself is put aside
    refuse_network_share(place, write=True)
    if place.exists() and backup.exists() and place.samefile(backup):
        raise StoreError("store.same_file", file=backup)
    verified = _tried(backup, anyway=anyway, seals=seals, advance=advance)
    try:
        return Restored(place, verified, _put(backup, place))
    except OSError as error:
        raise StoreError("store.cannot_create", file=place, why=error.strerror) from None


def _tried(backup: Path, *, anyway: bool, seals: bool, advance: Advance) -> Verified:
    verified = verify_backup(backup, seals=seals, advance=advance)
    if verified.faults and not anyway:
        raise StoreError("store.bad_backup", file=backup, count=len(verified.faults))
    return verified


def _onto_server(verified: Verified, place: Server, *, advance: Advance) -> Restored:
    with server_extra():
        from hydrant.store.care.server_restoring import make_ready  # noqa: PLC0415  a file needs no driver
    make_ready(place)
    with _of_this_schema(verified) as source:
        copied = copy_registry(source, place, advance=advance)
    return Restored(place, verified, None, copied.digest)


@contextmanager
def _of_this_schema(verified: Verified) -> Iterator[Path]:
    """The backup, or where it is older a copy of it that was brought up to this schema."""
    backup = verified.path
    if verified.version == LATEST and not _older_readings(beside(backup)):
        yield backup
        return
    with tempfile.TemporaryDirectory(prefix="hydrant-") as folder:
        aside = Path(folder) / backup.name
        back_up(backup, aside)
        migrate(aside)
        yield aside


def _older_readings(readings: Path) -> bool:
    if not readings.is_file():
        return False
    with sqlite_errors(readings), closing(open_for_reading(readings)) as opened:
        (version,) = opened.execute("PRAGMA user_version").fetchone()
    return bool(version < VERSION)


def _put(backup: Path, place: Path) -> Path | None:
    place.parent.mkdir(parents=True, exist_ok=True)
    aside = place.with_name(f".{place.stem}.{new_uid()}.gpkg")
    try:
        back_up(backup, aside)  # a proven copy beside the registry, so that putting it is a rename
        _let_readers_in(beside(aside))
        kept = _kept_name(place) if place.exists() else None
        _settle(place)
        for new, old in ((beside(aside), beside(place)), (aside, place)):
            _replace(new, old, None if kept is None else _beside_as(kept, old))
    finally:
        for file in (aside, beside(aside)):
            private.discard(file, path_of(file))
    return kept


def _let_readers_in(readings: Path) -> None:
    """Give readings their log back, which a backup is without."""
    if readings.exists():
        with sqlite_errors(readings), closing(sqlite3.connect(readings)) as opened:
            opened.execute("PRAGMA journal_mode = WAL")


def _kept_name(place: Path) -> Path:
    moment = times.to_text(times.now())[:19].replace(":", "").replace("-", "")
    kept = place.with_name(f"{place.stem}.before-{moment}Z.gpkg")
    return kept if not kept.exists() else place.with_name(f"{place.stem}.before-{new_uid()}.gpkg")


def _beside_as(kept: Path, old: Path) -> Path:
    """The name under which a file is kept: the registry's own, or its readings'."""
    return kept if old.suffix == kept.suffix else beside(kept)


def _settle(place: Path) -> None:
    """Let what a killed program left half written be undone, and refuse while somebody writes.

    A damaged file is kept as it is, with its journals.
    """
    if not place.exists():
        return
    try:
        with closing(sqlite3.connect(place, isolation_level=None, timeout=5)) as former:
            former.execute("BEGIN EXCLUSIVE")
            former.execute("ROLLBACK")
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code not in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
            with sqlite_errors(place):
                raise


def _replace(new: Path, old: Path, kept: Path | None) -> None:
    """Put a file in the place of another that is kept; there is no moment without either."""
    if kept is not None and old.exists():
        for ending in _JOURNALS:
            journal = old.with_name(old.name + ending)
            if journal.exists():
                journal.rename(kept.with_name(kept.name + ending))
        _link(old, kept)
    if new.exists():
        durable.put(new, old)
    elif kept is not None:
        old.unlink(missing_ok=True)  # a backup without readings: the former ones are kept aside
        durable.sync_names(old.parent)


def _link(old: Path, kept: Path) -> None:
    try:
        kept.hardlink_to(old)
    except OSError:  # a file system without links: for a moment there is none
        old.rename(kept)
