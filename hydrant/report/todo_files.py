"""To-do lists as files, one for every duty holder, safe to open in a spreadsheet."""

from __future__ import annotations

import csv as csv_module
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from hydrant.errors import StoreError
from hydrant.messages import text
from hydrant.report.document import Table
from hydrant.report.workbook import write_tables
from hydrant.safe_text import marked
from hydrant.vocabulary import Language

_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')


def write_for_holders(
    folder: Path,
    by_holder: Mapping[str | None, Mapping[str, Table]],
    lang: Language,
    *,
    csv: bool,
    remarks: Sequence[str] = (),
) -> list[str]:
    """Write the lists of every duty holder; the files' paths.

    Parameters
    ----------
    csv
        One CSV for each list instead of one workbook.
    remarks
        What must not be overlooked: above the list on every sheet; beside CSV, which has no place
        for them, in a text file.

    Raises
    ------
    StoreError
        The folder or a file cannot be written.
    """
    written: list[str] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for holder, tables in by_holder.items():
            stem = file_name(holder or text("todo.nobody", lang))
            if csv:
                for table in tables.values():
                    path = folder / f"{stem} {file_name(table.title)}.csv"
                    _write_csv(path, table)
                    written.append(str(path))
                if remarks:
                    path = folder / f"{stem} {file_name(text('todo.remarks', lang))}.txt"
                    path.write_text("\n".join(remarks) + "\n", encoding="utf-8-sig")
                    written.append(str(path))
            else:
                path = folder / f"{stem}.xlsx"
                title = holder or text("todo.nobody", lang)
                write_tables(
                    path, title, list(tables.values()), total=text("todo.total", lang),
                    remarks=remarks,
                )  # fmt: skip
                written.append(str(path))
    except OSError as error:
        where = error.filename or folder
        raise StoreError("document.cannot_write", file=where, why=error.strerror or error) from None
    return written


def file_name(words: str) -> str:
    """Words as a file name that every system takes; nothing in it leads out of the folder."""
    return _UNSAFE.sub("_", words).strip(" .")[:80] or "_"


def _write_csv(path: Path, table: Table) -> None:
    # the mark tells spreadsheets that this is UTF-8
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv_module.writer(file)
        writer.writerow([column.heading for column in table.columns])
        writer.writerows([[marked(cell) for cell in row] for row in table.rows])
