"""Files from outside, read without trusting them: what they are, how large, how deep.

Callers word what is raised here; nothing but `OSError` and `ValueError` leaves.
"""

from __future__ import annotations

import errno
import os
import stat
import tomllib
from pathlib import Path
from typing import IO, Any

#: Largest table or GIS file; a province's register of a million rows has a third of it.
MOST_BYTES = 500_000_000
#: Largest settings file: mapping, policy, profile, configuration.
MOST_TOML_BYTES = 2_000_000
#: Tables within tables within tables; ours have four.
MOST_DEEP = 40
#: Source: TOML 1.0.0, section Integer.
_TOO_FAR = 1 << 63


def content(path: Path, *, most: int = MOST_BYTES) -> bytes:
    """Content of an ordinary file of bounded size, also of one that grows meanwhile.

    Raises
    ------
    OSError
        It cannot be read, is a folder, pipe or device, or holds more than `most` bytes.
    """
    # a pipe without a writer must not keep us waiting, a device would never end
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        require_ordinary(file, path)
        return bounded(file, path, most=most)


def require_ordinary(file: IO[bytes], path: Path) -> None:
    """Raise `OSError` where an open file is a folder, pipe or device."""
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        raise OSError(errno.EINVAL, "not an ordinary file", str(path))


def bounded(file: IO[bytes], path: Path, *, most: int = MOST_BYTES) -> bytes:
    """All that a stream gives, if it is no more than `most` bytes; else `OSError`."""
    found = file.read(most + 1)
    if len(found) > most:
        raise OSError(errno.EFBIG, f"more than {most // 1_000_000} MB", str(path))
    return found


def toml(path: Path) -> dict[str, Any]:
    """Values of a TOML file.

    Raises
    ------
    OSError
        See `content`.
    ValueError
        It is not UTF-8 or not TOML, or is nested deeper than any file of ours.
    """
    # what tomllib makes of lines, read_text of a file made of CR LF
    text = content(path, most=MOST_TOML_BYTES).decode("utf-8-sig").replace("\r\n", "\n")
    try:
        values = tomllib.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    _require_sound(values)
    return values


def _require_sound(values: object) -> None:
    """Raise `ValueError` at deep nesting, and at integers that TOML does not have."""
    level = [values]
    for _ in range(MOST_DEEP):
        level = [inner for outer in level for inner in _inside(outer)]
        if any(isinstance(one, int) and not -_TOO_FAR <= one < _TOO_FAR for one in level):
            raise ValueError("integer beyond 64 bits")
    if level:
        raise ValueError("nested too deeply")


def _inside(value: object) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
