"""Questions at a terminal: plain ``input`` and ``print``, on Windows and in any encoding."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from hydrant.cli.screen import Screen, wrap
from hydrant.safe_text import printable

with suppress(ImportError):  # Windows has its own way of editing a line
    # `input` then edits whole characters, however the terminal is set
    import readline  # noqa: F401

#: Columns kept for what is typed behind a prompt, and least columns of the prompt itself.
_ROOM, _LEAST = 12, 24
#: How often a wait for a line looks whether Ctrl-C was pressed, s.
_LOOK_S = 0.2


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
        with _heeding_ctrl_c():
            return input(f"{prompt} ")
    print(prompt, end=" ", flush=True)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    typed = line.rstrip("\r\n")
    if not sys.stdin.isatty():
        print(printable(typed))  # a piped round reads like one at the keyboard
    return typed


@contextmanager
def _heeding_ctrl_c() -> Iterator[None]:
    """Let Ctrl-C end the wait for a line in whatever moment it is pressed.

    Pressed between Python's last look at its signals and the wait for a key, it would be taken up
    with the next key only; a timer's signal makes the wait look again. Windows waits otherwise.
    """
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield
        return
    former = signal.signal(signal.SIGALRM, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, _LOOK_S, _LOOK_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)
