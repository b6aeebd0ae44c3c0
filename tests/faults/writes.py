"""Ends or refuses a process at its n-th write to the disk: a small library loaded before libc.

SQLite writes by way of libc, so every write, sync, truncation and deletion below a folder can be
counted, met by a kill (before it, or after half of its bytes), or refused as a full or broken
disk would. Linux only, as the shim is; needs a C compiler.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
from enum import IntEnum
from pathlib import Path

from tests.parts import advice, c_compiler

_MARK = "HYDRANT_FAULTS_SHIM"


class Meet(IntEnum):
    """What happens at the n-th write; from there on for the last two."""

    NOTHING = 0
    COUNT = 1
    KILL = 2
    TEAR = 3
    FULL = 4
    BROKEN = 5


def compiler() -> str | None:
    """Path of a C compiler, where there is one and the shim can work."""
    return c_compiler()


def restart_with_shim(module: str) -> None:
    """Run this process anew with the shim before libc; returns when it has been."""
    if os.environ.get(_MARK):
        return
    found = compiler()
    if found is None:
        sys.exit(f"needs Linux; {advice('gcc')}")
    folder = tempfile.mkdtemp(prefix="hydrant-shim-")
    built = Path(folder) / "writes.so"
    source = Path(__file__).with_name("writes.c")
    subprocess.run([found, "-shared", "-fPIC", "-O1", "-o", built, source, "-ldl"], check=True)
    environment = {**os.environ, "LD_PRELOAD": str(built), _MARK: folder}
    os.execve(sys.executable, [sys.executable, "-m", module, *sys.argv[1:]], environment)


def without_shim() -> dict[str, str]:
    """The environment for programs that are started from here."""
    return {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}


def tidy() -> None:
    """Remove the shim's folder."""
    shutil.rmtree(os.environ[_MARK], ignore_errors=True)


def arm(meet: Meet, number: int, folder: Path) -> None:
    """From now on count what this process writes below a folder, and meet the n-th."""
    library = ctypes.CDLL(None)
    library.writes_arm(int(meet), ctypes.c_long(number), os.fsencode(folder))


def log_to(descriptor: int) -> None:
    """From now on keep all that is written below the folder, each call as one entry."""
    ctypes.CDLL(None).writes_log(descriptor)


def mark() -> None:
    """Note in the log that something was acknowledged."""
    ctypes.CDLL(None).writes_mark()


def seen() -> int:
    """How many writes there were since `arm`."""
    library = ctypes.CDLL(None)
    library.writes_seen.restype = ctypes.c_long
    return int(library.writes_seen())
