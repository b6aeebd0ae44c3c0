"""The first thing that runs: ``hydrant`` and ``python -m hydrant`` begin here."""

from __future__ import annotations

import signal
import sys


def main() -> None:
    """Load the program and run it.

    While its parts are being loaded nothing can be lost, so Ctrl-C then simply ends it; Python
    would print a trace of the half-done import.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.argv[1:2] == ["__complete"]:
        from hydrant.cli.complete import main as answer  # noqa: PLC0415  a Tab loads little

        answer(sys.argv[2:])
        return
    from hydrant.cli.main import main as run  # noqa: PLC0415  see above

    signal.signal(signal.SIGINT, signal.default_int_handler)
    run()


if __name__ == "__main__":
    main()
