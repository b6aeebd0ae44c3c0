"""The side file of refused rows: same columns and the reason; corrected, it imports as it is."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import count
from pathlib import Path

from hydrant.exchange.table import Table
from hydrant.messages import text
from hydrant.safe_text import marked
from hydrant.vocabulary import Language

#: Columns that a side file has beside the register's: a row's key, and the geometry's system.
KEY, CRS = "hydrant:key", "hydrant:crs"


#: A reason of ours: what it is about, a colon, and a whole sentence.
_REASON = re.compile(r"[^:：]{1,80}[:：].*[.。)）]", re.DOTALL)
_SIDE = re.compile(r"\.refused(?:-[0-9]+)?\.csv$")


def side_path(path: Path, number: int = 1) -> Path:
    """Where refused rows of a file go: ``name.refused.csv`` beside it, else ``name.refused-2.csv``.

    The rows of a side file that are refused again go beside it, too.
    """
    ending = ".refused.csv" if number == 1 else f".refused-{number}.csv"
    return path.with_name(f"{register_name(path)}{ending}")


def is_side_file(path: Path) -> bool:
    """Whether a file is one of refused rows, written here and corrected by somebody."""
    return _SIDE.search(path.name) is not None


def register_name(path: Path) -> str:
    """Name of the register that a file, or the side file of it, belongs to."""
    return _SIDE.sub("", path.name) if is_side_file(path) else path.stem


def write_refused(
    path: Path,
    table: Table,
    rows: Sequence[int],
    reasons: Mapping[int, str],
    heading: str,
    *,
    keys: Mapping[int, str] | None = None,
) -> Path:
    """Write the refused rows with their reasons; UTF-8 with BOM, so that Excel reads it.

    A side file that is there and says something else stays: somebody may have corrected it.

    Parameters
    ----------
    keys
        Keys of rows that share theirs with an earlier row of the file: read alone, such a row
        would be taken for the earlier one.
    """
    keys = keys or {}
    names = list(table.columns)
    points = table.points
    extra = [] if points is None else list(axes(names))
    made = io.StringIO()
    # semicolons speak of decimal commas, and what they say of the file's numbers must stay
    writer = csv.writer(made, delimiter="," if table.dot else ";")
    crs = [CRS] if points is not None and table.crs is not None else []
    added = [*extra, *crs, *([KEY] if keys else []), heading]
    writer.writerow([marked(name) for name in (*names, *added)])
    for row in rows:
        cells = [table.columns[name][row] for name in names]
        if points is not None:
            cells += ["" if axis[row] is None else repr(axis[row]) for axis in points]
        cells += [str(table.crs)] * len(crs) + [keys.get(row, "")] * bool(keys)
        writer.writerow([marked(cell) for cell in (*cells, reasons[row])])
    return _put(path, made.getvalue().encode("utf-8-sig"))


def _put(path: Path, content: bytes) -> Path:
    """Write a side file under the first name that is free, or under which the same stands."""
    for number in count(1):
        target = side_path(path, number)
        try:
            with target.open("xb") as file:
                file.write(content)
        except FileExistsError:
            if not _stands(target, content):
                continue
        return target
    raise AssertionError  # there is always another number


def _stands(target: Path, content: bytes) -> bool:
    return target.is_file() and target.read_bytes() == content


@cache
def _reason_headings() -> frozenset[str]:
    """What the column of the reasons may be called."""
    return frozenset(text("cli_import_.reason", lang) for lang in Language)


def reasons_in(table: Table) -> str | None:
    """Heading of the column of our reasons in a side file under another name; None without one."""
    last = next(reversed(table.columns), "")
    told = [cell for cell in table.columns.get(last, ()) if cell.strip()]
    if last.rstrip("_") not in _reason_headings() or not all(map(_REASON.fullmatch, told)):
        return None
    return last


def axes(names: Collection[str]) -> tuple[str, str]:
    """Headings of a geometry's coordinates beside a file's own columns."""
    return ("geometry.x", "geometry.y") if {"x", "y"} & set(names) else ("x", "y")


def restored(table: Table) -> tuple[Table, list[str] | None]:
    """A side file as its register was: without what was added, with its system and row keys."""
    columns = dict(table.columns)
    last = next(reversed(columns), "")
    if last.rstrip("_") in _reason_headings():  # why a row was refused says nothing of the row
        del columns[last]
    keys, systems = columns.pop(KEY, None), columns.pop(CRS, None)
    crs = next((cell for cell in systems or () if cell), None)
    return replace(table, columns=columns, crs=crs), keys
