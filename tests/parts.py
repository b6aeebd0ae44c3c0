"""The programs of others that some tests need: whether they work, and what brings them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

#: What a page for print needs.
FONT = "a font with Chinese characters"
#: Program: Debian's package; those not named here are in a package of their own name.
PACKAGES = {
    "gcc": "gcc libc6-dev",
    "libmodbus": "libmodbus-dev pkg-config",
    "ogr2ogr": "gdal-bin",
    "ogrinfo": "gdal-bin",
    "pdffonts": "poppler-utils",
    "pdftoppm": "poppler-utils",
    "pdftotext": "poppler-utils",
    "pg_basebackup": "postgresql-client",
    "pg_dump": "postgresql-client",
    "pg_restore": "postgresql-client",
    "psql": "postgresql-client",
    "qgis": "python3-qgis qgis-providers",
    "runuser": "util-linux",
    "setpriv": "util-linux",
    "soffice": "libreoffice-calc",
    "systemd-analyze": "systemd",
    FONT: "fonts-wqy-zenhei",
}
#: Oldest version of a program that can do what the tests ask of it.
OLDEST = {
    "ogr2ogr": (3, 6),  # -upsert
    "ogrinfo": (3, 6),
    "systemd-analyze": (250,),  # security --offline
    "chromium": (100,),
    "soffice": (7,),
}
_QUICK_S = 30


def advice(part: str, what: str = "is not installed") -> str:
    """What to say of a part that is missing, half there or too old."""
    return f"{part} {what}; apt-get install {PACKAGES.get(part, part)}"


def lacking(program: str) -> str | None:
    """Why a program cannot be used, and which package to install; None when it can."""
    found = shutil.which(program)
    if found is None:
        return advice(program)
    if program == "gcc" and not _compiles(found):
        return advice(program, "finds no headers of the system")
    if program == "soffice" and not _calculates(found):
        return advice(program, "has no spreadsheet")
    oldest = OLDEST.get(program)
    if oldest is None:
        return None
    version = _version(found)
    if version is None:
        return advice(program, "does not run")
    if version < oldest:
        told, wanted = (".".join(map(str, numbers)) for numbers in (version, oldest))
        return advice(program, f"{told} is too old ({wanted} or newer is needed)")
    return None


def _version(path: str) -> tuple[int, ...] | None:
    """Version that a program tells of itself; None where it does not run."""
    try:
        told = subprocess.run(
            [path, "--version"], capture_output=True, text=True, check=True, timeout=_QUICK_S
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"\d+(?:\.\d+)*", told)
    return None if found is None else tuple(map(int, found[0].split(".")))


def _compiles(path: str) -> bool:
    """Whether a compiler makes a library of a source that needs the system's headers."""
    try:
        done = subprocess.run(
            [path, "-shared", "-fPIC", "-x", "c", "-", "-o", "/dev/null"],
            input=b'#include <stdio.h>\n#include <dlfcn.h>\nint one(void) { return puts(""); }\n',
            capture_output=True, check=False, timeout=_QUICK_S,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def _calculates(path: str) -> bool:
    """Whether an office has its spreadsheet, which Debian keeps in a package of its own."""
    folder = Path(path).resolve().parent
    return not (folder / "soffice.bin").exists() or (folder / "libsclo.so").exists()


def c_compiler() -> str | None:
    """Path of a C compiler that works, for what is loaded before libc; Linux only."""
    if sys.platform != "linux" or lacking("gcc") is not None:
        return None
    return shutil.which("gcc")


def modbus_flags() -> list[str] | None:
    """What a compiler must be told to find libmodbus; None where it is not there."""
    try:
        done = subprocess.run(["pkg-config", "--cflags", "--libs", "libmodbus"],
                              capture_output=True, text=True, check=True)  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.split()
