"""``hydrant db publish``: the public facts, ready for pygeoapi (OGC API Features)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, TypeAlias
from urllib.parse import urlsplit

import typer

from hydrant import times
from hydrant.cli.frame import Result, Settings, command, helper
from hydrant.cli.screen import Screen
from hydrant.cli.whole_file import written_whole
from hydrant.errors import CommandLineError, InputRefused, StoreError
from hydrant.exchange.publishing import (
    box_of,
    configuration,
    from_file,
    from_server,
    write_public,
)
from hydrant.store.ground.backend import Published
from hydrant.store.ground.location import readings_path
from hydrant.store.opened.registry import Registry
from hydrant.store.readings.readings_file import view_readings
from hydrant.store.views.public_rows import public_rows

h = helper("db_publish")

_PORT = 5000
#: How many assets, their box, and pygeoapi's provider.
_Published: TypeAlias = tuple[int, tuple[float, float, float, float], dict[str, Any]]


def add_to(app: typer.Typer) -> None:
    """Add the command to its group."""
    command(app, "publish")(publish)


def publish(
    settings: Settings,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help=h("folder"))],
    *,
    url: Annotated[
        str, typer.Option("--url", metavar="URL", help=h("url"))
    ] = f"http://127.0.0.1:{_PORT}",
    login: Annotated[str, typer.Option("--login", metavar="NAME", help=h("login"))] = "web",
    publisher: Annotated[
        str, typer.Option("--publisher", metavar="NAME", help=h("publisher"))
    ] = "hydrant",
) -> Result:
    """Write pygeoapi's configuration, and for a file what it serves."""
    port = _port(url)
    with settings.progress("cli_common.working"), settings.registry() as registry:
        count, box, provider = _published(registry, folder, login)
    target = folder / "pygeoapi.yml"
    words = configuration(provider, url=url, port=port, publisher=publisher, box=box)
    written_whole(target, lambda path: _write(path, words))
    data = {"configuration": str(target), "assets": count, "url": url}
    return Result(data, lambda screen: _show(screen, target, count))


def _show(screen: Screen, target: Path, count: int) -> None:
    screen.line("cli_db_publish.written", file=target, count=f"{count:,}")
    screen.line("cli_db_publish.next", file=target)


def _published(registry: Registry, folder: Path, login: str) -> _Published:
    served = registry.backend.published(login)
    return _copy(registry, folder) if served is None else _served(served, folder, login)


def _served(served: Published, folder: Path, login: str) -> _Published:
    if served.box is None:
        raise InputRefused("exchange.nothing_out", file=folder)
    _make(folder)
    return served.assets, served.box, from_server(served.url, login)


def _copy(registry: Registry, folder: Path) -> _Published:
    """What a file publishes, written as a copy: pygeoapi must not open the live file."""
    with view_readings(readings_path(registry.path)) as readings:
        rows = list(public_rows(registry, readings, times.now()))
    if not rows:
        raise InputRefused("exchange.nothing_out", file=folder)
    _make(folder)
    data = folder / "public.gpkg"
    written_whole(data, lambda path: write_public(path, rows, zone=registry.zone))
    return len(rows), box_of(rows), from_file(data)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError("store.cannot_create", file=folder, why=error.strerror) from None


def _port(url: str) -> int:
    try:
        parts = urlsplit(url)
        port = parts.port or _PORT
    except ValueError:
        raise CommandLineError("cli_db_publish.url_wrong", url=url) from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise CommandLineError("cli_db_publish.url_wrong", url=url)
    return port


def _write(path: Path, words: str) -> None:
    path.write_text(words, encoding="utf-8")
