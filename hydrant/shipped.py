"""TOML files that come with the program, and users' own of the same kind beside them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydrant import bounded
from hydrant.errors import InputRefused
from hydrant.resources import resource


@dataclass(frozen=True, slots=True)
class Shipped:
    """Files of one kind: the folder of those shipped, and the messages when one cannot be read."""

    folder: tuple[str, ...]
    missing: str
    unreadable: str
    syntax: str

    def names(self) -> list[str]:
        """Names of the shipped ones."""
        return sorted(path.stem for path in resource(*self.folder).glob("*.toml"))

    def shipped(self, name: str) -> Path:
        """File of a shipped one; raises `InputRefused` with the names that are known."""
        known = self.names()
        if name not in known:
            raise InputRefused(self.missing, name=name, known=", ".join(known))
        return resource(*self.folder, f"{name}.toml")

    def path(self, name: str) -> Path:
        """File of a shipped one by name, or of a user's own, which ends in ``.toml``."""
        path = Path(name)
        return path if path.suffix == ".toml" else self.shipped(name)

    def content(self, path: Path) -> dict[str, Any]:
        """What a file says; raises `InputRefused` if it cannot be read or is not TOML."""
        try:
            return bounded.toml(path)
        except OSError as error:
            raise InputRefused(self.unreadable, file=path, why=error.strerror) from None
        except ValueError as error:
            raise InputRefused(self.syntax, file=path, why=error) from None
