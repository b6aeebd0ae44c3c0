"""``hydrant config deploy``: what runs the program on servers, to be looked over and installed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from hydrant.cli.frame import Result, Settings, command, helper
from hydrant.cli.screen import Screen
from hydrant.errors import StoreError
from hydrant.resources import resource

h = helper("config_deploy")

_PARTS = ("systemd", "compose", "prometheus-rules.yml")


def add_to(app: typer.Typer) -> None:
    """Add the command to its group."""
    command(app, "deploy")(deploy)


def deploy(
    settings: Settings,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help=h("folder"))],
) -> Result:
    """Write systemd units, a compose file and alerting rules into a folder."""
    del settings
    source = resource("data", "operations")
    files = [
        file.relative_to(source)
        for part in _PARTS
        for file in ([source / part] if (source / part).is_file() else (source / part).iterdir())
    ]
    for file in files:
        if (folder / file).exists():
            raise StoreError("store.exists", file=folder / file)
    try:
        for file in files:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / file, folder / file)
    except OSError as error:
        raise StoreError("store.cannot_create", file=folder, why=error.strerror) from None

    def show(screen: Screen) -> None:
        screen.line("cli_config_deploy.written", folder=folder, count=len(files))

    return Result({"folder": str(folder), "files": sorted(map(str, files))}, show)
