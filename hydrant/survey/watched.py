"""The folder in which a crew's photos arrive: what came there since an asset was opened.

It is looked at when that is asked, by names, sizes and times of change alone: a synced folder, a
share or a card in a reader serve alike, on every system.
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from hydrant import times
from hydrant.errors import InputRefused

#: How pictures end that are kept; what a program still writes has another ending, or a dot before.
ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif"})


@dataclass(frozen=True, slots=True)
class Arrived:
    """A picture in the folder: another size or time of change is another picture."""

    path: Path
    size: int
    changed_ns: int


@dataclass(slots=True)
class _Opened:
    """What lay there when an asset was opened, and from when on a change makes something new."""

    before: frozenset[Arrived]
    from_ns: int
    left: set[Arrived] = field(default_factory=set)


class Watched:
    """A folder while a round is walked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._opened: dict[str, _Opened] = {}
        self._kept: set[Arrived] = set()

    def look(self) -> list[Arrived]:
        """Every picture in the folder, the newest first.

        Raises
        ------
        InputRefused
            It is no folder, or cannot be read.
        """
        found = []
        try:
            for path in self.folder.iterdir():
                if path.suffix.lower() in ENDINGS and not path.name.startswith((".", "~")):
                    with suppress(FileNotFoundError):  # gone meanwhile
                        found.append(_seen(path))
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            raise InputRefused("survey.photo_folder", folder=self.folder, why=why) from None
        return sorted(found, key=lambda one: (-one.changed_ns, one.path.name))

    def open(self, asset: str, *, since: dt.datetime | None = None) -> None:
        """Note what lies there as an asset is opened for the first time.

        Parameters
        ----------
        since
            When its visit began, where that was before: what was changed since then is new.
        """
        if asset in self._opened:
            return
        from_ns = 0 if since is None else _ns(since)
        try:
            there = self.look()
        except InputRefused:  # a phone that is not plugged in yet: what lay on it long ago is old
            self._opened[asset] = _Opened(frozenset(), from_ns or _ns(times.now()))
            return
        old = frozenset(one for one in there if since is None or one.changed_ns < from_ns)
        self._opened[asset] = _Opened(old, 0)

    def arrived(self, asset: str, *, again: bool) -> list[Arrived]:
        """Pictures that came since an asset was opened, the newest first. Raises as `look`.

        Parameters
        ----------
        again
            Also those that were left when they were offered before.
        """
        opened = self._opened[asset]
        out = opened.before | self._kept | (set() if again else opened.left)
        return [one for one in self.look() if one not in out and one.changed_ns >= opened.from_ns]

    def leave(self, asset: str, some: list[Arrived]) -> None:
        """Offer pictures no more by ourselves."""
        self._opened[asset].left |= set(some)

    def keep(self, one: Arrived) -> Path:
        """The file of a picture that is taken; it is offered for no other asset.

        Raises
        ------
        InputRefused
            It is still being written, or gone.
        """
        try:
            whole = _seen(one.path) == one
        except OSError as error:
            why = error.strerror or error
            raise InputRefused("survey.photo_missing", file=one.path, why=why) from None
        if not whole:
            raise InputRefused("survey.photo_arriving", file=one.path.name)
        self._kept.add(one)
        return one.path


def _seen(path: Path) -> Arrived:
    told = path.stat()
    return Arrived(path, told.st_size, told.st_mtime_ns)


def _ns(moment: dt.datetime) -> int:
    """A moment as files count it, from its second on: some cards keep no more."""
    return int(moment.timestamp()) * 1_000_000_000
