"""Whether this run colours what it shows, decided before anything is parsed.

The ``--color`` flag wherever it stands, else the configuration file, else ``NO_COLOR``, else
``CLICOLOR_FORCE`` or ``FORCE_COLOR``, else whether the stream is a terminal that can.
Source of the order: no-color.org, bixense.com/clicolors.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from enum import StrEnum
from typing import Literal, TextIO

from hydrant import config
from hydrant.cli.language import flag


class Color(StrEnum):
    """When to colour."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


_current = Color.AUTO


def current() -> Color:
    """How this run colours."""
    return _current


def choose(arguments: Sequence[str]) -> Color:
    """Decide for this run; a word that is no choice is left to the parser to refuse."""
    global _current  # noqa: PLW0603  one process colours one way
    wanted = flag(arguments, "--color") or config.load(config.config_path()).color
    _current = Color(wanted) if wanted in set(Color) else Color.AUTO
    return _current


def system() -> Literal["auto", "standard"]:
    """Colours that rich may use where colours are wanted."""
    return "standard" if os.environ.get("TERM") == "dumb" else "auto"


def wanted(stream: TextIO) -> bool:
    """Whether to colour what goes to a stream."""
    if _current is not Color.AUTO:
        return _current is Color.ALWAYS
    if os.environ.get("NO_COLOR"):
        return False
    if any(
        os.environ.get(name, "0") not in ("", "0") for name in ("CLICOLOR_FORCE", "FORCE_COLOR")
    ):
        return True
    if os.environ.get("TERM") == "dumb" or os.environ.get("CLICOLOR") == "0":
        return False
    return stream.isatty()
