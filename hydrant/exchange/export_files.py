"""What a form server exports: tables and photos in a folder, an archive or a workbook.

Nothing is unpacked: tables and photos are read where they are, in bounds.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath

from hydrant.errors import InputRefused
from hydrant.exchange.csv_file import csv_table
from hydrant.exchange.encoding import read_bytes
from hydrant.exchange.readers import read_headed, read_table
from hydrant.exchange.refused import is_side_file, register_name
from hydrant.exchange.table import Table
from hydrant.exchange.unpacked import BROKEN, MOST_BYTES, MOST_RATIO, is_file
from hydrant.exchange.workbook_file import sheet_names
from hydrant.survey.photos import LARGEST_BYTES

_NO_ROWS = ("exchange.no_rows", "exchange.empty")
#: Folders beside a table in which servers put photos.
_MEDIA_FOLDERS = ("media*", "*attachments*")
_RATIO_MATTERS_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class Medium:
    """A file that came along: where it lies in the export, and how its content is read."""

    place: str
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Export:
    """Tables of an export, and what else came along by its last name.

    Attributes
    ----------
    beside
        File beside which refused rows are kept.
    others
        Names of tables that lie there and are of no form.
    """

    beside: Path
    tables: list[Table]
    media: dict[str, list[Medium]] = field(default_factory=dict)
    others: tuple[str, ...] = ()

    def medium(self, name: str, *, key: str) -> Medium | None:
        """The file that a submission means by a name: in a folder of its own, else the only one.

        A name is looked up among what is there and never used as a path.
        """
        found = self.media.get(_last(name), [])
        own = [medium for medium in found if key in medium.place.lower()]
        if own:
            return own[0]
        return found[0] if len(found) == 1 else None


def read_export(path: Path, *, encoding: str | None = None) -> Export:
    """Tables and media of an export.

    Raises
    ------
    InputRefused
        It is missing, damaged or too large.
    """
    if path.is_dir():
        return _of_folder(path, encoding)
    if path.suffix.lower() == ".zip":
        return _of_archive(path, encoding)
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        return Export(path, _sheets(path), _by_name(_media_beside(path)))
    return _of_csv(path, encoding)


def _of_folder(path: Path, encoding: str | None) -> Export:
    files = [p for p in sorted(path.glob("*.csv")) if not is_side_file(p)]
    belonging, others = _of_the_form((p, partial(_content, p)) for p in files)
    tables = _tables(belonging, encoding)
    media = (
        Medium(p.as_posix(), partial(_bounded_file, p))
        for p in sorted(path.rglob("*"))
        if p.suffix.lower() not in (".csv", ".zip") and p.is_file()
    )
    return Export(path, tables, _by_name(media), others)


def _content(path: Path) -> bytes:
    """Content of a file beside an export; an empty one is no table."""
    try:
        return read_bytes(path)
    except InputRefused as error:
        if error.key == "exchange.empty":
            return b""
        raise


def _of_csv(path: Path, encoding: str | None) -> Export:
    """A table, the tables of its repeats and its media; a side file stands for itself."""
    files = [path]
    if not is_side_file(path):
        files += sorted(p for p in path.parent.glob(f"{_escaped(path.stem)}[-_.]*.csv")
                        if not is_side_file(p))  # fmt: skip
    table, _ = read_headed(path, encoding=encoding)  # a list of visits may bear a title
    belonging, beside = _of_the_form((p, partial(_content, p)) for p in files[1:])
    others = _tables(belonging, encoding)
    media = list(_media_beside(path))
    archive = path.with_name(f"{register_name(path)}.zip")
    if is_side_file(path) and archive.is_file():
        media += _archive_media(archive)
    return Export(path, [table, *others], _by_name(media), beside)


def _escaped(stem: str) -> str:
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in stem)


def _media_beside(path: Path) -> Iterator[Medium]:
    for pattern in _MEDIA_FOLDERS:
        for folder in sorted(path.parent.glob(pattern)):
            if folder.is_dir():
                for file in sorted(folder.rglob("*")):
                    if file.is_file():
                        yield Medium(file.as_posix(), partial(_bounded_file, file))


def _of_archive(path: Path, encoding: str | None) -> Export:
    with _opened(path) as archive:
        names = [i.filename for i in archive.infolist() if i.filename.lower().endswith(".csv")]
    belonging, others = _of_the_form(
        (Path(_last(name)), partial(_member, path, name, MOST_BYTES)) for name in names
    )
    return Export(path, _tables(belonging, encoding), _by_name(_archive_media(path)), others)


def _archive_media(path: Path) -> list[Medium]:
    with _opened(path) as archive:
        names = [i.filename for i in archive.infolist() if is_file(i)]
    return [
        Medium(name, partial(_member, path, name, LARGEST_BYTES))
        for name in names
        if not name.lower().endswith(".csv")
    ]


def _opened(path: Path) -> zipfile.ZipFile:
    if not path.is_file():
        raise InputRefused("exchange.missing", file=path)
    try:
        return zipfile.ZipFile(path)
    except BROKEN as error:
        raise InputRefused("exchange.archive", file=path, why=error) from None


def _member(path: Path, name: str, most: int) -> bytes:
    """Content of a member; what the archive says of its length is not believed."""
    try:
        with _opened(path) as archive, archive.open(name) as source:
            content = source.read(most + 1)
            packed = archive.getinfo(name).compress_size
    except BROKEN as error:
        raise InputRefused("exchange.archive", file=path, why=error) from None
    dense = len(content) > _RATIO_MATTERS_BYTES and len(content) > MOST_RATIO * max(packed, 1)
    if len(content) > most or dense:
        raise InputRefused("exchange.bomb", file=path, mb=len(content) // 1_000_000, entries=1)
    return content


def _bounded_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise InputRefused("survey.photo_missing", file=path, why=error.strerror) from None


def _tables(files: Iterable[tuple[Path, Callable[[], bytes]]], encoding: str | None) -> list[Table]:
    """Tables of CSV files; one without rows is a repeat that nobody filled in."""
    found = (_if_filled(partial(_csv_of, path, read, encoding)) for path, read in files)
    return [table for table in found if table is not None]


#: Headings by which a row of an export says which submission it is or belongs to.
_OF_A_FORM = (b"KEY", b"PARENT_KEY", b"instanceID", b"_uuid", b"_submission__uuid",
              b"_parent_index", b"rootUuid", b"__id", b"__Submissions-id")  # fmt: skip
_HEADING = re.compile(rb"[^\r\n]*")


def is_of_a_form(content: bytes) -> bool:
    """Whether the headings of a table are those of a form server, whatever its encoding."""
    heading = _HEADING.match(content.lstrip(b"\xef\xbb\xbf").replace(b"\x00", b""))
    if heading is None:
        return False
    names = re.split(rb"[,;\t]", heading[0])
    return any(re.split(rb"[-/:]", name.strip(b'" '))[-1] in _OF_A_FORM for name in names)


Found = tuple[Path, Callable[[], bytes]]


def _of_the_form(files: Iterable[Found]) -> tuple[list[Found], tuple[str, ...]]:
    """Files that belong to an export, and the names of others that lie beside it."""
    kept: list[Found] = []
    others = []
    for path, read in files:
        content = read()
        if is_of_a_form(content):
            kept.append((path, partial(_same, content)))
        else:
            others.append(path.name)
    return kept, tuple(others)


def _same(content: bytes) -> bytes:
    return content


def _csv_of(path: Path, read: Callable[[], bytes], encoding: str | None) -> Table:
    return csv_table(path, read(), encoding)


def _if_filled(read: Callable[[], Table]) -> Table | None:
    """A table; None where the file is empty or holds headings only."""
    try:
        table = read()
    except InputRefused as error:
        if error.key in _NO_ROWS:
            return None
        raise
    return table if len(table) else None


def _sheets(path: Path) -> list[Table]:
    names = sheet_names(path)  # refuses what is no workbook
    found = (_if_filled(partial(_sheet, path, name)) for name in names)
    filled = [table for table in found if table is not None]
    return filled or [read_table(path)]  # which says what it lacks


def _sheet(path: Path, name: str) -> Table:
    return read_headed(path, layer=name)[0]


def _by_name(media: Iterable[Medium]) -> dict[str, list[Medium]]:
    found: dict[str, list[Medium]] = {}
    for medium in media:
        found.setdefault(_last(medium.place), []).append(medium)
    return found


def _last(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).name
