"""Tells the copies of one bundle apart by the work that is in them.

A crew may copy its file, work on in both copies and bring both back. What belongs together is
told by the audit entries and the edits of other programs in the file, never by its name: a copy
with more of the same work is the same side further on, one with less is old, and one with other
work is a side of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from hydrant import durable, private
from hydrant.errors import InputRefused, StoreError
from hydrant.ids import new_uid
from hydrant.store.file.migrate import migrate
from hydrant.store.ground.bounded_sqlite import require_tables, tame
from hydrant.store.ground.connection import connect, sqlite_errors
from hydrant.store.ground.place import Place
from hydrant.store.migrations import LATEST
from hydrant.store.sides.bundle_chain import read_chain
from hydrant.store.sides.bundle_file import (
    base_path,
    bundle_folder,
    changes_since,
    copy_file,
    crew_entries,
)

#: Between a bundle's key and the number of a copy that was worked on by itself.
_FORK = "~"


@dataclass(frozen=True, slots=True)
class Side:
    """A bundle that came back, as it is kept.

    Attributes
    ----------
    uid
        Key of the bundle; with a number behind it for a copy that went its own way.
    kept
        The file as it came, brought up to the present schema; None where a later state of
        the same work was brought back before.
    forked
        Whether it is such a copy.
    """

    uid: str
    kept: Path | None
    forked: bool


@dataclass(frozen=True, slots=True)
class _Work:
    entries: frozenset[str]
    edits: frozenset[tuple[str, str, int, str]]

    def covers(self, other: _Work) -> bool:
        """Whether all of another copy's work is in this one."""
        if self.entries == other.entries:
            return self.edits >= other.edits
        return self.entries > other.entries  # edits become entries when they are looked at


def take_in(registry: Place, uid: str, bundle: Path) -> Side:
    """Keep a bundle that came back beside the registry, before anything is decided.

    One that cannot be read leaves nothing behind, nor does it displace an earlier one.

    Raises
    ------
    InputRefused
        What is in it is not what a crew's file holds.
    StoreError
        It cannot be read, is newer than this program, or there is no room.
    """
    base = base_path(registry, uid)
    _bring_up(base)
    aside = bundle_folder(registry) / f".{new_uid()}.part"
    try:
        copy_file(bundle, aside)
        _require_readable(base, aside, bundle)
        work = _work_in(aside)
        known = dict(_known(registry, uid))
        later = [side for side, other in known.items() if other.covers(work) and other != work]
        if later:
            return Side(later[0], None, forked=_FORK in later[0])
        earlier = [side for side, other in known.items() if work.covers(other)]
        side = max(earlier, key=lambda one: len(known[one].entries), default=None)
        if side is None:
            side = f"{uid}{_FORK}{len(known) + 1}" if known else uid
        durable.put(aside, _kept(registry, side))
        return Side(side, _kept(registry, side), forked=_FORK in side)
    finally:
        private.discard(aside)


def _require_readable(base: Path, aside: Path, bundle: Path) -> None:
    """Read all that merging reads; what is wrong is said of the file that the user knows."""
    try:
        _bring_up(aside)
        changes_since(base, aside)
        crew_entries(aside)
        read_chain(base, aside)
    except (InputRefused, StoreError) as error:
        raise type(error)(error.key, **{**error.facts, "file": bundle}) from None


def _kept(registry: Place, side: str) -> Path:
    return bundle_folder(registry) / f"{side}.back.gpkg"


def _known(registry: Place, uid: str) -> Iterator[tuple[str, _Work]]:
    for path in sorted(bundle_folder(registry).glob(f"{uid}*.back.gpkg")):
        _bring_up(path)
        yield path.name.removesuffix(".back.gpkg"), _work_in(path)


def _bring_up(path: Path) -> None:
    """Bring a private copy of an older version up to the present schema."""
    with sqlite_errors(path), closing(connect(path, write=False, older=True)) as connection:
        (version,) = connection.execute("SELECT max(version) FROM migration").fetchone()
    if version < LATEST:
        migrate(path)


def _work_in(path: Path) -> _Work:
    with sqlite_errors(path), closing(connect(path, write=False)) as connection:
        tame(connection)
        require_tables(connection, ("change", "outside_edit"), path)
        entries = connection.execute("SELECT uid FROM change").fetchall()
        edits = connection.execute("SELECT at, entity, row, action FROM outside_edit").fetchall()
    return _Work(frozenset(uid for (uid,) in entries), frozenset(edits))
