"""Files that are there after a power cut once we have said that they are.

SQLite sees to its own files. What we write beside them and then give its name must reach the
disk before that name does, and the name before anybody is told: else a cut leaves an empty file
under the right name, or none.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path


def put(aside: Path, target: Path) -> None:
    """Give a finished file its name; what bore it before is replaced, at once or not at all.

    Raises
    ------
    OSError
        It cannot be named so, or the disk is full or failing.
    """
    sync(aside)
    aside.replace(target)
    sync_names(target.parent)


def sync(path: Path) -> None:
    """Have a file's content on the disk."""
    with path.open("rb+") as file:  # Windows syncs only what may be written to
        os.fsync(file.fileno())


def sync_names(folder: Path) -> None:
    """Have the names in a folder on the disk; Windows keeps them in its own journal."""
    if sys.platform == "win32":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    except OSError as error:  # some shares cannot, and keep names in their own way
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(opened)
