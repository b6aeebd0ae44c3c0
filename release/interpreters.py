"""Which Pythons are on this machine: on the path, where pyenv keeps them, by Windows's launcher."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

#: Minor versions of Python 3 that the program admits and is tried on.
ADMITTED = (11, 12, 13, 14)
_ASKED = """
import os, sys, sysconfig
folder, name, framework = map(sysconfig.get_config_var, ("LIBDIR", "INSTSONAME", "PYTHONFRAMEWORK"))
shared = os.name == "nt" or framework or os.path.exists(os.path.join(folder or "", name or "."))
print(sys.version_info[1], sys.executable, int(bool(shared)), sep="|")
"""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python that runs; `shared` when it has a library that a build can carry along."""

    minor: int
    path: str
    shared: bool


def _candidates(minor: int) -> Iterator[list[str]]:
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    yield from ([str(path)] for path in sorted(pyenv.glob(f"3.{minor}.*/bin/python"), reverse=True))
    if (found := shutil.which(f"python3.{minor}")) is not None:
        yield [found]
    if sys.platform == "win32" and shutil.which("py"):
        yield ["py", f"-3.{minor}"]
    if sys.version_info[1] == minor:
        yield [sys.executable]


def _asked(words: list[str]) -> Interpreter | None:
    """What a candidate says of itself; None when it does not run."""
    done = subprocess.run([*words, "-c", _ASKED], capture_output=True, text=True, check=False)
    if done.returncode:
        return None
    minor, path, shared = done.stdout.strip().split("|")
    return Interpreter(int(minor), path, shared == "1")


def found() -> dict[int, list[Interpreter]]:
    """Every Python that runs, by its minor version; an empty list where there is none."""
    return {
        minor: [one for words in _candidates(minor) if (one := _asked(words)) is not None]
        for minor in ADMITTED
    }


def for_laptops() -> str:
    """Path of a Python whose library can be carried along, the newest but one preferred.

    Raises
    ------
    LookupError
        There is none; the message says what to install.
    """
    here = found()
    for minor in (13, 12, 14, 11):
        for one in here[minor]:
            if one.shared:
                return one.path
    raise LookupError(
        "no Python with a shared library; on Debian 12: apt-get install python3 libpython3.11, "
        "with pyenv: PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install 3.13"
    )


def main() -> None:
    """Print every Python found, or with ``--shared`` the one that a build can carry along."""
    if sys.argv[1:] != ["--shared"]:
        for minor, here in found().items():
            print(f"3.{minor}: {', '.join(one.path for one in here) or 'none'}")
        return
    try:
        print(for_laptops())
    except LookupError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
