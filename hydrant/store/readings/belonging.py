"""Which registry a readings file belongs to: the one whose id it bears.

A registry's id is the word `writer` of its settings. Copies, backups and restored registries keep
it, whatever they are called, and so their readings stay theirs. A file of earlier versions bears
none: it is taken for the registry's beside which it stands if it knows one of its sensors, or no
sensor at all.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from hydrant.errors import StoreError
from hydrant.store.ground.connection import connect, open_for_reading, sqlite_errors
from hydrant.store.ground.place import Place

_ENDING = ".readings.db"
_KNOWN = "SELECT sensor_uid FROM latest UNION SELECT sensor_uid FROM alarm"


def of_another(path: Place) -> bool:
    """Whether a readings file stands beside a registry that is not its own."""
    if not isinstance(path, Path) or not path.is_file() or (registry := _beside(path)) is None:
        return False
    with sqlite_errors(path), closing(open_for_reading(path)) as readings:
        if not _made(readings, "latest"):
            return False
        bears = _borne(readings) if _made(readings, "belonging") else None
        known = [] if bears is not None else [uid for (uid,) in readings.execute(_KNOWN)]
    with sqlite_errors(registry), closing(connect(registry, write=False, older=True)) as owner:
        own = _own(owner)
        if bears is not None or own is None:
            return own is not None and bears != own
        ours = {uid for (uid,) in owner.execute("SELECT uid FROM sensor")}
    return bool(known) and ours.isdisjoint(known)


def refuse_others(path: Path) -> None:
    """Raise `StoreError` where a readings file is that of another registry."""
    if of_another(path):
        raise StoreError("telemetry.others_readings", file=path)


def claim(readings: sqlite3.Connection, path: Path) -> None:
    """Let a readings file that bears no id bear that of the registry beside it."""
    if _borne(readings) is not None or (registry := _beside(path)) is None:
        return
    with sqlite_errors(registry), closing(connect(registry, write=False, older=True)) as owner:
        own = _own(owner)
    if own is not None:
        readings.execute(
            "INSERT INTO belonging (registry) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM belonging)",
            (own,),
        )


def _beside(path: Path) -> Path | None:
    """The registry's file that readings stand beside."""
    name = path.name.removesuffix(_ENDING)
    for ending in (".gpkg", ".GPKG"):
        if (found := path.with_name(f"{name}{ending}")).is_file():
            return found
    return None


def _borne(readings: sqlite3.Connection) -> str | None:
    row = readings.execute("SELECT registry FROM belonging").fetchone()
    return None if row is None else str(row[0])


def _own(registry: sqlite3.Connection) -> str | None:
    row = registry.execute("SELECT value FROM setting WHERE key = 'writer'").fetchone()
    return None if row is None else str(row[0])


def _made(connection: sqlite3.Connection, table: str) -> bool:
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    return found is not None
