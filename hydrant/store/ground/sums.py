"""SHA-256 of files that nobody has open, kept beside them as ``sha256sum`` does."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from hydrant import durable, private

_LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")


def sha256(file: Path) -> str:
    """Sum of a file, never of one that is in use: closing it would drop SQLite's locks."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def path_of(file: Path) -> Path:
    """Where the sum of a file stands."""
    return file.with_name(f"{file.name}.sha256")


def write(file: Path, digest: str) -> None:
    """Keep the sum of a file beside it."""
    target = path_of(file)
    private.new_file(target)
    target.write_text(f"{digest}  {file.name}\n", encoding="utf-8", newline="\n")
    durable.sync(target)


def kept(file: Path) -> str | None:
    """The sum that was kept of a file; None where none was, or it cannot be read."""
    try:
        found = _LINE.match(path_of(file).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None
    return None if found is None else found[1]
