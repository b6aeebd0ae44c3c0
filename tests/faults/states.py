"""What a folder of a registry holds, in a form that two runs of the same command agree on."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from hydrant.store.ground import gpkg

#: By table and column, a digest of all values, whatever their order.
State = dict[tuple[str, str], str]


def state(path: Path) -> State:
    """Digest of each column of each table of a database; empty where there is none."""
    if not path.exists():
        return {}
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        gpkg.register_functions(raw)
        return dict(_columns(raw))


def _columns(raw: sqlite3.Connection) -> Iterator[tuple[tuple[str, str], str]]:
    tables = raw.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' "
        "AND name NOT LIKE 'rtree%' ORDER BY name"
    ).fetchall()
    for (table,) in tables:
        names = [row[1] for row in raw.execute(f"PRAGMA table_info({table})")]
        rows = raw.execute(f"SELECT * FROM {table}").fetchall()
        yield (table, "(rows)"), str(len(rows))
        for index, name in enumerate(names):
            digest = hashlib.sha256()
            for text in sorted(repr(row[index]) for row in rows):
                digest.update(text.encode())
            yield (table, name), digest.hexdigest()


def same(one: State, other: State, *, told: frozenset[tuple[str, str]]) -> bool:
    """Whether two states say the same in the columns that are always told alike."""
    return all(one.get(key) == other.get(key) for key in told)


def told_alike(one: State, other: State) -> frozenset[tuple[str, str]]:
    """The columns in which two runs of the same command agree: no random keys, no clock."""
    return frozenset(key for key in one.keys() | other.keys() if one.get(key) == other.get(key))


def hot(folder: Path) -> bool:
    """Whether a journal was left behind that the next command has to play back."""
    for journal in folder.glob("*-journal"):
        with journal.open("rb") as file:
            if any(file.read(8)):
                return True
    return any(log.stat().st_size > 0 for log in folder.glob("*-wal"))
