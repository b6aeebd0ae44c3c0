"""Which command this run is about, as Click finds it on the line.

What is recorded as Click walks down holds also when a command line is wrong or a command fails,
and whatever options stand before the words.
"""

from __future__ import annotations

from typing import Any

_reached = ""


def begin() -> None:
    """Forget the command of a run before, in the same process."""
    global _reached  # noqa: PLW0603  one process runs one command line at a time
    _reached = ""


def reach(context: Any) -> None:
    """Note a group or command before its own part of the line is parsed."""
    global _reached  # noqa: PLW0603  as above
    _reached = " ".join(context.command_path.split()[1:])


def words() -> str:
    """The command's words without the program's name: ``survey plan``; empty where none is."""
    return _reached
