"""Where a registry is: the path of a file, or a server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from hydrant import config, private
from hydrant.errors import StoreError

SCHEMES = ("postgresql", "postgres")


@dataclass(frozen=True, slots=True)
class Server:
    """A registry on a PostgreSQL server; its text never shows the password.

    Attributes
    ----------
    url
        As given, perhaps with a password.
    """

    url: str = field(repr=False)

    def __str__(self) -> str:
        """The URL without password and options; only its scheme where these are not told apart."""
        login, _, place = self.url.partition("://")[2].rpartition("@")
        if not self.is_plain:
            return "postgresql://***"
        user = login.partition(":")[0]
        return f"postgresql://{user}{'@' if user else ''}{re.split('[?#]', place)[0]}"

    @property
    def is_plain(self) -> bool:
        """Whether it is beyond doubt where a password ends: no sign in it stands for another."""
        login, _, _ = self.url.partition("://")[2].rpartition("@")
        return not any(sign in login for sign in "/?#@[]")

    @property
    def name(self) -> str:
        """Name for files that belong to it on this machine."""
        return re.sub(r"[^\w.-]+", "_", str(self).partition("://")[2])

    def with_suffix(self, suffix: str) -> Path:
        """Path on this machine of what stands beside a registry: locks, drafts, photos."""
        folder = config.data_path() / "servers"
        private.folder(folder)
        return folder / f"{self.name}{suffix}"

    @property
    def parent(self) -> None:
        """None: it stands in no folder of this machine."""

    def resolve(self) -> Server:
        """Itself."""
        return self

    @property
    def stem(self) -> str:
        """The same as `name`: it has no ending."""
        return self.name

    def exists(self) -> bool:
        """Never: it is no file."""
        return False

    def samefile(self, _other: Path) -> bool:
        """Never, as above."""
        return False


Place: TypeAlias = Path | Server


def place_seen(place: Place) -> tuple[int, int] | None:
    """What tells a registry's file from another put in its place; None for none and a server."""
    try:
        found = None if isinstance(place, Server) else place.stat()
    except OSError:
        return None
    return None if found is None else (found.st_dev, found.st_ino)


def server_of(place: Place, refused: str) -> Server:
    """The server on which a registry is.

    Parameters
    ----------
    refused
        Key of the message where it is a file.

    Raises
    ------
    StoreError
        It is a file.
    """
    if not isinstance(place, Server):
        raise StoreError(refused, file=place)
    return place


@contextmanager
def server_extra() -> Iterator[None]:
    """A block that imports of `hydrant.store.server`, which a file needs nothing of.

    Raises
    ------
    StoreError
        What ``hydrant[server]`` brings is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.startswith("hydrant"):
            raise
        raise StoreError("server.extra", module=error.name) from None


def is_url(text: str) -> bool:
    """Whether a text names a PostgreSQL server."""
    return text.partition("://")[0] in SCHEMES and "://" in text
