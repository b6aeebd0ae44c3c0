"""Files that only their user may read: registries, readings, bundles, photos, settings, logs.

What is written to be handed on (exports, reports, to-do lists) keeps the user's own default.
On Windows a user's folders are closed to others already, and nothing is done.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

_FILE, _FOLDER = 0o600, 0o700


def new_file(path: Path) -> None:
    """Make an empty file, closed from its first moment; one that is there stays as it is.

    Raises
    ------
    OSError
        It cannot be made.
    """
    if sys.platform != "win32":
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, _FILE))


def folder(path: Path) -> None:
    """Make a folder that only its user may enter, and those above it; `OSError` when it cannot."""
    missing = [path, *(each for each in path.parents if not each.exists())]
    for each in reversed(missing):
        each.mkdir(mode=_FOLDER, exist_ok=True)


def discard(*paths: Path) -> None:
    """Remove files of our own making where that can be; what went wrong before is what counts."""
    for path in paths:
        with suppress(OSError):
            path.unlink(missing_ok=True)
