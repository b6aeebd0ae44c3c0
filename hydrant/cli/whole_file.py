"""Files that are there whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hydrant.errors import StoreError
from hydrant.ids import new_uid


def written_whole(file: Path, write: Callable[[Path], None]) -> None:
    """Let something write a file aside, and put it in place when it is whole.

    Raises
    ------
    StoreError
        It cannot be written.
    """
    aside = file.with_name(f".{file.stem}.{new_uid()}{file.suffix}")
    try:
        write(aside)
        aside.replace(file)
    except OSError as error:
        raise StoreError("document.cannot_write", file=file, why=error.strerror or error) from None
    finally:
        aside.unlink(missing_ok=True)
