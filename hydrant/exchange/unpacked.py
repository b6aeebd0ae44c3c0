"""Opens packed files without trusting them: size, count and names are checked before reading."""

from __future__ import annotations

import bz2
import lzma
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from hydrant import bounded
from hydrant.errors import InputRefused
from hydrant.exchange.encoding import read_bytes
from hydrant.exchange.table import LIBRARY_FAULTS
from hydrant.safe_text import storable_name

#: How a damaged or unusual archive shows itself.
BROKEN = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, RuntimeError),
    *(NotImplementedError, ValueError),
)
#: What a packed file may become; a register of a whole province is far smaller.
MOST_BYTES = 1_000_000_000
MOST_ENTRIES = 1_000
#: A member that shrinks more than this is made to fill a disk, not to carry data.
MOST_RATIO = 200
_PORTION = 1 << 20
_RATIO_MATTERS_BYTES = 10_000_000


def is_file(entry: zipfile.ZipInfo) -> bool:
    """Whether a member is a file; one without a name is neither that nor a folder."""
    return entry.filename != "" and not entry.is_dir()


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """A folder with the content of a ``.zip``, ``.kmz`` or ``.bz2`` file while the block runs.

    Members are stored under their last name only, so that none leaves the folder.

    Raises
    ------
    InputRefused
        The file is missing, damaged, or would grow beyond what is allowed.
    """
    with tempfile.TemporaryDirectory(prefix="hydrant-") as name:
        folder = Path(name)
        try:
            if path.suffix.lower() == ".bz2":
                _unpack_bz2(path, folder)
            else:
                _unpack_zip(path, folder)
        except LIBRARY_FAULTS as error:
            raise InputRefused("exchange.archive", file=path, why=error) from None
        yield folder


def _unpack_bz2(path: Path, folder: Path) -> None:
    read_bytes(path)
    with bz2.open(path) as source:
        _copy(path, source, folder / path.stem, MOST_BYTES)


def _unpack_zip(path: Path, folder: Path) -> None:
    read_bytes(path)
    with zipfile.ZipFile(path) as archive:
        members = [entry for entry in archive.infolist() if is_file(entry)]
        refuse_bomb(path, members)
        stored: set[str] = set()
        for entry in members:
            name = _last_name(path, entry, stored)
            if name is not None:
                with archive.open(entry) as source:
                    _copy(path, source, folder / name, entry.file_size)


def _last_name(path: Path, entry: zipfile.ZipInfo, stored: set[str]) -> str | None:
    """Name under which a member is stored; None for hidden ones, which are left out."""
    name = PurePosixPath(entry.filename.replace("\\", "/")).name
    if not name or name.startswith("."):
        return None
    if not storable_name(name):
        raise InputRefused("exchange.archive_name", file=path, name=name)
    if name.casefold() in stored:
        raise InputRefused("exchange.archive_twice", file=path, name=name)
    stored.add(name.casefold())
    return name


def require_no_bomb(path: Path) -> None:
    """Refuse a ZIP file that would grow beyond what is allowed, before a library opens it.

    Raises
    ------
    InputRefused
        See above; or it is no readable archive.
    """
    try:
        with path.open("rb") as file:
            bounded.require_ordinary(file, path)
        with zipfile.ZipFile(path) as archive:
            refuse_bomb(path, archive.infolist())
    except LIBRARY_FAULTS as error:
        raise InputRefused("exchange.archive", file=path, why=error) from None


def refuse_bomb(path: Path, members: list[zipfile.ZipInfo]) -> None:
    """Refuse an archive by what its directory says; `InputRefused` tells sizes."""
    total = sum(entry.file_size for entry in members)
    dense = any(
        entry.file_size > _RATIO_MATTERS_BYTES
        and entry.file_size > MOST_RATIO * max(entry.compress_size, 1)
        for entry in members
    )
    if total > MOST_BYTES or len(members) > MOST_ENTRIES or dense:
        raise InputRefused("exchange.bomb", file=path, mb=total // 1_000_000, entries=len(members))


def _copy(path: Path, source: IO[bytes], target: Path, most: int) -> None:
    """Copy a stream; what a header says of its length is not believed."""
    written = 0
    with target.open("wb") as file:
        while portion := source.read(_PORTION):
            written += len(portion)
            if written > most:
                raise InputRefused("exchange.bomb", file=path, mb=written // 1_000_000, entries=1)
            file.write(portion)
