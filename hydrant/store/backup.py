"""Copies of a registry, made by SQLite itself and tried before they are called good."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from hydrant import private
from hydrant.errors import StoreError
from hydrant.ids import new_uid
from hydrant.store.connection import connect, sqlite_errors
from hydrant.store.place import Place, Server


def back_up(path: Place, target: Path) -> int:
    """Copy a registry while others may use it; bytes of the copy.

    The copy is written aside, checked by opening it and asking SQLite for its integrity, and
    only then given its name.

    Raises
    ------
    StoreError
        The source cannot be read, the target exists or cannot be written, or the copy is
        not whole.
    """
    if isinstance(path, Server):
        raise StoreError("server.backup", file=path)
    if target.exists():
        raise StoreError("store.exists", file=target)
    aside = target.with_name(f".{target.name}.{new_uid()}.part")
    source = connect(path, write=False)
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
