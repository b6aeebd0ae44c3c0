"""Copies of a registry, made by SQLite itself and tried before they are called good."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from urllib.parse import quote

from hydrant import private
from hydrant.errors import StoreError
from hydrant.ids import new_uid
from hydrant.store.connection import connect, sqlite_errors
from hydrant.store.location import readings_path
from hydrant.store.place import Place, Server


def back_up(path: Place, target: Path) -> tuple[int, int]:
    """Copy a registry and its readings while others may use them; bytes of both copies.

    Each copy is written aside, checked by opening it and asking SQLite for its integrity, and
    only then given its name. Readings come first: the registry's copy is never older than what
    they refer to, and it has its name only when all is there.

    Raises
    ------
    StoreError
        The source cannot be read, a target exists or cannot be written, or a copy is not whole.
    """
    if isinstance(path, Server):
        raise StoreError("server.backup", file=path)
    beside, kept = readings_path(path), readings_path(target)
    for file in (target, kept):
        if isinstance(file, Path) and file.exists():
            raise StoreError("store.exists", file=file)
    readings = 0
    if isinstance(beside, Path) and isinstance(kept, Path) and beside.is_file():
        readings = _whole(_reader(beside), kept)
    try:
        return _whole(connect(path, write=False), target), readings
    except StoreError:
        if readings and isinstance(kept, Path):
            kept.unlink(missing_ok=True)
        raise


def _reader(path: Path) -> sqlite3.Connection:
    with sqlite_errors(path):
        return sqlite3.connect(f"file:{quote(path.resolve().as_posix())}?mode=ro", uri=True)


def _whole(source: sqlite3.Connection, target: Path) -> int:
    aside = target.with_name(f".{target.name}.{new_uid()}.part")
    try:
        private.new_file(aside)
        with sqlite_errors(target):
            _copy(source, aside)
        aside.rename(target)
    except OSError as error:
        raise StoreError("store.cannot_create", file=target, why=error.strerror) from None
    finally:
        source.close()
        aside.unlink(missing_ok=True)
    return target.stat().st_size


def _copy(source: sqlite3.Connection, aside: Path) -> None:
    copy = sqlite3.connect(aside)
    try:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        (verdict,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    finally:
        copy.close()
    if verdict != "ok":
        raise StoreError("store.corrupt", file=aside, why=verdict)
