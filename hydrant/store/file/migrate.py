"""Makes registries and brings old ones up to the present schema."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from hydrant import durable, private, times
from hydrant.errors import StoreError
from hydrant.ids import new_uid
from hydrant.store.ground import gpkg
from hydrant.store.ground.connection import refuse_network_share, sqlite_errors
from hydrant.store.ground.place import Place, Server, server_extra
from hydrant.store.migrations import CHANGES, FIRST_SEALED, FOUND, LATEST
from hydrant.vocabulary import Language


def create(path: Place, *, settings: dict[str, str], lang: Language = Language.ZH) -> None:
    """Make an empty registry; a file is built aside and moved into place when complete.

    Raises
    ------
    StoreError
        Something is there already, or the place cannot be written to.
    """
    if isinstance(path, Server):
        with server_extra():
            from hydrant.store.server_tables import making  # noqa: PLC0415  a file needs no driver
        making.create(path, settings=settings)
        return
    refuse_network_share(path, write=True)
    if path.exists():
        raise StoreError("store.exists", file=path)
    aside = path.with_name(f".{path.name}.{new_uid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        private.new_file(aside)
        with sqlite_errors(path):
            _build(aside, settings, lang)
        durable.put(aside, path)
    except OSError as error:
        raise StoreError("store.cannot_create", file=path, why=error.strerror) from None
    finally:
        private.discard(aside)


def _build(path: Path, settings: dict[str, str], lang: Language) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute(f"PRAGMA application_id = {gpkg.APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {gpkg.USER_VERSION}")
        connection.execute("PRAGMA synchronous = EXTRA")
        gpkg.register_functions(connection)
        connection.execute("BEGIN IMMEDIATE")
        apply_changes(connection, after=0)
        connection.executemany(
            "INSERT INTO setting (key, value) VALUES (?, ?)",
            [*settings.items(), ("writer", new_uid())],
        )
        _put_styles(connection, lang)
        _found_chain(connection, "created")
        connection.execute("COMMIT")
    finally:
        connection.close()


def _found_chain(connection: sqlite3.Connection, kind: str) -> None:
    from hydrant.store.chain.sealing import founding  # noqa: PLC0415  as below

    founding(connection, kind, actor="hydrant", origin="db migrate" if kind == FOUND else "init")


def _put_styles(connection: sqlite3.Connection, lang: Language) -> None:
    from hydrant.store.sql.qgis_style import put_styles  # noqa: PLC0415  `near` needs no SQLModel

    put_styles(connection, lang)


def apply_changes(connection: sqlite3.Connection, *, after: int) -> list[int]:
    """Apply every migration later than `after` within the caller's transaction."""
    applied = []
    for change in CHANGES:
        if change.version <= after:
            continue
        for statement in change.statements():
            connection.execute(statement)
        connection.execute(
            "INSERT INTO migration (version, name, applied_at) VALUES (?, ?, ?)",
            (change.version, change.name, times.to_text(times.now())),
        )
        applied.append(change.version)
    return applied


def migrate(path: Place) -> list[int]:
    """Bring a registry to the present schema in one transaction; versions applied.

    Raises
    ------
    StoreError
        The file is missing, not a registry, or of a newer version.
    """
    if isinstance(path, Server):
        with server_extra():
            from hydrant.store.server_tables import making  # noqa: PLC0415  as above
        return making.migrate(path)
    if not path.is_file():
        raise StoreError("store.missing", file=path)
    with sqlite_errors(path):
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            gpkg.register_functions(connection)
            return _migrate(connection, path)
        finally:
            connection.close()


def _migrate(connection: sqlite3.Connection, path: Path) -> list[int]:
    connection.execute("PRAGMA synchronous = EXTRA")
    connection.execute("BEGIN IMMEDIATE")
    found = connection.execute(
        "SELECT count(*) FROM sqlite_master WHERE name IN ('migration', 'asset')"
    ).fetchone()[0]
    if found != 2:
        raise StoreError("store.foreign", file=path, why="")
    (version,) = connection.execute("SELECT max(version) FROM migration").fetchone()
    if version > LATEST:
        raise StoreError("store.newer", file=path, version=version, latest=LATEST)
    applied = apply_changes(connection, after=version)
    if applied:
        _put_styles(connection, Language.ZH)
    if version < FIRST_SEALED:
        _found_chain(connection, FOUND)
    connection.execute("COMMIT")
    return applied
