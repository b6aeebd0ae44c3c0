"""Backups of a registry and its readings: made by SQLite itself, proven before they are named.

A backup is a registry like any other: a GeoPackage, its readings beside it under the same name,
and beside both the SHA-256 of each file, in the form that ``sha256sum -c`` reads.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from hydrant import durable, private
from hydrant.errors import StoreError
from hydrant.ids import new_uid
from hydrant.store.care.copying import copy_registry
from hydrant.store.care.mend_readings import mend_copy
from hydrant.store.ground import sums
from hydrant.store.ground.connection import connect, damage, open_for_reading, sqlite_errors
from hydrant.store.ground.location import beside
from hydrant.store.ground.place import Place, Server
from hydrant.store.ground.proof import Content, content_of, version_of

#: So often a copy is made anew because somebody wrote meanwhile; then writers have to wait.
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was proven equal to what it was made of.

    Attributes
    ----------
    readings
        The readings' file beside it; None where there were none.
    rows
        Rows of all tables of both.
    """

    path: Path
    readings: Path | None
    bytes: int
    rows: int
    digest: str


def back_up(place: Place, target: Path) -> Backup:
    """Back a registry up with its readings while others may use it.

    Raises
    ------
    StoreError
        The source cannot be read or is damaged, the target exists or cannot be written, or
        the copy differs.
    """
    files = [target, beside(target)]
    for file in files:
        if file.exists():
            raise StoreError("store.exists", file=file)
    if isinstance(place, Server):
        return _from_server(place, target)
    with _aside(files) as asides:
        content = _registry(place, asides[0])
        readings = _readings(place, asides[1])
        if readings is not None:
            mend_copy(asides[1], asides[0])
        kept = list(zip(asides, files, strict=True))[: 1 if readings is None else 2]
        for aside, file in kept:
            sums.write(file, sums.sha256(aside))
        # the registry last: while it is not there, there is no backup
        for aside, file in reversed(kept):
            durable.put(aside, file)
    return Backup(
        target,
        None if readings is None else files[1],
        sum(file.stat().st_size for _, file in kept),
        content.total + (0 if readings is None else readings.total),
        content.digest,
    )


@contextmanager
def _aside(files: list[Path]) -> Iterator[list[Path]]:
    asides = [file.with_name(f".{file.name}.{new_uid()}.part") for file in files]
    try:
        yield asides
    except OSError as error:
        raise StoreError("store.cannot_create", file=files[0], why=error.strerror) from None
    finally:
        private.discard(*asides)


def _registry(source: Path, aside: Path) -> Content:
    with sqlite_errors(source), closing(connect(source, write=False, older=True)) as original:
        return proven_copy(original, source, aside)


def _readings(source: Path, aside: Path) -> Content | None:
    readings = beside(source)
    if not readings.is_file():
        return None
    with sqlite_errors(readings), closing(open_for_reading(readings)) as original:
        return proven_copy(original, readings, aside)


def proven_copy(original: sqlite3.Connection, source: Path, aside: Path) -> Content:
    """Copy an open database to a new file and prove the copy equal; what both hold.

    Raises
    ------
    StoreError
        The original is damaged, or the copy differs from it.
    """
    for attempt in range(_ATTEMPTS + 1):
        # the last time nobody may commit until the copy is proven
        last = attempt == _ATTEMPTS
        if last:
            original.execute("BEGIN")
        before = version_of(original)
        aside.unlink(missing_ok=True)
        private.new_file(aside)
        copied = _copied(original, source, aside)
        held = content_of(original)
        unchanged = version_of(original) == before
        if last:
            original.execute("ROLLBACK")
        if unchanged or last:
            if held != copied:
                raise StoreError("store.copy_differs", file=aside, table=_differing(held, copied))
            return copied
    raise AssertionError


def _copied(original: sqlite3.Connection, source: Path, aside: Path) -> Content:
    with sqlite_errors(aside), closing(sqlite3.connect(aside, isolation_level=None)) as copy:
        original.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        for line in damage(copy, 1):
            raise StoreError("store.backup_damaged", file=source, why=line)
        return content_of(copy)


def _differing(held: Content, copied: Content) -> str:
    names = held.rows.keys() | copied.rows.keys()
    return ", ".join(sorted(n for n in names if held.rows.get(n) != copied.rows.get(n))) or "-"


def _from_server(place: Server, target: Path) -> Backup:
    """A registry on a server becomes a file; the digests of all tables are compared."""
    copied = copy_registry(place, target, advance=lambda _: None)
    readings = beside(target) if beside(target).exists() else None
    if readings is not None:
        mend_copy(readings, target)
    for file in (target, readings):
        if file is not None:
            with sqlite_errors(file), closing(open_for_reading(file)) as opened:
                # a log beside the file is brought in, so that the sum is that of the whole
                for line in damage(opened, 1):
                    raise StoreError("store.corrupt", file=file, why=line)
            sums.write(file, sums.sha256(file))
    size = sum(file.stat().st_size for file in (target, readings) if file is not None)
    return Backup(target, readings, size, sum(copied.rows.values()), copied.digest)
