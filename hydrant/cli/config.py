"""``hydrant config``: preferences of this user on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from hydrant import config
from hydrant.cli import color as colors
from hydrant.cli import config_deploy, language, pager
from hydrant.cli.frame import Result, Settings, command, group, helper
from hydrant.cli.screen import Screen
from hydrant.errors import InputRefused
from hydrant.safe_text import printable
from hydrant.store.ground import location
from hydrant.store.ground.place import Place, Server, is_url
from hydrant.telemetry import allowed

h = helper("config")
app = group("config")

KeyArgument = Annotated[str, typer.Argument(help=h("key"))]
#: Variables that outrank the file for a setting.
_VARIABLES = {
    "db": location.ENVIRONMENT,
    "lang": language.ENVIRONMENT,
    "gateways": allowed.ENVIRONMENT,
}


def _variable(key: str) -> str | None:
    """The variable that decides a setting now; an empty one does only for gateways: none."""
    value = os.environ.get(_VARIABLES.get(key, ""))
    decides = value is not None if key == "gateways" else bool(value)
    return _VARIABLES[key] if decides else None


def effective(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """Each setting with the value that holds for this run and where it comes from."""
    stored = asdict(config.load(config.config_path()))
    holds = {
        "db": str(settings.path),
        "lang": settings.lang.value,
        "by": settings.actor(),
        "color": colors.current().value,
        "pager": "auto" if pager.wanted() else "never",
        "gateways": os.environ.get(allowed.ENVIRONMENT, stored["gateways"] or ""),
        "photos": stored["photos"] or "",
    }
    for key, value in holds.items():
        variable = _variable(key)
        if settings.given(key):
            yield key, value, "flag"
        elif variable:
            yield key, value, f"environment {variable}"
        else:
            yield key, value, "file" if stored[key] else "default"


@command(app, "show")
def show_(settings: Settings) -> Result:
    """Show the preferences and where they stand."""
    path = config.config_path()
    values = asdict(config.load(path))
    if values["db"] is not None and is_url(values["db"]):
        values["db"] = str(Server(values["db"]))  # without the password that somebody wrote there
    rows = list(effective(settings))
    data = {
        "file": str(path),
        "registry": str(settings.path),
        "settings": values,
        "effective": {key: {"value": value, "origin": origin} for key, value, origin in rows},
    }

    return Result(data, lambda screen: _show(screen, path, settings.path, rows))


def _show(screen: Screen, file: Path, registry: Place, rows: list[tuple[str, Any, str]]) -> None:
    screen.line("cli_config.where", file=file, registry=registry)
    screen.text()
    screen.table(
        [screen.t(f"cli_config.{name}_title") for name in ("key", "value", "origin")],
        [(key, value and printable(value), _origin(screen, origin)) for key, value, origin in rows],
    )


def _origin(screen: Screen, origin: str) -> str:
    word, _, variable = origin.partition(" ")
    return f"{screen.t(f'cli_config.from_{word}')} {variable}".rstrip()


@command(app, "set")
def set_(
    settings: Settings,
    key: KeyArgument,
    value: Annotated[str, typer.Argument(help=h("value"))],
) -> Result:
    """Set a preference; an empty value removes it."""
    del settings
    if value:
        config.check(config.config_path(), key, value)
    return _keep(key, value or None)


@command(app, "unset")
def unset(settings: Settings, key: KeyArgument) -> Result:
    """Remove a preference, so that the default holds again."""
    del settings
    return _keep(key, None)


def _keep(key: str, value: str | None) -> Result:
    path = config.config_path()
    if key not in config.KEYS:
        raise InputRefused("config.key", file=path, key=key, known=", ".join(config.KEYS))
    values = asdict(config.load(path)) | {key: value}
    config.save(path, {name: text for name, text in values.items() if text is not None})

    def show(screen: Screen) -> None:
        if value is None:
            screen.line("cli_config.removed", file=path, key=key)
        else:
            screen.line("cli_config.saved", file=path, key=key, value=value)

    return Result({"file": str(path), "key": key, "value": value or ""}, show)


config_deploy.add_to(app)
