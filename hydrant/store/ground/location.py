"""Where the registry is: a GeoPackage path, or the URL of a server."""

from __future__ import annotations

import os
from pathlib import Path

from hydrant import config
from hydrant.errors import StoreError
from hydrant.store.ground.place import Place, Server, is_url

ENVIRONMENT = "HYDRANT_DB"


def locate(flag: str | None) -> Place:
    """Place of the registry: the flag, else ``HYDRANT_DB``, else configuration, else default.

    Raises
    ------
    StoreError
        The place is the URL of some other server, or a path that is no ``.gpkg``.
    """
    chosen = flag or os.environ.get(ENVIRONMENT) or config.load(config.config_path()).db
    if chosen is None:
        return config.data_path() / "registry.gpkg"
    if is_url(chosen):
        return Server(chosen)
    if "://" in chosen:
        raise StoreError("store.server", place=chosen.partition("://")[0])
    path = Path(chosen).expanduser()
    if path.suffix.lower() != ".gpkg":
        raise StoreError("store.suffix", file=path)
    return path


def readings_path(registry: Place) -> Place:
    """Place of the readings store that belongs to a registry; a server keeps both.

    A link is the file it leads to, so the readings are beside that file, under its name.
    """
    if isinstance(registry, Server):
        return registry
    file = registry.resolve() if registry.is_symlink() else registry
    return file.with_suffix(".readings.db")


def beside(registry: Path) -> Path:
    """Where the readings of a registry's file are."""
    found = readings_path(registry)
    assert isinstance(found, Path)  # noqa: S101  beside a file is a file
    return found
