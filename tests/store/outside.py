"""Another program at the registry: plain SQLite with the functions that GIS programs bring."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from hydrant.store.gpkg import register_functions


@contextmanager
def other_program(path: Path) -> Iterator[sqlite3.Connection]:
    """An SQLite connection that neither enforces references nor tells who it is."""
    with closing(sqlite3.connect(path)) as connection:
        register_functions(connection)
        yield connection
        connection.commit()
