"""Files that are there whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hydrant import durable, private
from hydrant.errors import HydrantError, InputRefused, StoreError
from hydrant.ids import new_uid
from hydrant.store.ground.place import Place


def not_the_registry(registry: Place, *files: Path | None) -> None:
    """Refuse the registry itself where another file is meant: no second library may open it.

    Raises
    ------
    InputRefused
        One of the files is the registry.
    """
    for file in files:
        if file is None or not file.exists():
            continue
        if registry.exists() and registry.samefile(file):
            raise InputRefused("exchange.out_registry", file=file)


def written_whole(file: Path, write: Callable[[Path], None]) -> None:
    """Let something write a file aside, and put it in place when it is whole.

    Raises
    ------
    StoreError
        It cannot be written.
    """
    aside = file.with_name(f".{file.stem}.{new_uid()}{file.suffix}")
    try:
        # what writes it says in its own words, or not at all, that a folder takes no files
        with aside.open("xb"):
            pass
        private.discard(aside)
        write(aside)
        durable.put(aside, file)
    except OSError as error:
        raise StoreError("document.cannot_write", file=file, why=error.strerror or error) from None
    except HydrantError as error:
        told = {name: _named(value, aside, file) for name, value in error.facts.items()}
        raise type(error)(error.key, **told) from None
    finally:
        private.discard(aside)


def _named(value: object, aside: Path, file: Path) -> object:
    """What an error says, with the name of the file instead of that of the one aside."""
    if value == aside:
        return file
    return value.replace(str(aside), str(file)) if isinstance(value, str) else value
