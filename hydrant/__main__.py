"""The first thing that runs: ``hydrant`` and ``python -m hydrant`` begin here."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path


def main() -> None:
    """Load the program and run it.

    While its parts are being loaded nothing can be lost, so Ctrl-C then simply ends it; Python
    would print a trace of the half-done import.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _open_streams()
    if sys.argv[1:2] == ["__complete"]:
        from hydrant.cli.complete import main as answer  # noqa: PLC0415  a Tab loads little

        answer(sys.argv[2:])
        return
    from hydrant.cli.main import main as run  # noqa: PLC0415  see above

    signal.signal(signal.SIGINT, signal.default_int_handler)
    run()


def _open_streams() -> None:
    """Let what a scheduler closed lead nowhere.

    What is stored is stored, whether or not anybody reads of it; and the next file that is opened,
    which may be the registry, must not get the number of a stream that is written to.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115  till the end


if __name__ == "__main__":
    main()
