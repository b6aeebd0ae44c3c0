"""What to do where there is no registry yet: told with the help page, and with every refusal."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from hydrant.cli import language
from hydrant.cli.help import columns, section
from hydrant.cli.screen import wrap
from hydrant.errors import HydrantError
from hydrant.messages import text
from hydrant.safe_text import printable
from hydrant.store.ground.location import locate

#: What is refused for want of a registry.
LACKING = "store.missing"


def first_steps(flag: str | None) -> list[str]:
    """Lines for somebody who has no registry where one is looked for; none where one is.

    Parameters
    ----------
    flag
        What ``--db`` said, if anything.
    """
    try:
        place = locate(flag)
    except HydrantError:  # the page is shown all the same; a command will say what is wrong
        return []
    if not isinstance(place, Path) or place.exists():
        return []
    rows = [("hydrant demo", _t("step_demo")), (_init(flag), _t("step_init"))]
    other = ("hydrant config set db FILE", _t("step_other"))
    return ["", *wrap(printable(_t("no_registry_yet", file=place)), columns()),
            *map(printable, section(_t("to_begin"), [*rows, other])[1:])]  # fmt: skip


def _t(name: str, /, **facts: object) -> str:
    return text(f"cli_common.{name}", language.current(), **facts)


def first_step(error: HydrantError, flag: str | None) -> str:
    """The one line of a refusal for want of a registry: what to do, in words to be typed."""
    return _t("first_step", file=error.facts["file"], init=_init(flag))


def _init(flag: str | None) -> str:
    """The command that makes a registry where this one was looked for."""
    if flag is None:
        return "hydrant init"
    # within the marks of a sentence, and as the shells of the system take it
    quoted = flag if " " not in flag else f'"{flag}"' if os.name == "nt" else shlex.quote(flag)
    return f"hydrant init --db {quoted}"
