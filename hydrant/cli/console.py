"""Rich's console, as the program's own rules on closed pipes want it."""

from __future__ import annotations

from rich.console import Console


class OwnConsole(Console):
    """A console whose reader may go away (``| head``): the program decides what that means."""

    def on_broken_pipe(self) -> None:
        """Leave the error as it is; Rich would end the program with 1, as a figure too low does."""
        raise BrokenPipeError
