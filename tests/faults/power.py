"""What a power cut leaves: the disk is made from a log of every write, at any point of it.

The shim logs what an operation writes. A cut at some entry leaves what was synced by then, and of
the rest whatever the disk had got round to: each write since the last sync of its file is there,
not there, or there in some of its sectors; of the names that were made, moved or removed since
the last sync of their folder, the first so many. Then the same is asked as after a kill.
"""

from __future__ import annotations

import os
import random
import shutil
import struct
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import writes
from tests.faults.county import Operation
from tests.faults.kills import Kills, judge, measured
from tests.faults.trial import PATIENCE, Body, Ended, trial

_HEAD = struct.Struct("=c7xqqq")
#: What a disk writes whole or not at all, bytes.
_SECTOR = 512


@dataclass(frozen=True, slots=True)
class Entry:
    """A call: W write, T truncate, O open or make, S sync, U unlink, R rename, L link, M acknowledged."""

    kind: str
    path: str
    at: int
    data: bytes


def recorded(operation: Operation, folder: Path) -> tuple[list[Entry], Path]:
    """Everything an operation writes in one run, in order, and the folder as it was then."""
    mine = operation.copy(folder)
    with tempfile.NamedTemporaryFile() as log:
        ended = trial(_logged(operation.body(mine), log.fileno()), mine)
        assert ended.code in {0, 5}, ended
        log.seek(0)
        entries = list(_entries(log.read()))
    disk = Disk(operation.template, mine)
    for entry in entries:
        disk.take(entry)
    disk.sync_all()
    left = {str(mine / name): content for name, content in disk.now().items()}
    there = {str(p): p.read_bytes() for p in mine.rglob("*") if _kept(p)}
    differing = {name for name in left | there if left.get(name) != there.get(name)}
    assert not differing, f"the log does not tell all that is written: {differing}"
    return entries, mine


def _kept(path: Path) -> bool:
    """Whether a file is on the disk: an index in shared memory is made anew."""
    return path.is_file() and not path.name.endswith("-shm")


def _logged(body: Body, descriptor: int) -> Body:
    def logged(acknowledge: Callable[[], None]) -> int:
        def marked() -> None:
            writes.mark()
            acknowledge()

        writes.log_to(descriptor)
        try:
            return body(marked)
        finally:
            writes.log_to(-1)

    return logged


def _entries(log: bytes) -> Iterator[Entry]:
    place = 0
    while place < len(log):
        kind, at, path_length, data_length = _HEAD.unpack_from(log, place)
        place += _HEAD.size
        path = os.fsdecode(log[place : place + path_length])
        place += path_length
        yield Entry(kind.decode(), path, at, log[place : place + data_length])
        place += data_length


@dataclass(slots=True)
class _File:
    """A file's content as it was last synced, and what was written since."""

    synced: bytes = b""
    since: list[tuple[int, bytes | None]] = field(default_factory=list)

    def with_(self, some: list[tuple[int, bytes | None]]) -> bytes:
        content = bytearray(self.synced)
        for at, data in some:
            if data is None:
                del content[at:]
                content.extend(bytes(at - len(content)))
            else:
                content.extend(bytes(max(0, at - len(content))))
                content[at : at + len(data)] = data
        return bytes(content)


