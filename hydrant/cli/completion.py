"""``hydrant completion``: the script that teaches a shell to complete hydrant's words."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from hydrant.cli.frame import Note, Result, Settings, command, helper, single
from hydrant.resources import resource

h = helper("completion")
app = single("completion")


class Shell(StrEnum):
    """Shells that can be taught."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"


@command(app, "completion")
def completion(
    settings: Settings, shell: Annotated[Shell, typer.Argument(help=h("shell"))]
) -> Result:
    """Print a shell's script; at a terminal also where to put it."""
    del settings
    path = resource("data", "completion", f"hydrant.{shell}")
    script = path.read_text(encoding="utf-8")
    notes = (Note.of(f"cli_completion.keep_{shell}"),)
    return Result(
        {"shell": shell, "script": script}, lambda screen: screen.verbatim(script.rstrip()), notes
    )
