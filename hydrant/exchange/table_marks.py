"""What people mark in a workbook becomes columns of its table, and is weighed like others."""

from __future__ import annotations

import re
from dataclasses import replace

from hydrant.exchange.table import COMMENTS, STRUCK, Table
from hydrant.exchange.workbook_marks import CellMarks

_HAN = re.compile("[\u4e00-\u9fff]")
#: Signs of a comment above the rows that are told.
_SHOWN = 60


def with_marks(table: Table, marks: CellMarks) -> Table:
    """The table with columns of comments and of what is struck through, in the file's language."""
    if not (marks.comments or marks.struck or marks.colours):
        return table
    known = dict.fromkeys(table.lines)
    beside = tuple(said[:_SHOWN] for row, said in marks.comments.items() if row not in known)
    names = [*table.columns]
    chinese = _HAN.search("".join([*names, *marks.comments.values()])) is not None
    struck = {
        row: ", ".join(names[place] for place in sorted(places) if place < len(names))
        for row, places in marks.struck.items()
    }
    columns = dict(table.columns)
    for headings, said in ((COMMENTS, marks.comments), (STRUCK, struck)):
        if any(row in known for row in said):
            columns[headings[0 if chinese else 1]] = [said.get(row, "") for row in table.lines]
    coloured = {row: colour for row, colour in sorted(marks.colours.items()) if row in known}
    return replace(table, columns=columns, above=(*table.above, *beside), coloured=coloured)
