"""Long output at a terminal, shown page by page; what is piped, and ``--json``, never is.

``PAGER`` names the program, else it is ``less`` where that is there; where nothing is (as on
Windows) the output simply runs on. ``--no-pager`` and the setting ``pager`` turn it off.
"""

from __future__ import annotations

import io
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TextIO

from hydrant import config
from hydrant.cli import language, links
from hydrant.messages import text

FLAG = "--no-pager"
#: Options of less where the user has set none: end where one page will do, keep colours, and
#: leave what was shown on the screen. Source: what git sets.
_LESS = "FRX"
_wanted = True


def choose(arguments: Sequence[str]) -> bool:
    """Decide for this run whether pages are wanted."""
    global _wanted  # noqa: PLW0603  one process shows one way
    before = arguments[: arguments.index("--")] if "--" in arguments else arguments
    _wanted = FLAG not in before and config.load(config.config_path()).pager != "never"
    return _wanted


def wanted() -> bool:
    """Whether this run shows pages."""
    return _wanted


@contextmanager
def paged() -> Iterator[None]:
    """What is printed within is shown page by page where it is longer than the window."""
    program = _program(os.environ) if _wanted and sys.stdout.isatty() else None
    if program is None:
        yield
        return
    real = sys.stdout
    held = _Held(real, program, shutil.get_terminal_size((80, 24)).lines)
    sys.stdout = held
    try:
        yield
    finally:
        sys.stdout = real
        held.end()


def _program(environment: Mapping[str, str]) -> list[str] | None:
    """Words of the program that shows pages; None where there is none."""
    if environment.get("TERM") == "dumb":
        return None
    named = environment.get("PAGER")
    words = ["less"] if named is None else shlex.split(named, posix=os.name != "nt")
    if not words or words[0] == "cat" or shutil.which(words[0]) is None:
        return None
    return words


class _Held(io.TextIOBase):
    """Standard output that holds back one window's worth, and begins the program behind it."""

    def __init__(self, real: TextIO, program: list[str], rows: int) -> None:
        super().__init__()
        self._real, self._program, self._rows = real, program, rows
        self._kept: list[str] = []
        self._lines = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._left = False

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Encoding of the terminal."""
        return self._real.encoding

    def isatty(self) -> bool:
        """Whether a person reads it: always."""
        return True

    def writable(self) -> bool:
        """Whether it can be written to: always."""
        return True

    def write(self, words: str) -> int:
        """Keep, or hand on, some output."""
        if self._process is None:
            self._kept.append(words)
            self._lines += words.count("\n")
            if self._lines >= self._rows:
                self._begin()
        else:
            self._hand_on(words)
        return len(words)

    def _begin(self) -> None:
        environment = {"LESS": _LESS, **os.environ}
        if self.encoding.lower().replace("-", "") == "utf8":
            environment.setdefault("LESSCHARSET", "utf-8")
        self._real.flush()
        try:
            self._process = subprocess.Popen(  # noqa: S603  the user's own choice of program
                self._program, stdin=subprocess.PIPE, env=environment
            )
        except OSError:  # it is there and cannot be run
            self._rows = sys.maxsize
            return
        if not {"PAGER", "LESS"} & os.environ.keys():  # who has chosen one knows its keys
            self._hand_on(f"{text('cli_common.pager_keys', language.current())}\n\n")
        self._hand_on("".join(self._kept))
        self._kept.clear()

    def _hand_on(self, words: str) -> None:
        pipe = None if self._process is None else self._process.stdin
        if pipe is None or self._left:
            return
        try:
            # programs of some years ago show the marks of links
            pipe.write(links.without(words).encode(self.encoding, "replace"))
            pipe.flush()
        except OSError:  # the reader has seen enough
            self._left = True

    def end(self) -> None:
        """Show what is still held, or wait until the reader is done."""
        if self._process is None:
            self._real.write("".join(self._kept))
            return
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
        while True:
            try:
                self._process.wait()
            except KeyboardInterrupt:  # meant for the program that shows the pages
                continue
            return
