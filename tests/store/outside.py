"""Another program at the registry: plain SQLite with the functions that GIS programs bring."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from hydrant.cli.asset_change import moved_to
from hydrant.store.ground.gpkg import register_functions


@contextmanager
def other_program(path: Path) -> Iterator[sqlite3.Connection]:
    """An SQLite connection that neither enforces references nor tells who it is."""
    with closing(sqlite3.connect(path)) as connection:
        register_functions(connection)
        yield connection
        connection.commit()


def meanwhile(monkeypatch: pytest.MonkeyPatch, deed: Callable[[], None]) -> None:
    """Let something be done once `asset edit` has opened the registry and found its asset."""
    name = "hydrant.cli.asset.moved_to"

    def hooked(*arguments: Any) -> Any:
        monkeypatch.setattr(name, moved_to)
        deed()
        return moved_to(*arguments)

    monkeypatch.setattr(name, hooked)
