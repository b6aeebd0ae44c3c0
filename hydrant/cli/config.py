"""``hydrant config``: preferences of this user on this machine."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated
from urllib.parse import urlsplit

import typer

from hydrant import config
from hydrant.cli.frame import Result, Settings, command, group, helper
from hydrant.cli.screen import Screen
from hydrant.errors import InputRefused
from hydrant.store.place import Server, is_url

h = helper("config")
app = group("config")


@command(app, "show")
def show_(settings: Settings) -> Result:
    """Show the preferences and where they stand."""
    path = config.config_path()
    values = asdict(config.load(path))
    if values["db"] is not None and is_url(values["db"]):
        values["db"] = str(Server(values["db"]))  # without the password that somebody wrote there
    data = {"file": str(path), "registry": str(settings.path), "settings": values}

    def show(screen: Screen) -> None:
        screen.line("cli_config.where", file=path, registry=settings.path)
        for key, value in values.items():
            screen.text(f"{key} = {value if value is not None else '–'}")

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
    if key == "db" and is_url(value) and urlsplit(value).password is not None:
        raise InputRefused("config.secret", file=path)
    values = asdict(config.load(path)) | {key: value or None}
    config.save(path, {name: text for name, text in values.items() if text is not None})

    def show(screen: Screen) -> None:
        screen.line("cli_config.saved", file=path, key=key, value=value)

    return Result({"file": str(path), "key": key, "value": value}, show)
