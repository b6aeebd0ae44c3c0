"""A program on a pseudo-terminal of any size, and what a person would see on its screen."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from typing import Any, Self

import pyte
import pyte.screens


class Terminal:
    """A running program with its screen; a context manager that ends it."""

    def __init__(
        self,
        words: Sequence[str],
        *,
        env: Mapping[str, str],
        columns: int = 80,
        rows: int = 40,
    ) -> None:
        self.screen: Any = pyte.HistoryScreen(columns, rows, history=2000)
        self._stream: Any = pyte.ByteStream(self.screen)
        self.raw = b""
        self.pid, self._file = pty.fork()
        if self.pid == 0:
            os.execvpe(words[0], list(words), {"TERM": "xterm", **env})
        self.resize(columns, rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.code() is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._file)

    def resize(self, columns: int, rows: int = 40) -> None:
        """Change the window's size, as dragging its corner does."""
        fcntl.ioctl(self._file, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(rows, columns)

    def type(self, keys: str) -> None:
        """Press keys; ``\\r`` is Enter, ``\\x7f`` Backspace, ``\\x03`` Ctrl-C."""
        os.write(self._file, keys.encode())

    def read(self, seconds: float = 0.05) -> bool:
        """Take in what the program wrote within some time; whether there was anything."""
        if not select.select([self._file], [], [], seconds)[0]:
            return False
        try:
            chunk = os.read(self._file, 65536)
        except OSError:  # Linux tells the end of a pseudo-terminal so
            return False
        self.raw += chunk
        self._stream.feed(chunk)
        return bool(chunk)

    def until(self, text: str, seconds: float = 20) -> str:
        """Wait until the screen shows a text and then rests; the whole screen."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read()
            if text in self.text and not self.read(0.02):
                return self.text
        raise AssertionError(f"{text!r} did not come; the screen:\n{self.text}")

    def ended(self, seconds: float = 20) -> int:
        """Wait for the program's end; its exit code."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not self.read():
                code = self.code()
                if code is not None:
                    return code
        raise AssertionError(f"it did not end; the screen:\n{self.text}")

    def code(self) -> int | None:
        """Exit code, None while the program runs."""
        if getattr(self, "_code", None) is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._code = os.waitstatus_to_exitcode(status) if pid else None
        return self._code

    @property
    def lines(self) -> list[str]:
        """Lines above and on the screen, without blanks at their ends."""
        rows = [
            *self.screen.history.top,
            *map(self.screen.buffer.__getitem__, range(self.screen.lines)),
        ]
        columns = range(self.screen.columns)
        # the second half of a wide character is an empty cell
        return ["".join(row[column].data for column in columns).rstrip() for row in rows]

    @property
    def text(self) -> str:
        """All lines as one text."""
        return "\n".join(self.lines).rstrip()
