"""Questions at a terminal: plain ``input`` and ``print``, on Windows and in any encoding."""

from __future__ import annotations

import sys
from contextlib import suppress

from hydrant.cli.screen import Screen, wrap
from hydrant.safe_text import printable

with suppress(ImportError):  # Windows has its own way of editing a line
    # `input` then edits whole characters, however the terminal is set
    import readline  # noqa: F401

#: Columns kept for what is typed behind a prompt, and least columns of the prompt itself.
_ROOM, _LEAST = 12, 24


def at_terminal() -> bool:
    """Whether somebody sits there who reads what is printed and can answer."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


def ask(screen: Screen, prompt: str) -> str:
    """What somebody types; raises `EOFError` when nobody does."""
    typed = _typed(_last_line(screen, printable(prompt)))
    while not typed.isprintable() and any("\udc80" <= char <= "\udcff" for char in typed):
        # bytes that are no character: a terminal that takes Chinese back by halves
        screen.line("cli_survey.garbled")
        typed = _typed(printable(prompt))
    return typed


def _last_line(screen: Screen, prompt: str) -> str:
    """Print what of a prompt does not fit before the cursor; what is left stands before it."""
    if not at_terminal():
        return prompt
    *above, last = wrap(prompt, max(_LEAST, screen.columns() - _ROOM))
    for line in above:
        screen.text(line)
    return last


def _typed(prompt: str) -> str:
    if sys.stdin is None:  # a job of the system's, with nobody before it
        raise EOFError
    if sys.stdin.isatty() and sys.stdout.isatty():
        return input(f"{prompt} ")
    print(prompt, end=" ", flush=True)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    typed = line.rstrip("\r\n")
    if not sys.stdin.isatty():
        print(printable(typed))  # a piped round reads like one at the keyboard
    return typed
