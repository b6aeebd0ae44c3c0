"""Workbooks to be written: their cells are text or numbers, and no room is no room.

XlsxWriter has errors of its own for what the operating system refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hydrant.safe_text import WORKBOOK_OF_TEXT


@contextmanager
def workbook(path: Path, *, rows_at_once: bool = True) -> Iterator[Any]:
    """A block that fills a workbook, which is written as it ends.

    Parameters
    ----------
    rows_at_once
        Whether all rows are held until then; else each is put aside as it is filled.

    Raises
    ------
    OSError
        It cannot be written.
    """
    import xlsxwriter  # noqa: PLC0415  only workbooks need it
    from xlsxwriter.exceptions import XlsxWriterException  # noqa: PLC0415  as above

    book = xlsxwriter.Workbook(str(path), WORKBOOK_OF_TEXT | {"constant_memory": not rows_at_once})
    try:
        yield book
        book.close()
    except XlsxWriterException as error:
        cause = error.args[0] if error.args else error
        why = cause if isinstance(cause, OSError) else None
        raise OSError(why.errno if why else None, (why and why.strerror) or str(error)) from error
