"""``hydrant config``: preferences of this user on this machine."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from hydrant import config
from hydrant.cli.frame import Result, Settings, command, group, helper
from hydrant.cli.screen import Screen, printable
from hydrant.errors import InputRefused

h = helper("config")
app = group("config")


@command(app, "show")
def show_(settings: Settings) -> Result:
    """Show the preferences and where they stand."""
    path = config.config_path()
    values = asdict(config.load(path))
    data = {"file": str(path), "registry": str(settings.path), "settings": values}

    def show(screen: Screen) -> None:
        screen.line("cli_config.where", file=path, registry=settings.path)
        for key, value in values.items():
            screen.text(f"{key} = {printable(value or '–')}")

    return Result(data, show)


@command(app, "set")
def set_(
    settings: Settings,
    key: Annotated[str, typer.Argument(help=h("key"))],
    value: Annotated[str, typer.Argument(help=h("value"))],
) -> Result:
    """Set a preference; an empty value removes it."""
    del settings
    if key not in config.KEYS:
        raise InputRefused(
            "config.key", file=config.config_path(), key=key, known=", ".join(config.KEYS)
        )
    path = config.config_path()
    values = asdict(config.load(path)) | {key: value or None}
    config.save(path, {name: text for name, text in values.items() if text is not None})

    def show(screen: Screen) -> None:
        screen.line("cli_config.saved", file=path, key=key, value=value)

    return Result({"file": str(path), "key": key, "value": value}, show)