class Disk:
    """A folder as a disk holds it.

    Parameters
    ----------
    template
        What is there, and synced, before.
    folder
        Where the logged process saw it.
    """

    def __init__(self, template: Path, folder: Path) -> None:
        self._folder = str(folder)
        files = [p for p in template.rglob("*") if _kept(p)]
        self._names = {str(folder / p.relative_to(template)): _File(p.read_bytes()) for p in files}
        self._synced_names = dict(self._names)
        #: Changes of names that no sync of a folder has confirmed: name, and its file or None.
        self._renamed: list[list[tuple[str, _File | None]]] = []

    def take(self, entry: Entry) -> None:
        """Let a call reach the system: nothing of it need be on the disk yet."""
        if entry.path.endswith("-shm"):
            return
        match entry.kind:
            case "W" | "T" | "O":
                file = self._file(entry.path)
                if entry.kind != "O":
                    file.since.append((entry.at, None if entry.kind == "T" else entry.data))
            case "S" if entry.path in self._names:
                self._sync(entry.path)
            case "S":
                self._sync_folder(entry.path)
            case "U" if entry.path in self._names:
                del self._names[entry.path]
                self._renamed.append([(entry.path, None)])
            case "R" if entry.path in self._names:
                target = os.fsdecode(entry.data)
                self._names[target] = self._names.pop(entry.path)
                self._renamed.append([(entry.path, None), (target, self._names[target])])
            case "L" if entry.path in self._names:
                target = os.fsdecode(entry.data)
                self._names[target] = self._names[entry.path]
                self._renamed.append([(target, self._names[target])])
            case _:
                pass

    def _file(self, path: str) -> _File:
        if path not in self._names:
            self._names[path] = _File()
            self._renamed.append([(path, self._names[path])])
        return self._names[path]

    def _sync(self, path: str) -> None:
        file = self._names[path]
        file.synced, file.since = file.with_(file.since), []
        # as on ext4, XFS, NTFS: a file that is synced has its name
        kept = []
        for change in self._renamed:
            if (path, file) in change:
                self._confirm(change)
            else:
                kept.append(change)
        self._renamed = kept

    def _sync_folder(self, folder: str) -> None:
        for change in self._renamed:
            self._confirm(change)
        self._renamed = []

    def _confirm(self, change: list[tuple[str, _File | None]]) -> None:
        for name, file in change:
            if file is None:
                self._synced_names.pop(name, None)
            else:
                self._synced_names[name] = file

    def sync_all(self) -> None:
        """Let everything reach the disk."""
        self._sync_folder(self._folder)
        for path in list(self._names):
            self._sync(path)

    def now(self) -> dict[str, bytes]:
        """Contents by name relative to the folder, all that was synced."""
        return {os.path.relpath(p, self._folder): f.synced for p, f in self._synced_names.items()}

    def after_cut(self, chance: random.Random) -> dict[str, bytes]:
        """Contents by name relative to the folder, of which a power cut has left what it may."""
        names = dict(self._synced_names)
        for change in self._renamed[: chance.randint(0, len(self._renamed))]:
            for name, file in change:
                if file is None:
                    names.pop(name, None)
                else:
                    names[name] = file
        return {
            os.path.relpath(path, self._folder): file.with_(_left(file.since, chance))
            for path, file in names.items()
        }


def _left(since: list[tuple[int, bytes | None]], chance: random.Random
          ) -> list[tuple[int, bytes | None]]:  # fmt: skip
    """What of the unsynced writes to a file has reached the disk."""
    match chance.randrange(4):
        case 0:
            return []
        case 1:
            return since[: chance.randint(0, len(since))]
        case 2:
            return [write for write in since if chance.random() < 0.5]
        case _:
            return [piece for write in since for piece in _torn(write, chance)]


def _torn(write: tuple[int, bytes | None], chance: random.Random
          ) -> Iterator[tuple[int, bytes | None]]:  # fmt: skip
    at, data = write
    if data is None:
        if chance.random() < 0.5:
            yield write
        return
    begin = 0
    while begin < len(data):
        end = min(len(data), ((at + begin) // _SECTOR + 1) * _SECTOR - at)
        if chance.random() < 0.5:
            yield at + begin, data[begin:end]
        begin = end


def cut(operation: Operation, count: int, folder: Path, *, seed: int = 1) -> Kills:
    """Cut the power so many times at random entries of one run's log."""
    known = measured(operation, folder)
    entries, mine = recorded(operation, folder)
    chance, found = random.Random(f"{operation.name} {seed}"), Kills(operation.name)
    points = sorted(_point(entries, chance) for _ in range(count))
    disk, taken = Disk(operation.template, mine), 0
    for point in points:
        if not PATIENCE.left:
            break
        for entry in entries[taken:point]:
            disk.take(entry)
        taken = point
        _write(mine, disk.after_cut(chance))
        acknowledged = sum(entry.kind == "M" for entry in entries[:point])
        judge(operation, known, mine, Ended(None, acknowledged, "", "", None, 0.0), found)
    shutil.rmtree(folder, ignore_errors=True)
    return found


def _point(entries: list[Entry], chance: random.Random) -> int:
    """Anywhere in a log; every other time soon after something was acknowledged, or the end."""
    if chance.random() < 0.5:
        return chance.randint(1, len(entries))
    marks = [number for number, entry in enumerate(entries, 1) if entry.kind == "M"]
    return min(len(entries), chance.choice([*marks, len(entries)]) + chance.randint(0, 3))


def _write(folder: Path, contents: dict[str, bytes]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
